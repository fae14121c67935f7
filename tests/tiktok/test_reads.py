import pytest

from tests.tiktok.test_errors import caught
from tiktok.errors import Unavailable
from tiktok.reads import (
    CreatorInfo,
    UserInfo,
    fetch_creator_info,
    fetch_recent_videos,
    fetch_user_info,
)

CREATOR = {
    "creator_avatar_url": "https://p.example/a.webp",
    "creator_username": "ada",
    "creator_nickname": "Ada L.",
    "privacy_level_options": ["FOLLOWER_OF_CREATOR", "SELF_ONLY", "NEW_LEVEL"],
    "comment_disabled": False,
    "duet_disabled": True,
    "stitch_disabled": False,
    "max_video_post_duration_sec": 300,
}
VIDEO = {
    "id": "7602997517160123666",
    "create_time": 1770210873,
    "title": "t",
    "video_description": "d",
    "share_url": "https://www.tiktok.com/@ada/video/7602997517160123666",
    "cover_image_url": "https://p.example/c.webp",
    "duration": 12,
    "height": 1920,
    "width": 1080,
    "like_count": 1,
    "comment_count": 2,
    "share_count": 3,
    "view_count": 5_000_000_000,
}


def test_user_info_asks_for_the_named_fields(server, app):
    server.will_succeed({"user": {"open_id": "o", "username": "ada", "display_name": "Ada"}})

    user = fetch_user_info(app, "act.x", iter(["open_id", "username", "display_name"]))

    assert user == UserInfo("o", "", "Ada", "", "ada")
    assert (server.last.method, server.last.path) == ("GET", "/v2/user/info/")
    assert server.last.query == {"fields": "open_id,username,display_name"}
    assert server.last.headers["Authorization"] == "Bearer act.x"


@pytest.mark.parametrize("data", [{}, {"user": None}, {"user": {}}, {"user": {"open_id": 5}}])
def test_user_info_without_the_asked_id_is_unreadable(server, app, data):
    server.will_succeed(data)

    assert type(caught(fetch_user_info, app, "act.x", ["open_id"])) is Unavailable


def test_user_info_may_be_asked_without_the_id(server, app):
    server.will_succeed({"user": {"username": "ada"}})

    assert fetch_user_info(app, "act.x", ["username"]).open_id == ""


def test_creator_info_is_what_tiktok_offers_now(server, app):
    server.will_succeed(CREATOR)

    creator = fetch_creator_info(app, "act.x")

    assert creator == CreatorInfo(
        nickname="Ada L.",
        username="ada",
        avatar_url="https://p.example/a.webp",
        privacy_level_options=("FOLLOWER_OF_CREATOR", "SELF_ONLY", "NEW_LEVEL"),
        comment_disabled=False,
        duet_disabled=True,
        stitch_disabled=False,
        max_video_post_duration_s=300,
    )


def test_creator_info_is_a_post_without_body(server, app):
    server.will_succeed(CREATOR)

    fetch_creator_info(app, "act.x")

    assert server.last.method == "POST"
    assert server.last.path == "/v2/post/publish/creator_info/query/"
    assert server.last.body == b""
    assert server.last.headers["Content-Type"] == "application/json; charset=UTF-8"


@pytest.mark.parametrize("field", ["comment_disabled", "duet_disabled", "stitch_disabled"])
def test_each_interaction_has_its_own_flag(server, app, field):
    flags = {"comment_disabled": False, "duet_disabled": False, "stitch_disabled": False}
    server.will_succeed({**CREATOR, **flags, field: True})

    creator = fetch_creator_info(app, "act.x")

    assert [name for name in flags if getattr(creator, name)] == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("privacy_level_options", None),
        ("privacy_level_options", []),
        ("privacy_level_options", "SELF_ONLY"),
        ("privacy_level_options", [None]),
        ("max_video_post_duration_sec", None),
        ("max_video_post_duration_sec", "long"),
        ("comment_disabled", "false"),
        ("creator_nickname", 5),
    ],
)
def test_creator_info_that_cannot_be_trusted_is_unreadable(server, app, field, value):
    server.will_succeed({**CREATOR, field: value})

    assert type(caught(fetch_creator_info, app, "act.x")) is Unavailable


def test_recent_videos_are_read(server, app):
    server.will_succeed({"videos": [VIDEO], "cursor": 1770210873000, "has_more": True})

    page = fetch_recent_videos(app, "act.x")

    (video,) = page.videos
    assert (video.id, video.created_s, video.title) == ("7602997517160123666", 1770210873, "t")
    assert (video.description, video.duration_s) == ("d", 12)
    assert (video.width_px, video.height_px) == (1080, 1920)
    assert (video.like_count, video.comment_count, video.share_count) == (1, 2, 3)
    assert video.view_count == 5_000_000_000
    assert video.share_url == VIDEO["share_url"]
    assert (page.next_cursor_ms, page.has_more) == (1770210873000, True)


def test_a_video_may_have_nothing_but_its_id(server, app):
    server.will_succeed({"videos": [{"id": 7602997517160123667}]})

    page = fetch_recent_videos(app, "act.x", fields=["id"])

    assert page.videos[0].id == "7602997517160123667"
    assert page.videos[0].view_count is None
    assert (page.next_cursor_ms, page.has_more) == (None, False)


def test_the_first_page_has_no_cursor(server, app):
    server.will_succeed({"videos": []})

    fetch_recent_videos(app, "act.x", fields=["id", "title"])

    assert server.last.path == "/v2/video/list/"
    assert server.last.query == {"fields": "id,title"}
    assert server.last.json == {"max_count": 10}


def test_a_later_page_starts_at_its_cursor(server, app):
    server.will_succeed({"videos": []})

    fetch_recent_videos(app, "act.x", cursor_ms=5, max_count=50)

    assert server.last.json == {"max_count": 20, "cursor": 5}


@pytest.mark.parametrize("data", [{}, {"videos": None}, {"videos": [1]}, {"videos": [{}]}])
def test_videos_of_another_shape_are_unreadable(server, app, data):
    server.will_succeed(data)

    assert type(caught(fetch_recent_videos, app, "act.x")) is Unavailable
