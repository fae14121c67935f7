"""What was changed after somebody agreed never leaves."""

from uuid import uuid4

import pytest

from publishing.models import MediaKind, Mode
from publishing.states import State
from tests.publishing.changing import change_post, order_photos
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db(transaction=True)


def is_refused(simulator, post):
    step()
    post.refresh_from_db()
    assert simulator.posts() == []
    return post.state == State.NEEDS_ATTENTION and "Nobody has agreed" in post.note


@pytest.mark.parametrize(
    "changes",
    [
        {"caption": "Other"},
        {"privacy_level": "SELF_ONLY"},
        {"allow_comment": True},
        {"discloses_content": True, "is_your_brand": True},
        {"is_ai_generated": True},
        {"cover_timestamp_ms": 1200},
    ],
)
def test_a_video_with_other_choices(simulator, connect, changes):
    assert is_refused(simulator, change_post(make_post(connect()), **changes))


def test_another_video(simulator, connect):
    post = make_post(connect())

    assert is_refused(simulator, change_post(post, media=make_media(post.team)))


def test_another_account(simulator, connect):
    post = make_post(connect())

    assert is_refused(simulator, change_post(post, account=connect(post.team)))


def test_an_inbox_video_that_was_to_be_posted(simulator, connect):
    post = make_post(connect(), mode=Mode.INBOX, privacy_level="")

    direct = {"mode": Mode.DIRECT, "privacy_level": "PUBLIC_TO_EVERYONE"}
    assert is_refused(simulator, change_post(post, **direct))


def test_another_video_for_the_inbox(simulator, connect):
    post = make_post(connect(), mode=Mode.INBOX, privacy_level="")

    assert is_refused(simulator, change_post(post, media=make_media(post.team)))


@pytest.mark.parametrize("mode", [Mode.DIRECT, Mode.INBOX])
@pytest.mark.parametrize(
    "changes", [{"title": "Four loaves"}, {"caption": "Other"}, {"auto_add_music": True}]
)
def test_photos_with_other_texts_or_music(simulator, connect, mode, changes):
    post = make_photo_post(connect(), mode=mode)

    assert is_refused(simulator, change_post(post, **changes))


def test_photos_in_another_order(simulator, connect):
    post = make_photo_post(connect())
    order_photos(post, post.files()[::-1])

    assert is_refused(simulator, post)


def test_photos_with_another_cover(simulator, connect):
    post = make_photo_post(connect())

    assert is_refused(simulator, change_post(post, media=post.files()[2]))


def test_photos_of_another_account(simulator, connect):
    post = make_photo_post(connect())

    assert is_refused(simulator, change_post(post, account=connect(post.team)))


def test_photos_become_a_video(simulator, connect):
    post = make_photo_post(connect())
    video = {"kind": MediaKind.VIDEO, "media": make_media(post.team), "form_token": uuid4()}

    assert is_refused(simulator, change_post(post, **video))


def test_unchanged_photos_are_told_to_tiktok(simulator, connect):
    post = make_photo_post(connect())

    step()

    assert post.journal.filter(kind="init_intended").exists()
