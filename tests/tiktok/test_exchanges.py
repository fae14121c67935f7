"""What is heard of a call: enough for support, and no secret."""

import contextlib
import io
import json
from dataclasses import replace

import pytest

from tests.tiktok.stub import envelope
from tests.tiktok.test_errors import INFO, caught
from tests.tiktok.test_oauth import GRANT
from tests.tiktok.test_publishing import FILE, PHOTOS, PULL
from tests.tiktok.test_secrets import ACCESS, CALLS, REFRESH, SECRETS, UPLOAD_TOKEN
from tiktok.client import fetch_status, init_photos, init_video, refresh_token, upload_chunk
from tiktok.errors import TikTokError
from tiktok.exchanges import UPLOAD_ADDRESS, hearing

ADDRESS = f"https://open-upload.tiktokapis.com/video/?upload_id=77&upload_token={UPLOAD_TOKEN}"
STATUS = {"status": "PROCESSING_UPLOAD", "uploaded_bytes": 5}


def hear(call, *args, **kwargs):
    """The one exchange of a call, however it ends."""
    with hearing() as heard, contextlib.suppress(TikTokError):
        call(*args, **kwargs)
    [exchange] = heard
    return exchange


def test_a_call_is_heard_with_what_was_asked_and_answered(server, app):
    server.will_succeed(STATUS)

    exchange = hear(fetch_status, app, ACCESS, "p1")

    assert (exchange.method, exchange.path) == ("POST", "/v2/post/publish/status/fetch/")
    assert exchange.request == {"publish_id": "p1"}
    assert exchange.http_status == 200
    assert exchange.answer["data"] == STATUS
    assert exchange.answer["error"]["code"] == "ok"
    assert exchange.duration_ms >= 0


def test_a_refusal_is_heard_with_tiktoks_words(server, app):
    server.will_fail("spam_risk_too_many_posts", 403, "Too many.")

    exchange = hear(init_video, app, ACCESS, INFO, FILE)

    assert exchange.http_status == 403
    assert exchange.answer["error"]["code"] == "spam_risk_too_many_posts"
    assert exchange.answer["error"]["message"] == "Too many."


def test_a_call_without_an_answer_is_heard_with_its_code(server, app):
    server.behaviour = lambda handler: setattr(handler, "close_connection", True)

    exchange = hear(fetch_status, app, ACCESS, "p1")

    assert (exchange.http_status, exchange.answer, exchange.error) == (
        None,
        None,
        "connection_lost",
    )


def test_the_caption_is_heard(server, app):
    server.will_succeed({"publish_id": "p", "upload_url": ADDRESS})

    exchange = hear(init_video, app, ACCESS, replace(INFO, title="Fresh rolls"), FILE)

    assert exchange.request["post_info"]["title"] == "Fresh rolls"


def test_an_upload_address_is_not_heard(server, app):
    server.will_succeed({"publish_id": "p", "upload_url": ADDRESS})

    exchange = hear(init_video, app, ACCESS, INFO, FILE)

    assert exchange.answer["data"] == {"publish_id": "p", "upload_url": "[hidden]"}


def test_an_address_under_another_name_loses_its_query(server, app):
    server.will_succeed({"publish_id": "p", "upload_address": f"go to {ADDRESS}"})

    exchange = hear(init_video, app, ACCESS, INFO, FILE)

    assert exchange.answer["data"]["upload_address"] == (
        "go to https://open-upload.tiktokapis.com/video/?[hidden]"
    )


@pytest.mark.parametrize(
    ("init", "url"),
    [
        (lambda app: init_video(app, ACCESS, INFO, PULL), PULL.video_url),
        (lambda app: init_photos(app, ACCESS, PHOTOS), PHOTOS.photo_images[1]),
    ],
)
def test_the_addresses_tiktok_fetches_from_are_not_heard(server, app, init, url):
    server.will_fail("url_ownership_unverified", 403, f"{url} is not yours")

    assert url not in str(hear(init, app))


def test_a_chunk_is_heard_by_its_range_and_not_by_its_address(server, app):
    server.will_answer(500, json.dumps(envelope("internal_error", ADDRESS)).encode())
    url = f"{app.api_url}/upload?upload_id=1&upload_token={UPLOAD_TOKEN}"

    exchange = hear(upload_chunk, app, url, io.BytesIO(b"1234"), 0, 3, 4, "video/mp4")

    assert (exchange.method, exchange.path) == ("PUT", UPLOAD_ADDRESS)
    assert exchange.request == {"Content-Range": "bytes 0-3/4"}
    assert UPLOAD_TOKEN not in str(exchange)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_answer_that_echoes_everything_tells_no_secret(server, app, call):
    def echo_sent(handler):
        handler.receive()
        received = handler.server.last
        everything = f"{received.target}{received.headers}{received.form}"
        sent = " ".join(secret for secret in SECRETS if secret in everything)
        handler.answer(400, json.dumps(envelope("invalid_params", sent)).encode())

    server.behaviour = echo_sent

    told = str(hear(call, app))

    assert [secret for secret in SECRETS if secret in told] == []


def test_tokens_that_are_given_are_not_heard(server, app):
    server.will_answer_json({**GRANT, "access_token": ACCESS, "refresh_token": REFRESH})

    told = str(hear(refresh_token, app, refresh_token="rft.0"))

    assert [secret for secret in (ACCESS, REFRESH, "rft.0") if secret in told] == []


@pytest.mark.parametrize(
    "body", [b'{"data": {"upload_url": "https://a/?up-SECRET', b"<html>", b"["]
)
def test_an_unreadable_answer_is_not_repeated(server, app, body):
    server.will_answer(200, body)

    exchange = hear(init_video, app, ACCESS, INFO, FILE)

    assert exchange.answer["unreadable"]["bytes"] == len(body)
    assert "up-SECRET" not in str(exchange)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50 + b"1" + b"}" * 50, b'{"a": NaN}'])
def test_an_odd_answer_does_no_harm(server, app, body):
    server.will_answer(200, body)

    assert json.dumps(hear(fetch_status, app, ACCESS, "p").answer, allow_nan=False)


def test_nobody_listening_changes_nothing(server, app):
    server.will_succeed(STATUS)

    assert fetch_status(app, ACCESS, "p1").status == "PROCESSING_UPLOAD"


def test_inside_another_only_the_inner_one_hears(server, app):
    server.will_succeed(STATUS)

    with hearing() as outer, hearing() as inner:
        fetch_status(app, ACCESS, "p1")

    assert (len(outer), len(inner)) == (0, 1)


def test_the_error_reaches_the_caller_all_the_same(server, app):
    server.will_fail("rate_limit_exceeded", 429, "Slow down.")

    with hearing() as heard:
        error = caught(fetch_status, app, ACCESS, "p1")

    assert error.code == "rate_limit_exceeded"
    assert len(heard) == 1
