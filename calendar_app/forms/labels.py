"""The forms of a label, and of the labels that a post carries."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import Team
from publishing.labels import HUE_WORDS
from publishing.models import Label


class LabelsField(forms.ModelMultipleChoiceField):
    """Labels of the team; one that was deleted since the page was opened is left out."""

    def clean(self, value: Any) -> QuerySet[Label]:
        wanted = [str(one) for one in value or () if str(one).isdigit()]
        found: QuerySet[Label] = self.queryset.filter(pk__in=wanted)  # type: ignore[union-attr]
        return found


class LabelForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=Label._meta.get_field("name").max_length
    )
    hue = forms.TypedChoiceField(
        label=gettext_lazy("Colour"),
        coerce=int,
        choices=list(enumerate(HUE_WORDS)),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a colour."),
            "invalid_choice": gettext_lazy("Choose a colour."),
        },
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class PostLabelsForm(forms.Form):
    labels = LabelsField(queryset=Label.objects.none(), required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["labels"].queryset = Label.objects.filter(team=team)  # type: ignore[attr-defined]
