"""Between moments and what a clock on the wall shows, in the zone a person works in."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moments_at(day: date, clock: time, zone: ZoneInfo) -> list[datetime]:
    """The moments (UTC, earlier first) at which clocks in `zone` show `clock` on `day`.

    Mostly one; none where the clocks skip that time, two where they show it twice.
    """
    wall = datetime.combine(day, clock)
    first, second = (wall.replace(tzinfo=zone, fold=which).astimezone(UTC) for which in (0, 1))
    if first == second:
        return [first]
    # In a gap neither reading comes back as the time that was asked for.
    is_skipped = first.astimezone(zone).replace(tzinfo=None) != wall
    return [] if is_skipped else [first, second]


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of `day` in `zone`, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The first moment after `day`, in UTC."""
    return day_start(day + timedelta(days=1), zone)


def read_clock(text: str) -> time | None:
    """ "18:30" as a time of day; None for anything else."""
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        return None
    return clock if f"{clock:%H:%M}" == text else None
