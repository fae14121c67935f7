from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now as current_moment
from hypothesis import given
from hypothesis import strategies as st

from publishing.cap import WINDOW, fits, next_free_moment
from publishing.states import State
from tests.factories import make_account
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
moments = st.lists(
    st.integers(-3 * 1440, 3 * 1440).map(lambda m: NOON + timedelta(minutes=m)), max_size=40
)


def in_an_hour() -> datetime:
    return current_moment() + timedelta(hours=1)


def most_in_a_window(line: list[datetime]) -> int:
    return max((sum(start <= m < start + WINDOW for m in line) for start in line), default=0)


@given(moments, st.integers(1, 5))
def test_what_fits_breaks_no_window_around_it(others, cap):
    near = [m for m in others if abs(m - NOON) < WINDOW]

    if fits(others, NOON, cap):
        windows = [m for m in [*near, NOON] if m <= NOON < m + WINDOW]
        line = [*near, NOON]
        assert all(sum(w <= m < w + WINDOW for m in line) <= cap for w in windows)


@given(moments, st.integers(1, 5))
def test_the_next_free_moment_fits_and_is_not_early(others, cap):
    free_at = next_free_moment(others, NOON, cap)

    assert free_at >= NOON
    assert fits(others, free_at, cap)


@given(moments, st.integers(1, 5))
def test_posts_planned_one_by_one_never_break_the_cap(wanted, cap):
    line: list[datetime] = []

    for moment in wanted:
        line.append(next_free_moment(line, moment, cap))

    assert most_in_a_window(line) <= cap


@pytest.mark.django_db(transaction=True)
def test_tiktoks_own_cap_moves_the_accounts_queue_only(simulator, connect):
    account, other = connect(), connect()
    simulator.add_other_posts(account.username, 15)
    first, second, third = make_post(account), make_post(account), make_post(other)

    step()

    for post in (first, second, third):
        post.refresh_from_db()
    assert [first.state, second.state] == [State.SCHEDULED, State.SCHEDULED]
    assert min(first.next_action_at, second.next_action_at) > NOON + timedelta(hours=1)
    assert third.state == State.PROCESSING


@pytest.mark.django_db(transaction=True)
def test_our_own_cap_is_kept_at_fire_time(simulator, connect):
    account = connect()
    account.daily_cap = 2
    account.save()
    posts = [make_post(account) for _ in range(3)]

    step()

    for post in posts:
        post.refresh_from_db()
    assert sorted(p.state for p in posts) == [State.PROCESSING, State.PROCESSING, State.SCHEDULED]
    assert len(simulator.posts()) == 2
    assert "has reached 2 posts" in next(p.note for p in posts if p.state == State.SCHEDULED)


@pytest.mark.django_db
def test_an_account_starts_with_fifteen():
    assert make_account().daily_cap == 15


@pytest.mark.django_db(transaction=True)
def test_tiktoks_cap_leaves_inbox_posts_alone(simulator, connect):
    account = connect()
    simulator.add_other_posts(account.username, 15)
    inbox = make_post(account, mode="inbox", privacy_level="", due_at=in_an_hour())
    make_post(account)
    due_at = inbox.next_action_at

    step()

    inbox.refresh_from_db()
    assert inbox.next_action_at == due_at
