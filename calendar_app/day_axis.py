"""The hours down the side of a week, when not all of its days have the same ones.

A day on which the clocks go forward lacks an hour, one on which they go back has one twice. The
axis has every quarter of an hour that any day of the week has, in the order of the longest day; a
day that lacks some of them has a gap there. A quarter is the finest step by which clocks change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from zoneinfo import ZoneInfo

from calendar_app.wall_time import day_end, day_start

SLOT_MIN = 15
HOUR_MIN = 60


@dataclass(frozen=True)
class Slot:
    """A quarter of an hour as clocks show it; `fold` is 1 when they show it for the second time."""

    hour: int
    minute: int
    fold: int

    def __str__(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}{'+' if self.fold else ''}"


@dataclass(frozen=True)
class Line:
    """An hour's line: how far down it is, what clocks show there, whether for the second time."""

    minute: int
    words: str
    is_again: bool


@dataclass(frozen=True)
class Axis:
    slots: tuple[Slot, ...]
    zone: ZoneInfo

    @cached_property
    def _places(self) -> dict[Slot, int]:
        return {slot: number * SLOT_MIN for number, slot in enumerate(self.slots)}

    @property
    def length_min(self) -> int:
        return len(self.slots) * SLOT_MIN

    def minute_of(self, at: datetime) -> int:
        """How far down the axis the moment is, in minutes."""
        local = at.astimezone(self.zone)
        return self._places[_slot(local)] + local.minute % SLOT_MIN

    def lines(self) -> list[Line]:
        """One for each whole hour, and one where a time begins that comes twice."""
        lines = []
        before = Slot(-1, 0, 0)
        for slot in self.slots:
            if slot.minute == 0 or slot.fold > before.fold:
                words = f"{slot.hour:02d}:{slot.minute:02d}"
                lines.append(Line(self._places[slot], words, bool(slot.fold)))
            before = slot
        return lines

    def gaps(self, day: date) -> list[tuple[int, int]]:
        """Where the axis has times that the day lacks: minute and length, an hour at most each."""
        there = set(slots_of(day, self.zone))
        gaps = []
        for is_there, run in groupby(self.slots, there.__contains__):
            if not is_there:
                gaps += _pieces([self._places[slot] for slot in run])
        return gaps


def axis_of(days: Sequence[date], zone: ZoneInfo) -> Axis:
    return Axis(max((slots_of(day, zone) for day in days), key=len), zone)


def slots_of(day: date, zone: ZoneInfo) -> tuple[Slot, ...]:
    """What the clocks in `zone` show from the day's first quarter to its last."""
    start, end = day_start(day, zone), day_end(day, zone)
    step = timedelta(minutes=SLOT_MIN)
    count = (end - start) // step
    return tuple(_slot((start + number * step).astimezone(zone)) for number in range(count))


def _slot(local: datetime) -> Slot:
    return Slot(local.hour, local.minute // SLOT_MIN * SLOT_MIN, local.fold)


def _pieces(places: Sequence[int]) -> list[tuple[int, int]]:
    per_hour = HOUR_MIN // SLOT_MIN
    parts = [places[first : first + per_hour] for first in range(0, len(places), per_hour)]
    return [(part[0], len(part) * SLOT_MIN) for part in parts]
