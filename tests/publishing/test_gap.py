from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now as current_moment
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import TikTokAccount
from publishing import cap
from publishing.gap import keeps_gap, next_apart
from publishing.models import Mode, Outcome
from publishing.openings import Openings, openings_of
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.rescheduling import next_allowed_moment, reschedule_post
from publishing.retrying import retry_post
from publishing.scheduling import schedule_post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.conftest import step
from tests.publishing.factories import make_creator, make_media, make_post, make_try

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MINUTES = st.integers(-60, 60)
# Windows of a day and gaps of hours, so that both get in each other's way.
HALF_HOURS = st.lists(st.integers(-60, 60), max_size=20)


def at_minutes(minutes):
    return [NOON + minute * MINUTE for minute in minutes]


@given(st.lists(MINUTES, max_size=12), MINUTES, st.integers(0, 30))
def test_the_moment_found_is_the_first_that_keeps_the_gap(others, wanted, gap_min):
    moments, start, gap = at_minutes(others), NOON + wanted * MINUTE, gap_min * MINUTE

    found = next_apart(moments, start, gap)

    minutes = [start + number * MINUTE for number in range(1000)]
    assert found == next(at for at in minutes if keeps_gap(moments, at, gap))


@given(HALF_HOURS, st.integers(-60, 60), st.integers(1, 4), st.integers(0, 240))
def test_cap_and_gap_together_give_the_first_whole_minute_that_fits_both(
    others, wanted, limit, gap_min
):
    moments = [NOON + number * 30 * MINUTE for number in others]
    start = NOON + wanted * 30 * MINUTE
    account = make_account_unsaved(limit, gap_min)
    openings = Openings(account, Mode.DIRECT, tuple(moments), tuple(moments))

    found = openings.next_from(start)

    assert openings.reasons_against(found) == []
    if found != start:
        earlier = [found - MINUTE, *[start + number * 30 * MINUTE for number in range(1000)]]
        assert all(openings.reasons_against(at) for at in earlier if start <= at < found)


def make_account_unsaved(daily_cap, min_gap_min):
    return TikTokAccount(pk=1, daily_cap=daily_cap, min_gap_min=min_gap_min)


@pytest.fixture
def account(db):
    return make_account(min_gap_min=10)


@pytest.fixture
def due_at():
    return cap.whole_minute(current_moment()) + timedelta(hours=3)


@pytest.fixture
def author(account):
    return make_member(account.team).user


@pytest.fixture
def schedule(account, author):
    plan = Plan(
        account=account,
        media=make_media(account.team),
        caption="Hello",
        privacy_level="PUBLIC_TO_EVERYONE",
    )

    def at(due_at, **values):
        plan_now = replace(plan, due_at=due_at, **values)
        now = current_moment()
        return schedule_post(account.team, author, plan_now, uuid4(), make_creator(), now)

    return at


def test_a_post_within_the_gap_is_refused_beside_its_time(account, due_at, schedule):
    make_post(account, due_at=due_at)

    with pytest.raises(PostRefused) as refused:
        schedule(due_at + 4 * MINUTE)

    [problem] = refused.value.problems
    assert (problem.field, problem.code) == ("due_at", "too_close")
    assert "keeps 10 minutes between its posts" in problem.text
    assert refused.value.next_free_at == due_at + 10 * MINUTE
    assert schedule(refused.value.next_free_at).state == State.SCHEDULED


def test_a_later_post_keeps_away_too(account, due_at, schedule):
    make_post(account, due_at=due_at)

    with pytest.raises(PostRefused) as refused:
        schedule(due_at - 9 * MINUTE)

    assert refused.value.next_free_at == due_at + 10 * MINUTE


def test_exactly_the_gap_is_enough(account, due_at, schedule):
    make_post(account, due_at=due_at)

    assert schedule(due_at + 10 * MINUTE).state == State.SCHEDULED
    assert schedule(due_at - 10 * MINUTE).state == State.SCHEDULED


def test_no_gap_is_asked_for_with_zero(account, due_at, schedule):
    type(account).objects.update(min_gap_min=0)
    account.refresh_from_db()
    make_post(account, due_at=due_at)

    assert schedule(due_at, account=account).state == State.SCHEDULED


