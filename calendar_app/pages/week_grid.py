"""A week as an hour grid: where each post stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from calendar_app.day_axis import Axis, Line
from calendar_app.pages.cap_line import CapLedger
from calendar_app.pages.month_grid import Day, standing
from calendar_app.pages.tiles import Tile, tiles_of
from calendar_app.pages.zone_shifts import column_distance, shifts_on
from calendar_app.side_by_side import MAX_LANES, Block, stand_side_by_side
from publishing.models import Post

HOUR_MIN = 60
# With more the week has narrower days and no pictures: the page stays below 100 KB.
MAX_TILES = 160


@dataclass(frozen=True)
class At:
    """A place down the axis, as the classes `h-…` and `m-…` of the style sheet have it."""

    hour: int
    minute: int


@dataclass(frozen=True)
class Placed:
    at: At
    lane: int
    lanes: int
    tile: Tile | None
    more: int


@dataclass(frozen=True)
class Gap:
    at: At
    length_min: int


@dataclass
class Column:
    """A day of the week: what stands in it, which of the axis it lacks, where now is, and how
    far the second zone's column is off."""

    day: Day
    placed: list[Placed] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    now_at: At | None = None
    shifts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class HourLine:
    """`second` is what clocks of the second zone show then, on most days of the week."""

    at: At
    line: Line
    second: str


def down(minute: int) -> At:
    return At(*divmod(minute, HOUR_MIN))


def week_columns(
    days: dict[date, Day], posts: QuerySet[Post], axis: Axis, ledger: CapLedger, now: datetime
) -> list[Column]:
    by_day = standing(posts, min(days), max(days), axis.zone)
    on_day = {day: [(axis.minute_of(at), pk) for pk, at in by_day.get(day, ())] for day in days}
    is_full = sum(map(len, on_day.values())) > MAX_TILES
    most_lanes = MAX_LANES - 1 if is_full else MAX_LANES
    blocks = {
        day: stand_side_by_side([minute for minute, _ in on_day[day]], most_lanes) for day in days
    }
    shown = [
        on_day[day][block.number][1]
        for day in days
        for block in blocks[day]
        if block.number is not None
    ]
    tiles = tiles_of(shown, ledger, has_pictures=not is_full)
    return [
        Column(
            day,
            [_placed(block, on_day[date_], tiles) for block in blocks[date_]],
            [Gap(down(minute), length) for minute, length in axis.gaps(date_)],
            down(axis.minute_of(now)) if day.is_today else None,
        )
        for date_, day in days.items()
    ]


def hour_lines(axis: Axis, first: date, second_zone: ZoneInfo | None) -> list[HourLine]:
    return [
        HourLine(down(line.minute), line, _in_zone(line, first, axis.zone, second_zone))
        for line in axis.lines()
    ]


def fill_in_shifts(columns: Sequence[Column], zone: ZoneInfo, second_zone: ZoneInfo | None) -> None:
    if second_zone is None:
        return
    distance = column_distance(columns[0].day.date, zone, second_zone)
    for column in columns:
        column.shifts = shifts_on(column.day.date, zone, second_zone, distance)


def _in_zone(line: Line, first: date, zone: ZoneInfo, second_zone: ZoneInfo | None) -> str:
    # Where the clocks went back is only one day's; its head says what the column lacks.
    if second_zone is None or line.is_again:
        return ""
    wall = datetime.combine(first, time.fromisoformat(line.words))
    return f"{wall + column_distance(first, zone, second_zone):%H:%M}"


def _placed(block: Block, on_day: list[tuple[int, int]], tiles: dict[int, Tile]) -> Placed:
    tile = None if block.number is None else tiles[on_day[block.number][1]]
    return Placed(down(block.minute), block.lane, block.lanes, tile, block.more)
