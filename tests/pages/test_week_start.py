from datetime import date

import pytest

from calendar_app.month import week_of, weekday_words
from calendar_app.week_start import MONDAY, SATURDAY, SUNDAY, region_of, week_start_in


@pytest.mark.parametrize(
    ("languages", "weekday"),
    [
        ("en-US,en;q=0.9", SUNDAY),
        ("de-DE,de;q=0.9,en-US;q=0.8", MONDAY),
        ("en-GB", MONDAY),
        ("ar-EG", SATURDAY),
        ("zh-Hant-TW,zh;q=0.8", SUNDAY),
        ("en", MONDAY),
        ("", MONDAY),
        ("*", MONDAY),
    ],
)
def test_the_week_begins_as_in_the_browsers_region(languages, weekday):
    assert week_start_in(region_of(languages)) == weekday


@pytest.mark.parametrize("first", [MONDAY, SATURDAY, SUNDAY])
def test_a_week_holds_its_day_and_begins_on_its_weekday(first):
    for number in range(1, 31):
        week = week_of(date(2026, 11, number), first)
        assert date(2026, 11, number) in week
        assert week[0].weekday() == first


def test_the_words_begin_with_the_first_weekday():
    assert weekday_words(SUNDAY) == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
