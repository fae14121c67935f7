"""TikTok said no, or could not fetch: nothing is posted, and the post goes on as the code says."""

import socket
import time
from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from accounts.tiktok_app import tiktok_app
from publishing import claims, delivery
from publishing.inits import init_call
from publishing.leases import Lease
from publishing.models import Outcome, Post, RateUse
from publishing.retries import MAX_FAILURES
from publishing.retrying import retry_post
from publishing.states import State
from publishing.taking_back import cancel_post
from tests.publishing.conftest import step
from tests.publishing_pulls.factories import make_photo_post
from tests.publishing_pulls.test_lost_answers import INIT, cancel_during_init, inits_sent

pytestmark = pytest.mark.django_db(transaction=True)


def assert_published_once(simulator, post: Post) -> None:
    post.refresh_from_db()
    whole = [sent for sent in simulator.posts() if sent["status"] == "PUBLISH_COMPLETE"]
    assert post.state == State.PUBLISHED
    assert [sent["sha256"] for sent in whole] == [post.files()[0].sha256]
    assert simulator.violations() == []


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("url_ownership_unverified", State.NEEDS_ATTENTION),
        ("privacy_level_option_mismatch", State.NEEDS_ATTENTION),
        ("unaudited_client_can_only_post_to_private_accounts", State.NEEDS_ATTENTION),
        ("spam_risk_user_banned_from_posting", State.NEEDS_ATTENTION),
        ("spam_risk_too_many_pending_share", State.NEEDS_ATTENTION),
        ("scope_not_authorized", State.NEEDS_ATTENTION),
        ("invalid_params", State.FAILED),
        ("app_version_check_failed", State.NEEDS_ATTENTION),
        ("spam_risk_too_many_posts", State.SCHEDULED),
        ("reached_active_user_cap", State.SCHEDULED),
        ("rate_limit_exceeded", State.SCHEDULED),
    ],
)
def test_a_documented_refusal_ends_where_its_code_says(simulator, post, code, state):
    simulator.inject_fault(code, path=INIT)

    step()

    post.refresh_from_db()
    attempt = post.attempts.get()
    line = post.journal.get(kind="init_failed")
    assert (post.state, post.init_at) == (state, None)
    assert (line.code, bool(line.log_id)) == (code, True)
    assert attempt.init_intended_at is None
    assert attempt.outcome in {"", Outcome.NOT_POSTED}
    assert simulator.posts() == []


def test_a_rate_limit_is_waited_for_and_a_new_init_made(simulator, post, run_until, monkeypatch):
    monkeypatch.setattr("publishing.retries.RATE_LIMIT_WAIT_S", 0.01)
    simulator.inject_fault("rate_limit_exceeded", path=INIT)

    run_until(post, State.PUBLISHED)

    assert_published_once(simulator, post)
    assert inits_sent(simulator) == 2


def test_a_refusal_that_a_person_mends_is_posted_by_a_new_init(simulator, post, run_until):
    simulator.inject_fault("url_ownership_unverified", path=INIT)
    run_until(post, State.NEEDS_ATTENTION)

    retry_post(post, post.author, current_moment())
    run_until(post, State.PUBLISHED)

    assert_published_once(simulator, post)
    tokens = [attempt.pull_token for attempt in post.attempts.all()]
    assert len(set(tokens)) == 2


def test_an_address_under_no_verified_prefix_asks_a_person(simulator, post, settings):
    settings.SITE_URL = "http://127.0.0.1:1"

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert "URL properties" in post.note


def test_a_tiktok_that_cannot_be_reached_is_tried_again(simulator, post, run_until, settings):
    lease = prepare(post)
    real_url, settings.TIKTOK_API_URL = settings.TIKTOK_API_URL, f"http://{closed_address()}"
    delivery.deliver(post.pk, lease.token, tiktok_app(), current_moment)
    post.refresh_from_db()
    assert (post.state, post.journal.last().code) == (State.SCHEDULED, "not_connected")

    settings.TIKTOK_API_URL = real_url
    run_until(post, State.PUBLISHED)

    assert_published_once(simulator, post)


def prepare(post: Post) -> Lease:
    """The creator is checked already: the init is the next call."""
    ready = []
    claims.tick(
        current_moment,
        5,
        90,
        lambda lease, _: ready.append(
            delivery.prepare(post.pk, lease.token, tiktok_app(), a_little_ago)
        ),
    )
    [(lease, due_at)] = ready
    assert due_at <= current_moment()
    return lease


def a_little_ago() -> datetime:
    """While the post's moment has not come."""
    return current_moment() - timedelta(seconds=5)


def closed_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


class TestSignIn:
    def test_a_rejected_token_is_renewed_and_the_init_repeated_once(
        self, simulator, post, run_until
    ):
        simulator.inject_fault("access_token_invalid", path=INIT)

        run_until(post, State.PUBLISHED)

        assert_published_once(simulator, post)
        assert [asked["status"] for asked in simulator.requests(path="init/$")] == [401, 200]
        assert not post.journal.filter(kind="init_failed").exists()

    def test_a_token_rejected_twice_is_a_proven_no(self, simulator, post):
        simulator.inject_fault("access_token_invalid", path=INIT, count=2)

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert [line.code for line in post.journal.filter(kind="init_failed")] == [
            "access_token_invalid"
        ]
        assert post.attempts.get().outcome == Outcome.NOT_POSTED

    def test_a_sign_in_that_is_renewed_elsewhere_is_waited_for(
        self, simulator, post, run_until, monkeypatch
    ):
        simulator.inject_fault("access_token_invalid", path=INIT)
        hold_the_renewal(monkeypatch, post)

        step()

        post.refresh_from_db()
        assert (post.state, post.attempts.get().init_intended_at) == (State.UPLOADING, None)
        assert "renewed" in post.note
        TikTokAccount.objects.update(refresh_lease_until=None)
        Post.objects.update(next_action_at=current_moment())
        run_until(post, State.PUBLISHED)
        assert_published_once(simulator, post)

    def test_a_dead_sign_in_asks_a_person(self, simulator, post):
        simulator.inject_fault("access_token_invalid", path=INIT)
        simulator.end_tokens(post.account.username, kind="refresh")

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert "Connect the account again" in post.note
        assert post.attempts.get().outcome == Outcome.NOT_POSTED
        assert simulator.posts() == []


