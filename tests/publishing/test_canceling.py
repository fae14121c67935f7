"""A cancel that meets a post on its way."""

import pytest
from django.utils.timezone import now as current_moment

from publishing import sending
from publishing.models import Post
from publishing.states import MoveRefused, State
from publishing.taking_back import cancel_post
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db(transaction=True)

INIT = "/v2/post/publish/video/init/"
UPLOAD = "/upload*"


@pytest.fixture
def long_post(connect, settings) -> Post:
    """Three chunks."""
    settings.UPLOAD_CHUNK_BYTES = 5_242_880
    account = connect()
    return make_post(account, media=make_media(account.team, size_bytes=16_000_000))


def whole(simulator) -> list[dict]:
    return [sent for sent in simulator.posts() if sent["status"] == "PUBLISH_COMPLETE"]


def cancel(post: Post) -> None:
    cancel_post(post, post.author, current_moment())


def test_a_cancel_ends_a_post_whose_upload_address_died(simulator, long_post, run_until):
    simulator.inject_fault("unavailable", path=UPLOAD, count=1, skip=1)
    step()
    cancel(long_post)
    simulator.inject_fault(kind="status", status=404, path=UPLOAD)

    run_until(long_post, State.CANCELED)

    assert len(simulator.posts()) == 1
    assert whole(simulator) == []


def test_a_cancel_before_an_init_is_repeated_makes_no_init(simulator, connect):
    post = make_post(connect())
    Post.objects.filter(pk=post.pk).update(state=State.UPLOADING)
    cancel(post)

    step()

    post.refresh_from_db()
    assert post.state == State.CANCELED
    assert simulator.posts() == []


def test_a_cancel_during_an_init_that_fails_ends_the_post(simulator, connect, monkeypatch):
    from publishing import inits

    post = make_post(connect())
    simulator.inject_fault("unavailable", path=INIT, count=1)
    real_init = inits.init_video

    def cancel_then_init(*args):
        cancel(post)
        return real_init(*args)

    monkeypatch.setattr(inits, "init_video", cancel_then_init)

    step()

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.CANCELED, None)


def test_a_cancel_during_the_last_part_is_told_that_it_came_too_late(
    simulator, connect, run_until, monkeypatch
):
    post = make_post(connect())
    real_upload = sending.upload_chunk

    def cancel_then_upload(*args):
        cancel(post)
        return real_upload(*args)

    monkeypatch.setattr(sending, "upload_chunk", cancel_then_upload)

    run_until(post, State.PUBLISHED)

    change = post.state_changes.get(new=State.PROCESSING)
    assert "cancel came too late" in change.reason


def test_a_canceled_post_that_tiktok_failed_is_not_sent_again(
    simulator, connect, run_until, monkeypatch
):
    post = make_post(connect())
    simulator.set_outcome(fail_reason="internal", next=1)
    run_until(post, State.PROCESSING)
    Post.objects.filter(pk=post.pk).update(cancel_requested_at=current_moment())

    run_until(post, State.FAILED)

    assert len(simulator.posts()) == 1


def test_a_cancel_that_meets_the_end_of_the_upload_is_refused(monkeypatch):
    post = make_post(state=State.UPLOADING)
    real_refresh = Post.refresh_from_db

    def refresh_then_finish(self, *args, **kwargs):
        real_refresh(self, *args, **kwargs)
        Post.objects.filter(pk=self.pk).update(state=State.PROCESSING)

    monkeypatch.setattr(Post, "refresh_from_db", refresh_then_finish)

    with pytest.raises(MoveRefused):
        cancel(post)

    assert Post.objects.get(pk=post.pk).cancel_requested_at is None
