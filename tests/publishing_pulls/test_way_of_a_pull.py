import hashlib

import pytest
import requests

from publishing.models import Outcome, Source
from publishing.states import State
from publishing.story import story_of
from tests.processes.lines import PULL_LINES
from tests.publishing.factories import make_post
from tests.publishing_pulls.factories import make_photo, make_photo_post

pytestmark = pytest.mark.django_db(transaction=True)

# Content Posting API, content-posting-api-reference-photo-post.
PHOTO_FIELDS = {
    "title",
    "description",
    "privacy_level",
    "disable_comment",
    "auto_add_music",
    "brand_content_toggle",
    "brand_organic_toggle",
}


def digests_at(simulator, sent):
    """The SHA-256 of every file that the simulator fetched, in order."""
    urls = [f"{simulator.base_url}/media/{sent['number']}/{file['name']}" for file in sent["media"]]
    return [hashlib.sha256(requests.get(url, timeout=30).content).hexdigest() for url in urls]


def test_photos_are_fetched_in_order_and_published(simulator, connect, run_until):
    account = connect()
    photos = [make_photo(account.team, content_type=f"image/{kind}") for kind in ("jpeg", "webp")]
    post = run_until(make_photo_post(account, photos, cover=1), State.PUBLISHED)

    [sent] = simulator.posts()
    assert digests_at(simulator, sent) == [photo.sha256 for photo in photos]
    assert (sent["mode"], sent["cover_index"]) == ("direct", 1)
    assert post.attempts.get().source == Source.PULL_FROM_URL
    assert simulator.violations() == []


def test_thirty_five_photos_are_one_post(simulator, connect, run_until):
    account = connect()
    photos = [make_photo(account.team, size_px=(36, 64)) for _ in range(35)]
    run_until(make_photo_post(account, photos, cover=34), State.PUBLISHED)

    [sent] = simulator.posts()
    assert digests_at(simulator, sent) == [photo.sha256 for photo in photos]
    assert sent["cover_index"] == 34


def test_photos_for_the_inbox_end_there(simulator, connect, run_until):
    post = make_photo_post(connect(), mode="inbox", privacy_level="", is_ai_generated=True)
    run_until(post, State.IN_INBOX)

    [sent] = simulator.posts()
    assert digests_at(simulator, sent) == [photo.sha256 for photo in post.files()]
    assert (sent["mode"], sent["status"]) == ("inbox", "SEND_TO_USER_INBOX")
    # Choices and labels are made in the TikTok app.
    assert sent["post_info"] == {
        "title": post.title,
        "description": post.caption,
        "is_aigc": False,
    }
    assert simulator.violations() == []


def test_a_video_is_fetched_and_published(simulator, connect, run_until, settings):
    settings.VIDEO_SOURCE = "PULL_FROM_URL"
    post = run_until(make_post(connect(), cover_timestamp_ms=1500), State.PUBLISHED)

    [sent] = simulator.posts()
    assert (sent["source"], sent["sha256"]) == ("PULL_FROM_URL", post.media.sha256)
    assert sent["post_info"]["video_cover_timestamp_ms"] == 1500
    assert sent["post_info"]["title"] == post.caption
    assert simulator.violations() == []


def test_a_video_for_the_inbox_ends_there(simulator, connect, run_until, settings):
    settings.VIDEO_SOURCE = "PULL_FROM_URL"
    post = run_until(make_post(connect(), mode="inbox", privacy_level=""), State.IN_INBOX)

    [sent] = simulator.posts()
    assert (sent["mode"], sent["source"], sent["sha256"]) == (
        "inbox",
        "PULL_FROM_URL",
        post.media.sha256,
    )
    assert sent["post_info"] == {}
    assert simulator.violations() == []


def test_the_choices_of_photos_reach_tiktok_as_chosen(simulator, connect, run_until):
    post = make_photo_post(
        connect(),
        privacy_level="MUTUAL_FOLLOW_FRIENDS",
        allow_comment=True,
        auto_add_music=True,
        discloses_content=True,
        is_branded_content=True,
        is_ai_generated=True,
    )
    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    info = sent["post_info"]
    # The simulator notes the top-level `is_aigc` here; inside post_info it is an unknown field.
    assert info.pop("is_aigc") is True
    assert info.keys() == PHOTO_FIELDS
    assert info == {
        "title": post.title,
        "description": post.caption,
        "privacy_level": "MUTUAL_FOLLOW_FRIENDS",
        "disable_comment": False,
        "auto_add_music": True,
        "brand_content_toggle": True,
        "brand_organic_toggle": False,
    }
    assert simulator.violations() == []


def test_photos_without_words_or_choices_send_none(simulator, connect, run_until):
    run_until(make_photo_post(connect(), title="", caption=""), State.PUBLISHED)

    [sent] = simulator.posts()
    assert sent["post_info"] == {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "disable_comment": True,
        "auto_add_music": False,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
        "is_aigc": False,
    }
    assert simulator.violations() == []


def test_every_line_of_a_pulls_journal_is_written(post, run_until):
    run_until(post, State.PUBLISHED)

    attempt = post.attempts.get()
    assert attempt.outcome == Outcome.PUBLISHED
    assert (
        attempt.claimed_at
        <= attempt.creator_checked_at
        <= attempt.init_intended_at
        <= attempt.initialised_at
        <= attempt.ended_at
    )
    assert [line.kind for line in post.journal.all()] == PULL_LINES


def test_the_story_of_photos_speaks_of_no_video(simulator, connect, run_until):
    simulator.set_outcome(fail_reason="photo_pull_failed", next=1)

    post = run_until(make_photo_post(connect()), State.PUBLISHED)

    told = " ".join(f"{line.title} {line.text}" for line in story_of(post))
    assert "TikTok fetches the photos from this site" in told
    assert "video" not in told.lower()


def test_the_addresses_are_new_for_every_post_and_guess_nothing(simulator, connect, run_until):
    account = connect()
    posts = [run_until(make_photo_post(account), State.PUBLISHED) for _ in range(2)]

    tokens = {sent["urls"][0].split("/")[-2] for sent in simulator.posts()}
    assert tokens == {post.attempts.get().pull_token for post in posts}
    assert {len(token) for token in tokens} == {43}


def test_the_address_no_longer_answers_a_while_after_the_verdict(
    simulator, post, run_until, settings
):
    run_until(post, State.PUBLISHED)
    [sent] = simulator.posts()
    before = requests.get(sent["urls"][0], timeout=30)

    settings.PULL_MARGIN_S = 0
    after = requests.get(sent["urls"][0], timeout=30)

    assert (before.status_code, after.status_code, after.content) == (200, 404, b"")
