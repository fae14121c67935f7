from dataclasses import replace

import pytest

from tests.tiktok.stub import LOG_ID
from tests.tiktok.test_errors import INFO, caught
from tiktok.chunks import plan_chunks
from tiktok.errors import Unavailable
from tiktok.publishing import (
    FileSource,
    InitResult,
    PhotoDirectInfo,
    PhotoPost,
    PublishStatus,
    PullSource,
    cancel_publish,
    fetch_status,
    init_inbox_video,
    init_photos,
    init_video,
)

UPLOAD_URL = "https://open-upload.tiktokapis.com/video/?upload_id=67890&upload_token=Xza123"
FILE = FileSource(video_size=50_000_123, chunk_size=10_000_000, total_chunk_count=5)
PULL = PullSource("https://media.example/v.mp4")
IMAGES = ("https://media.example/1.jpg", "https://media.example/2.jpg")
DIRECT = PhotoDirectInfo(
    privacy_level="PUBLIC_TO_EVERYONE",
    disable_comment=False,
    auto_add_music=True,
    brand_content_toggle=False,
    brand_organic_toggle=True,
)
PHOTOS = PhotoPost(photo_images=IMAGES, photo_cover_index=1, direct=DIRECT)


@pytest.fixture
def started(server):
    server.will_succeed({"publish_id": "v_pub~1", "upload_url": UPLOAD_URL})


def test_a_file_init_gives_where_to_send_it(app, started):
    result = init_video(app, "act.x", INFO, FILE)

    assert result == InitResult("v_pub~1", UPLOAD_URL, LOG_ID)


def test_a_video_init_is_json_with_the_token(server, app, started):
    init_video(app, "act.x", INFO, FILE)

    assert (server.last.method, server.last.target) == ("POST", "/v2/post/publish/video/init/")
    assert server.last.headers["Authorization"] == "Bearer act.x"
    assert server.last.headers["Content-Type"] == "application/json; charset=UTF-8"


def test_every_choice_is_sent_even_when_off(server, app, started):
    info = replace(INFO, disable_comment=False, disable_duet=False, disable_stitch=False)

    init_video(app, "act.x", info, FILE)

    assert server.last.json["post_info"] == {
        "privacy_level": "SELF_ONLY",
        "disable_comment": False,
        "disable_duet": False,
        "disable_stitch": False,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
        "is_aigc": False,
    }


def test_caption_cover_and_label_are_sent_when_chosen(server, app, started):
    info = replace(INFO, title="a😀é #x", video_cover_timestamp_ms=0, is_aigc=True)

    init_video(app, "act.x", info, FILE)

    sent = server.last.json["post_info"]
    assert (sent["title"], sent["video_cover_timestamp_ms"], sent["is_aigc"]) == (
        "a😀é #x",
        0,
        True,
    )


@pytest.mark.parametrize("choice", ["disable_comment", "disable_duet", "disable_stitch"])
def test_one_choice_does_not_move_another(server, app, started, choice):
    off = {"disable_comment": False, "disable_duet": False, "disable_stitch": False}

    init_video(app, "act.x", replace(INFO, **{**off, choice: True}), FILE)

    assert [name for name in off if server.last.json["post_info"][name]] == [choice]


@pytest.mark.parametrize("toggle", ["brand_content_toggle", "brand_organic_toggle"])
def test_one_disclosure_does_not_move_the_other(server, app, started, toggle):
    init_video(app, "act.x", replace(INFO, **{toggle: True}), FILE)

    sent = server.last.json["post_info"]
    assert [name for name in sent if name.startswith("brand_") and sent[name]] == [toggle]


def test_a_file_is_announced_with_its_chunks(server, app, started):
    init_video(app, "act.x", INFO, FILE)

    assert server.last.json["source_info"] == {
        "source": "FILE_UPLOAD",
        "video_size": 50_000_123,
        "chunk_size": 10_000_000,
        "total_chunk_count": 5,
    }


def test_a_source_follows_its_plan():
    assert FileSource.from_plan(plan_chunks(50_000_123, 10_000_000)) == FILE


def test_a_pull_names_its_address_only(server, app, started):
    init_video(app, "act.x", INFO, PULL)

    assert server.last.json["source_info"] == {
        "source": "PULL_FROM_URL",
        "video_url": "https://media.example/v.mp4",
    }


def test_a_pull_has_nowhere_to_send_to(server, app):
    server.will_succeed({"publish_id": "v_pub_url~1"})

    assert init_video(app, "act.x", INFO, PULL).upload_url is None


