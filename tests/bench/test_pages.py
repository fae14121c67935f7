from dataclasses import replace
from datetime import UTC, datetime

from calendar_app.bench.pages import Cost, Load, Size, addresses, as_rows

SIZE = Size(few=10, in_month=1000, in_table=1_000_000, requests=2, loads=1)
COST = Cost([0.020, 0.040], [0.002, 0.004], 0.015, b"x" * 50_000, 12)
LOADS = {"Month": [Load(90.0, 200.0, 300_000, 9)], "Raw": [Load(9.0, 20.0, 2, 1)]}


def rows_of(full=COST, loads=LOADS):
    costs = [{"Month": one} for one in (COST, COST, full)]
    return {row.figure: row for row in as_rows(SIZE, costs, loads)}


def test_a_page_stands_beside_a_view_that_does_nothing():
    rows = rows_of()

    row = rows["Month, 1,000 posts, p95"]
    assert (row.measured, row.raw, row.ratio) == ("40.0 ms", "4.0 ms", "10.00")


def test_a_full_table_stands_beside_the_month_alone():
    rows = rows_of(full=replace(COST, times_s=[0.024, 0.040]))

    row = rows["Month, full table over month alone"]
    assert (row.measured, row.raw, row.ratio) == ("24.0 ms", "20.0 ms", "1.20")


def test_a_page_that_asks_for_each_post_is_broken():
    name = "Month, statements; beside 10 posts"

    assert rows_of(full=replace(COST, queries=1002))[name].is_broken
    assert not rows_of(full=replace(COST, queries=14))[name].is_broken


def test_html_is_counted_packed_too():
    assert rows_of()["Month, HTML"].measured.startswith("50.0 KB, 0.1 KB packed")


def test_a_browser_counts_every_file():
    rows = rows_of()

    assert rows["Month, loaded and idle in Chromium"].ratio == "10.00"
    assert rows["Month, all 9 files of the page"].measured == "300.0 KB"


def test_without_chromium_the_rest_is_measured():
    assert rows_of(loads={})["Month, in a browser"].measured == "needs Chromium"


def test_every_address_is_whole():
    found = addresses(datetime(2026, 11, 28, tzinfo=UTC))

    assert found["Month"] == "/calendar/?view=month&date=2026-11-15"
    assert not any("{" in path for path in found.values())
