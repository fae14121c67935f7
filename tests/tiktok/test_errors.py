import copy
import pickle

import pytest

from tests.tiktok.stub import LOG_ID
from tiktok.client import (
    FileSource,
    PhotoPost,
    PullSource,
    VideoPostInfo,
    cancel_publish,
    exchange_code,
    fetch_creator_info,
    fetch_recent_videos,
    fetch_status,
    fetch_user_info,
    init_inbox_video,
    init_photos,
    init_video,
    refresh_token,
)
from tiktok.errors import (
    AccessTokenInvalid,
    AuthError,
    CreatorCannotPost,
    InvalidGrant,
    NotConnected,
    RateLimited,
    Refused,
    ScopeMissing,
    TikTokError,
    Unavailable,
    UploadOffsetMismatch,
)

INFO = VideoPostInfo(
    privacy_level="SELF_ONLY",
    disable_comment=True,
    disable_duet=True,
    disable_stitch=True,
    brand_content_toggle=False,
    brand_organic_toggle=False,
)
PHOTOS = PhotoPost(photo_images=("https://a.example/1.jpg",), photo_cover_index=0, direct=None)

CALLS = {
    "user_info": lambda app: fetch_user_info(app, "act.x", ["open_id"]),
    "videos": lambda app: fetch_recent_videos(app, "act.x"),
    "creator_info": lambda app: fetch_creator_info(app, "act.x"),
    "video": lambda app: init_video(app, "act.x", INFO, FileSource(5, 5, 1)),
    "pull": lambda app: init_video(app, "act.x", INFO, PullSource("https://a.example/v.mp4")),
    "inbox": lambda app: init_inbox_video(app, "act.x", FileSource(5, 5, 1)),
    "photos": lambda app: init_photos(app, "act.x", PHOTOS),
    "status": lambda app: fetch_status(app, "act.x", "p"),
    "cancel": lambda app: cancel_publish(app, "act.x", "p"),
}

GENERAL = [
    (401, "access_token_invalid", AccessTokenInvalid),
    (401, "scope_not_authorized", ScopeMissing),
    (429, "rate_limit_exceeded", RateLimited),
    (500, "internal_error", Unavailable),
    (503, "internal_error", Unavailable),
]
TABLES = {
    "user_info": [
        (400, "scope_permission_missed", ScopeMissing),
        (400, "invalid_params", Refused),
        (400, "invalid_file_upload", Refused),
    ],
    "videos": [(400, "invalid_params", Refused), (400, "scope_permission_missed", ScopeMissing)],
    "creator_info": [
        (200, "spam_risk_too_many_posts", CreatorCannotPost),
        (200, "spam_risk_user_banned_from_posting", CreatorCannotPost),
        (200, "reached_active_user_cap", CreatorCannotPost),
    ],
    "video": [
        (400, "invalid_param", Refused),
        (400, "invalid_params", Refused),
        (403, "spam_risk_too_many_posts", CreatorCannotPost),
        (403, "spam_risk_user_banned_from_posting", CreatorCannotPost),
        (403, "reached_active_user_cap", CreatorCannotPost),
        (403, "unaudited_client_can_only_post_to_private_accounts", Refused),
        (403, "privacy_level_option_mismatch", Refused),
    ],
    "pull": [(403, "url_ownership_unverified", Refused)],
    "inbox": [
        (400, "invalid_param", Refused),
        (403, "spam_risk_too_many_pending_share", Refused),
        (403, "spam_risk_user_banned_from_posting", CreatorCannotPost),
        (403, "url_ownership_unverified", Refused),
    ],
    "photos": [
        (400, "invalid_param", Refused),
        (400, "app_version_check_failed", Refused),
        (403, "spam_risk_too_many_posts", CreatorCannotPost),
        (403, "spam_risk_user_banned_from_posting", CreatorCannotPost),
        (403, "spam_risk_too_many_pending_share", Refused),
        (403, "reached_active_user_cap", CreatorCannotPost),
        (403, "unaudited_client_can_only_post_to_private_accounts", Refused),
        (403, "url_ownership_unverified", Refused),
        (403, "privacy_level_option_mismatch", Refused),
    ],
    "status": [
        (400, "invalid_publish_id", Refused),
        (400, "token_not_authorized_for_specified_publish_id", Refused),
    ],
    "cancel": [
        (400, "invalid_publish_id", Refused),
        (400, "token_not_authorized_for_specified_publish_id", Refused),
        (400, "publish_not_cancellable", Refused),
        (403, "url_ownership_unverified", Refused),
    ],
}
CASES = [
    (call, status, code, kind)
    for call, table in TABLES.items()
    for status, code, kind in table + GENERAL
]
OAUTH = [
    ("access_denied", Refused),
    ("invalid_client", Refused),
    ("invalid_grant", InvalidGrant),
    ("invalid_request", Refused),
    ("invalid_scope", Refused),
    ("unauthorized_client", Refused),
    ("unsupported_grant_type", Refused),
    ("unsupported_response_type", Refused),
    ("server_error", Unavailable),
    ("temporarily_unavailable", Unavailable),
]