def test_an_inbox_init_carries_the_source_alone(server, app, started):
    result = init_inbox_video(app, "act.x", FILE)

    assert server.last.path == "/v2/post/publish/inbox/video/init/"
    assert list(server.last.json) == ["source_info"]
    assert result.upload_url == UPLOAD_URL


@pytest.mark.parametrize("data", [{}, {"publish_id": ""}, {"publish_id": "p"}, {"upload_url": "u"}])
def test_a_file_init_without_id_or_address_is_unreadable(server, app, data):
    server.will_succeed(data)

    error = caught(init_video, app, "act.x", INFO, FILE)

    assert type(error) is Unavailable
    assert (error.effect_possible, error.log_id) == (True, LOG_ID)


def test_direct_photos_carry_every_choice(server, app, started):
    init_photos(app, "act.x", replace(PHOTOS, title="t", description="d"))

    assert server.last.path == "/v2/post/publish/content/init/"
    assert server.last.json == {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": {
            "title": "t",
            "description": "d",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "disable_comment": False,
            "auto_add_music": True,
            "brand_content_toggle": False,
            "brand_organic_toggle": True,
        },
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_images": list(IMAGES),
            "photo_cover_index": 1,
        },
    }


def test_inbox_photos_carry_words_only(server, app, started):
    init_photos(app, "act.x", replace(PHOTOS, direct=None, title="t"))

    assert server.last.json["post_mode"] == "MEDIA_UPLOAD"
    assert server.last.json["post_info"] == {"title": "t"}


def test_the_ai_label_of_photos_is_at_the_top_level(server, app, started):
    init_photos(app, "act.x", replace(PHOTOS, is_aigc=True))

    assert server.last.json["is_aigc"] is True
    assert "is_aigc" not in server.last.json["post_info"]


def test_photos_have_nowhere_to_send_to(app, started):
    assert init_photos(app, "act.x", PHOTOS).upload_url is None


def test_a_status_is_read(server, app):
    server.will_succeed(
        {"status": "PROCESSING_DOWNLOAD", "uploaded_bytes": 10000, "downloaded_bytes": 5}
    )

    status = fetch_status(app, "act.x", "v_pub~1")

    assert status == PublishStatus("PROCESSING_DOWNLOAD", "", (), 10000, 5, LOG_ID)
    assert server.last.path == "/v2/post/publish/status/fetch/"
    assert server.last.json == {"publish_id": "v_pub~1"}


@pytest.mark.parametrize("spelling", ["publicaly_available_post_id", "publicly_available_post_id"])
@pytest.mark.parametrize("post_id", [7602997517160123667, "7602997517160123667"])
def test_post_ids_are_exact_text(server, app, spelling, post_id):
    server.will_succeed({"status": "PUBLISH_COMPLETE", spelling: [post_id, 9007199254740993]})

    ids = fetch_status(app, "act.x", "p").public_post_ids

    assert ids == ("7602997517160123667", "9007199254740993")


@pytest.mark.parametrize("ids", ["7602997517160123667", [1.5], [None], [True], [{}]])
def test_post_ids_of_another_shape_are_unreadable(server, app, ids):
    server.will_succeed({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": ids})

    assert type(caught(fetch_status, app, "act.x", "p")) is Unavailable


def test_unknown_words_of_a_status_are_kept(server, app):
    server.will_succeed({"status": "DANCING", "fail_reason": "too_loud"})

    status = fetch_status(app, "act.x", "p")

    assert (status.status, status.fail_reason) == ("DANCING", "too_loud")


@pytest.mark.parametrize(("printed", "read"), [("123", 123), (0, 0), (None, None)])
def test_byte_counts_may_be_text_or_missing(server, app, printed, read):
    server.will_succeed({"status": "PROCESSING_UPLOAD", "uploaded_bytes": printed})

    assert fetch_status(app, "act.x", "p").uploaded_bytes == read


@pytest.mark.parametrize("printed", ["", "-1", "1e3", 1.5, True, [], "²"])
def test_a_byte_count_that_is_no_number_is_unreadable(server, app, printed):
    server.will_succeed({"status": "PROCESSING_UPLOAD", "uploaded_bytes": printed})

    assert type(caught(fetch_status, app, "act.x", "p")) is Unavailable


def test_a_cancellation_names_the_post(server, app):
    server.will_answer_json({"error": {"code": "ok"}})

    cancel_publish(app, "act.x", "v_pub_url~1")

    assert server.last.path == "/v2/post/publish/cancel/"
    assert server.last.json == {"publish_id": "v_pub_url~1"}
