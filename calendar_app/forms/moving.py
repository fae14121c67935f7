"""Where a post is taken: a date and a time, a day it was dropped on, or an exact moment."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext

from calendar_app.forms.days import check_year
from calendar_app.forms.due import DueForm
from calendar_app.wall_time import moments_at
from publishing.moving import SOON, next_five_minutes

# When a draft that is dropped on a day gets its time from us.
USUAL_TIME = time(18, 0)
# `exact` of a move that takes a draft's date away.
NO_DATE = "none"


class MoveForm(DueForm):
    """`cleaned_data["due_at"]` is the moment, or None for no date.

    `exact` is a moment that the page offered, or "none"; `seen` is the moment, or "none", at which
    the page showed the post. A date without a time is taken when the post `is_undated`.
    """

    exact = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_undated: bool, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_undated = is_undated
        self.now = now

    def clean(self) -> dict[str, Any]:
        exact = self.cleaned_data.get("exact")
        if not exact:
            return super().clean()
        self.cleaned_data["due_at"] = None if exact == NO_DATE else self._read_exact(exact)
        return self.cleaned_data

    def _read_exact(self, text: str) -> datetime | None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            self.add_error("due_time", gettext("This time cannot be read. Choose it again."))
            return None
        try:
            check_year(at)
        except forms.ValidationError as error:
            self.add_error("due_time", error)
            return None
        return at

    def _read_due(self) -> datetime | None:
        day = self.cleaned_data.get("due_date")
        if self.is_undated and day and not self.data.get("due_time"):
            return usual_moment(day, self.zone, self.now)
        return super()._read_due()


def usual_moment(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The usual time of the day, or soon when that has passed."""
    usual = moments_at(day, USUAL_TIME, zone)
    at = usual[0] if usual else datetime.combine(day, USUAL_TIME, tzinfo=zone)
    soon = next_five_minutes(now + SOON)
    is_today = day == now.astimezone(zone).date()
    return max(at, soon) if is_today and soon.astimezone(zone).date() == day else at
