from datetime import UTC, datetime, timedelta

import pytest

from publishing.preflight.moments import next_check_at

DUE = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "next_left"),
    [
        (timedelta(days=3), timedelta(hours=24)),
        (timedelta(hours=24), timedelta(hours=1)),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(minutes=10)),
        (timedelta(minutes=30), timedelta(minutes=10)),
    ],
)
def test_a_post_is_checked_a_day_an_hour_and_ten_minutes_ahead(left, next_left):
    assert next_check_at(DUE, DUE - left) == DUE - next_left


@pytest.mark.parametrize("left", [timedelta(minutes=10), timedelta(minutes=1), -timedelta(hours=1)])
def test_there_is_no_check_in_the_last_ten_minutes(left):
    assert next_check_at(DUE, DUE - left) is None
