import io
import json
import logging
import traceback
from dataclasses import replace

import pytest

from tests.tiktok.stub import envelope
from tests.tiktok.test_errors import INFO, caught
from tests.tiktok.test_oauth import GRANT
from tests.tiktok.test_publishing import FILE, PHOTOS, PULL
from tiktok.app import App
from tiktok.client import (
    exchange_code,
    fetch_status,
    init_photos,
    init_video,
    refresh_token,
    revoke_token,
    upload_chunk,
)
from tiktok.errors import Refused
from tiktok.transport import Answer, Outgoing

ACCESS, REFRESH, CODE = "act.SECRET", "rft.SECRET", "code*SECRET"
VERIFIER, UPLOAD_TOKEN = "verifier-SECRET", "up-SECRET"
SECRETS = ["the-secret", ACCESS, REFRESH, CODE, VERIFIER, UPLOAD_TOKEN]


def upload(app):
    url = f"{app.api_url}/upload?upload_id=1&upload_token={UPLOAD_TOKEN}"
    return upload_chunk(app, url, io.BytesIO(b"1234"), 0, 3, 4, "video/mp4", None)


CALLS = {
    "status": lambda app: fetch_status(app, ACCESS, "p"),
    "video": lambda app: init_video(app, ACCESS, INFO, FILE),
    "photos": lambda app: init_photos(app, ACCESS, PHOTOS),
    "exchange": lambda app: exchange_code(
        app, code=CODE, redirect_uri="https://a.example", code_verifier=VERIFIER
    ),
    "refresh": lambda app: refresh_token(app, refresh_token=REFRESH),
    "revoke": lambda app: revoke_token(app, access_token=ACCESS),
    "upload": upload,
}


def told(error):
    texts = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    return "\n".join(texts)


def assert_keeps_secrets(text):
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.fixture(params=CALLS)
def call(request):
    return CALLS[request.param]


def test_a_refused_connection_tells_no_secret(server, app, call):
    server.shutdown()
    server.server_close()

    error = caught(call, app)

    assert_keeps_secrets(told(error))
    assert error.__context__ is None


def test_a_dropped_connection_tells_no_secret(server, app, call):
    server.behaviour = lambda handler: setattr(handler, "close_connection", True)

    error = caught(call, app)

    assert_keeps_secrets(told(error))
    assert error.__context__ is None


def test_a_timeout_tells_no_secret(server, app, call):
    server.behaviour = lambda handler: handler.receive()

    error = caught(call, replace(app, read_timeout_s=0.05))

    assert_keeps_secrets(told(error))


def envelope_bytes(message):
    return json.dumps(envelope(f"code {message}", message)).encode()


def test_words_that_echo_what_was_sent_are_hidden(server, app, call):
    sent_secrets = []

    def echo_sent(handler):
        handler.receive()
        received = handler.server.last
        everything = f"{received.target}{received.headers}{received.form}"
        sent_secrets.extend(secret for secret in SECRETS if secret in everything)
        handler.answer(400, envelope_bytes(" ".join(sent_secrets)))

    server.behaviour = echo_sent

    error = caught(call, app)

    assert sent_secrets
    assert_keeps_secrets(told(error))
    assert "[hidden]" in error.message


@pytest.mark.parametrize(
    ("init", "url"),
    [
        (lambda app: init_video(app, ACCESS, INFO, PULL), PULL.video_url),
        (lambda app: init_photos(app, ACCESS, PHOTOS), PHOTOS.photo_images[1]),
    ],
)
def test_an_address_to_fetch_from_is_hidden_in_tiktoks_words(server, app, init, url):
    server.will_fail("url_ownership_unverified", 403, f"{url} is not yours")

    assert caught(init, app).message == "[hidden] is not yours"


def test_html_is_not_repeated(server, app, call):
    server.will_answer(400, " ".join(SECRETS).encode())

    assert_keeps_secrets(told(caught(call, app)))


def test_a_token_that_cannot_be_a_header_is_not_told(server, app):
    error = caught(fetch_status, app, f"{ACCESS}\r\nX: y", "p")

    assert type(error) is Refused
    assert not error.is_documented
    assert_keeps_secrets(told(error))
    assert server.received == []


def test_debug_logs_tell_no_secret(server, app, call, caplog):
    server.will_answer(400, b"<html>")

    with caplog.at_level(logging.DEBUG, logger="urllib3.connectionpool"):
        caught(call, app)

    assert caplog.records
    assert_keeps_secrets(caplog.text)


def test_an_apps_secret_is_not_in_its_repr():
    assert "the-secret" not in repr(App("the-key", "the-secret"))


def test_a_grants_tokens_are_not_in_its_repr(server, app):
    server.will_answer_json({**GRANT, "access_token": ACCESS, "refresh_token": REFRESH})

    assert_keeps_secrets(repr(refresh_token(app, refresh_token="rft.0")))


def test_an_upload_address_is_not_in_a_results_repr(server, app):
    url = "https://open-upload.tiktokapis.com/video/?upload_token=up-SECRET"
    server.will_succeed({"publish_id": "p", "upload_url": url})

    assert_keeps_secrets(repr(init_video(app, "a", INFO, FILE)))


def test_a_pulls_signed_address_is_not_in_its_repr():
    source = replace(PULL, video_url="https://a.example/v.mp4?signature=up-SECRET")

    assert_keeps_secrets(repr(source))


def test_an_exchanges_parts_do_not_tell_their_secrets():
    outgoing = Outgoing("PUT", "https://a?up-SECRET", {"Authorization": "act.SECRET"})
    answer = Answer(200, {}, b"act.SECRET", secrets=("rft.SECRET",))

    assert_keeps_secrets(repr(outgoing) + repr(answer))
