import string
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.tiktok.test_errors import caught
from tiktok.app import App
from tiktok.errors import AccessTokenInvalid, Refused, Unavailable
from tiktok.oauth import (
    TokenGrant,
    authorize_link,
    code_challenge,
    exchange_code,
    new_code_verifier,
    refresh_token,
    revoke_token,
)

VERIFIER = "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG"
CHALLENGE = "4c3a770bec0fa3768a0cad4183eba43fbf2767d622a940f64e8443f7a1e86875"
CALLBACK = "https://duecast.example/callback"
GRANT = {
    "open_id": "-000abc",
    "scope": "user.info.basic,video.publish",
    "access_token": "act.1",
    "expires_in": 7200,
    "refresh_token": "rft.1",
    "refresh_expires_in": 15552000,
    "token_type": "Bearer",
}


def link_query(app=None, **changes):
    choices = {
        "scopes": ["user.info.basic", "video.publish"],
        "redirect_uri": CALLBACK,
        "state": "st&te",
        "force_consent": False,
        **changes,
    }
    link = authorize_link(app or App("the-key", "the-secret"), **choices)
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def test_the_link_asks_for_consent_with_a_comma_list_of_scopes():
    assert link_query() == {
        "client_key": "the-key",
        "response_type": "code",
        "scope": "user.info.basic,video.publish",
        "redirect_uri": CALLBACK,
        "state": "st&te",
        "disable_auto_auth": "0",
    }


def test_the_link_leads_to_the_configured_page():
    app = App("k", "s", authorize_url="http://127.0.0.1:9000/v2/auth/authorize/")

    link = authorize_link(
        app, scopes=["video.list"], redirect_uri=CALLBACK, state="s", force_consent=False
    )

    assert link.startswith("http://127.0.0.1:9000/v2/auth/authorize/?client_key=k&")


def test_consent_can_be_forced():
    assert link_query(force_consent=True)["disable_auto_auth"] == "1"


def test_a_verifier_puts_its_hex_challenge_into_the_link():
    query = link_query(code_verifier=VERIFIER)

    assert query["code_challenge"] == CHALLENGE
    assert query["code_challenge_method"] == "S256"
    assert "code_verifier" not in query


def test_an_app_with_pkce_needs_a_verifier():
    with pytest.raises(ValueError, match="code_verifier"):
        link_query(App("k", "s", uses_pkce=True))


def test_the_challenge_is_the_contracts_vector():
    assert code_challenge(VERIFIER) == CHALLENGE


def test_a_verifier_has_a_legal_length_and_alphabet():
    verifier = new_code_verifier()

    assert 43 <= len(verifier) <= 128
    assert set(verifier) <= set(string.ascii_letters + string.digits + "-._~")


def test_each_verifier_is_new():
    assert new_code_verifier() != new_code_verifier()


def test_a_code_is_exchanged_for_a_grant(server, app):
    server.will_answer_json(GRANT)

    grant = exchange_code(app, code="c*d!e", redirect_uri=CALLBACK)

    assert grant == TokenGrant(
        open_id="-000abc",
        scopes=frozenset({"user.info.basic", "video.publish"}),
        access_token="act.1",
        expires_in_s=7200,
        refresh_token="rft.1",
        refresh_expires_in_s=15552000,
    )


def test_an_exchange_is_a_form_with_the_secret(server, app):
    server.will_answer_json(GRANT)

    exchange_code(app, code="c*d!e", redirect_uri=CALLBACK)

    assert (server.last.method, server.last.path) == ("POST", "/v2/oauth/token/")
    assert server.last.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert server.last.headers["Authorization"] is None
    assert server.last.form == {
        "client_key": "the-key",
        "client_secret": "the-secret",
        "grant_type": "authorization_code",
        "code": "c*d!e",
        "redirect_uri": CALLBACK,
    }


def test_an_exchange_with_pkce_sends_the_verifier(server, app):
    server.will_answer_json(GRANT)

    exchange_code(app, code="c", redirect_uri=CALLBACK, code_verifier=VERIFIER)

    assert server.last.form["code_verifier"] == VERIFIER


def test_a_refresh_sends_the_refresh_token_and_no_callback(server, app):
    server.will_answer_json(GRANT)

    refresh_token(app, refresh_token="rft.0")

    assert server.last.form == {
        "client_key": "the-key",
        "client_secret": "the-secret",
        "grant_type": "refresh_token",
        "refresh_token": "rft.0",
    }


@pytest.mark.parametrize(
    ("expires_in", "refresh_expires_in"), [(7200, 15552000), (86400, 31536000)]
)
def test_lifetimes_are_those_of_the_answer(server, app, expires_in, refresh_expires_in):
    lifetimes = {"expires_in": expires_in, "refresh_expires_in": refresh_expires_in}
    server.will_answer_json({**GRANT, **lifetimes})

    grant = refresh_token(app, refresh_token="rft.0")

    assert (grant.expires_in_s, grant.refresh_expires_in_s) == (expires_in, refresh_expires_in)


@pytest.mark.parametrize("status", [201, 400, 500])
def test_an_access_token_is_a_success_whatever_the_status(server, app, status):
    server.will_answer_json(GRANT, status)

    assert refresh_token(app, refresh_token="rft.0").access_token == "act.1"


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [("", set()), ("video.publish", {"video.publish"}), (" a , b,", {"a", "b"})],
)
def test_scopes_are_a_set(server, app, scope, scopes):
    server.will_answer_json({**GRANT, "scope": scope})

    assert refresh_token(app, refresh_token="rft.0").scopes == scopes


@pytest.mark.parametrize(
    "field", ["open_id", "expires_in", "refresh_token", "refresh_expires_in", "access_token"]
)
def test_a_grant_without_a_needed_field_is_unreadable(server, app, field):
    server.will_answer_json({name: value for name, value in GRANT.items() if name != field})

    error = caught(refresh_token, app, refresh_token="rft.0")

    assert type(error) is Unavailable
    assert error.effect_possible


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
def test_a_grant_that_is_no_json_object_is_unreadable(server, app, body):
    server.will_answer(200, body)

    assert type(caught(refresh_token, app, refresh_token="rft.0")) is Unavailable


def test_a_token_error_in_the_other_envelope_is_understood(server, app):
    server.will_fail("invalid_client", 401)

    assert type(caught(refresh_token, app, refresh_token="rft.0")) is Refused


def test_a_revocation_sends_key_secret_and_token(server, app):
    server.will_answer(200)

    revoke_token(app, access_token="act.1")

    assert server.last.path == "/v2/oauth/revoke/"
    assert server.last.form == {
        "client_key": "the-key",
        "client_secret": "the-secret",
        "token": "act.1",
    }


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"error": {"code": "ok"}}'])
def test_a_revocation_succeeds_without_an_error(server, app, body):
    server.will_answer(200, body)

    assert revoke_token(app, access_token="act.1") is None


@pytest.mark.parametrize("status", [200, 401])
def test_a_revocation_that_fails_says_so(server, app, status):
    server.will_answer_json({"error": "access_token_invalid"}, status)

    assert type(caught(revoke_token, app, access_token="act.1")) is AccessTokenInvalid


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (500, b""), (400, b"{}")])
def test_a_revocation_answered_unreadably_may_have_worked(server, app, status, body):
    server.will_answer(status, body)

    error = caught(revoke_token, app, access_token="act.1")

    assert type(error) is Unavailable
    assert error.effect_possible
