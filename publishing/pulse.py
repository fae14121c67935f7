"""Whether the engine lives: its parts leave a sign each time they work."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from publishing.models import Pulse, PulseName

Beats = Mapping[str, Pulse]


def beat(name: PulseName, at: datetime, duration_s: float = 0) -> None:
    """Leaves the sign: one statement."""
    Pulse.objects.bulk_create(
        [Pulse(name=name, at=at, duration_ms=round(duration_s * 1000))],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at", "duration_ms"],
    )


def beats() -> Beats:
    """Every sign by its name: one query of a few rows."""
    return Pulse.objects.in_bulk()


def scheduler_expected_since(found: Beats) -> datetime | None:
    """The last tick, or the site's preparation when there was none after it; None without both."""
    moments = [found[name].at for name in (PulseName.TICK, PulseName.PREPARED) if name in found]
    return max(moments, default=None)


def silent_since(found: Beats, now: datetime, silent_s: float) -> datetime | None:
    """Since when nothing is published, if the scheduler has not ticked for `silent_s`."""
    since = scheduler_expected_since(found)
    return since if since and now - since >= timedelta(seconds=silent_s) else None
