"""What people read of a post whose media TikTok fetches."""

import re

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from publishing.models import JournalLine, Post, Source
from publishing.states import MoveRefused, State
from publishing.story import percent_sent, standing_of, story_of
from publishing.taking_back import cancel_post
from publishing.wording import PHOTO_WORDS, WORDS, words_for
from tests.factories import make_member
from tests.publishing.factories import make_post
from tests.publishing_pulls.factories import make_photo_post, make_pull

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos() -> Post:
    post = make_photo_post(state=State.UPLOADING)
    make_pull(post)
    return post


def at(post: Post, state: State) -> Post:
    Post.objects.update(state=state)
    post.refresh_from_db()
    return post


def test_a_pull_has_no_per_cent(photos):
    assert percent_sent(photos) is None
    assert standing_of(photos) == "Telling TikTok of the post."


def test_an_upload_has_its_per_cent():
    post = make_post(state=State.UPLOADING)

    assert percent_sent(post) == 0
    assert standing_of(post) == "Sending to TikTok, 0 %."


def test_photos_in_processing_are_fetched_by_tiktok(photos):
    words = standing_of(at(photos, State.PROCESSING))

    assert words.startswith("TikTok fetches the photos from this site and processes them. It may")
    assert "video" not in words


def test_a_pulled_video_in_processing_is_fetched_too():
    post = make_post(state=State.PROCESSING)
    make_pull(post)

    assert standing_of(post).startswith("TikTok fetches the video from this site and processes it.")


def test_an_uploaded_video_in_processing_is_whole_at_tiktok():
    assert standing_of(make_post(state=State.PROCESSING)).startswith("TikTok has the whole video")


def test_a_draft_for_the_inbox_is_not_promised_to_the_profile():
    post = make_photo_post(mode="inbox", privacy_level="", state=State.PROCESSING)

    assert "profile" not in standing_of(post)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (Source.PULL_FROM_URL, "TikTok took the post"),
        (Source.FILE_UPLOAD, "TikTok awaits the video"),
    ],
)
def test_the_story_says_what_tiktok_awaits(source, title):
    post = make_post()
    attempt = make_pull(post, source=source)
    text = "TikTok took the post as v_1."
    JournalLine.objects.create(post=post, attempt=attempt, kind="initialised", text=text)

    line = story_of(post)[-1]

    assert (line.title, line.text, line.publish_id) == (title, "", "v_1")


def test_a_lost_answer_is_not_told_as_a_refusal():
    post = make_post()
    JournalLine.objects.create(post=post, attempt=make_pull(post), kind="init_unanswered")

    assert story_of(post)[-1].title == "TikTok may have taken the post"


@pytest.mark.parametrize("code", WORDS)
def test_words_for_photos_never_speak_of_a_video(code):
    of_videos_only = {"duration_check_failed", "frame_rate_check_failed", "video_pull_failed"}
    if code not in of_videos_only:
        assert not re.search("video|caption|MP4", words_for(code, kind="photo"))


@pytest.mark.parametrize("code", PHOTO_WORDS)
def test_words_for_videos_stay_theirs(code):
    assert words_for(code) == WORDS[code]


def test_a_cancel_during_the_fetch_is_refused_with_the_right_words(photos):
    with pytest.raises(MoveRefused, match="TikTok has the post and fetches the photos"):
        cancel_post(at(photos, State.PROCESSING), photos.author, current_moment())


def test_a_cancel_on_the_way_says_when_it_stops(photos):
    cancel_post(photos, photos.author, current_moment())

    assert photos.journal.last().text == "Stops unless TikTok has been told already."


def test_the_page_of_a_pull_shows_no_bar(client, photos):
    client.force_login(
        make_member(photos.team).user,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )

    page = client.get(reverse("post_status", args=[photos.pk])).content.decode()

    assert "Telling TikTok of the post." in page
    assert "<progress" not in page
