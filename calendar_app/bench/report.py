"""Figures as a table, on the terminal and in the page that keeps them."""

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from calendar_app.bench.places import Servers

HEADINGS = ("Figure", "Duecast", "Raw limit", "Ratio")


@dataclass(frozen=True)
class Row:
    """One figure beside the raw limit that was measured in the same run; `ratio` may be empty.

    What must never happen and did `is_broken`: then the bench ends with an error.
    """

    figure: str
    measured: str
    raw: str
    ratio: str = ""
    is_broken: bool = False

    def cells(self) -> tuple[str, ...]:
        return (self.figure, self.measured, self.raw, self.ratio)


def never(figure: str, count: int) -> Row:
    """A count that must be 0."""
    return Row(figure, str(count), "0", is_broken=count > 0)


class MarkersMissing(Exception):
    """The page has no place for a table; the text names its markers."""


def ratio(ours: float, raw: float) -> str:
    return f"{ours / raw:.2f}" if raw > 0 else ""


def table(rows: Sequence[Row]) -> str:
    """A Markdown table that is aligned for reading as plain text too."""
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    first, *rest = (_line(line, widths) for line in cells)
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([first, rule, *rest])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    return "| " + " | ".join(padded) + " |"


def machine_line(servers: Servers | None) -> str:
    """What the figures hold for: cores, interpreter, databases, and how busy it was."""
    databases = servers.versions() if servers else f"SQLite {sqlite3.sqlite_version}"
    parts = [
        f"{os.cpu_count()} cores ({platform.machine()})",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        databases,
    ]
    return ", ".join(parts)


def load_words(before: float, after: float) -> str:
    """The load average of one minute around a measurement; idle is well below the cores."""
    return f"load {before:.1f} before, {after:.1f} after"


def section(now: datetime, machine: str, load: str, rows: Sequence[Row]) -> str:
    return f"{now:%d %B %Y}: {machine}; {load}.\n\n{table(rows)}\n"


def write_section(page: Path, name: str, text: str) -> None:
    """Put `text` between the page's markers for `name`. Raises MarkersMissing, OSError."""
    begin, end = f"<!-- bench {name} -->", "<!-- end -->"
    old = page.read_text(encoding="utf-8")
    place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not place.search(old):
        raise MarkersMissing(f"{page} has no “{begin} … {end}”")
    # A function, because a backslash in a replacement text would mean something.
    new = place.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", old)
    page.write_text(new, encoding="utf-8")