def caught(call, *args, **kwargs):
    with pytest.raises(TikTokError) as info:
        call(*args, **kwargs)
    return info.value


@pytest.mark.parametrize(("call", "status", "code", "kind"), CASES)
def test_each_code_of_each_table_has_its_class(server, app, call, status, code, kind):
    server.will_fail(code, status)

    error = caught(CALLS[call], app)

    assert type(error) is kind
    assert (error.code, error.message, error.log_id, error.http_status) == (
        code,
        "TikTok's words",
        LOG_ID,
        status,
    )


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(("code", "kind"), OAUTH)
def test_each_oauth_error_has_its_class_whatever_the_status(server, app, code, kind, status):
    server.will_answer_json({"error": code, "error_description": "why", "log_id": LOG_ID}, status)

    error = caught(refresh_token, app, refresh_token="rft.x")

    assert type(error) is kind
    assert (error.code, error.message, error.log_id, error.http_status) == (
        code,
        "why",
        LOG_ID,
        status,
    )


def test_the_code_exchange_reads_the_same_envelope(server, app):
    server.will_answer_json({"error": "invalid_grant", "error_description": "", "log_id": "l"})

    error = caught(exchange_code, app, code="c", redirect_uri="https://a.example/cb")

    assert type(error) is InvalidGrant


@pytest.mark.parametrize("spelling", ["invalid_param", "invalid_params"])
def test_both_spellings_of_a_bad_parameter_are_known(spelling):
    assert Refused(spelling).is_invalid_param


def test_another_code_is_no_bad_parameter():
    assert not Refused("invalid_publish_id").is_invalid_param


def test_an_unknown_code_is_a_refusal_that_proves_nothing(server, app):
    server.will_fail("sun_is_too_bright", 400)

    error = caught(fetch_creator_info, app, "act.x")

    assert type(error) is Refused
    assert not error.is_documented


def test_a_known_code_is_a_documented_refusal(server, app):
    server.will_fail("privacy_level_option_mismatch", 403)

    error = caught(fetch_creator_info, app, "act.x")

    assert error.is_documented


def test_a_5xx_is_no_refusal_whatever_its_code(server, app):
    server.will_fail("invalid_params", 502)

    error = caught(fetch_creator_info, app, "act.x")

    assert type(error) is Unavailable
    assert error.code == "invalid_params"


def test_429_without_a_known_code_is_a_rate_limit(server, app):
    server.will_fail("slow_down", 429)

    assert type(caught(fetch_creator_info, app, "act.x")) is RateLimited


def test_a_rate_limit_with_http_200_is_a_rate_limit(server, app):
    server.will_fail("rate_limit_exceeded", 200)

    assert type(caught(fetch_creator_info, app, "act.x")) is RateLimited


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30.0), ("0", 0.0), ("soon", None), ("-5", None), ("nan", None), ("²", None)],
)
def test_retry_after_is_read_when_it_is_a_number(server, app, header, seconds):
    value = header.encode().decode("latin-1")
    server.will_fail("rate_limit_exceeded", 429, headers={"Retry-After": value})

    assert caught(fetch_creator_info, app, "act.x").retry_after_s == seconds


def test_without_retry_after_there_is_no_moment(server, app):
    server.will_fail("rate_limit_exceeded", 429)

    assert caught(fetch_creator_info, app, "act.x").retry_after_s is None


def test_a_log_id_spelled_as_in_the_tables_is_kept(server, app):
    server.will_answer_json({"error": {"code": "invalid_params", "logid": "abc"}}, 400)

    assert caught(fetch_creator_info, app, "act.x").log_id == "abc"


def test_str_says_what_support_asks_for():
    error = Refused("invalid_params", "Bad title", log_id="2026A", http_status=400)

    assert str(error) == "invalid_params: Bad title (HTTP 400, log id 2026A)"


def test_str_leaves_out_what_is_not_known():
    assert str(NotConnected("not_connected")) == "not_connected"


def test_only_a_missing_connection_excludes_an_effect():
    assert Unavailable("timeout").effect_possible
    assert not NotConnected("not_connected").effect_possible


@pytest.mark.parametrize("kind", [AccessTokenInvalid, ScopeMissing, InvalidGrant])
def test_what_reconnecting_solves_is_an_auth_error(kind):
    assert issubclass(kind, AuthError)


def pickled(error):
    return pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)


@pytest.mark.parametrize("duplicate", [copy.copy, pickled])
def test_an_error_survives_copying(duplicate):
    error = UploadOffsetMismatch("http_416", "m", log_id="l", http_status=416, uploaded_bytes=7)

    other = duplicate(error)

    assert (str(other), other.uploaded_bytes) == (str(error), 7)
