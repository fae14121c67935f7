from datetime import UTC, datetime, timedelta

import pytest

from publishing.retries import (
    Course,
    decide,
    decide_fail_reason,
    decide_refusal,
    next_attempt_at,
    next_poll_at,
)
from tiktok.errors import NotConnected, RateLimited, Refused, Unavailable

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(1, 30), (2, 60), (3, 120), (5, 480), (6, 900), (9, 900)]
)
def test_waits_double_up_to_a_quarter_of_an_hour(failures, wait_s):
    moment = next_attempt_at(Unavailable("timeout"), failures, NOW, 30)

    assert moment == NOW + timedelta(seconds=wait_s)


def test_ten_failures_are_enough():
    assert next_attempt_at(NotConnected("not_connected"), 10, NOW, 30) is None


def test_a_rate_limit_waits_out_the_minute():
    assert next_attempt_at(RateLimited("rate_limit_exceeded"), 1, NOW, 30) == NOW + timedelta(
        seconds=61
    )


def test_a_rate_limits_own_word_wins():
    error = RateLimited("rate_limit_exceeded", retry_after_s=120)

    assert next_attempt_at(error, 1, NOW, 30) == NOW + timedelta(seconds=120)


def test_a_refusal_is_not_repeated():
    assert next_attempt_at(Refused("invalid_params"), 1, NOW, 30) is None


def test_an_outage_without_end_asks_a_person():
    assert decide(Unavailable("timeout"), "timeout", 10, NOW, 30).course == Course.ASK_PERSON


@pytest.mark.parametrize(
    ("code", "course"),
    [
        ("spam_risk_too_many_posts", Course.RETRY),
        ("reached_active_user_cap", Course.RETRY),
        ("privacy_level_option_mismatch", Course.ASK_PERSON),
        ("unaudited_client_can_only_post_to_private_accounts", Course.ASK_PERSON),
        ("invalid_param", Course.FAIL),
        ("never_heard_of", Course.FAIL),
    ],
)
def test_a_codes_course(code, course):
    assert decide_refusal(code, NOW).course == course


@pytest.mark.parametrize(
    ("reason", "course"),
    [
        ("internal", Course.RETRY),
        ("video_pull_failed", Course.RETRY),
        ("file_format_check_failed", Course.ASK_PERSON),
        ("auth_removed", Course.ASK_PERSON),
        ("spam_risk", Course.FAIL),
        ("a_new_reason", Course.FAIL),
    ],
)
def test_a_fail_reasons_course(reason, course):
    assert decide_fail_reason(reason, 1, NOW, 30).course == course


@pytest.mark.parametrize(
    ("polls", "age_s", "wait_s"),
    [(0, 0, 5), (1, 5, 10), (2, 15, 20), (3, 35, 40), (4, 75, 60), (20, 899, 60), (20, 901, 900)],
)
def test_the_polling_plan_of_the_contract(polls, age_s, wait_s):
    since = NOW - timedelta(seconds=age_s)

    assert next_poll_at(polls, since, NOW, 5) == NOW + timedelta(seconds=wait_s)


def test_polling_ends_after_a_day():
    assert next_poll_at(50, NOW - timedelta(hours=24), NOW, 5) is None
