"""A try that TikTok may have taken counts against the cap, whatever its post does next."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now as current_moment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publishing.app_mode import (
    UNAUDITED_CREATORS,
    creators_in_last_day,
    next_creator_at,
    planned_uses,
)
from publishing.cap import (
    SENT_WINDOW,
    WINDOW,
    counted_between,
    counted_moments,
    lone_tries,
    sent_moments,
)
from publishing.models import Attempt, Mode, Outcome, Post
from publishing.models.attempt import TAKEN
from publishing.openings import openings_of
from publishing.states import State, may_move
from publishing.verdict import apply_status
from tests.factories import make_account
from tests.publishing.factories import make_post
from tiktok.client import PublishStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


def lose(account, ago=timedelta(hours=1), **overrides) -> Post:
    """An unconfirmed post and its try, whose init left `ago`."""
    at = current_moment() - ago
    post = make_post(account, state=State.UNCONFIRMED, init_at=at, **overrides)
    Attempt.objects.create(
        post=post,
        number=1,
        claimed_at=at,
        init_intended_at=at,
        ended_at=at,
        outcome=Outcome.UNCONFIRMED,
    )
    return post


def send_again(post: Post) -> None:
    now = current_moment()
    post.move_to(State.SCHEDULED, now=now, reason="Again.", next_action_at=now, init_at=None)


def inits(post: Post) -> list:
    return [attempt.init_intended_at for attempt in post.attempts.all()]


def test_an_unconfirmed_post_counts_once(account):
    post = lose(account)

    assert sent_moments(account, current_moment(), Mode.DIRECT) == inits(post)


def test_a_post_sent_again_counts_with_both_its_tries(account):
    post = lose(account)
    send_again(post)

    moments = counted_moments(account, current_moment(), Mode.DIRECT)

    assert sorted(moments) == sorted([*inits(post), post.next_action_at])


def test_the_try_before_counts_when_the_post_itself_is_left_out(account):
    post = lose(account)
    send_again(post)

    assert sent_moments(account, current_moment(), Mode.DIRECT, post.pk) == inits(post)


def test_a_post_let_rest_counts(account):
    post = lose(account)
    post.move_to(State.CANCELED, now=current_moment(), reason="Let rest.")

    assert sent_moments(account, current_moment(), Mode.DIRECT) == inits(post)


def test_a_try_that_proved_not_posted_counts_no_more(account):
    post = lose(account)
    send_again(post)
    post.attempts.update(outcome=Outcome.NOT_POSTED)

    assert sent_moments(account, current_moment(), Mode.DIRECT) == []


def say(post: Post, status: str) -> None:
    """TikTok's late word on the post's first try."""
    told = PublishStatus(status, "", (), None, None, "")
    apply_status(post.attempts.first(), told, current_moment())


def let_rest(post: Post) -> None:
    post.move_to(State.CANCELED, now=current_moment(), reason="Let rest.")


def edit(post: Post) -> None:
    let_rest(post)
    post.move_to(State.DRAFT, now=current_moment(), reason="Edited.", init_at=None)


@pytest.mark.parametrize("go_another_way", [let_rest, edit])
def test_a_try_that_tiktok_names_published_late_counts_whatever_its_post_became(
    account, go_another_way
):
    post = lose(account)
    go_another_way(post)
    before = post.state

    say(post, "PUBLISH_COMPLETE")

    post.refresh_from_db()
    assert (post.state, post.attempts.get().outcome) == (before, Outcome.PUBLISHED)
    now = current_moment()
    assert sent_moments(account, now, Mode.DIRECT) == inits(post)
    assert counted_moments(account, now, Mode.DIRECT) == inits(post)
    assert counted_between([account.pk], now - WINDOW, now) == {
        (account.pk, Mode.DIRECT): inits(post)
    }
    assert openings_of(account, Mode.DIRECT, now).counted == tuple(inits(post))
    assert creators_in_last_day(now) == 1


def test_a_late_draft_in_the_inbox_counts_until_its_creator_publishes_it(account):
    post = lose(account, mode=Mode.INBOX, privacy_level="")
    let_rest(post)
    now = current_moment()

    say(post, "SEND_TO_USER_INBOX")
    assert sent_moments(account, now, Mode.INBOX) == inits(post)

    say(post, "PUBLISH_COMPLETE")
    assert sent_moments(account, now, Mode.INBOX) == []


def publish(post: Post, hours: int) -> None:
    """Another try of the post, to its end."""
    at = current_moment() - timedelta(hours=hours)
    tries = {"number": 2, "claimed_at": at, "init_intended_at": at, "ended_at": at}
    Attempt.objects.create(post=post, outcome=Outcome.PUBLISHED, **tries)
    Post.objects.filter(pk=post.pk).update(state=State.PUBLISHED, init_at=at)


# What a person does after a lost try, and what TikTok says of it, in any order.
STEPS = st.sampled_from(["rest", "edit", "complete", "failed", "publish"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 30), st.lists(STEPS, max_size=4)), max_size=4))
def test_every_try_that_tiktok_took_counts_once(account, posts):
    with transaction.atomic():
        made = [lose(account, ago=timedelta(hours=hours)) for hours, _ in posts]
        for post, (hours, steps) in zip(made, posts, strict=True):
            for step in steps:
                take(step, post, hours)
        now = current_moment()

        counted = {
            "at fire time": sent_moments(account, now, Mode.DIRECT),
            "when planned": counted_moments(account, now, Mode.DIRECT),
            "by the calendar": counted_between([account.pk], now - WINDOW, now).get(
                (account.pk, Mode.DIRECT), []
            ),
        }

        taken = Attempt.objects.filter(outcome__in=TAKEN, init_intended_at__gt=now - WINDOW)
        expected = sorted(taken.values_list("init_intended_at", flat=True))
        assert {name: sorted(line) for name, line in counted.items()} == dict.fromkeys(
            counted, expected
        )
        transaction.set_rollback(True)


def take(step: str, post: Post, hours: int) -> None:
    post.refresh_from_db()
    if step == "rest" and may_move(post.state, State.CANCELED):
        let_rest(post)
    elif step == "edit" and post.state == State.CANCELED:
        post.move_to(State.DRAFT, now=current_moment(), reason="Edited.", init_at=None)
    elif step == "publish" and post.state == State.DRAFT:
        publish(post, hours - 1)
    elif step == "complete":
        say(post, "PUBLISH_COMPLETE")
    elif step == "failed":
        say(post, "FAILED")


def test_the_ledger_reads_its_own_index_only():
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # A table that is nearly empty is otherwise read whole.
                cursor.execute("SET LOCAL enable_seqscan = off")

        plan = lone_tries(Mode.DIRECT, current_moment() - WINDOW).explain()

    assert "attempt_lone" in plan


def test_a_try_of_more_than_a_day_ago_counts_no_more(account):
    send_again(lose(account, ago=WINDOW))

    assert sent_moments(account, current_moment(), Mode.DIRECT) == []


def test_drafts_for_the_inbox_are_counted_apart(account):
    post = lose(account, mode=Mode.INBOX, privacy_level="")
    send_again(post)

    now = current_moment()

    assert sent_moments(account, now, Mode.INBOX) == inits(post)
    assert sent_moments(account, now, Mode.DIRECT) == []


def test_another_account_is_not_counted_for(account):
    send_again(lose(account))

    assert sent_moments(make_account(), current_moment(), Mode.DIRECT) == []


class TestCreatorsOfAnUnauditedApp:
    @pytest.fixture
    def lost(self, account) -> Post:
        """Let rest: only its try tells of it."""
        post = lose(account)
        post.move_to(State.CANCELED, now=current_moment(), reason="Let rest.")
        return post

    @pytest.fixture
    def others(self, lost):
        """With the lost one's creator as many as TikTok takes in a day."""
        at = current_moment() - timedelta(minutes=30)
        creators = [make_account() for _ in range(UNAUDITED_CREATORS - 1)]
        for creator in creators:
            make_post(creator, state=State.PUBLISHED, init_at=at)
        return creators

    def test_its_creator_is_counted(self, others):
        assert creators_in_last_day(current_moment()) == UNAUDITED_CREATORS

    def test_its_creators_place_frees_a_day_after_the_try(self, lost, others):
        now = current_moment()

        assert next_creator_at(make_account(), now) == inits(lost)[0] + SENT_WINDOW

    def test_it_counts_when_a_post_is_planned(self, lost, others):
        now = current_moment()

        uses = planned_uses(now)

        assert (inits(lost)[0], lost.account_id) in uses
