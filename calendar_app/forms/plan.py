"""Forms of an account's posting plan and of its queue."""

from django import forms
from django.utils.translation import gettext_lazy

from calendar_app.forms.days import check_year
from publishing.models import Weekday

LONGEST_GAP_MIN = 24 * 60


class GapForm(forms.Form):
    min_gap_min = forms.IntegerField(
        label=gettext_lazy("Minutes between two posts"),
        min_value=0,
        max_value=LONGEST_GAP_MIN,
        help_text=gettext_lazy(
            "0 lets posts be as close as anybody likes. What is planned already stays."
        ),
        error_messages={"invalid": gettext_lazy("Enter a number of minutes, like 10.")},
    )


class SlotsForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days"),
        coerce=int,
        choices=Weekday.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one day.")},
    )
    clock = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={
            "required": gettext_lazy("Choose a time."),
            "invalid": gettext_lazy("Enter the time as hours and minutes, like 18:30."),
        },
    )

    def clean_clock(self) -> object:
        return self.cleaned_data["clock"].replace(second=0, microsecond=0)


class PlaceForm(forms.Form):
    """The place of the queue that a post should go to, exactly."""

    to = forms.DateTimeField(
        error_messages={
            "required": gettext_lazy("Choose a place."),
            "invalid": gettext_lazy("No place."),
        },
        validators=[check_year],
    )
