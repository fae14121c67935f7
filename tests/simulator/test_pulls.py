import pytest
import requests

from simulator.process import start

from .client import Api, code_of, kinds, mp4, post_info, wait_for
from .conftest import QUICK, picture


def photo_body(web, names=("a.jpg",), **changes):
    info = post_info()
    del info["disable_duet"], info["disable_stitch"]
    return {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "is_aigc": True,
        "post_info": info,
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_images": [f"{web.url}/media/{n}" for n in names],
            "photo_cover_index": 0,
        },
    } | changes


def photo_init(api, body):
    return api.post("post/publish/content/init", body)


def video_init(api, url):
    source = {"source": "PULL_FROM_URL", "video_url": url}
    return api.post("post/publish/video/init", {"post_info": post_info(), "source_info": source})


@pytest.fixture
def photos(web, jpeg):
    web.pages["/media/a.jpg"] = (200, {"Content-Type": "image/jpeg"}, jpeg)
    web.pages["/media/b.webp"] = (200, {}, picture("WEBP", (1080, 1080)))
    return web


def test_photos_are_pulled_and_published(running, api, photos):
    answer = photo_init(api, photo_body(photos, ("a.jpg", "b.webp")))

    publish_id = answer.json()["data"]["publish_id"]
    status = api.ended(publish_id)

    assert publish_id.startswith("p_pub_url~v2.")
    assert status["status"] == "PUBLISH_COMPLETE"
    assert status["downloaded_bytes"] == sum(len(p[2]) for p in photos.pages.values())
    assert kinds(running) == []


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ((404, {}, b""), "photo_pull_failed"),
        ((302, {"Location": "/media/a.jpg"}, b""), "photo_pull_failed"),
        ((200, {}, b"no picture"), "file_format_check_failed"),
        ((200, {}, picture("PNG", (100, 100))), "file_format_check_failed"),
        ((200, {}, picture("JPEG", (1254, 1254))), "picture_size_check_failed"),
        ((200, {}, b"x" * (20 * 1_048_576 + 1)), "file_format_check_failed"),
    ],
)
def test_photo_that_cannot_be_used_fails_the_post(api, photos, page, reason):
    photos.pages["/media/bad"] = page

    answer = photo_init(api, photo_body(photos, ("a.jpg", "bad")))

    assert api.ended(answer.json()["data"]["publish_id"])["fail_reason"] == reason


@pytest.mark.parametrize(
    "path", ["/other/a.jpg", "/media/../other/a.jpg", "/media/%2e%2e/other/a.jpg", "/mediax/a.jpg"]
)
def test_url_outside_the_verified_prefix_is_refused(running, api, web, path):
    body = photo_body(web)
    body["source_info"]["photo_images"] = [web.url + path]

    answer = photo_init(api, body)

    assert (answer.status_code, code_of(answer)) == (403, "url_ownership_unverified")
    assert kinds(running) == ["url_not_owned"]


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "VIDEO"},
        {"post_mode": "DIRECT POST"},
        {"is_aigc": "yes"},
        {"post_info": {}},
        {"source_info": {}},
    ],
)
def test_wrong_photo_body_is_refused(api, photos, change):
    assert code_of(photo_init(api, photo_body(photos, **change))) == "invalid_params"


@pytest.mark.parametrize(
    "change",
    [
        {"source": "FILE_UPLOAD"},
        {"photo_images": []},
        {"photo_images": ["http://x/"] * 36},
        {"photo_images": [5]},
        {"photo_cover_index": 1},
        {"photo_cover_index": None},
    ],
)
def test_wrong_photo_source_is_refused(api, photos, change):
    body = photo_body(photos)
    body["source_info"] |= change

    assert code_of(photo_init(api, body)) == "invalid_params"


@pytest.mark.parametrize(("field", "limit"), [("title", 90), ("description", 4000)])
def test_photo_texts_have_limits_in_utf16_units(api, photos, field, limit):
    body = photo_body(photos)
    body["post_info"][field] = "x" * limit
    fits = code_of(photo_init(api, body))
    body["post_info"][field] = "x" * (limit - 1) + "😀"

    assert (fits, code_of(photo_init(api, body))) == ("ok", "invalid_params")


