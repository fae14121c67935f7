"""Where in a week a second zone is not as far away as the column of its hours says."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, ngettext

from accounts.zones import zone_words
from calendar_app.day_axis import SLOT_MIN
from calendar_app.wall_time import day_end, day_start


def column_distance(first: date, zone: ZoneInfo, second_zone: ZoneInfo) -> timedelta:
    """By how much the column's hours differ from those of `zone`: as at noon of the first day."""
    return _distance(datetime.combine(first, time(12), tzinfo=zone), zone, second_zone)


def shifts_on(day: date, zone: ZoneInfo, second_zone: ZoneInfo, column: timedelta) -> list[str]:
    """What the column has wrong on this day, in words, in the order of its hours.

    Both zones may change their clocks, on different days or at different hours of one.
    """
    words = []
    before = column
    at, end = day_start(day, zone), day_end(day, zone)
    is_first = True
    while at < end:
        apart = _distance(at, zone, second_zone)
        if apart != before:
            clock = "" if is_first else _clock(at.astimezone(zone))
            words.append(_words(second_zone, apart - column, clock))
        before, is_first = apart, False
        at += timedelta(minutes=SLOT_MIN)
    return words


def _distance(at: datetime, zone: ZoneInfo, other: ZoneInfo) -> timedelta:
    here, there = at.astimezone(zone).utcoffset(), at.astimezone(other).utcoffset()
    return (there or timedelta()) - (here or timedelta())


def _clock(local: datetime) -> str:
    """With the letters, which tell a time that comes twice from itself."""
    return f"{local:%H:%M} {zone_words(local)}"


def _words(zone: ZoneInfo, off: timedelta, clock: str) -> str:
    minutes = int(off / timedelta(minutes=1))
    count = abs(minutes)
    if not minutes:
        words = gettext("From {clock} on {zone} is as in the column.")
    elif clock and minutes > 0:
        words = ngettext(
            "From {clock} on {zone} is {count} minute later than the column.",
            "From {clock} on {zone} is {count} minutes later than the column.",
            count,
        )
    elif clock:
        words = ngettext(
            "From {clock} on {zone} is {count} minute earlier than the column.",
            "From {clock} on {zone} is {count} minutes earlier than the column.",
            count,
        )
    elif minutes > 0:
        words = ngettext(
            "{zone} is {count} minute later than the column.",
            "{zone} is {count} minutes later than the column.",
            count,
        )
    else:
        words = ngettext(
            "{zone} is {count} minute earlier than the column.",
            "{zone} is {count} minutes earlier than the column.",
            count,
        )
    city = zone.key.rpartition("/")[2].replace("_", " ")
    return words.format(zone=city, clock=clock, count=count)
