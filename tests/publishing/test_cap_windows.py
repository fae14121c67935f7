"""How full the days of several accounts are, counted at once."""

from datetime import UTC, datetime, timedelta

import pytest

from publishing.cap import WINDOW, counted_between, counted_moments, fullest_windows
from publishing.models import Mode, Post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_post, make_try

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
EDGES = [NOON - 12 * HOUR + number * DAY for number in range(4)]


def test_a_window_counts_on_the_day_on_which_it_ends():
    evening = NOON + 8 * HOUR

    assert fullest_windows([NOON, evening, NOON + DAY], EDGES) == [2, 3, 0]


def test_a_post_a_window_earlier_counts_no_more():
    assert fullest_windows([NOON, NOON + WINDOW], EDGES) == [1, 1, 0]


def test_the_evening_before_the_first_edge_counts_on_its_day():
    assert fullest_windows([EDGES[0] - HOUR, EDGES[0] + HOUR], EDGES) == [2, 0, 0]


@pytest.mark.django_db
def test_the_same_posts_count_as_in_the_ledger():
    account = make_account()
    make_post(account, due_at=NOON)
    make_post(account, due_at=NOON, state=State.PUBLISHED, init_at=NOON + HOUR)
    make_post(account, due_at=NOON, state=State.CANCELED)
    make_post(account, due_at=NOON, state=State.DRAFT)
    make_post(account, due_at=NOON, mode=Mode.INBOX, state=State.IN_INBOX, init_at=NOON)
    make_post(make_account(), due_at=NOON)

    counted = counted_between([account.pk], NOON - DAY, NOON + DAY)

    assert counted == {
        (account.pk, mode): sorted(counted_moments(account, NOON, mode)) for mode in Mode.values
    }
    assert len(counted[account.pk, Mode.DIRECT]) == 2


@pytest.mark.django_db
def test_a_try_that_nobody_can_tell_of_counts():
    account = make_account()
    post = make_post(account, state=State.CANCELED)
    attempt = make_try(post)
    at = attempt.init_intended_at

    assert counted_between([account.pk], at - HOUR, at + HOUR) == {(account.pk, Mode.DIRECT): [at]}


@pytest.mark.django_db
def test_the_queries_do_not_grow_with_the_accounts(django_assert_num_queries):
    accounts = [make_account() for _ in range(3)]
    for account in accounts:
        make_post(account, due_at=NOON)

    with django_assert_num_queries(3):
        counted_between([account.pk for account in accounts], NOON - DAY, NOON + DAY)
    assert Post.objects.count() == 3
