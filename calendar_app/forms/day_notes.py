"""The form of a note on a day."""

from django import forms
from django.utils.translation import gettext_lazy

from calendar_app.forms.days import DayField
from publishing.models import DayNote, DayNoteKind


class DayNoteForm(forms.Form):
    date = DayField(
        label=gettext_lazy("Day"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=DayNoteKind.choices, initial=DayNoteKind.NOTE
    )
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=DayNote._meta.get_field("text").max_length
    )

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())
