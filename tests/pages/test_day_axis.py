"""The hours of a week in which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendar_app.day_axis import SLOT_MIN, axis_of, slots_of
from calendar_app.month import week_of
from calendar_app.wall_time import day_end, day_start

# Zone, the day on which clocks go forward, where they skip how many minutes.
SHORT_DAYS = [
    ("Europe/Berlin", date(2027, 3, 28), "02:00", 60),
    ("America/New_York", date(2027, 3, 14), "02:00", 60),
    ("Australia/Lord_Howe", date(2027, 10, 3), "02:00", 30),
    ("Africa/Casablanca", date(2027, 3, 14), "02:00", 60),
]
# Zone, the day on which they go back, what they show again first, and for how many minutes.
LONG_DAYS = [
    ("Europe/Berlin", date(2026, 10, 25), "02:00", 60),
    ("America/New_York", date(2026, 11, 1), "01:00", 60),
    ("Australia/Lord_Howe", date(2027, 4, 4), "01:30", 30),
    ("Africa/Casablanca", date(2027, 2, 7), "02:00", 60),
]


def axis_around(day, name):
    return axis_of(week_of(day), ZoneInfo(name))


def minutes(clock):
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def test_an_ordinary_week_has_24_lines_and_no_gaps():
    axis = axis_around(date(2026, 11, 26), "Europe/Berlin")

    assert [line.minute for line in axis.lines()] == [hour * 60 for hour in range(24)]
    assert [axis.gaps(day) for day in week_of(date(2026, 11, 26))] == [[]] * 7


@pytest.mark.parametrize(("name", "day", "clock", "skipped_min"), SHORT_DAYS)
def test_a_day_that_lacks_an_hour_has_a_gap_there(name, day, clock, skipped_min):
    axis = axis_around(day, name)

    assert axis.length_min == 24 * 60
    assert axis.gaps(day) == [(minutes(clock), skipped_min)]
    assert [axis.gaps(one) for one in week_of(day) if one != day] == [[]] * 6


@pytest.mark.parametrize(("name", "day", "clock", "again_min"), LONG_DAYS)
def test_a_time_that_comes_twice_has_a_row_of_its_own(name, day, clock, again_min):
    axis = axis_around(day, name)

    again = next(line for line in axis.lines() if line.is_again)
    assert axis.length_min == 24 * 60 + again_min
    assert (again.words, again.minute) == (clock, minutes(clock) + again_min)
    assert axis.gaps(day) == []
    others = [axis.gaps(one) for one in week_of(day) if one != day]
    assert others == [[(again.minute, again_min)]] * 6


@pytest.mark.parametrize(("name", "day", "clock", "length_min"), [*SHORT_DAYS, *LONG_DAYS])
def test_every_moment_of_the_day_has_its_own_place_in_order(name, day, clock, length_min):
    axis, zone = axis_around(day, name), ZoneInfo(name)
    start, end = day_start(day, zone), day_end(day, zone)
    moments = [start + timedelta(minutes=n) for n in range((end - start) // timedelta(minutes=1))]

    places = [axis.minute_of(at) for at in moments]

    assert places == sorted(set(places))
    taken = {minute for at, size in axis.gaps(day) for minute in range(at, at + size)}
    assert taken.isdisjoint(places)
    assert len(taken) + len(places) == axis.length_min


def test_the_two_half_hours_of_berlin_stand_an_hour_apart():
    axis = axis_around(date(2026, 10, 25), "Europe/Berlin")

    first = axis.minute_of(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second = axis.minute_of(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

    assert (first, second) == (150, 210)


@pytest.mark.parametrize("name", ["Pacific/Chatham", "America/Santiago", "Africa/Cairo"])
def test_the_quarters_of_every_day_of_a_year_fit_into_its_week(name):
    zone = ZoneInfo(name)
    for number in range(0, 366, 7):
        days = week_of(date(2027, 1, 1) + timedelta(days=number))
        axis = axis_of(days, zone)
        for day in days:
            there = len(slots_of(day, zone)) * SLOT_MIN
            assert there + sum(size for _, size in axis.gaps(day)) == axis.length_min


def test_a_day_that_never_was_is_one_long_gap():
    axis = axis_around(date(2011, 12, 30), "Pacific/Apia")

    assert axis.gaps(date(2011, 12, 30)) == [(hour * 60, 60) for hour in range(24)]
