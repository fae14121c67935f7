"""docs/architecture.md, "After a crash", has every line at which the matrix stops a worker."""

import re
from pathlib import Path

from tests.processes.lines import PULL_LINES, UPLOAD_LINES

PAGE = Path(__file__).parents[2] / "docs/architecture.md"
HEAD = "| the last line written |"


def tables():
    """The lines that each table names, from top to bottom."""
    section = PAGE.read_text("utf-8").split("### After a crash")[1].split("\n### ")[0]
    return [re.findall(r"^\| `(\w+)`", table, re.M) for table in section.split(HEAD)[1:]]


def test_a_table_for_sent_and_one_for_fetched_media_have_every_line():
    assert tables() == [UPLOAD_LINES, PULL_LINES]
