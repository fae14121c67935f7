"""The form of a note on a day."""

import datetime

from django import forms
from django.utils.translation import gettext, gettext_lazy

from calendar_app.month import FIRST_YEAR, LAST_YEAR
from publishing.models import DayNote, DayNoteKind


class DayNoteForm(forms.Form):
    date = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "invalid": gettext_lazy("Enter the date as year-month-day, like 2026-11-26.")
        },
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=DayNoteKind.choices, initial=DayNoteKind.NOTE
    )
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=DayNote._meta.get_field("text").max_length
    )

    def clean_date(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["date"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            text = gettext("Choose a year from {first} to {last}.")
            raise forms.ValidationError(text.format(first=FIRST_YEAR, last=LAST_YEAR))
        return day

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())
