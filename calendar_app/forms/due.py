"""When a post goes out, as a person types it: a date and a time in the zone shown to them."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext, gettext_lazy

from calendar_app.forms.days import DayField, check_year
from calendar_app.wall_time import moments_at

FOLDS = ["first", "second"]


class DueForm(forms.Form):
    """`cleaned_data["due_at"]` is the moment in UTC, or None when neither field was filled in."""

    due_date = DayField(
        label=gettext_lazy("Date"),
        required=False,
    )
    due_time = forms.TimeField(
        label=gettext_lazy("Time"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={
            "invalid": gettext_lazy("Enter the time as hours and minutes, like 18:30.")
        },
    )
    due_fold = forms.ChoiceField(
        label=gettext_lazy("Which one"), required=False, choices=[(fold, fold) for fold in FOLDS]
    )
    # Both moments when the clocks show the typed time twice, for the page to ask which.
    two_moments: list[datetime] | None = None

    def __init__(self, *args: Any, zone: ZoneInfo, due_is_needed: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.due_is_needed = due_is_needed

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.cleaned_data["due_at"] = self._read_due()
        return self.cleaned_data

    def _read_due(self) -> datetime | None:
        day, clock = self.cleaned_data.get("due_date"), self.cleaned_data.get("due_time")
        if day is None or clock is None:
            self._say_what_is_missing(day is None, clock is None)
            return None
        moments = moments_at(day, clock, self.zone)
        if len(moments) == 2:
            self.two_moments = moments
            return self._choose(moments, clock)
        if not moments:
            text = gettext(
                "On this day the clocks in {zone} skip {time}. Choose another time."
            ).format(zone=self.zone.key, time=f"{clock:%H:%M}")
            self.add_error("due_time", text)
        return moments[0] if moments else None

    def _choose(self, moments: list[datetime], clock: time) -> datetime | None:
        fold = self.cleaned_data.get("due_fold")
        if fold in FOLDS:
            return moments[FOLDS.index(fold)]
        text = gettext("On this day the clocks in {zone} show {time} twice. Choose which.")
        self.add_error("due_fold", text.format(zone=self.zone.key, time=f"{clock:%H:%M}"))
        return None

    def _say_what_is_missing(self, no_day: bool, no_clock: bool) -> None:
        if no_day and no_clock and not self.due_is_needed:
            return
        if no_day and "due_date" not in self.errors:
            self.add_error("due_date", gettext("Choose a date."))
        if no_clock and "due_time" not in self.errors:
            self.add_error("due_time", gettext("Choose a time."))


class OfferForm(forms.Form):
    """The free moment that a page offered, exactly; where it is not needed, none means at once."""

    due_at = forms.DateTimeField(
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("This time cannot be read. Choose it again.")
        ),
        validators=[check_year],
    )

    def __init__(self, *args: Any, is_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_at"].required = is_needed


def read_due(form: DueForm) -> tuple[datetime | None, list[datetime]]:
    """The moment that the fields mean as they stand, typed or filled in beforehand, and both
    moments when the time comes twice."""
    if not form.is_bound:
        filled_in = {name: form[name].value() for name in DueForm.base_fields}
        form = DueForm(filled_in, zone=form.zone, due_is_needed=False)
        form.is_valid()
    return form.cleaned_data.get("due_at"), form.two_moments or []


def due_initial(due_at: datetime | None, zone: ZoneInfo) -> dict[str, Any]:
    """What the date and time fields show for a moment, so that they read back as the same one."""
    if due_at is None:
        return {}
    wall = due_at.astimezone(zone).replace(second=0, microsecond=0)
    initial = {"due_date": wall.date(), "due_time": wall.time()}
    if wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset():
        initial["due_fold"] = "second" if wall.fold else "first"
    return initial
