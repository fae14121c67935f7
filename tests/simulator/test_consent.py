import hashlib

import pytest
import requests

from .client import REDIRECT, authorize_url, exchange, kinds

VERIFIER = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG"
CHALLENGE = "4c3a770bec0fa3768a0cad4183eba43fbf2767d622a940f64e8443f7a1e86875"


def get(url, **arguments):
    return requests.get(url, allow_redirects=False, timeout=30, **arguments)


def test_page_lists_every_creator_and_scope(running):
    text = get(authorize_url(running)).text

    assert all(f'value="{c["username"]}"' in text for c in running.control.creators())
    assert "Post content to TikTok." in text


def test_allow_returns_code_scopes_and_state(running):
    answer = running.control.authorize(authorize_url(running), "maple.bakery")

    assert answer.keys() == {"code", "scopes", "state"}
    assert answer["state"] == "a-state"


def test_codes_contain_star_and_bang(running):
    code = running.control.authorize(authorize_url(running), "maple.bakery")["code"]

    assert "*" in code
    assert "!" in code


def test_unticked_scope_is_not_granted(running):
    url = authorize_url(running, scope="user.info.basic,video.publish")

    answer = running.control.authorize(url, "maple.bakery", granted=["user.info.basic"])

    assert answer["scopes"] == "user.info.basic"
    assert exchange(running, answer["code"]).json()["scope"] == "user.info.basic"


def test_refusal_returns_access_denied(running):
    answer = running.control.authorize(authorize_url(running), "maple.bakery", decision="refuse")

    assert answer["error"] == "access_denied"
    assert answer["error_description"]
    assert answer["state"] == "a-state"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_key": "other"},
        {"redirect_uri": "https://elsewhere.example/cb"},
        {"redirect_uri": REDIRECT + "?next=1"},
        {"redirect_uri": REDIRECT + "#part"},
        {"redirect_uri": "http://localhost.evil.example/cb"},
        {"redirect_uri": "http://localhost:8000@evil.example/cb"},
        {"redirect_uri": "http://localhost/" + "x" * 500},
        {"code_challenge": "not-hex", "code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE},
    ],
)
def test_wrong_client_parameters_never_redirect(running, changes):
    assert get(authorize_url(running, **changes)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "video.publish video.upload"}, "invalid_scope"),
        ({"scope": "video.everything"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"disable_auto_auth": "yes"}, "invalid_request"),
    ],
)
def test_other_mistakes_go_back_to_the_client(running, changes, error):
    answer = get(authorize_url(running, **changes))

    assert f"error={error}" in answer.headers["Location"]


def test_unknown_parameter_is_a_violation(running):
    get(authorize_url(running, client_id="x"))

    assert kinds(running) == ["unknown_field"]


@pytest.mark.parametrize(("flag", "status"), [("0", 302), ("1", 200)])
def test_known_session_skips_the_page_unless_disabled(running, flag, status):
    running.control.authorize(authorize_url(running), "maple.bakery")
    url = authorize_url(running, disable_auto_auth=flag)

    answer = get(url, cookies={"simulator_session": "maple.bakery"})

    assert answer.status_code == status


def test_known_session_without_the_scope_sees_the_page(running):
    url = authorize_url(running, scope="user.info.basic")
    running.control.authorize(url, "maple.bakery")

    answer = get(authorize_url(running), cookies={"simulator_session": "maple.bakery"})

    assert answer.status_code == 200


def test_exchange_takes_the_verifier_of_a_hex_challenge(running):
    assert hashlib.sha256(VERIFIER.encode()).hexdigest() == CHALLENGE
    url = authorize_url(running, code_challenge=CHALLENGE, code_challenge_method="S256")
    code = running.control.authorize(url, "maple.bakery")["code"]

    assert "access_token" in exchange(running, code, code_verifier=VERIFIER).json()


def test_exchange_refuses_another_verifier(running):
    url = authorize_url(running, code_challenge=CHALLENGE, code_challenge_method="S256")
    code = running.control.authorize(url, "maple.bakery")["code"]

    answer = exchange(running, code, code_verifier=VERIFIER + "x")

    assert answer.json()["error"] == "invalid_grant"


def test_required_pkce_refuses_a_call_without_challenge(running):
    running.control.settings(pkce_required=True)

    answer = get(authorize_url(running))

    assert "errCode=10007" in answer.text


def test_page_works_under_a_strict_policy(running):
    answer = get(authorize_url(running))

    assert "script" not in answer.text
    assert "style=" not in answer.text
    assert "form-action 'self' http://localhost:8000" in answer.headers["Content-Security-Policy"]


def test_creator_who_is_no_sandbox_target_cannot_connect(running):
    running.control.add_creator("maple.bakery", is_sandbox_target=False)

    answer = running.control.authorize(authorize_url(running), "maple.bakery")

    assert (answer["error"], answer["error_type"]) == ("access_denied", "non_sandbox_target")
