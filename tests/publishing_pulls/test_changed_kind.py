"""Posts that became something else while an attempt of theirs was still open."""

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from publishing.models import MediaKind, Outcome, Post, Source
from publishing.plan import Plan
from publishing.scheduling import schedule_post
from publishing.states import State
from publishing.taking_back import reopen_post
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post
from tests.publishing.test_resuming import OFFER, whole
from tests.publishing_pulls.factories import make_photo, make_photo_post

pytestmark = pytest.mark.django_db(transaction=True)

VIDEO_INIT = "/v2/post/publish/video/init/"
PHOTO_INIT = "/v2/post/publish/content/init/"
UPLOAD = "/upload*"


@pytest.fixture
def half_sent(simulator, connect, settings) -> Post:
    """A video of which TikTok has a third; a person has to decide."""
    settings.UPLOAD_CHUNK_BYTES = 5_242_880
    account = connect()
    post = make_post(account, media=make_media(account.team, size_bytes=16_000_000))
    simulator.inject_fault("unavailable", path=UPLOAD, count=1, skip=1)
    step()
    return stop(post)


def stop(post: Post) -> Post:
    Post.objects.filter(pk=post.pk).update(leases_lost=3, next_action_at=current_moment())
    step()
    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    return post


def forget_voided_consents(post: Post) -> None:
    """No code does this: the records are only ever added."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM publishing_consent WHERE post_id = %s AND voided_at IS NOT NULL", [post.pk]
        )


def become(post: Post, **values) -> None:
    """Takes the post back to draft and schedules something else in its place."""
    reopen_post(post, post.author, current_moment())
    fields = {
        "account": post.account,
        "media": post.media,
        "caption": post.caption,
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "due_at": current_moment(),
    }
    plan = Plan(**fields | values)
    schedule_post(post.team, post.author, plan, post.form_token, OFFER, plan.due_at)


def become_photos(post: Post) -> list[str]:
    photos = tuple(make_photo(post.team) for _ in range(2))
    become(post, kind=MediaKind.PHOTO, media=photos[0], photos=photos, title="Instead")
    return [photo.sha256 for photo in photos]


def test_a_shorter_video_is_sent_whole(simulator, half_sent, run_until):
    shorter = make_media(half_sent.team, size_bytes=5000)
    become(half_sent, media=shorter)

    run_until(half_sent, State.PUBLISHED)

    assert [sent["sha256"] for sent in whole(simulator)] == [shorter.sha256]


def test_an_upload_of_content_that_nobody_knows_any_more_is_not_started_over(simulator, half_sent):
    shorter = make_media(half_sent.team, size_bytes=5000)
    become(half_sent, media=shorter)
    forget_voided_consents(half_sent)

    step()

    half_sent.refresh_from_db()
    assert half_sent.state == State.UPLOADING
    assert "Asked again by itself" in half_sent.note
    assert len(simulator.posts()) == 1


def test_photos_in_place_of_a_half_sent_video_are_fetched(simulator, half_sent, run_until):
    digests = become_photos(half_sent)

    run_until(half_sent, State.PUBLISHED)

    assert [sent["sha256"] for sent in whole(simulator)] == digests[:1]
    attempts = [(one.source, one.outcome) for one in half_sent.attempts.all()]
    assert attempts == [
        (Source.FILE_UPLOAD, Outcome.NOT_POSTED),
        (Source.PULL_FROM_URL, Outcome.PUBLISHED),
    ]


def test_photos_in_place_of_a_video_whose_init_failed_are_fetched(simulator, connect, run_until):
    post = make_post(connect())
    simulator.inject_fault("unavailable", path=VIDEO_INIT, count=1)
    step()
    waits_with_an_open_attempt(post)

    become_photos(post)
    run_until(post, State.PUBLISHED)

    assert [sent["media_type"] for sent in simulator.posts()] == ["photo"]
    assert simulator.violations() == []


def test_a_video_in_place_of_refused_photos_is_sent(simulator, connect, run_until):
    post = make_photo_post(connect())
    simulator.inject_fault("rate_limit_exceeded", path=PHOTO_INIT, count=1)
    step()
    waits_with_an_open_attempt(post)

    become(post, media=make_media(post.team), kind=MediaKind.VIDEO)
    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    assert (sent["media_type"], sent["source"]) == ("video", "FILE_UPLOAD")


def test_a_retry_after_the_source_was_changed_uses_the_new_one(
    simulator, connect, run_until, settings
):
    post = make_post(connect())
    simulator.inject_fault("unavailable", path=VIDEO_INIT, count=1)
    step()
    settings.VIDEO_SOURCE = "PULL_FROM_URL"
    retry_at_once(post)

    run_until(post, State.PUBLISHED)

    assert [sent["source"] for sent in simulator.posts()] == ["PULL_FROM_URL"]


def waits_with_an_open_attempt(post: Post) -> None:
    """The post waits for its next try; its attempt stays open."""
    post.refresh_from_db()
    assert post.state == State.SCHEDULED
    assert post.attempts.get().ended_at is None


def retry_at_once(post: Post) -> None:
    waits_with_an_open_attempt(post)
    Post.objects.filter(pk=post.pk).update(next_action_at=current_moment())
