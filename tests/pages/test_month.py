from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from calendar_app.month import Month, month_of, read_day, read_month
from calendar_app.wall_time import day_end, day_start, moments_at

BERLIN = ZoneInfo("Europe/Berlin")


def test_weeks_begin_on_monday_and_hold_the_whole_month():
    weeks = Month(2026, 11).weeks()

    assert weeks[0][0] == date(2026, 10, 26)
    assert weeks[-1][-1] == date(2026, 12, 6)
    assert {len(week) for week in weeks} == {7}


def test_a_february_that_begins_on_monday_has_four_weeks():
    assert len(Month(2027, 2).weeks()) == 4


def test_months_follow_each_other_over_the_year():
    december = month_of(date(2026, 12, 31))

    assert str(december.next) == "2027-01"
    assert december.next.previous == december


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "1999-12", "2101-01", "2026-1", "x"])
def test_an_unreadable_month_is_none(text):
    assert read_month(text) is None


@pytest.mark.parametrize("text", ["2026-02-30", "20261126", "2026-W01-1", "0001-01-01"])
def test_an_unreadable_day_is_none(text):
    assert read_day(text) is None


def test_a_day_with_an_hour_more_ends_25_hours_after_it_began():
    day = date(2026, 10, 25)

    assert (day_end(day, BERLIN) - day_start(day, BERLIN)).total_seconds() == 25 * 3600


def test_an_ordinary_time_is_one_moment():
    found = moments_at(date(2026, 11, 26), time(18, 30), BERLIN)

    assert found == [datetime(2026, 11, 26, 17, 30, tzinfo=UTC)]


def test_a_skipped_time_is_no_moment():
    assert moments_at(date(2027, 3, 28), time(2, 30), BERLIN) == []


def test_a_doubled_time_is_two_moments_an_hour_apart():
    found = moments_at(date(2026, 10, 25), time(2, 30), BERLIN)

    assert found == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ]
