import hashlib
import socket
from urllib.parse import urlsplit

import pytest
import requests

from .client import kinds, mp4, post_info, put, upload_source, wait_for

CHUNK = 5_242_880
SIZE = 2 * CHUNK + 1_000


@pytest.fixture
def begun(api):
    body = {"post_info": post_info(), "source_info": upload_source(SIZE, CHUNK, 2)}
    return api.post("post/publish/video/init", body).json()["data"]


@pytest.fixture
def url(begun):
    return begun["upload_url"]


@pytest.fixture(scope="module")
def data():
    return mp4(SIZE)


def test_chunks_answer_206_then_201_with_progress(running, url, data):
    first = put(url, data[:CHUNK], 0, SIZE)
    last = put(url, data[CHUNK:], CHUNK, SIZE)

    assert (first.status_code, first.headers["Content-Range"]) == (206, f"bytes 0-{CHUNK}/{SIZE}")
    assert (last.status_code, last.headers["Content-Range"]) == (201, f"bytes 0-{SIZE}/{SIZE}")
    assert kinds(running) == []


def test_stored_bytes_are_the_bytes_sent(running, url, data):
    put(url, data[:CHUNK], 0, SIZE)
    put(url, data[CHUNK:], CHUNK, SIZE)

    post = running.control.posts()[0]

    assert post["sha256"] == hashlib.sha256(data).hexdigest()
    assert [c["last"] for c in post["chunks"]] == [CHUNK - 1, SIZE - 1]
    assert post["init_at"] <= post["chunks"][0]["began_at"] <= post["chunks"][0]["ended_at"]


def test_wrong_offset_answers_416_with_progress(running, url, data):
    put(url, data[:CHUNK], 0, SIZE)

    answer = put(url, data[:CHUNK], 0, SIZE)

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes 0-{CHUNK}/{SIZE}")
    assert kinds(running) == ["wrong_offset"]


def test_skipping_ahead_answers_416(url, data):
    assert put(url, data[CHUNK:], CHUNK, SIZE).status_code == 416


def test_part_of_a_chunk_is_refused(running, url, data):
    assert put(url, data[: CHUNK // 2], 0, SIZE).status_code == 400
    assert kinds(running) == ["wrong_chunk_size"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/octet-stream"},
        {"Content-Range": ""},
        {"Content-Range": f"bytes 0-{CHUNK}/{SIZE}"},
        {"Content-Range": f"bytes 0-{CHUNK - 1}/{SIZE + 1}"},
        {"Content-Range": f"0-{CHUNK - 1}/{SIZE}"},
    ],
)
def test_bad_headers_answer_400(running, url, data, headers):
    assert put(url, data[:CHUNK], 0, SIZE, **headers).status_code == 400
    assert kinds(running) == ["bad_upload_headers"]


def test_unknown_length_answers_400(running, url):
    headers = {"Content-Type": "video/mp4", "Content-Range": f"bytes 0-{CHUNK - 1}/{SIZE}"}

    answer = requests.put(url, data=iter([b"x"]), headers=headers, timeout=30)

    assert answer.status_code == 400


def test_authorization_on_an_upload_is_a_violation(running, url, data):
    put(url, data[:CHUNK], 0, SIZE, Authorization="Bearer x")

    assert "authorization_on_upload" in kinds(running)


@pytest.mark.parametrize("change", [("upload_id=", "upload_id=9"), ("token=", "token=x")])
def test_unknown_upload_answers_404(running, url, data, change):
    assert put(url.replace(*change), data[:CHUNK], 0, SIZE).status_code == 404
    assert kinds(running) == ["unknown_upload"]


def test_finished_upload_answers_404(running, url, data):
    put(url, data[:CHUNK], 0, SIZE)
    put(url, data[CHUNK:], CHUNK, SIZE)

    assert put(url, data[CHUNK:], CHUNK, SIZE).status_code == 404
    assert kinds(running) == ["upload_after_completion"]


def test_expired_url_answers_403_and_counts_against_the_client_once_told(running, begun, data):
    running.control.act_on_post(begun["publish_id"], "expire_upload")

    first = put(begun["upload_url"], data[:CHUNK], 0, SIZE)
    before = kinds(running)
    put(begun["upload_url"], data[:CHUNK], 0, SIZE)

    assert (first.status_code, before) == (403, [])
    assert kinds(running) == ["upload_url_dead"]


def test_url_life_is_a_setting(running, api):
    running.control.settings(upload_url_life_s=-1)
    url = api.init(1000).json()["data"]["upload_url"]

    assert put(url, mp4(1000)).status_code == 403


def test_client_that_hangs_up_inside_a_chunk_leaves_no_progress(running, api, begun, data):
    parts = urlsplit(begun["upload_url"])
    head = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\n"
        f"Content-Length: {CHUNK}\r\nContent-Range: bytes 0-{CHUNK - 1}/{SIZE}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.encode() + data[:1000])

    wait_for(lambda: [r for r in running.control.requests(path="/upload") if r["status"] == 0])

    assert api.status(begun["publish_id"])["uploaded_bytes"] == 0
    assert put(begun["upload_url"], data[:CHUNK], 0, SIZE).status_code == 206


def test_newer_request_takes_over_from_one_that_hangs(running, begun, data):
    parts = urlsplit(begun["upload_url"])
    head = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\n"
        f"Content-Length: {CHUNK}\r\nContent-Range: bytes 0-{CHUNK - 1}/{SIZE}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as hanging:
        hanging.sendall(head.encode() + data[:1000])
        wait_for(lambda: running.control.requests(path="/upload"))

        assert put(begun["upload_url"], data[:CHUNK], 0, SIZE).status_code == 206


@pytest.mark.parametrize("head", [b"\x00\x00\x00\x18ftypqt  ", b"\x1a\x45\xdf\xa3webm"])
def test_mov_and_webm_are_videos(api, head):
    publish_id = api.publish(head + b"x" * 500)

    assert api.ended(publish_id)["status"] == "PUBLISH_COMPLETE"


def test_bytes_that_are_no_video_fail_the_format_check(api):
    publish_id = api.publish(b"plain text " * 20)

    assert api.ended(publish_id) == {
        "status": "FAILED",
        "fail_reason": "file_format_check_failed",
        "uploaded_bytes": 220,
    }


def test_chunk_that_outlasts_the_url_is_not_counted(running, api):
    begun = api.init(5000).json()["data"]
    parts = urlsplit(begun["upload_url"])
    head = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: x\r\nContent-Type: video/mp4\r\n"
        "Content-Length: 5000\r\nContent-Range: bytes 0-4999/5000\r\n\r\n"
    )
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(head.encode() + mp4(5000)[:1000])
        wait_for(lambda: running.control.requests(path="/upload"))
        running.control.act_on_post(begun["publish_id"], "expire_upload")
        connection.sendall(mp4(5000)[1000:])

        assert connection.recv(1000).startswith(b"HTTP/1.1 403")

    assert api.status(begun["publish_id"])["uploaded_bytes"] == 0


def test_upload_of_a_user_who_left_is_gone(running, begun, data):
    running.control.disconnect("maple.bakery")

    assert put(begun["upload_url"], data[:CHUNK], 0, SIZE).status_code == 404
    assert running.control.post(begun["publish_id"])["fail_reason"] == "auth_removed"
    assert kinds(running) == []
