"""A try that TikTok may have taken counts against the cap, whatever its post does next."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.app_mode import (
    UNAUDITED_CREATORS,
    creators_in_last_day,
    next_creator_at,
    planned_uses,
)
from publishing.cap import SENT_WINDOW, WINDOW, counted_moments, sent_moments
from publishing.models import Attempt, Mode, Outcome, Post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_post

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

        uses = planned_uses(now, leave_out=None)

        assert (inits(lost)[0], lost.account_id) in uses
