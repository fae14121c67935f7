"""TikTok may have posted and its answer is lost: never a second init by itself."""

import time

import pytest
from django.db import OperationalError
from django.utils.timezone import now as current_moment

from accounts.tiktok_app import tiktok_app
from publishing import delivery, pulling
from publishing.inits import init_call
from publishing.models import Attempt, Outcome, Post
from publishing.pulling import find_pulled
from publishing.retrying import retry_post
from publishing.states import MoveRefused, State
from publishing.taking_back import cancel_post, reopen_post
from tests.publishing.conftest import step
from tests.publishing_pulls.factories import make_photo_post
from tiktok.client import PullSource

pytestmark = pytest.mark.django_db(transaction=True)

INIT = "/v2/post/publish/*init/"
CREATOR = "/v2/post/publish/creator_info/query/"
TOKEN = "/v2/oauth/token/"

# The answer is lost, and TikTok has the post.
AFTER = ["drop_after", "reset_after", "unavailable_after", "garbled", "cut_answer"]
# TikTok did nothing, which its answer does not prove.
BEFORE = ["drop_before", "reset_before", "unavailable", "html", "html_200", "internal_error"]


def inits_sent(simulator) -> int:
    return len(simulator.requests(path="init/$"))


def assert_unconfirmed_for_good(simulator, post: Post) -> None:
    for hours in (0, 1, 30):
        step(seconds_later=hours * 3600)
    post.refresh_from_db()
    attempt = post.attempts.get()
    assert (post.state, post.next_action_at) == (State.UNCONFIRMED, None)
    assert attempt.outcome == Outcome.UNCONFIRMED
    assert "TikTok may have posted it all the same" in post.note
    assert inits_sent(simulator) == 1
    assert simulator.violations() == []


