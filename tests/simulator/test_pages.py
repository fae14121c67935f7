import pytest
import requests

from simulator.process import start

from .client import Api, mp4, wait_for


@pytest.fixture
def get(running):
    return lambda path, **headers: requests.get(
        running.base_url + path, headers=headers, timeout=30
    )


def media_path(running):
    return f"/media/{running.control.posts()[-1]['number']}/video"


def test_index_lists_creators_and_says_what_it_is(running, get):
    text = get("/").text

    assert "Simulator, not TikTok" in text
    assert all(f'href="/@{c["username"]}"' in text for c in running.control.creators())


def test_profile_shows_caption_privacy_and_flags(api, get):
    api.ended(
        api.publish(
            title="Fresh <bread>",
            disable_comment=False,
            brand_organic_toggle=True,
            is_aigc=True,
            privacy_level="MUTUAL_FOLLOW_FRIENDS",
        )
    )

    text = get("/@maple.bakery").text

    for part in (
        "Fresh &lt;bread&gt;",
        "Friends",
        "Comment on",
        "Duet off",
        "Promotional content",
        "Creator labeled as AI-generated",
        "<video controls",
    ):
        assert part in text


def test_branded_post_is_a_paid_partnership(api, get):
    api.ended(api.publish(brand_organic_toggle=True, brand_content_toggle=True))

    text = get("/@maple.bakery").text

    assert "Paid partnership" in text
    assert "Promotional content" not in text


def test_failed_post_is_not_on_the_profile(running, api, get):
    running.control.set_outcome(fail_reason="spam_risk")

    api.ended(api.publish(title="Never seen"))

    assert "Never seen" not in get("/@maple.bakery").text


@pytest.mark.parametrize(
    ("asked", "status", "first", "end"),
    [
        ("bytes=0-99", 206, 0, 100),
        ("bytes=900-", 206, 900, 1000),
        ("bytes=-10", 206, 990, 1000),
        ("bytes=990-5000", 206, 990, 1000),
        ("", 200, 0, 1000),
    ],
)
def test_video_is_served_by_range(running, api, get, asked, status, first, end):
    api.publish()

    answer = get(media_path(running), **({"Range": asked} if asked else {}))

    assert answer.status_code == status
    assert answer.content == mp4(1000)[first:end]
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_range_beyond_the_end_is_refused(running, api, get):
    api.publish()

    answer = get(media_path(running), Range="bytes=1000-")

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */1000")


def test_unfinished_upload_is_not_served(running, api, get):
    api.init()

    assert get(media_path(running)).status_code == 404


def test_draft_can_be_finished_on_the_page(running, api, get):
    publish_id = api.publish_draft()
    api.ended(publish_id)
    number = running.control.posts()[0]["number"]
    assert f'action="/drafts/{number}"' in get("/@maple.bakery").text

    requests.post(f"{running.base_url}/drafts/{number}", data={"action": "publish"}, timeout=30)

    status = wait_for(lambda: api.status(publish_id).get("publicaly_available_post_id"))
    assert len(status) == 1


@pytest.mark.parametrize("path", ["/", "/@maple.bakery"])
def test_pages_carry_no_inline_script_or_style(api, get, path):
    api.ended(api.publish())

    answer = get(path)

    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["/@nobody", "/@maple.bakery/video/1", "/media/1/video", "/x"])
def test_unknown_page_is_404(get, path):
    assert get(path).status_code == 404


def test_share_url_leads_to_the_post(api):
    [post_id] = api.ended(api.publish(title="Shared"))["publicaly_available_post_id"]
    body = {"filters": {"video_ids": [str(post_id)]}}
    answer = api.post("video/query", body, params={"fields": "share_url"})

    page = requests.get(answer.json()["data"]["videos"][0]["share_url"], timeout=30)

    assert "Shared" in page.text


@pytest.fixture(scope="module")
def proxied():
    with start(public_url="https://calendar.example/simulator") as running:
        yield running


def test_links_carry_the_public_base(proxied):
    for path in ("/", "/simulator/"):
        text = requests.get(proxied.base_url + path, timeout=30).text
        assert 'href="/simulator/@maple.bakery"' in text
        assert 'href="/simulator/simulator.css"' in text


def test_avatar_is_under_the_public_base_and_uploads_are_not(proxied):
    api = Api(proxied, "maple.bakery")

    avatar = api.creator_info().json()["data"]["creator_avatar_url"]
    upload = api.init().json()["data"]["upload_url"]

    assert avatar == "https://calendar.example/simulator/avatars/maple.bakery.png"
    assert upload.startswith(proxied.base_url + "/upload?")


def test_control_is_not_reachable_through_the_public_base(proxied):
    through_prefix = requests.get(f"{proxied.base_url}/simulator/control/state", timeout=30)
    forwarded = requests.get(
        f"{proxied.base_url}/control/state", headers={"X-Forwarded-For": "1.2.3.4"}, timeout=30
    )

    assert (through_prefix.status_code, forwarded.status_code) == (404, 404)
