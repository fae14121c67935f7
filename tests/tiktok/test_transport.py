import gzip
import json
import socket
import threading
from dataclasses import replace

import pytest

from tests.tiktok.stub import envelope
from tests.tiktok.test_errors import CALLS, caught
from tiktok import transport
from tiktok.app import App
from tiktok.client import fetch_status, refresh_token
from tiktok.errors import NotConnected, RateLimited, Unavailable
from tiktok.transport import forget_connections

STATUS = {"status": "PROCESSING_UPLOAD"}


def failure(app):
    return caught(fetch_status, app, "act.x", "p")


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Bad gateway</html>",
        b"",
        b"[]",
        b'"ok"',
        b"{}",
        b'{"data": {}}',
        b'{"error": null}',
        b'{"error": {"code": null}}',
        b'{"error": {"code": ""}}',
        b'{"error": {"code": "ok"}}',
        b'{"error": {"code": "ok"}, "data": []}',
        b'{"error": {"code": "ok"}, "data": {}}',
        b'{"error": {"code": "ok"}, "data": {"status": 5}}',
        b'{"error": {"code": "ok"}, "data": {"status": ""}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"9" * 5000,
    ],
)
def test_an_unreadable_200_may_have_had_its_effect(server, app, body):
    server.will_answer(200, body)

    error = failure(app)

    assert type(error) is Unavailable
    assert error.effect_possible
    assert (error.code, error.http_status) == ("unreadable_answer", 200)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502, 503, 504])
def test_html_is_unavailable_whatever_the_status(server, app, status):
    server.will_answer(status, b"<html>", {"Content-Type": "text/html"})

    error = failure(app)

    assert type(error) is Unavailable
    assert (error.effect_possible, error.code) == (True, f"http_{status}")


def test_html_with_429_is_a_rate_limit(server, app):
    server.will_answer(429, b"<html>", {"Retry-After": "12"})

    error = failure(app)

    assert type(error) is RateLimited
    assert error.retry_after_s == 12


@pytest.mark.parametrize("status", [400, 500])
def test_ok_with_a_failing_status_is_no_success(server, app, status):
    server.will_answer_json(envelope("ok", data=STATUS), status)

    assert type(failure(app)) is Unavailable


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [*CALLS, "refresh"])
def test_a_redirect_is_not_followed(server, app, status, call):
    server.will_answer_json(
        envelope("ok", data=STATUS), status, {"Location": f"{server.url}/elsewhere"}
    )
    calls = {**CALLS, "refresh": lambda app: refresh_token(app, refresh_token="rft.x")}

    error = caught(calls[call], app)

    assert type(error) is Unavailable
    assert len(server.received) == 1