def test_duet_on_a_photo_is_an_unknown_field(running, api, photos):
    photo_init(api, photo_body(photos, post_info=post_info()))

    assert kinds(running) == ["unknown_field"]


def test_photo_draft_needs_the_upload_scope(running, photos):
    api = Api(running, "maple.bakery", "video.publish")

    answer = photo_init(api, photo_body(photos, post_mode="MEDIA_UPLOAD"))

    assert code_of(answer) == "scope_not_authorized"


def test_photo_draft_needs_a_new_app(running, api, photos):
    running.control.add_creator("maple.bakery", app_version_ok=False)
    body = photo_body(photos, post_mode="MEDIA_UPLOAD", post_info={"title": "x"})

    answer = photo_init(api, body)

    assert (answer.status_code, code_of(answer)) == (400, "app_version_check_failed")


def test_photo_draft_ends_in_the_inbox(api, photos):
    body = photo_body(photos, post_mode="MEDIA_UPLOAD", post_info={"title": "x"})

    publish_id = photo_init(api, body).json()["data"]["publish_id"]

    assert api.ended(publish_id)["status"] == "SEND_TO_USER_INBOX"


def test_video_is_pulled(api, web):
    web.pages["/media/v.mp4"] = (200, {"Content-Type": "video/mp4"}, mp4(5000))

    publish_id = video_init(api, f"{web.url}/media/v.mp4").json()["data"]["publish_id"]

    assert publish_id.startswith("v_pub_url~v2.")
    assert api.ended(publish_id)["downloaded_bytes"] == 5000


def test_media_is_fetched_by_another_way(web, jpeg):
    site = "http://calendar.example/pull/"
    web.pages["/pull/a/0.jpg"] = (200, {}, jpeg)

    with start(verified_prefix=[site], fetch_from=web.url) as running:
        running.control.settings(**QUICK)
        api = Api(running, "maple.bakery")
        body = photo_body(web)
        body["source_info"]["photo_images"] = [f"{site}a/0.jpg"]
        publish_id = photo_init(api, body).json()["data"]["publish_id"]

        assert api.ended(publish_id)["status"] == "PUBLISH_COMPLETE"
    assert web.hosts == ["calendar.example"]


def test_missing_video_fails_the_post(api, web):
    publish_id = video_init(api, f"{web.url}/media/none.mp4").json()["data"]["publish_id"]

    assert api.ended(publish_id)["fail_reason"] == "video_pull_failed"


def test_pull_in_progress_can_be_cancelled(api, web):
    web.gate.clear()
    publish_id = video_init(api, f"{web.url}/media/v.mp4").json()["data"]["publish_id"]

    before = api.status(publish_id)["status"]
    answer = api.post("post/publish/cancel", {"publish_id": publish_id})
    web.gate.set()

    assert (before, code_of(answer)) == ("PROCESSING_DOWNLOAD", "ok")
    assert api.status(publish_id)["fail_reason"] == "publish_cancelled"


def test_upload_cannot_be_cancelled(api):
    publish_id = api.init().json()["data"]["publish_id"]

    answer = api.post("post/publish/cancel", {"publish_id": publish_id})

    assert (answer.status_code, code_of(answer)) == (400, "publish_not_cancellable")


def test_user_who_leaves_during_a_pull_fails_the_post(running, api, web):
    web.gate.clear()
    publish_id = video_init(api, f"{web.url}/media/v.mp4").json()["data"]["publish_id"]

    running.control.disconnect("maple.bakery")
    web.gate.set()

    post = wait_for(lambda: running.control.post(publish_id))
    assert post["fail_reason"] == "auth_removed"


def test_pulled_video_is_never_served_as_a_page(running, api, web):
    web.pages["/media/v.mp4"] = (200, {"Content-Type": "text/html"}, mp4(5000))
    api.ended(video_init(api, f"{web.url}/media/v.mp4").json()["data"]["publish_id"])
    number = running.control.posts()[0]["number"]

    answer = requests.get(f"{running.base_url}/media/{number}/video", timeout=30)

    assert answer.headers["Content-Type"] == "video/mp4"
