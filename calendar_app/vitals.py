"""All figures of the site at one moment, for the operations page and for Prometheus."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import AccountStatus
from calendar_app.broker import BrokerGone, queue_depths
from calendar_app.disk import Disk, look_at_disk
from calendar_app.percentiles import percentile
from publishing import figures, pulse
from publishing.models import Breaker, Post, PulseName
from publishing.pulse import Beats
from publishing.states import State

SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Vitals:
    now: datetime
    beats: Beats
    silent_since: datetime | None
    overdue: Post | None
    posts_due: int
    posts: Mapping[State, int]
    # Seconds, one for each post that went out in the last 24 hours.
    lateness: list[float]
    accounts: Mapping[AccountStatus, int]
    failing_refreshes: int
    # None while the broker does not answer.
    queues: Mapping[str, int] | None
    disk: Disk
    # Each with `waiting`, the number of posts behind it.
    breakers: list[Breaker]

    def age_s(self, name: PulseName) -> float | None:
        """Seconds since this sign of life; None when there was none."""
        beat = self.beats.get(name)
        return max(0.0, (self.now - beat.at).total_seconds()) if beat else None

    def lateness_at(self, share: float) -> float | None:
        return percentile(self.lateness, share) if self.lateness else None

    @property
    def overdue_s(self) -> float:
        """How long the oldest overdue post has been due; 0 without one."""
        due_at = self.overdue.due_at if self.overdue else None
        return (self.now - due_at).total_seconds() if due_at else 0.0


def take_vitals(now: datetime) -> Vitals:
    found = pulse.beats()
    return Vitals(
        now=now,
        beats=found,
        silent_since=pulse.silent_since(found, now, settings.SCHEDULER_SILENT_S),
        overdue=figures.oldest_overdue(now),
        posts_due=figures.posts_due(now),
        posts=figures.posts_by_state(),
        lateness=figures.lateness_s(now),
        accounts=figures.accounts_by_status(),
        failing_refreshes=figures.failing_refreshes(),
        queues=_queues(),
        disk=look_at_disk(settings.DATA_DIR),
        breakers=figures.open_breakers(),
    )


def _queues() -> dict[str, int] | None:
    try:
        return queue_depths()
    except BrokerGone:
        return None