@pytest.mark.parametrize("fault", AFTER)
def test_an_answer_lost_after_the_effect_makes_no_second_post(simulator, post, fault):
    simulator.inject_fault(fault, path=INIT, count=None)

    assert_unconfirmed_for_good(simulator, post)

    [sent] = simulator.posts()
    assert wait_for_end(simulator, sent["publish_id"])["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize("fault", BEFORE)
def test_an_answer_that_proves_nothing_is_unconfirmed(simulator, post, fault):
    simulator.inject_fault(fault, path=INIT, count=None)

    assert_unconfirmed_for_good(simulator, post)

    assert simulator.posts() == []


@pytest.mark.parametrize("fault", ["slow_before", "slow_after"])
def test_an_init_without_an_answer_in_time_is_unconfirmed(simulator, post, fault, settings):
    settings.TIKTOK_READ_TIMEOUT_S = 0.8
    simulator.inject_fault(fault, path=INIT, seconds=2.0)

    assert_unconfirmed_for_good(simulator, post)


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_that_nobody_knows_is_unconfirmed_with_tiktoks_words(simulator, post, status):
    simulator.inject_fault(
        kind="error", code="moon_phase_wrong", message="Wait for it.", status=status, path=INIT
    )

    assert_unconfirmed_for_good(simulator, post)

    line = post.journal.get(kind="init_unanswered")
    assert (line.code, line.message, line.http_status) == (
        "moon_phase_wrong",
        "Wait for it.",
        status,
    )


def test_an_accepted_init_that_names_no_post_is_unconfirmed(simulator, post):
    body = '{"data": {}, "error": {"code": "ok", "message": "", "log_id": "1"}}'
    simulator.inject_fault(kind="garbled", body=body, when="after", path=INIT)

    assert_unconfirmed_for_good(simulator, post)

    assert len(simulator.posts()) == 1


def test_a_database_that_fails_after_the_answer_makes_no_second_init(simulator, post, monkeypatch):
    def fail(*args):
        raise OperationalError("the database has gone away")

    with monkeypatch.context() as broken:
        broken.setattr(pulling, "hand_over", fail)
        with pytest.raises(OperationalError):
            step()

    step(seconds_later=100)

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert inits_sent(simulator) == 1
    assert len(simulator.posts()) == 1


def test_a_worker_that_slept_after_the_intent_sends_no_init(simulator, post, monkeypatch):
    """Another one has given the attempt up meanwhile."""
    intend = delivery.intend

    def intend_and_sleep(stay, attempt, **columns):
        intended = intend(stay, attempt, **columns)
        monkeypatch.setattr(delivery, "intend", intend)
        step(seconds_later=100)
        return intended

    monkeypatch.setattr(delivery, "intend", intend_and_sleep)

    step()

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert inits_sent(simulator) == 0


def test_three_lost_leases_with_an_unanswered_init_are_unconfirmed(simulator, post, monkeypatch):
    def crash(*args):
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(delivery, "init_call", crash)
        with pytest.raises(RuntimeError):
            step()
    Post.objects.update(leases_lost=3)

    step(seconds_later=100)

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED
    assert post.attempts.get().outcome == Outcome.UNCONFIRMED
    assert "TikTok may have posted it all the same" in post.note


def test_three_lost_leases_before_the_init_ask_a_person(simulator, post):
    Post.objects.update(leases_lost=3)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert inits_sent(simulator) == 0


def test_a_cancel_asked_for_while_the_answer_was_lost_stays_unconfirmed(
    simulator, post, monkeypatch
):
    simulator.inject_fault("drop_after", path=INIT)
    cancel_during_init(monkeypatch, post)

    step()

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def cancel_during_init(monkeypatch, post: Post) -> None:
    """A person cancels after the intent was written, before TikTok is told."""

    def cancel_then_call(*args):
        cancel_post(post, post.author, current_moment())
        return init_call(*args)

    monkeypatch.setattr(delivery, "init_call", cancel_then_call)


class TestPostAgain:
    @pytest.fixture
    def lost(self, simulator, post) -> Post:
        simulator.inject_fault("unavailable", path=INIT)
        step()
        post.refresh_from_db()
        assert post.state == State.UNCONFIRMED
        return post

    def test_it_waits_until_tiktok_can_fetch_nothing_more(self, lost, settings):
        attempt = lost.attempts.get()
        lasts = pulling.fetching_lasts(attempt, settings.PULL_MARGIN_S)
        over = attempt.ended_at + lasts

        with pytest.raises(MoveRefused, match="may still be under way"):
            retry_post(lost, lost.author, over - lasts / 100, has_looked=True)
        retry_post(lost, lost.author, over, has_looked=True)

        assert find_pulled(attempt.pull_token, 0, over, settings.PULL_MARGIN_S) is None

    def test_laying_it_to_rest_and_opening_it_as_a_draft_waits_too(self, lost, settings):
        attempt = lost.attempts.get()
        over = attempt.ended_at + pulling.fetching_lasts(attempt, settings.PULL_MARGIN_S)
        cancel_post(lost, lost.author, current_moment())

        with pytest.raises(MoveRefused, match="may still be under way"):
            reopen_post(lost, lost.author, current_moment(), has_looked=True)
        reopen_post(lost, lost.author, over, has_looked=True)

        assert lost.state == State.DRAFT

    def test_it_is_a_new_attempt_at_new_addresses(self, simulator, lost, run_until, settings):
        settings.PULL_MARGIN_S = settings.LEASE_S = 0
        later = current_moment() + pulling.fetching_lasts(lost.attempts.get(), 0)
        retry_post(lost, lost.author, later, has_looked=True)
        Post.objects.update(next_action_at=current_moment())

        run_until(lost, State.PUBLISHED)

        first, second = lost.attempts.all()
        assert [first.outcome, second.outcome] == [Outcome.UNCONFIRMED, Outcome.PUBLISHED]
        assert first.pull_token != second.pull_token
        assert len(simulator.posts()) == 1

    def test_a_late_init_of_the_old_attempt_finds_no_media(self, simulator, lost, settings):
        """A call that reaches TikTok after its worker slept for hours posts nothing."""
        settings.PULL_MARGIN_S = 0
        attempt = lost.attempts.get()
        urls = pulling.pull_urls(settings.SITE_URL, attempt.pull_token, lost.files())
        account = lost.account

        result = init_call(tiktok_app(), account.access_token, lost, PullSource(urls[0]), urls)

        ended = wait_for_end(simulator, result.publish_id)
        assert ended["fail_reason"] in {"photo_pull_failed", "video_pull_failed"}


def test_a_post_of_another_account_is_not_held_up(simulator, connect, run_until):
    lost, other = make_photo_post(connect()), make_photo_post(connect())
    simulator.inject_fault("drop_after", path=INIT, creator=lost.account.username)

    run_until(other, State.PUBLISHED)

    lost.refresh_from_db()
    assert lost.state == State.UNCONFIRMED
    assert Attempt.objects.filter(ended_at=None).count() == 0


def wait_for_end(simulator, publish_id):
    deadline = time.monotonic() + 20
    while (sent := simulator.post(publish_id))["phase"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return sent
