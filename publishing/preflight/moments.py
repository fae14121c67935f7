"""When a post is checked ahead of its time: pure."""

from datetime import datetime, timedelta
from typing import Any

AHEAD = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
# TikTok did not answer, or its limit was used up: asked again before the next of the three.
AGAIN = timedelta(minutes=5)


def next_check_at(due_at: datetime, now: datetime) -> datetime | None:
    """The next of the three moments after `now`; None once the last one has passed."""
    moments = (due_at - ahead for ahead in AHEAD)
    return next((moment for moment in moments if moment > now), None)


def check_anew(due_at: datetime | None, now: datetime) -> dict[str, Any]:
    """Columns of a post that goes out at another moment now: what was found no longer counts."""
    at = next_check_at(due_at, now) if due_at else None
    return {"preflight_at": at, "preflight_problems": []}
