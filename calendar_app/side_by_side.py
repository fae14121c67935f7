"""Tiles that would cover each other in an hour grid stand side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# What a tile takes up in the grid: its picture needs about an hour's height.
TILE_MIN = 60
MAX_LANES = 3


@dataclass
class Block:
    """A place in a day's column: how far down, in which lane of how many.

    It holds one thing, named by its `number` in the order of their minutes, or says that there
    are `more`.
    """

    minute: int
    lane: int
    lanes: int
    number: int | None = None
    more: int = 0


def stand_side_by_side(minutes: Sequence[int], most_lanes: int = MAX_LANES) -> list[Block]:
    """A place for each of the minutes, which are in their order; no two overlap.

    Where more than `most_lanes` stand at once, the last lane says how many are not shown.
    """
    blocks: list[Block] = []
    for first, last in _clusters(minutes):
        blocks += _arrange(minutes, range(first, last), most_lanes)
    return blocks


def _clusters(minutes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of minutes, each within a tile's height of the one before, as half-open ranges."""
    first = 0
    for number in range(1, len(minutes) + 1):
        if number == len(minutes) or minutes[number] >= minutes[number - 1] + TILE_MIN:
            yield first, number
            first = number


def _arrange(minutes: Sequence[int], numbers: range, most_lanes: int) -> list[Block]:
    lanes = _lanes(minutes, numbers, most_lanes)
    if None not in lanes:
        used = max(lane for lane in lanes if lane is not None) + 1
        pairs = zip(numbers, lanes, strict=True)
        return [Block(minutes[n], lane or 0, used, n) for n, lane in pairs]
    return _with_counts(minutes, numbers, most_lanes)


def _with_counts(minutes: Sequence[int], numbers: range, most_lanes: int) -> list[Block]:
    blocks: list[Block] = []
    count: Block | None = None
    lanes = _lanes(minutes, numbers, most_lanes - 1)
    for number, lane in zip(numbers, lanes, strict=True):
        if lane is not None:
            blocks.append(Block(minutes[number], lane, most_lanes, number))
            continue
        if count is None or minutes[number] >= count.minute + TILE_MIN:
            count = Block(minutes[number], most_lanes - 1, most_lanes)
            blocks.append(count)
        count.more += 1
    return blocks


def _lanes(minutes: Sequence[int], numbers: range, limit: int) -> list[int | None]:
    """The first free lane for each; None where all are taken."""
    free_from = [0] * limit
    lanes: list[int | None] = []
    for number in numbers:
        minute = minutes[number]
        lane = next((n for n, free in enumerate(free_from) if free <= minute), None)
        if lane is not None:
            free_from[lane] = minute + TILE_MIN
        lanes.append(lane)
    return lanes