def test_a_refused_connection_has_no_effect():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        app = App("k", "s", api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")

        error = failure(app)

    assert type(error) is NotConnected
    assert not error.effect_possible


def test_a_name_that_does_not_resolve_has_no_effect():
    app = App("k", "s", api_url="http://tiktok.invalid", connect_timeout_s=5)

    assert type(failure(app)) is NotConnected


def test_a_connection_that_takes_too_long_has_no_effect():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        app = App("k", "s", api_url=f"http://127.0.0.1:{address[1]}", connect_timeout_s=0.2)

        error = failure(app)

        for one in waiting:
            one.close()
    assert type(error) is NotConnected


def test_no_answer_in_time_may_have_had_its_effect(server, app):
    done = threading.Event()
    server.behaviour = lambda handler: (handler.receive(), done.wait(10))

    error = failure(replace(app, read_timeout_s=0.2))

    done.set()
    assert type(error) is Unavailable
    assert (error.code, error.effect_possible) == ("timeout", True)


def test_a_trickling_answer_ends_at_the_read_timeout(server, app):
    done = threading.Event()

    def trickle(handler):
        handler.receive()
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not done.wait(0.02):
            handler.wfile.write(b" ")

    server.behaviour = trickle

    error = failure(replace(app, read_timeout_s=0.3))

    done.set()
    assert error.code == "timeout"


def test_an_endless_answer_is_cut(server, app):
    server.will_answer(200, b" " * (5 << 20))

    assert type(failure(app)) is Unavailable


def test_a_compressed_answer_is_read(server, app):
    body = gzip.compress(json.dumps(envelope("ok", data=STATUS)).encode())
    server.will_answer(200, body, {"Content-Encoding": "gzip"})

    assert fetch_status(app, "act.x", "p").status == "PROCESSING_UPLOAD"


def test_an_answer_in_http_chunks_is_read(server, app):
    def in_chunks(handler):
        handler.receive()
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for byte in json.dumps(envelope("ok", data=STATUS)).encode():
            handler.wfile.write(b"1\r\n%c\r\n" % byte)
        handler.wfile.write(b"0\r\n\r\n")

    server.behaviour = in_chunks

    assert fetch_status(app, "act.x", "p").status == "PROCESSING_UPLOAD"


def test_a_connection_dropped_after_sending_may_have_had_its_effect(server, app):
    def drop(handler):
        handler.receive()
        handler.close_connection = True

    server.behaviour = drop

    error = failure(app)

    assert type(error) is Unavailable
    assert (error.code, error.effect_possible) == ("connection_lost", True)
    assert len(server.received) == 1


def test_a_connection_dropped_within_the_answer_may_have_had_its_effect(server, app):
    def drop(handler):
        handler.receive()
        handler.answer(200, b'{"data"', {"Content-Length": "100"})
        handler.close_connection = True

    server.behaviour = drop

    error = failure(app)

    assert type(error) is Unavailable
    assert error.effect_possible


def test_an_answer_that_is_not_http_may_have_had_its_effect(server, app):
    def babble(handler):
        handler.receive()
        handler.wfile.write(b"220 mail.example ESMTP\r\n")
        handler.close_connection = True

    server.behaviour = babble

    assert type(failure(app)) is Unavailable


def test_a_certificate_that_is_not_trusted_has_no_effect(tls_server):
    error = failure(App("k", "s", api_url=tls_server.url))

    assert type(error) is NotConnected
    assert tls_server.received == []


def test_a_trusted_certificate_lets_calls_through(tls_server, tls_app):
    tls_server.will_succeed(STATUS)

    assert fetch_status(tls_app, "act.x", "p").status == "PROCESSING_UPLOAD"


def test_calls_of_a_thread_share_a_connection(server, app):
    server.will_succeed(STATUS)

    for _ in range(3):
        fetch_status(app, "act.x", "p")

    assert len(server.connections) == 1


def test_threads_do_not_share_a_connection(server, app):
    server.will_succeed(STATUS)
    fetch_status(app, "act.x", "p")

    other = threading.Thread(target=fetch_status, args=(app, "act.x", "p"))
    other.start()
    other.join()

    assert len(server.connections) == 2


def test_an_idle_connection_is_not_trusted(server, app, monkeypatch):
    server.will_succeed(STATUS)
    fetch_status(app, "act.x", "p")
    monkeypatch.setattr(transport, "_MAX_IDLE_S", -1)

    fetch_status(app, "act.x", "p")

    assert len(server.connections) == 2


def test_a_cookie_is_not_sent_back(server, app):
    server.will_answer_json(envelope("ok", data=STATUS), headers={"Set-Cookie": "who=alice"})

    fetch_status(app, "act.x", "p")
    fetch_status(app, "act.y", "p")

    assert server.last.headers["Cookie"] is None


def test_the_environments_proxy_is_ignored_unless_asked_for(server, app, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    server.will_succeed(STATUS)

    fetch_status(app, "act.x", "p")

    assert len(server.received) == 1


def test_the_environments_proxy_is_used_when_asked_for(server, app, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    assert type(failure(replace(app, trust_env=True))) is NotConnected


def test_a_netrc_file_does_not_replace_the_token(server, app, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("no_proxy", "*")
    server.will_succeed(STATUS)

    fetch_status(replace(app, trust_env=True), "act.x", "p")

    assert server.last.headers["Authorization"] == "Bearer act.x"


def test_connections_can_be_forgotten(server, app):
    server.will_succeed(STATUS)
    fetch_status(app, "act.x", "p")

    forget_connections()
    fetch_status(app, "act.x", "p")

    assert len(server.connections) == 2


@pytest.mark.parametrize("url", ["", "open.tiktokapis.com", "ftp://a.example", "https://"])
def test_an_address_that_is_not_http_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="absolute http"):
        App("k", "s", api_url=url)


@pytest.mark.parametrize(
    ("url", "is_overridden"),
    [
        ("https://open.tiktokapis.com", False),
        ("https://open.tiktokapis.com/", False),
        ("http://127.0.0.1:9000", True),
    ],
)
def test_an_app_knows_whether_its_api_was_overridden(url, is_overridden):
    assert App("k", "s", api_url=url).is_api_overridden is is_overridden


def test_a_trailing_slash_of_the_api_url_does_no_harm(server, app):
    server.will_succeed(STATUS)

    fetch_status(replace(app, api_url=f"{server.url}/"), "act.x", "p")

    assert server.last.path == "/v2/post/publish/status/fetch/"
