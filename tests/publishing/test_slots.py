from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Activity
from publishing.models import Post, PostingSlot
from publishing.slots import (
    AHEAD,
    PlanRefused,
    add_slots,
    is_slot,
    next_free_slots,
    remove_slot,
    set_gap,
    slot_moment,
    slot_moments,
)
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

BERLIN = ZoneInfo("Europe/Berlin")
# A Thursday, 10:00 in Berlin.
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
THURSDAY, FRIDAY = 3, 4

GAPS = [
    # zone, day, swallowed time, first moment after the gap
    ("Europe/Berlin", date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 0)),
    ("America/New_York", date(2027, 3, 14), time(2, 0), datetime(2027, 3, 14, 7, 0)),
    ("America/New_York", date(2027, 3, 14), time(2, 59), datetime(2027, 3, 14, 7, 0)),
    ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 30)),
    ("Africa/Casablanca", date(2026, 3, 22), time(2, 30), datetime(2026, 3, 22, 2, 0)),
]
OVERLAPS = [
    # zone, day, time that comes twice, the first of the two
    ("Europe/Berlin", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30)),
    ("America/New_York", date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30)),
    ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), datetime(2027, 4, 3, 14, 45)),
    ("Africa/Casablanca", date(2026, 2, 15), time(2, 30), datetime(2026, 2, 15, 1, 30)),
]


@pytest.mark.parametrize(("zone", "day", "clock", "at"), GAPS)
def test_a_slot_that_the_clocks_skip_comes_right_after_the_gap(zone, day, clock, at):
    assert slot_moment(day, clock, ZoneInfo(zone)) == at.replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "day", "clock", "at"), OVERLAPS)
def test_a_slot_that_comes_twice_is_the_first(zone, day, clock, at):
    assert slot_moment(day, clock, ZoneInfo(zone)) == at.replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", sorted({row[0] for row in GAPS}))
def test_a_slot_keeps_its_wall_time_through_the_year(zone):
    there = ZoneInfo(zone)
    start = datetime(2026, 1, 1, tzinfo=UTC)

    moments = slot_moments([(THURSDAY, time(18, 30))], there, start, start + timedelta(weeks=52))

    walls = [at.astimezone(there) for at in moments]
    assert len(moments) == 52
    assert {(wall.weekday(), wall.time()) for wall in walls} == {(THURSDAY, time(18, 30))}


def test_slots_that_meet_after_a_gap_are_one():
    start = datetime(2027, 3, 27, 12, tzinfo=UTC)
    week = [(6, time(2, 15)), (6, time(2, 45)), (6, time(3, 0))]

    assert slot_moments(week, BERLIN, start, start + timedelta(days=1)) == [
        datetime(2027, 3, 28, 1, tzinfo=UTC)
    ]


