"""A pytest plugin for `./duecast test`: says at the end which set-ups ran, and how they went.

`DUECAST_SETUPS` holds JSON: `name` of this set-up, `lines` about the others, `counts_path` where
this one's counts are left for the driver.
"""

import json
import os
from pathlib import Path
from typing import Any

COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def count_words(stats: dict[str, list[Any]]) -> str:
    """Like "12 passed, 1 skipped", from a terminal reporter's statistics."""
    counts = {kind: len(stats.get(kind, [])) for kind in COUNTED}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "no tests"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    told = json.loads(os.environ["DUECAST_SETUPS"])
    words = count_words(terminalreporter.stats)
    Path(told["counts_path"]).write_text(words, encoding="utf-8")
    terminalreporter.section("set-ups")
    for line in (*told["lines"], f"{told['name']}: {words}"):
        terminalreporter.write_line(line)