def hold_the_renewal(monkeypatch, post: Post) -> None:
    """Another worker begins to renew the account's tokens while TikTok is asked."""

    def call(*args):
        try:
            return init_call(*args)
        finally:
            soon = current_moment() + timedelta(seconds=60)
            TikTokAccount.objects.filter(pk=post.account_id).update(refresh_lease_until=soon)

    monkeypatch.setattr(delivery, "init_call", call)


class TestFetching:
    def test_what_tiktok_could_not_fetch_is_posted_by_a_new_init(self, simulator, post, run_until):
        reason = reason_of(post)
        simulator.set_outcome(fail_reason=reason, next=1)

        run_until(post, State.PUBLISHED)

        assert_published_once(simulator, post)
        first, second = post.attempts.all()
        assert (first.fail_reason, first.outcome) == (reason, Outcome.NOT_POSTED)
        assert second.outcome == Outcome.PUBLISHED
        assert first.pull_token != second.pull_token

    def test_addresses_that_answer_nothing_fail_the_fetch(self, simulator, post, settings):
        settings.SITE_URL += "/pull/x"

        run_to_verdict(post)

        assert post.attempts.get().fail_reason == reason_of(post)
        assert post.state == State.SCHEDULED

    def test_ten_fetches_that_fail_are_enough(self, simulator, post):
        simulator.set_outcome(fail_reason=reason_of(post))
        simulator.settings(rate_limits=dict.fromkeys(simulator.settings()["rate_limits"], 999))

        for _ in range(MAX_FAILURES):
            run_to_verdict(post)

        assert post.state == State.FAILED
        assert post.attempts.count() == MAX_FAILURES

    def test_files_that_are_gone_are_noticed_before_tiktok_is_told(self, simulator, post):
        file = post.files()[-1]
        file.file.storage.delete(file.file.name)

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert "no longer on this server" in post.note
        assert inits_sent(simulator) == 0


def reason_of(post: Post) -> str:
    return "photo_pull_failed" if post.kind == "photo" else "video_pull_failed"


def run_to_verdict(post: Post) -> None:
    """One more attempt of the post, up to TikTok's verdict; our own windows do not count."""
    RateUse.objects.all().delete()
    Post.objects.filter(pk=post.pk).update(next_action_at=current_moment())
    attempts = post.attempts.exclude(ended_at=None).count()
    deadline_s = time.monotonic() + 30
    while post.attempts.exclude(ended_at=None).count() == attempts:
        assert time.monotonic() < deadline_s, "no verdict"
        step()
        time.sleep(0.02)
    post.refresh_from_db()


class TestNobodyAgreed:
    def test_photos_without_consent_are_not_told_of(self, simulator, connect):
        post = make_photo_post(connect(), is_consented=False)

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert inits_sent(simulator) == 0

    @pytest.mark.parametrize("change", ["title", "order", "music", "photo"])
    def test_a_change_after_the_consent_voids_it(self, simulator, connect, change):
        post = make_photo_post(connect())
        alter(post, change)

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert inits_sent(simulator) == 0


def alter(post: Post, change: str) -> None:
    places = post.post_photos.all()
    if change == "title":
        Post.objects.update(title="Another title")
    elif change == "music":
        Post.objects.update(auto_add_music=True)
    elif change == "photo":
        places.last().delete()
    else:
        first, second, _ = places
        places.filter(pk=first.pk).update(position=9)
        places.filter(pk=second.pk).update(position=0)
        places.filter(pk=first.pk).update(position=1)


class TestCancel:
    def test_a_cancel_before_the_init_tells_tiktok_nothing(self, simulator, post):
        Post.objects.update(state=State.UPLOADING)
        post.refresh_from_db()
        cancel_post(post, post.author, current_moment())

        step()

        post.refresh_from_db()
        assert post.state == State.CANCELED
        assert inits_sent(simulator) == 0

    def test_a_cancel_of_a_scheduled_post_ends_it(self, simulator, post):
        cancel_post(post, post.author, current_moment())

        step()

        post.refresh_from_db()
        assert post.state == State.CANCELED
        assert inits_sent(simulator) == 0

    def test_a_cancel_during_the_init_is_told_that_it_came_too_late(
        self, simulator, post, run_until, monkeypatch
    ):
        cancel_during_init(monkeypatch, post)

        run_until(post, State.PUBLISHED)

        change = post.state_changes.get(new=State.PROCESSING)
        assert change.reason.endswith("from this site. The cancel came too late.")

    def test_a_cancel_during_an_init_that_is_refused_ends_the_post(
        self, simulator, post, monkeypatch
    ):
        simulator.inject_fault("rate_limit_exceeded", path=INIT)
        cancel_during_init(monkeypatch, post)

        step()

        post.refresh_from_db()
        assert (post.state, post.next_action_at) == (State.CANCELED, None)
        assert simulator.posts() == []
