"""The engine with webhooks that a real simulator sends over HTTP to a real server of ours."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils.timezone import now as current_moment

from publishing import follow_up, pulling, tasks, webhooks
from publishing.models import Attempt, JournalLine, MediaAsset, Notice, Outcome, Post, WebhookEvent
from publishing.states import State
from simulator.control import Control
from simulator.process import start
from tests.factories import make_account, make_team
from tests.publishing.arrivals import arrived, wait_for, work_off
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

COMPLETE = "post.publish.complete"
AVAILABLE = "post.publish.publicly_available"
GONE = "post.publish.no_longer_publicly_available"


def delivered(simulator: Control, count: int) -> None:
    """Until so many deliveries got an answer."""
    wait_for(lambda: sum(bool(one["answers"]) for one in simulator.webhooks()) >= count)


@pytest.fixture
def begun(told: Control, connect: Any, run_until: Any) -> Callable[..., Post]:
    """A post of which TikTok has every byte and nobody has asked yet."""

    def begin(**values: Any) -> Post:
        return run_until(make_post(connect(), **values), State.PROCESSING)

    return begin


def refreshed(post: Post) -> Post:
    post.refresh_from_db()
    return post


def test_a_post_is_published_by_webhooks_alone(told, begun):
    post = begun()
    arrived(COMPLETE)
    arrived(AVAILABLE)

    work_off()

    [sent] = told.posts()
    assert refreshed(post).state == State.PUBLISHED
    assert post.public_post_id == str(sent["post_ids"][0])
    assert (post.attempts.get().outcome, post.next_action_at) == (Outcome.PUBLISHED, None)
    assert webhooks.waiting() == []
    assert not [one for one in told.requests() if "status" in one["path"]]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_events_does_not_matter(told, begun, backwards):
    post = begun()
    events = arrived(COMPLETE) + arrived(AVAILABLE)

    work_off(*(reversed(events) if backwards else events))

    [sent] = told.posts()
    assert refreshed(post).state == State.PUBLISHED
    assert post.public_post_id == str(sent["post_ids"][0])
    assert [change.new for change in post.state_changes.all()].count("published") == 1


def test_copies_of_an_event_are_one(told, begun):
    told.settings(webhook_copies=3)
    post = begun(privacy_level="SELF_ONLY")
    delivered(told, 3)

    work_off()
    work_off()

    assert WebhookEvent.objects.filter(event=COMPLETE).count() == 1
    assert post.journal.filter(kind="verdict").count() == 1


def test_working_off_twice_does_it_once(told, begun):
    post = begun(privacy_level="SELF_ONLY")
    [event] = arrived(COMPLETE)

    work_off(event, event)

    assert post.journal.filter(kind="verdict").count() == 1


def test_of_two_workers_at_one_event_the_second_leaves_it(told, begun, monkeypatch):
    begun(privacy_level="SELF_ONLY")
    [event] = arrived(COMPLETE)
    real_tell = webhooks._tell_post

    def tell_after_another_worker(*args):
        monkeypatch.setattr(webhooks, "_tell_post", real_tell)
        work_off(event)
        return real_tell(*args)

    monkeypatch.setattr(webhooks, "_tell_post", tell_after_another_worker)

    assert work_off(event) == ["worked off already"]


def test_a_failed_post_takes_the_course_its_reason_decides(told, begun):
    told.set_outcome(fail_reason="spam_risk_text")
    post = begun()
    arrived("post.publish.failed")

    work_off()

    assert refreshed(post).state == State.NEEDS_ATTENTION
    assert "caption" in post.note
    assert post.attempts.get().fail_reason == "spam_risk_text"


def test_a_draft_is_delivered_and_then_published_by_its_creator(told, begun):
    post = begun(mode="inbox", privacy_level="")
    arrived("post.publish.inbox_delivered")
    work_off()
    assert refreshed(post).state == State.IN_INBOX

    told.act_on_post(post.attempts.get().publish_id, "publish")
    arrived(AVAILABLE)
    work_off()

    assert refreshed(post).state == State.PUBLISHED
    assert post.public_post_id


def test_the_other_spelling_names_the_public_post_too(told, begun):
    told.set_outcome(gives_post_id=False)
    post = begun()
    content = {"publish_id": post.attempts.get().publish_id, "post_id": "7602997517160123666"}
    told.send_webhook("post.publish.publicaly_available", content=content)
    arrived(AVAILABLE)

    work_off()

    assert refreshed(post).public_post_id == "7602997517160123666"


@pytest.fixture
def public(told: Control, begun: Any) -> Post:
    post = begun()
    arrived(COMPLETE)
    arrived(AVAILABLE)
    work_off()
    return refreshed(post)


def report(told: Control, event: str, post: Post, create_time: int) -> WebhookEvent:
    content = {"publish_id": post.attempts.get().publish_id, "post_id": post.public_post_id}
    told.send_webhook(event, content=content, create_time=create_time)
    found = WebhookEvent.objects.filter(created_at__gte=current_moment() + timedelta(minutes=1))
    return wait_for(lambda: found.filter(worked_off_at=None).order_by("-id").first())


def test_a_post_taken_down_is_known_to_be(told, public):
    told.act_on_post(public.attempts.get().publish_id, "take_down")
    [event] = arrived(GONE)

    work_off()

    assert refreshed(public).state == State.PUBLISHED
    assert public.taken_down_at == event.created_at
    assert "no longer public" in public.note
    assert public.journal.last().kind == "taken_down"


def test_people_are_told_once_of_a_post_that_is_gone(told, public):
    event = report(told, GONE, public, int(time.time()) + 100)

    work_off(event, event)

    notice = Notice.objects.get(person=public.author)
    assert (notice.kind, notice.post) == ("taken_down", public)
    assert "no longer public" in notice.text


def test_the_end_of_a_draft_s_second_post_is_not_that_of_the_first(told, public):
    content = {"publish_id": public.attempts.get().publish_id, "post_id": "7602"}
    told.send_webhook(GONE, content=content)
    arrived(GONE)

    work_off()

    assert refreshed(public).taken_down_at is None


def test_a_post_made_public_again_is_known_to_be(told, public):
    later_s = int(time.time()) + 100
    work_off(report(told, GONE, public, later_s))

    work_off(report(told, AVAILABLE, public, later_s + 1))

    assert (refreshed(public).taken_down_at, public.note) == (None, "")
    assert [line.kind for line in public.journal.all()][-2:] == ["taken_down", "public_again"]


def test_of_two_reports_the_later_one_counts_in_whatever_order_they_come(told, public):
    later_s = int(time.time()) + 100
    work_off(report(told, AVAILABLE, public, later_s + 1))

    work_off(report(told, "post.publish.no_longer_publicaly_available", public, later_s))

    assert refreshed(public).taken_down_at is None
    assert not public.journal.filter(kind="taken_down").exists()


def test_what_was_taken_down_must_have_been_published(told, begun):
    told.settings(webhooks_enabled=False)
    post = begun()
    content = {"publish_id": post.attempts.get().publish_id, "post_id": "7602"}
    told.send_webhook(GONE, content=content)
    arrived(GONE)

    work_off()

    assert refreshed(post).state == State.PUBLISHED
    assert post.taken_down_at


def test_a_late_complete_settles_an_unconfirmed_post(told, begun):
    told.settings(webhooks_enabled=False)
    post = begun()
    told.end_tokens(post.account.username)
    step(seconds_later=25 * 3600)
    assert refreshed(post).state == State.UNCONFIRMED

    told.send_webhook(COMPLETE, content={"publish_id": post.attempts.get().publish_id})
    arrived(COMPLETE)
    work_off()

    assert refreshed(post).state == State.PUBLISHED


def test_a_webhook_between_a_question_and_its_answer_is_one_verdict(
    told, begun, settings, monkeypatch
):
    post = begun(privacy_level="SELF_ONLY")
    arrived(COMPLETE)
    real_fetch = follow_up.fetch_status

    def fetch_while_it_is_worked_off(*args):
        status = real_fetch(*args)
        work_off()
        return status

    monkeypatch.setattr(follow_up, "fetch_status", fetch_while_it_is_worked_off)

    step(seconds_later=1001)

    assert refreshed(post).state == State.PUBLISHED
    assert post.journal.filter(kind="verdict").count() == 1


@pytest.mark.parametrize("signature", ["wrong", "missing", "t=1,s=00"])
def test_what_is_not_signed_by_tiktok_is_not_kept(told, begun, signature):
    told.settings(webhooks_enabled=False)
    post = begun()
    content = {"publish_id": post.attempts.get().publish_id}

    [sent] = told.send_webhook(COMPLETE, content=content, signature=signature)

    wait_for(lambda: [one for one in told.webhooks() if 403 in one["answers"]])
    assert not WebhookEvent.objects.exists()
    assert sent["number"]


@pytest.mark.usefixtures("own_worker")
def test_the_tick_has_what_waits_worked_off(told, begun):
    post = begun(privacy_level="SELF_ONLY")
    arrived(COMPLETE)

    tasks.tick()

    assert refreshed(post).state == State.PUBLISHED


def test_events_about_nothing_here_rest_and_stay(told):
    told.send_webhook("tiktok.ping", content={"reason": "testing Webhook"})
    told.send_webhook(COMPLETE, content={"publish_id": "v_pub~of-another-tool"})
    arrived("tiktok.ping")
    [foreign] = arrived(COMPLETE)

    assert work_off() == ["noted"]
    assert work_off(foreign) == ["waits for its post"]

    webhooks.clean_up(current_moment() + timedelta(hours=2))
    assert not WebhookEvent.objects.filter(worked_off_at=None).exists()
    assert WebhookEvent.objects.count() == 2


def test_a_known_post_s_event_never_rests_before_it_is_worked_off(told, begun):
    begun(privacy_level="SELF_ONLY")
    [event] = arrived(COMPLETE)

    webhooks.clean_up(current_moment() + timedelta(days=2))

    assert webhooks.waiting() == [event.pk]


class MediaServer:
    """Our public address for pulls, cut down to the one file a test has."""

    def __init__(self) -> None:
        self.content = b""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(self.content)))
                handler.end_headers()
                handler.wfile.write(self.content)

            def log_message(handler, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def pulled_post(live_server: Any, settings: Any, tmp_path: Any) -> Iterator[tuple[Control, Post]]:
    """A video that TikTok fetches from us, and the simulator that will."""
    media = MediaServer()
    settings.SITE_URL, settings.VIDEO_SOURCE = media.url, "PULL_FROM_URL"
    settings.POLL_BASE_S = 1000
    with start(data=tmp_path, verified_prefix=[f"{media.url}/pull/"]) as running:
        settings.TIKTOK_API_URL = running.base_url
        settings.TIKTOK_CLIENT_KEY = running.client_key
        settings.TIKTOK_CLIENT_SECRET = running.client_secret
        running.control.settings(
            processing_s=0.0, moderation_s=0.0, webhook_url=f"{live_server.url}/webhooks/tiktok/"
        )
        running.control.add_creator("puller")
        grant = running.control.issue_tokens("puller")
        account = make_account(
            make_team(),
            username="puller",
            open_id=grant["open_id"],
            access_token=grant["access_token"],
            refresh_token=grant["refresh_token"],
        )
        post = make_post(account)
        with MediaAsset.objects.get().file.open() as file:
            media.content = file.read()
        yield running.control, post
    media.server.shutdown()


def test_events_that_overtake_the_answer_to_their_init_are_matched_later(pulled_post, monkeypatch):
    _, post = pulled_post
    real_hand_over = pulling.hand_over
    seen = []

    def hand_over_late(*args):
        events = arrived(COMPLETE) + arrived(AVAILABLE)
        seen.extend([webhooks.waiting(), *work_off(*events)])
        real_hand_over(*args)

    monkeypatch.setattr(pulling, "hand_over", hand_over_late)
    step()
    assert seen == [[], "waits for its post", "waits for its post"]
    assert refreshed(post).state == State.PROCESSING

    work_off()

    assert refreshed(post).state == State.PUBLISHED
    assert post.public_post_id
    assert WebhookEvent.objects.filter(worked_off_at=None).count() == 0


def test_events_of_a_pull_whose_answer_was_lost_are_kept(pulled_post):
    control, post = pulled_post
    control.inject_fault("drop_after", path="/v2/post/publish/video/init/")
    step()
    assert refreshed(post).state == State.UNCONFIRMED
    arrived(COMPLETE)

    assert work_off() == []

    webhooks.clean_up(current_moment() + timedelta(days=29))
    assert WebhookEvent.objects.filter(event=COMPLETE).count() == 1
    assert Attempt.objects.get().publish_id == ""
    assert not JournalLine.objects.filter(kind="verdict").exists()