@given(
    st.sampled_from(sorted({row[0] for row in GAPS})),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
def test_every_slot_has_one_moment_and_it_never_comes_early(zone, day, clock):
    there = ZoneInfo(zone)

    at = slot_moment(day, clock, there)

    wall = at.astimezone(there).replace(tzinfo=None)
    asked = datetime.combine(day, clock)
    assert asked <= wall <= asked + timedelta(hours=1)
    # Nothing before it shows that time, or a later one, on that day.
    minute_before = (at - timedelta(minutes=1)).astimezone(there).replace(tzinfo=None)
    assert minute_before < asked


@pytest.fixture
def team(db):
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(team):
    return make_account(team, min_gap_min=10)


@pytest.fixture
def person(team):
    return make_member(team).user


def berlin(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def free_slot(account, now=NOW):
    return next_free_slots([account], now).get(account.pk)


def test_the_next_free_slot_is_the_first_that_no_post_has(account, person):
    add_slots(account, [THURSDAY, FRIDAY], time(18, 30), person, NOW)
    make_post(account, due_at=berlin(26, 18, 30), is_queued=True)

    assert free_slot(account) == berlin(27, 18, 30)


def test_a_draft_keeps_its_slot_and_a_canceled_post_frees_it(account, person):
    add_slots(account, [THURSDAY, FRIDAY], time(18, 30), person, NOW)
    draft = make_post(account, due_at=berlin(26, 18, 30), is_queued=True, state=State.DRAFT)

    assert free_slot(account) == berlin(27, 18, 30)
    Post.objects.filter(pk=draft.pk).update(state=State.CANCELED)
    assert free_slot(account) == berlin(26, 18, 30)


def test_a_slot_that_is_nearly_here_is_not_offered(account, person):
    add_slots(account, [THURSDAY], time(10, 4), person, NOW)
    add_slots(account, [THURSDAY], time(10, 5), person, NOW)

    assert free_slot(account) == NOW + AHEAD


def test_a_slot_within_the_gap_of_another_post_is_passed_over(account, person):
    add_slots(account, [THURSDAY, FRIDAY], time(18, 30), person, NOW)
    make_post(account, due_at=berlin(26, 18, 35))

    assert free_slot(account) == berlin(27, 18, 30)


def test_a_slot_over_the_cap_is_passed_over(account, person):
    type(account).objects.update(daily_cap=1)
    account.refresh_from_db()
    add_slots(account, [THURSDAY, FRIDAY], time(18, 30), person, NOW)
    make_post(account, due_at=berlin(26, 20))

    assert free_slot(account) is None or free_slot(account) > berlin(27, 20)


def test_without_a_plan_there_is_none(account):
    assert free_slot(account) is None


def test_as_many_queries_for_many_accounts(team, person, django_assert_num_queries):
    accounts = [make_account(team) for _ in range(4)]
    for account in accounts:
        add_slots(account, [THURSDAY], time(18, 30), person, NOW)
        make_post(account, due_at=berlin(26, 18, 30), is_queued=True)

    with django_assert_num_queries(4):
        one = next_free_slots(accounts[:1], NOW)
    with django_assert_num_queries(4):
        all_of_them = next_free_slots(accounts, NOW)

    assert set(all_of_them.values()) == set(one.values()) == {berlin(26, 18, 30) + timedelta(7)}


def test_a_time_is_kept_once_a_day_and_the_history_says_who(account, person):
    assert add_slots(account, [THURSDAY, FRIDAY], time(18, 30), person, NOW) == 2
    assert add_slots(account, [THURSDAY], time(18, 30), person, NOW) == 0

    [line] = Activity.objects.filter(verb="plan_changed")
    assert (line.actor, line.account_id, line.new) == (
        person,
        account.pk,
        "Thursday, 18:30, Friday, 18:30",
    )


def test_a_plan_is_bounded(account, person):
    for hour in range(14):
        add_slots(account, range(7), time(hour), person, NOW)

    with pytest.raises(PlanRefused):
        add_slots(account, range(7), time(15), person, NOW)

    assert account.slots.count() == 98


def test_posts_that_stand_there_follow_a_new_slot_and_keep_it_when_it_goes(account, person):
    post = make_post(account, due_at=berlin(26, 18, 30))
    add_slots(account, [THURSDAY], time(18, 30), person, NOW)
    slot = PostingSlot.objects.get()

    post.refresh_from_db()
    assert post.is_queued
    remove_slot(slot, person, NOW)
    post.refresh_from_db()
    assert (post.due_at, post.state) == (berlin(26, 18, 30), State.SCHEDULED)
    assert not is_slot(account, post.due_at)


def test_only_the_exact_moment_is_a_slot(account, person):
    add_slots(account, [THURSDAY], time(18, 30), person, NOW)

    assert is_slot(account, berlin(26, 18, 30))
    assert not is_slot(account, berlin(26, 18, 31))
    assert not is_slot(account, berlin(27, 18, 30))
    assert not is_slot(None, berlin(26, 18, 30))


def test_the_gap_is_set_and_told(account, person):
    set_gap(account, 30, person, NOW)
    set_gap(account, 30, person, NOW)

    account.refresh_from_db()
    [line] = Activity.objects.filter(verb="gap_changed")
    assert account.min_gap_min == 30
    assert (line.old, line.new) == ("10 min", "30 min")
