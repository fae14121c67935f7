"""What the heads of a week say of the column of a second zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendar_app.pages.zone_shifts import column_distance, shifts_on

WEEK = [timedelta(days=number) for number in range(7)]
# The zone of the calendar, the second one, the week's first day, and what its days say.
CHANGES = [
    (
        "Europe/Berlin",
        "America/New_York",
        "2027-03-08",
        {"2027-03-14": ["From 08:00 CET on New York is 60 minutes later than the column."]},
    ),
    (
        "Europe/Berlin",
        "America/New_York",
        "2027-03-14",
        {
            "2027-03-14": [
                "New York is 60 minutes earlier than the column.",
                "From 08:00 CET on New York is as in the column.",
            ]
        },
    ),
    (
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "2027-03-29",
        {
            "2027-04-03": ["From 17:00 CEST on Lord Howe is 30 minutes earlier than the column."],
            "2027-04-04": ["Lord Howe is 30 minutes earlier than the column."],
        },
    ),
    (
        "Australia/Lord_Howe",
        "Europe/Berlin",
        "2027-03-29",
        {"2027-04-04": ["From 01:30 UTC+10:30 on Berlin is 30 minutes later than the column."]},
    ),
    (
        "Europe/Berlin",
        "Africa/Casablanca",
        "2027-02-02",
        {
            "2027-02-07": ["From 03:00 CET on Casablanca is 60 minutes earlier than the column."],
            "2027-02-08": ["Casablanca is 60 minutes earlier than the column."],
        },
    ),
    (
        "Africa/Casablanca",
        "Europe/Berlin",
        "2027-02-01",
        {"2027-02-07": ["From 02:00 UTC+00:00 on Berlin is 60 minutes later than the column."]},
    ),
    # Both go back at the same moment.
    ("Europe/Berlin", "Europe/London", "2026-10-19", {}),
]


@pytest.mark.parametrize(("name", "second", "first", "said"), CHANGES)
def test_days_on_which_the_column_is_off_say_so(name, second, first, said):
    zone, second_zone, first_day = ZoneInfo(name), ZoneInfo(second), date.fromisoformat(first)
    column = column_distance(first_day, zone, second_zone)

    words = {
        str(first_day + ahead): shifts_on(first_day + ahead, zone, second_zone, column)
        for ahead in WEEK
    }

    assert {day: texts for day, texts in words.items() if texts} == said


def test_a_day_that_says_nothing_agrees_with_the_column():
    zone, second_zone = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
    for number in range(0, 366, 7):
        first = date(2027, 1, 1) + timedelta(days=number)
        column = column_distance(first, zone, second_zone)
        for day in (first + ahead for ahead in WEEK):
            walls = [datetime.combine(day, time(hour, 30), tzinfo=zone) for hour in range(24)]
            there = [at.astimezone(UTC).astimezone(second_zone) for at in walls]
            pairs = zip(walls, there, strict=True)
            agrees = all(
                at.replace(tzinfo=None) + column == other.replace(tzinfo=None)
                for at, other in pairs
            )
            assert agrees == (not shifts_on(day, zone, second_zone, column))