def test_posts_of_other_accounts_and_drafts_do_not_count(account, due_at, schedule):
    make_post(make_account(account.team), due_at=due_at)
    make_post(account, due_at=due_at, state=State.DRAFT)
    make_post(account, due_at=due_at, state=State.CANCELED)

    assert schedule(due_at).state == State.SCHEDULED


def test_a_draft_for_the_inbox_keeps_away_from_a_direct_post(account, due_at, schedule):
    make_post(account, due_at=due_at, mode="inbox", privacy_level="")

    with pytest.raises(PostRefused):
        schedule(due_at + MINUTE)


def test_moving_keeps_the_gap_but_not_to_itself(account, due_at, author):
    make_post(account, due_at=due_at)
    post = make_post(account, due_at=due_at + 30 * MINUTE)

    with pytest.raises(PostRefused) as refused:
        reschedule_post(post, due_at + 3 * MINUTE, author, current_moment())
    reschedule_post(post, due_at + 32 * MINUTE, author, current_moment())

    assert refused.value.next_free_at == due_at + 10 * MINUTE
    post.refresh_from_db()
    assert post.due_at == due_at + 32 * MINUTE


def test_the_moment_offered_satisfies_the_cap_and_the_gap(account, due_at, schedule):
    type(account).objects.update(daily_cap=2)
    account.refresh_from_db()
    first = make_post(account, due_at=due_at)
    make_post(account, due_at=due_at + 30 * MINUTE)
    # Right where the cap alone would offer a place.
    blocker = make_post(account, due_at=due_at + cap.WINDOW + 5 * MINUTE)

    with pytest.raises(PostRefused) as refused:
        schedule(due_at + 20 * MINUTE, account=account)

    offered = refused.value.next_free_at
    assert [problem.code for problem in refused.value.problems] == ["cap_reached"]
    assert offered >= first.due_at + cap.WINDOW
    assert abs(offered - blocker.due_at) >= 10 * MINUTE
    assert schedule(offered, account=account).state == State.SCHEDULED


def test_retry_at_once_is_not_held_by_the_gap_but_at_another_moment_it_is(account, due_at, author):
    make_post(account, due_at=current_moment() + 2 * MINUTE)
    make_post(account, due_at=due_at)
    post = make_post(account, state=State.FAILED)

    with pytest.raises(PostRefused) as refused:
        retry_post(post, author, current_moment(), due_at=due_at + MINUTE)
    retry_post(post, author, current_moment())

    assert refused.value.problems[0].code == "too_close"
    assert post.state == State.SCHEDULED


def test_posts_that_are_too_near_from_before_are_left_alone(account, due_at, author):
    make_post(account, due_at=due_at)
    near = make_post(account, due_at=due_at + MINUTE)
    other = make_post(account, due_at=due_at + 60 * MINUTE)

    reschedule_post(other, due_at + 70 * MINUTE, author, current_moment())

    near.refresh_from_db()
    assert (near.state, near.due_at) == (State.SCHEDULED, due_at + MINUTE)


def test_the_next_allowed_moment_is_the_first_after_the_wanted_one(account, due_at):
    make_post(account, due_at=due_at)
    post = make_post(account, due_at=due_at + 60 * MINUTE)

    found = next_allowed_moment(post, due_at - 5 * MINUTE, current_moment())

    assert found == due_at + 10 * MINUTE


def test_openings_count_what_the_cap_counts(account, due_at):
    make_post(account, due_at=due_at)
    make_post(account, due_at=due_at, state=State.PUBLISHED, init_at=due_at)
    make_post(account, due_at=due_at, mode="inbox", privacy_level="")
    make_try(make_post(account, state=State.CANCELED), Outcome.UNCONFIRMED)
    now = current_moment()

    for mode in Mode:
        counted = openings_of(account, mode, now).counted
        assert sorted(counted) == sorted(cap.counted_moments(account, now, mode))


@pytest.mark.django_db(transaction=True)
def test_at_fire_time_the_gap_holds_nothing(simulator, connect, run_until):
    account = connect()
    type(account).objects.update(min_gap_min=60)
    posts = [make_post(account), make_post(account)]

    step()

    for post in posts:
        assert run_until(post, State.PUBLISHED)
