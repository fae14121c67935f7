"""Several accounts with the same answer: the rest waits, one post tries, people are told once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now as current_moment

from publishing import breaker
from publishing.breaker import FIRST_PROBE
from publishing.models import Breaker, JournalLine, Notice, Post
from publishing.rescheduling import reschedule_post
from publishing.states import State
from tests.factories import make_team
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

INIT = "/v2/post/publish/video/init/"
PROBE_S = FIRST_PROBE.total_seconds() + 5


@pytest.fixture
def team(transactional_db):
    return make_team()


@pytest.fixture
def posts(connect, team):
    """Five posts of five accounts, all due now."""
    return [make_post(connect(team)) for _ in range(5)]


def refuse(simulator, code, count=None):
    simulator.inject_fault(kind="error", code=code, status=403, path=INIT, count=count)


def states(posts):
    return [Post.objects.get(pk=post.pk).state for post in posts]


def inits(simulator):
    return [r for r in simulator.requests() if r["path"] == INIT]


def test_the_fourth_account_is_held_and_none_more_is_tried(simulator, posts):
    refuse(simulator, "brand_new_refusal")

    step()

    assert len(inits(simulator)) == 3
    assert states(posts) == [State.FAILED] * 2 + [State.SCHEDULED] * 3
    waiting = Post.objects.get(pk=posts[4].pk)
    assert "several accounts got the same answer" in waiting.note
    assert waiting.next_action_at > current_moment() + timedelta(seconds=50)


def test_one_accounts_trouble_holds_nobody(simulator, connect, team):
    account = connect(team)
    own = [make_post(account) for _ in range(4)]
    refuse(simulator, "brand_new_refusal")

    step()

    assert states(own) == [State.FAILED] * 4


def test_what_concerns_one_creator_holds_nobody(simulator, posts):
    refuse(simulator, "spam_risk_user_banned_from_posting")

    step()

    assert states(posts) == [State.NEEDS_ATTENTION] * 5


def test_something_that_came_through_starts_the_count_again(simulator, posts):
    refuse(simulator, "brand_new_refusal", count=2)
    step()

    assert not Breaker.objects.exclude(failures={}).exists()
    assert states(posts)[:2] == [State.FAILED] * 2


def test_one_canary_tries_and_the_others_follow_it(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    step()
    simulator.clear_faults()

    step(seconds_later=PROBE_S)
    step(seconds_later=PROBE_S)

    assert [state in {State.PROCESSING, State.PUBLISHED} for state in states(posts)[2:]] == [
        True
    ] * 3
    assert simulator.violations() == []


def test_a_canary_that_fails_is_the_only_one_to_try(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    step()
    before = len(inits(simulator))

    step(seconds_later=PROBE_S)

    assert len(inits(simulator)) == before + 1
    assert states(posts)[2:] == [State.SCHEDULED] * 3
    assert Breaker.objects.get().probes == 1


def test_the_pause_between_tries_grows(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    step()
    step(seconds_later=PROBE_S)

    wait = Breaker.objects.get().probe_at - current_moment()

    assert timedelta(seconds=PROBE_S + 110) < wait < timedelta(seconds=PROBE_S + 125)


def test_people_are_told_once(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    step()
    step(seconds_later=PROBE_S)

    assert Notice.objects.filter(person=posts[0].author, kind="held").count() == 1


def test_a_wait_is_one_line_of_the_story(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    for number in range(3):
        step(seconds_later=number * PROBE_S)

    assert JournalLine.objects.filter(post=posts[4], kind="held").count() == 1


def test_inbox_posts_go_on_while_direct_ones_are_held(simulator, posts, connect, team, run_until):
    refuse(simulator, "brand_new_refusal")
    step()
    draft = make_post(connect(team), mode="inbox", privacy_level="")

    run_until(draft, State.IN_INBOX)


def test_a_post_moved_meanwhile_stays_where_it_was_moved(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    step()
    due_at = current_moment() + timedelta(days=3)
    moved = Post.objects.get(pk=posts[4].pk)
    reschedule_post(moved, due_at, moved.author, current_moment())
    simulator.clear_faults()

    step(seconds_later=PROBE_S)
    step(seconds_later=PROBE_S)

    moved.refresh_from_db()
    assert (moved.state, moved.next_action_at) == (State.SCHEDULED, due_at)


def test_what_was_held_for_too_long_waits_for_a_person(simulator, posts, settings):
    settings.OVERDUE_S = 30
    refuse(simulator, "brand_new_refusal")
    step()
    simulator.clear_faults()

    step(seconds_later=PROBE_S)
    step(seconds_later=PROBE_S)

    assert State.NEEDS_ATTENTION in states(posts)


def test_a_silent_tiktok_holds_the_rest_too(simulator, posts):
    simulator.inject_fault("unavailable", path=INIT, count=None)

    step()

    assert len(inits(simulator)) == 3
    assert states(posts) == [State.SCHEDULED] * 5


def test_a_canary_that_waits_for_its_own_cap_gives_its_place(simulator, posts):
    refuse(simulator, "brand_new_refusal")
    step()
    simulator.clear_faults()
    account = posts[2].account
    account.daily_cap = 1
    account.save()
    make_post(account, state=State.PUBLISHED, init_at=current_moment())

    step(seconds_later=PROBE_S)
    step(seconds_later=PROBE_S)

    assert states(posts)[4] in {State.PROCESSING, State.PUBLISHED}


def test_an_end_that_several_accounts_share_holds_the_rest(simulator, posts, connect, team):
    simulator.set_outcome(fail_reason="internal")

    for _ in range(4):
        step()

    assert Breaker.objects.get(code="internal").opened_at


class TestActiveUserCap:
    @pytest.fixture(autouse=True)
    def full(self, simulator):
        simulator.inject_fault(
            kind="error", code="reached_active_user_cap", status=200, path=INIT, count=1
        )

    def test_the_first_word_holds_every_other_creator(self, simulator, posts):
        step()

        assert len(inits(simulator)) == 1
        assert states(posts) == [State.SCHEDULED] * 5

    def test_nobody_is_blamed(self, simulator, posts):
        step()

        note = Post.objects.get(pk=posts[0].pk).note
        assert "a limit of the app, not of this account" in note

    def test_it_waits_until_the_first_creator_no_longer_counts(self, simulator, posts, connect):
        began = current_moment() - timedelta(hours=20)
        make_post(connect(posts[0].team), state=State.PUBLISHED, init_at=began)

        step()

        waiting = Post.objects.get(pk=posts[4].pk)
        assert waiting.next_action_at == began + timedelta(hours=24, minutes=1)

    def test_who_has_posted_today_goes_on(self, simulator, posts):
        earlier = current_moment() - timedelta(hours=3)
        make_post(posts[4].account, state=State.PUBLISHED, init_at=earlier)

        step()
        step()

        assert states(posts)[4] in {State.PROCESSING, State.PUBLISHED}
        assert states(posts)[:4] == [State.SCHEDULED] * 4


@pytest.fixture
def beside_a_canary(simulator, posts):
    """The last two of the posts, held while the third is the canary and has not ended."""
    refuse(simulator, "brand_new_refusal")
    step()
    until = current_moment() + timedelta(minutes=10)
    Breaker.objects.update(probe_at=current_moment(), canary_id=posts[2].pk, canary_until=until)
    Post.objects.filter(pk=posts[2].pk).update(next_action_at=until)
    step(seconds_later=PROBE_S)
    return posts[3:]


def test_the_others_do_not_look_again_while_one_tries(simulator, beside_a_canary):
    until = Breaker.objects.get().canary_until

    for post in beside_a_canary:
        post.refresh_from_db()
        assert post.next_action_at == until


def test_a_canary_that_gives_its_place_wakes_the_next(simulator, posts, beside_a_canary):
    with transaction.atomic():
        breaker.give_place(posts[2])
    simulator.clear_faults()

    step(seconds_later=PROBE_S)

    assert states(posts)[3] in {State.PROCESSING, State.PUBLISHED}


def test_what_waited_goes_on_when_the_canary_is_forgotten(simulator, posts, beside_a_canary):
    simulator.clear_faults()

    step(seconds_later=601)

    assert states(posts)[3] in {State.PROCESSING, State.PUBLISHED}
