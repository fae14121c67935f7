import pytest
import requests

from .client import (
    ALL_SCOPES,
    Api,
    authorize_url,
    code_of,
    exchange,
    kinds,
    refresh,
    token_call,
)


@pytest.fixture
def code(running):
    return running.control.authorize(authorize_url(running), "maple.bakery")["code"]


def test_exchange_gives_the_flat_answer(running, code):
    body = exchange(running, code).json()

    assert body.pop("access_token").startswith("act.")
    assert body.pop("refresh_token").startswith("rft.")
    assert body.pop("open_id").startswith("-")
    assert body == {
        "scope": ALL_SCOPES,
        "expires_in": 86_400,
        "refresh_expires_in": 31_536_000,
        "token_type": "Bearer",
    }


def test_newer_generation_gives_two_hours_and_180_days(running, code):
    running.control.settings(token_generation="2026-11")

    body = exchange(running, code).json()

    assert (body["expires_in"], body["refresh_expires_in"]) == (7_200, 15_552_000)


def test_code_serves_once(running, code):
    exchange(running, code)

    answer = exchange(running, code)

    assert answer.json()["error"] == "invalid_grant"
    assert kinds(running) == ["code_used_twice"]


def test_code_ends_with_its_life(running):
    running.control.settings(code_life_s=-1)
    code = running.control.authorize(authorize_url(running), "maple.bakery")["code"]

    assert exchange(running, code).json()["error"] == "invalid_grant"


def test_other_redirect_uri_is_refused(running, code):
    answer = exchange(running, code, redirect_uri="http://localhost:8000/other")

    assert answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_key": "wrong"}, "invalid_client"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"redirect_uri": ""}, "invalid_request"),
    ],
)
def test_wrong_exchange_names_the_error(running, code, changes, error):
    answer = exchange(running, **({"code": code} | changes))

    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "error_description", "log_id"}
    assert answer.json()["error"] == error


def test_json_body_is_refused(running, code):
    url = f"{running.base_url}/v2/oauth/token/"

    answer = requests.post(url, json={"code": code}, timeout=30)

    assert answer.json()["error"] == "invalid_request"
    assert kinds(running) == ["wrong_content_type"]


def test_repeated_parameter_is_refused(running, code):
    form = [("grant_type", "authorization_code"), ("code", code), ("code", code)]

    answer = requests.post(f"{running.base_url}/v2/oauth/token/", data=form, timeout=30)

    assert answer.json()["error"] == "invalid_request"


def test_errors_may_arrive_with_status_200(running):
    running.control.settings(oauth_error_status=200)

    answer = refresh(running, "rft.unknown")

    assert answer.status_code == 200
    assert answer.json()["error"] == "invalid_grant"


def test_refresh_gives_a_new_pair(running, api):
    body = refresh(running, api.tokens["refresh_token"]).json()

    assert body["refresh_token"] != api.tokens["refresh_token"]
    assert body["access_token"] != api.tokens["access_token"]
    assert body["open_id"] == api.tokens["open_id"]


def test_old_refresh_token_dies_at_once(running, api):
    refresh(running, api.tokens["refresh_token"])

    answer = refresh(running, api.tokens["refresh_token"])

    assert answer.json()["error"] == "invalid_grant"
    assert kinds(running) == ["old_refresh_token"]


def test_old_access_token_keeps_serving_after_a_refresh(running, api):
    refresh(running, api.tokens["refresh_token"])

    assert code_of(api.creator_info()) == "ok"


def test_old_refresh_token_is_no_violation_when_the_new_one_was_lost(running, api):
    running.control.inject_fault("drop_after", path="/v2/oauth/token/")
    with pytest.raises(requests.ConnectionError):
        refresh(running, api.tokens["refresh_token"])

    answer = refresh(running, api.tokens["refresh_token"])

    assert answer.json()["error"] == "invalid_grant"
    assert kinds(running) == []


def test_refresh_may_keep_the_end_of_the_refresh_token(running, api):
    running.control.settings(refresh_restarts_life=False, refresh_token_life_s=10)

    body = refresh(running, api.tokens["refresh_token"]).json()

    assert body["refresh_expires_in"] > 31_000_000


def test_expired_access_token_is_refused(running):
    running.control.settings(access_token_life_s=-5)

    answer = Api(running, "maple.bakery").creator_info()

    assert (answer.status_code, code_of(answer)) == (401, "access_token_invalid")
    assert kinds(running) == ["dead_token"]


def test_token_ended_from_outside_is_a_violation_only_when_known(running, api):
    running.control.end_tokens("maple.bakery", kind="access")

    api.creator_info()
    before = kinds(running)
    api.creator_info()

    assert before == []
    assert kinds(running) == ["dead_token"]


def test_ending_access_tokens_spares_the_refresh_token(running, api):
    running.control.end_tokens("maple.bakery", kind="access")

    assert "access_token" in refresh(running, api.tokens["refresh_token"]).json()


def test_revoke_answers_empty_and_kills_the_grant(running, api):
    answer = token_call(running, "revoke", token=api.tokens["access_token"])

    assert (answer.status_code, answer.content) == (200, b"")
    assert code_of(api.creator_info()) == "access_token_invalid"
    assert refresh(running, api.tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoke_needs_key_and_secret(running, api):
    url = f"{running.base_url}/v2/oauth/revoke/"

    answer = requests.post(url, data={"token": api.tokens["access_token"]}, timeout=30)

    assert answer.json()["error"] == "invalid_request"
    assert code_of(api.creator_info()) == "ok"


def test_scopes_are_checked_per_token(running):
    answer = Api(running, "maple.bakery", "user.info.basic").creator_info()

    assert (answer.status_code, code_of(answer)) == (401, "scope_not_authorized")
