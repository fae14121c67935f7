"""What runs every few seconds must cost the same however many posts are stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calendar_app.bench.instance import Instance
from calendar_app.bench.report import Row, ratio


@dataclass(frozen=True)
class Size:
    """The first of `sizes` is what the others are compared with."""

    sizes: tuple[int, ...]
    due_today: int
    due_now: int
    runs: int


FULL = Size(sizes=(11_000, 100_000, 1_000_000), due_today=10_000, due_now=10, runs=300)
QUICK = Size(sizes=(400, 4_000), due_today=300, due_now=10, runs=30)


def measure(instance: Instance, size: Size) -> list[Row]:
    return as_rows(instance.crowd(asdict(size)))


def as_rows(results: Sequence[dict[str, Any]]) -> list[Row]:
    """The smallest table's figures are the raw limit of the larger ones."""
    first, *others = results
    return [
        Row(
            f"{name}, {result['posts']:,} posts",
            _cost(timed),
            _cost(first["work"][name]),
            ratio(timed["p50_s"], first["work"][name]["p50_s"]),
        )
        for result in others
        for name, timed in result["work"].items()
    ]


def _cost(timed: dict[str, Any]) -> str:
    return f"{timed['p50_s'] * 1000:.2f} ms, {timed['queries']} statements"
