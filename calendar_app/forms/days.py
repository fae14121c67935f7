"""A day as a person types it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from calendar_app.month import FIRST_YEAR, LAST_YEAR


def check_year(day: date) -> None:
    """Raises ValidationError, with words, for a day or moment that no calendar here shows."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        text = gettext("Choose a year from {first} to {last}.")
        raise forms.ValidationError(text.format(first=FIRST_YEAR, last=LAST_YEAR))


class DayField(forms.DateField):
    """A date field of the browser, for the years that the calendar shows."""

    default_error_messages = {
        "invalid": gettext_lazy("Enter the date as year-month-day, like 2026-11-26.")
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(**{"widget": widget} | kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value:
            check_year(value)
