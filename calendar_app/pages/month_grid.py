"""Which posts stand on which day of the calendar, in a fixed number of queries."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, QuerySet
from django.utils.dates import MONTHS, WEEKDAYS_ABBR

from calendar_app.pages.cap_line import CapLedger, DayFill
from calendar_app.pages.tiles import Tile, tiles_of
from calendar_app.wall_time import day_end, day_start
from publishing.models import SHOWN_AT, DayNote, Post

MAX_TILES_A_DAY = 4
MAX_TILES = 130


@dataclass
class Day:
    """One day: its notes, how full it is, its first few posts by time, and how many more."""

    date: date
    is_today: bool
    is_past: bool
    is_outside: bool = False
    notes: list[DayNote] = field(default_factory=list)
    fill: DayFill | None = None
    tiles: list[Tile] = field(default_factory=list)
    more: int = 0

    # Words for the template, whose own date filter takes a tenth of a month's time.
    @property
    def weekday(self) -> str:
        return str(WEEKDAYS_ABBR[self.date.weekday()])

    @property
    def month(self) -> str:
        return str(MONTHS[self.date.month])


def posts_between(posts: QuerySet[Post], first: date, last: date, zone: ZoneInfo) -> QuerySet[Post]:
    """The posts that stand on the days from `first` to `last` (both included) as `zone` counts
    days, earliest first: where they went out, else where they are due."""
    return (
        posts.alias(shown_at=SHOWN_AT)
        .filter(shown_at__gte=day_start(first, zone), shown_at__lt=day_end(last, zone))
        .order_by("shown_at", "pk")
    )


def days_of(dates: Iterable[date], today: date) -> dict[date, Day]:
    return {day: Day(day, day == today, day < today) for day in dates}


def fill_in_notes(days: dict[date, Day], notes: Iterable[DayNote]) -> None:
    for note in notes:
        days[note.date].notes.append(note)


def fill_in_caps(days: dict[date, Day], ledger: CapLedger) -> None:
    for day, fill in zip(days.values(), ledger.days(), strict=True):
        day.fill = fill


def standing(
    posts: QuerySet[Post], first: date, last: date, zone: ZoneInfo
) -> dict[date, list[tuple[int, datetime]]]:
    """Id and moment of the posts of each day that has any, earliest first; one query."""
    found = posts_between(posts, first, last, zone).annotate(at=SHOWN_AT)
    by_day: dict[date, list[tuple[int, datetime]]] = defaultdict(list)
    for pk, at in found.values_list("pk", "at"):
        by_day[at.astimezone(zone).date()].append((pk, at))
    return by_day


def fill_in_tiles(
    days: dict[date, Day], posts: QuerySet[Post], zone: ZoneInfo, ledger: CapLedger
) -> None:
    """The first posts of each day, and how many more there are."""
    by_day = standing(posts, min(days), max(days), zone)
    most = _tiles_a_day(by_day)
    shown = {day: [pk for pk, _ in there[:most]] for day, there in by_day.items()}
    tiles = tiles_of(chain.from_iterable(shown.values()), ledger)
    for day, ids in shown.items():
        days[day].tiles = [tiles[pk] for pk in ids]
        days[day].more = len(by_day[day]) - len(ids)


def _tiles_a_day(by_day: Mapping[date, Sequence[object]]) -> int:
    """One less where all days are full: the page stays below 100 KB."""
    wanted = sum(min(len(there), MAX_TILES_A_DAY) for there in by_day.values())
    return MAX_TILES_A_DAY if wanted <= MAX_TILES else MAX_TILES_A_DAY - 1


def change_mark(posts: QuerySet[Post], *more: object) -> str:
    """A short text that changes when any of the posts does, or anything of `more`; one query."""
    last = posts.order_by().aggregate(at=Max("updated_at"), count=Count("pk"))
    seen = "|".join(str(part) for part in (last["at"], last["count"], *more))
    return hashlib.sha256(seen.encode()).hexdigest()[:32]
