"""TikTok has the bytes and its verdict cannot be had: somebody must be told in the end."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from publishing import follow_up as following
from publishing.models import Attempt, Outcome, Post
from publishing.states import State
from publishing.verdict import apply_status
from tests.publishing.conftest import step
from tests.publishing.factories import make_post
from tiktok.client import PublishStatus

pytestmark = pytest.mark.django_db(transaction=True)

DAY_S = 25 * 3600


@pytest.fixture
def processing_post(simulator, connect, run_until) -> Post:
    post = make_post(connect())
    simulator.settings(processing_s=10_000.0)
    return run_until(post, State.PROCESSING)


def test_a_dead_sign_in_is_waited_for_and_then_unconfirmed(simulator, processing_post):
    simulator.end_tokens(processing_post.account.username)
    TikTokAccount.objects.update(access_expires_at=current_moment())
    step()
    processing_post.refresh_from_db()
    assert processing_post.state == State.PROCESSING

    step(seconds_later=DAY_S)

    processing_post.refresh_from_db()
    assert (processing_post.state, processing_post.next_action_at) == (State.UNCONFIRMED, None)
    assert processing_post.attempts.get().outcome == Outcome.UNCONFIRMED


def test_a_sign_in_that_cannot_be_renewed_for_a_day_is_unconfirmed(simulator, processing_post):
    simulator.inject_fault("unavailable", path="/v2/oauth/token/")
    long_after = current_moment() + timedelta(days=30)
    TikTokAccount.objects.update(
        access_expires_at=current_moment(),
        refresh_due_at=current_moment(),
        refresh_expires_at=long_after,
    )

    step(seconds_later=DAY_S)

    processing_post.refresh_from_db()
    assert processing_post.state == State.UNCONFIRMED


def test_a_processing_post_without_an_attempt_is_unconfirmed(simulator):
    post = make_post(state=State.PROCESSING)

    step()

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.UNCONFIRMED, None)
    assert post.attempts.get().outcome == Outcome.UNCONFIRMED


def test_questions_that_crash_for_a_day_end_as_unconfirmed(processing_post, monkeypatch):
    def crash(*args):
        raise RuntimeError("a bug")

    monkeypatch.setattr(following, "fetch_status", crash)
    Post.objects.update(leases_lost=3)
    with pytest.raises(RuntimeError):
        step(seconds_later=100)
    processing_post.refresh_from_db()
    assert processing_post.state == State.PROCESSING

    step(seconds_later=DAY_S)

    processing_post.refresh_from_db()
    assert processing_post.state == State.UNCONFIRMED


def test_a_post_whose_sending_crashes_three_times_asks_a_person(simulator, connect, monkeypatch):
    from publishing import delivery

    def crash(*args):
        raise RuntimeError("a bug")

    post = make_post(connect())
    monkeypatch.setattr(delivery, "plan_chunks", crash)
    for crashes in range(3):
        with pytest.raises(RuntimeError):
            step(seconds_later=crashes * 100)

    step(seconds_later=300)

    post.refresh_from_db()
    assert (post.state, post.leases_lost) == (State.NEEDS_ATTENTION, 0)
    assert simulator.posts() == []


def status(**values) -> PublishStatus:
    fields = {
        "status": "FAILED",
        "fail_reason": "",
        "public_post_ids": (),
        "uploaded_bytes": None,
        "downloaded_bytes": None,
        "log_id": "",
    }
    return PublishStatus(**fields | values)


def test_a_fail_reason_longer_than_its_column_is_still_a_verdict():
    post = make_post(state=State.PROCESSING)
    attempt = Attempt.objects.create(post=post, number=1, claimed_at=current_moment())

    apply_status(attempt, status(fail_reason="x" * 150, log_id="y" * 150), current_moment())

    attempt.refresh_from_db()
    assert attempt.fail_reason == "x" * 100
    assert Post.objects.get(pk=post.pk).state == State.FAILED


def test_a_status_longer_than_its_column_is_no_verdict():
    post = make_post(state=State.PROCESSING)
    attempt = Attempt.objects.create(post=post, number=1, claimed_at=current_moment())

    assert apply_status(attempt, status(status="Z" * 60), current_moment()) is False

    attempt.refresh_from_db()
    assert attempt.tiktok_status == "Z" * 40
