from datetime import UTC, datetime
from pathlib import Path

import pytest

from calendar_app.bench.__main__ import MEASUREMENTS, SETUPS
from calendar_app.bench.report import (
    MarkersMissing,
    Row,
    load_words,
    ratio,
    section,
    table,
    write_section,
)

DOCS_PAGE = Path(__file__).parents[2] / "docs/performance.md"
ROWS = [Row("Lateness p50", "12.0 ms", "2.0 ms", "6.00"), Row("Left early", "0 of 100", "0")]
PAGE = """# Performance
<!-- bench embedded idle -->
old
<!-- end -->
words
<!-- bench servers idle -->
kept
<!-- end -->
"""


def test_a_table_puts_the_raw_limit_beside_each_figure():
    assert "| Lateness p50 | 12.0 ms  | 2.0 ms    | 6.00  |" in table(ROWS).splitlines()


def test_every_line_of_a_table_is_as_long_as_the_others():
    assert len({len(line) for line in table(ROWS).splitlines()}) == 1


def test_a_ratio_to_nothing_is_left_empty():
    assert ratio(3.0, 0.0) == ""


def test_a_section_says_when_and_on_what_it_was_measured():
    text = section(datetime(2026, 11, 21, tzinfo=UTC), "2 cores", load_words(0.1, 1.25), ROWS)

    assert text.startswith("21 November 2026: 2 cores; load 0.1 before, 1.2 after.\n\n| Figure")


def test_writing_replaces_what_stands_between_its_markers(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)

    write_section(page, "embedded idle", "new \\1\n")

    assert "<!-- bench embedded idle -->\nnew \\1\n<!-- end -->\nwords" in page.read_text()


def test_writing_leaves_the_other_sections_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)

    write_section(page, "embedded idle", "new")

    assert page.read_text().endswith(PAGE.partition("words")[2])


def test_a_page_without_markers_is_refused_and_not_touched(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)

    with pytest.raises(MarkersMissing, match="bench embedded upload"):
        write_section(page, "embedded upload", "new")

    assert page.read_text() == PAGE


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_the_page_in_docs_has_a_place_for_every_table(tmp_path, setup, measurement):
    page = tmp_path / "page.md"
    page.write_text(DOCS_PAGE.read_text())

    write_section(page, f"{setup} {measurement}", "new")

    assert f"<!-- bench {setup} {measurement} -->\nnew\n<!-- end -->" in page.read_text()
