import pytest
import requests

from .client import Api, code_of, kinds


def test_default_creators_differ_as_documented(running):
    creators = running.control.creators()

    assert sum(not c["is_private"] and not c["comment_disabled"] for c in creators) == 3
    assert sum(c["is_private"] for c in creators) == 1
    assert sum(c["comment_disabled"] and c["duet_disabled"] for c in creators) == 1
    assert sum(c["max_video_post_duration_sec"] == 60 for c in creators) == 1


def test_creator_info_of_a_public_account(api):
    data = api.creator_info().json()["data"]

    assert data["privacy_level_options"] == [
        "PUBLIC_TO_EVERYONE",
        "MUTUAL_FOLLOW_FRIENDS",
        "SELF_ONLY",
    ]
    assert data["creator_nickname"] == "Maple Bakery"
    assert not data["duet_disabled"]


def test_creator_info_of_a_private_account(private_api):
    data = private_api.creator_info().json()["data"]

    assert "PUBLIC_TO_EVERYONE" not in data["privacy_level_options"]
    assert data["duet_disabled"]
    assert data["stitch_disabled"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_banned": True}, "spam_risk_user_banned_from_posting"),
        ({"daily_cap": 0}, "spam_risk_too_many_posts"),
    ],
)
def test_blocking_codes_come_with_status_200(running, api, changes, code):
    running.control.add_creator("maple.bakery", **changes)

    answer = api.creator_info()

    assert (answer.status_code, code_of(answer)) == (200, code)


def test_full_client_quota_comes_with_status_200(running, api):
    running.control.settings(audited_creator_cap=0)

    answer = api.creator_info()

    assert (answer.status_code, code_of(answer)) == (200, "reached_active_user_cap")


def test_avatar_is_a_png(api):
    url = api.creator_info().json()["data"]["creator_avatar_url"]

    assert requests.get(url, timeout=30).content.startswith(b"\x89PNG")


def test_user_info_gives_the_fields_asked_for(api):
    user = api.get("user/info", fields="open_id,display_name,username").json()["data"]["user"]

    assert user == {
        "open_id": api.tokens["open_id"],
        "display_name": "Maple Bakery",
        "username": "maple.bakery",
    }


def test_user_info_needs_fields(running, api):
    assert code_of(api.get("user/info")) == "invalid_params"


def test_user_info_field_of_another_scope_is_missed(running):
    api = Api(running, "maple.bakery", "user.info.basic")

    answer = api.get("user/info", fields="open_id,follower_count")

    assert (answer.status_code, code_of(answer)) == (400, "scope_permission_missed")


def test_missing_authorization_is_refused(running):
    url = f"{running.base_url}/v2/post/publish/creator_info/query/"

    answer = requests.post(url, json={}, timeout=30)

    assert (answer.status_code, code_of(answer)) == (401, "access_token_invalid")


def test_changed_creator_shows_at_once(running, api):
    running.control.add_creator("maple.bakery", comment_disabled=True)

    assert api.creator_info().json()["data"]["comment_disabled"]
    assert kinds(running) == []


def test_new_creator_gets_an_open_id(running):
    creator = running.control.add_creator("new.one", nickname="New One")

    assert creator["open_id"].startswith("-")
