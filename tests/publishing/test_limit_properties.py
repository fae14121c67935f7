"""The arithmetic of limits against brute force: the first moment that fits is the one offered."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from publishing import app_mode, cap
from publishing.app_mode import UNAUDITED_CREATORS, creators_fit, next_fitting, place_frees_at
from publishing.cap import fits, next_free_moment
from publishing.preflight.moments import AHEAD, next_check_at
from publishing.retries import (
    MAX_FAILURES,
    Course,
    decide,
    decide_fail_reason,
    decide_refusal,
    next_look_at,
    next_poll_at,
)
from tiktok.errors import NotConnected, RateLimited, Refused, Unavailable

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
# Close together, or too few windows are full for the rules to matter.
HOURS = st.integers(-30, 30)
PLANS = st.lists(HOURS, max_size=25)
CAPS = st.integers(1, 5)
CREATORS = st.integers(1, 9)
USES = st.lists(st.tuples(HOURS, CREATORS), min_size=8, max_size=25)


def at_hours(hours):
    return [NOON + hour * HOUR for hour in hours]


def later_moments(window):
    """Every hour, and the moment after it at which a window ends; longer than any plan lasts."""
    for hour in range(24 * 9):
        yield NOON + hour * HOUR
        yield NOON + hour * HOUR + window - DAY


def holds_too_many(others, wanted, limit):
    line = [*others, wanted]
    starts = [start for start in line if start <= wanted < start + cap.WINDOW]
    return any(sum(start <= at < start + cap.WINDOW for at in line) > limit for start in starts)


def sees_too_many(others, wanted, who):
    line = [*others, (wanted, who)]
    starts = [at for at, _ in line if at <= wanted < at + app_mode.WINDOW]
    return any(
        len({one for at, one in line if start <= at < start + app_mode.WINDOW}) > UNAUDITED_CREATORS
        for start in starts
    )


class TestTheCap:
    @given(PLANS, HOURS, CAPS)
    def test_a_post_fits_exactly_when_no_window_breaks(self, hours, wanted, limit):
        others, moment = at_hours(hours), NOON + wanted * HOUR

        assert fits(others, moment, limit) is not holds_too_many(others, moment, limit)

    @given(PLANS, CAPS)
    def test_the_offered_moment_is_the_first_that_fits(self, hours, limit):
        others = at_hours(hours)

        found = next_free_moment(others, NOON, limit)

        first = next(
            at for at in later_moments(cap.WINDOW) if not holds_too_many(others, at, limit)
        )
        assert found == first

    @given(st.data(), PLANS, CAPS)
    def test_the_order_of_the_others_does_not_matter(self, data, hours, limit):
        others = at_hours(hours)
        shuffled = data.draw(st.permutations(others))

        assert next_free_moment(shuffled, NOON, limit) == next_free_moment(others, NOON, limit)

    @given(st.data(), PLANS, CAPS)
    def test_in_whatever_order_posts_are_placed_no_day_is_too_full(self, data, hours, limit):
        line = []

        for wanted in data.draw(st.permutations(at_hours(hours))):
            line.append(next_free_moment(line, wanted, limit))

        assert all(sum(start <= at <= start + DAY for at in line) <= limit for start in line)


class TestTheCreators:
    @given(USES, HOURS, CREATORS)
    def test_a_creator_fits_exactly_when_no_window_breaks(self, uses, wanted, who):
        others = [(NOON + hour * HOUR, one) for hour, one in uses]
        moment = NOON + wanted * HOUR

        assert creators_fit(others, moment, who) is not sees_too_many(others, moment, who)

    @given(USES, CREATORS)
    def test_the_offered_moment_is_the_first_that_fits(self, uses, who):
        others = [(NOON + hour * HOUR, one) for hour, one in uses]

        found = next_fitting(others, NOON, who)

        first = next(
            at for at in later_moments(app_mode.WINDOW) if not sees_too_many(others, at, who)
        )
        assert found == first

    @given(st.data(), USES, CREATORS)
    def test_the_order_of_the_others_does_not_matter(self, data, uses, who):
        others = [(NOON + hour * HOUR, one) for hour, one in uses]
        shuffled = data.draw(st.permutations(others))

        assert next_fitting(shuffled, NOON, who) == next_fitting(others, NOON, who)

    @given(st.dictionaries(CREATORS, st.integers(0, 23)), CREATORS)
    def test_a_place_frees_at_the_first_moment_at_which_one_is_free(self, hours_ago, who):
        last = {one: NOON - hour * HOUR for one, hour in hours_ago.items()}

        found = place_frees_at(last, who, NOON)

        first = next(at for at in later_moments(cap.SENT_WINDOW) if has_place(last, who, at))
        assert found == first


def has_place(last, who, at):
    active = {one for one, when in last.items() if when > at - cap.SENT_WINDOW}
    return who in active or len(active) < UNAUDITED_CREATORS


CODES = st.sampled_from(
    ["timeout", "internal", "spam_risk_too_many_posts", "auth_removed", "video_pull_failed", "new"]
)
PASSING = st.one_of(
    st.builds(Unavailable, CODES),
    st.builds(NotConnected, CODES),
    st.builds(RateLimited, CODES, retry_after_s=st.none() | st.floats(0, 3600)),
)
ERRORS = PASSING | st.builds(Refused, CODES)
BASES_S = st.floats(0.01, 300)


class TestRetries:
    @given(ERRORS, CODES, st.integers(1, 30), BASES_S)
    def test_only_a_retry_has_a_moment_and_it_is_ahead(self, error, code, failures, base_s):
        found = decide(error, code, failures, NOON, base_s)

        assert (found.at is not None) is (found.course == Course.RETRY)
        assert found.at is None or NOON < found.at <= NOON + timedelta(hours=24, minutes=1)

    @given(PASSING, CODES, st.integers(1, 30), BASES_S)
    def test_what_may_pass_never_fails_the_post(self, error, code, failures, base_s):
        assert decide(error, code, failures, NOON, base_s).course != Course.FAIL

    @given(CODES, st.integers(MAX_FAILURES, 1000), BASES_S)
    def test_an_outage_is_not_asked_about_for_ever(self, code, failures, base_s):
        found = decide(Unavailable(code), code, failures, NOON, base_s)

        assert found.course == Course.ASK_PERSON

    @given(CODES, BASES_S)
    def test_no_wait_is_shorter_than_the_one_before(self, code, base_s):
        waits = [
            decide(Unavailable(code), code, failures, NOON, base_s).at
            for failures in range(1, MAX_FAILURES)
        ]

        assert waits == sorted(waits)

    @given(st.none() | st.floats(0, 3600), st.integers(1, 1000), BASES_S)
    def test_a_rate_limit_waits_out_its_minute(self, retry_after_s, failures, base_s):
        error = RateLimited("rate_limit_exceeded", retry_after_s=retry_after_s)

        found = decide(error, "rate_limit_exceeded", failures, NOON, base_s)

        assert found.at > NOON + timedelta(minutes=1)
        assert found.at >= NOON + timedelta(seconds=retry_after_s or 0)

    @given(st.text())
    def test_a_code_that_nobody_knows_ends_the_post(self, code):
        assert decide_refusal(f"new_{code}", NOON).course == Course.FAIL

    @given(CODES, st.integers(MAX_FAILURES, 1000), BASES_S)
    def test_a_fail_reason_that_may_pass_is_not_tried_for_ever(self, reason, attempts, base_s):
        found = decide_fail_reason(reason, attempts, NOON, base_s)

        assert found.course != Course.RETRY or reason == "spam_risk_too_many_posts"

    @given(st.floats(5, 60))
    def test_a_day_of_polling_ends_and_stays_below_tiktoks_limit(self, base_s):
        asked, now = [], NOON

        while now is not None:
            asked.append(now)
            now = next_poll_at(len(asked), NOON, now, base_s)

        assert DAY <= asked[-1] - NOON <= DAY + timedelta(seconds=base_s * 180)
        assert all(later - earlier >= timedelta(seconds=5) for earlier, later in pairwise(asked))

    @given(st.integers(0, 2 * 86_400))
    def test_a_look_is_ahead_and_the_last_is_a_day_after(self, age_s):
        now = NOON + timedelta(seconds=age_s)

        found = next_look_at(NOON, now)

        assert found is None or now < found <= NOON + DAY


class TestPreflight:
    @given(st.integers(-3600, 3 * 86_400))
    def test_the_next_check_is_the_first_one_ahead(self, left_s):
        now = NOON - timedelta(seconds=left_s)

        found = next_check_at(NOON, now)

        ahead = [NOON - before for before in AHEAD if NOON - before > now]
        assert found == min(ahead, default=None)

    @given(st.integers(-3600, 3 * 86_400))
    def test_a_post_is_checked_three_times_at_most_and_before_it_is_due(self, left_s):
        checks, now = [], NOON - timedelta(seconds=left_s)

        while (now := next_check_at(NOON, now)) is not None:
            checks.append(now)

        assert len(checks) <= 3
        assert all(check < NOON for check in checks)
        assert checks == sorted(checks)
