import io
import threading
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiktok.stub import LOG_ID, envelope
from tests.tiktok.test_errors import caught
from tiktok.app import App
from tiktok.errors import (
    NotConnected,
    RateLimited,
    Refused,
    TikTokError,
    Unavailable,
    UploadExpired,
    UploadOffsetMismatch,
    UploadRejected,
    UploadUnknown,
)
from tiktok.uploads import ChunkAnswer, FileSlice, check_upload_url, upload_chunk

CONTENT = bytes(range(256)) * 40
MB = 1 << 20


class LeaseLost(Exception):
    pass


@pytest.fixture
def upload(server, app):
    def send(file=None, first=0, last=None, total=None, on_progress=None, app=app, url=None):
        file = io.BytesIO(CONTENT) if file is None else file
        total = len(CONTENT) if total is None else total
        last = total - 1 if last is None else last
        address = url or f"{server.url}/upload?upload_id=1&upload_token=Xza%2F1"
        return upload_chunk(app, address, file, first, last, total, "video/mp4", on_progress)

    return send


def test_a_chunk_is_a_put_of_its_range(server, upload):
    server.will_answer(206)

    upload(first=100, last=299)

    assert (server.last.method, server.last.target) == (
        "PUT",
        "/upload?upload_id=1&upload_token=Xza%2F1",
    )
    assert server.last.headers["Content-Type"] == "video/mp4"
    assert server.last.headers["Content-Length"] == "200"
    assert server.last.headers["Content-Range"] == "bytes 100-299/10240"
    assert server.last.body == CONTENT[100:300]


def test_a_chunk_carries_no_credential_but_its_address(server, upload):
    server.will_answer(206)

    upload()

    assert server.last.headers["Authorization"] is None
    assert server.last.headers["Transfer-Encoding"] is None


@pytest.mark.parametrize(
    ("status", "headers", "answer"),
    [
        (206, {}, ChunkAnswer(False, None)),
        (206, {"Content-Range": "bytes 0-100/10240"}, ChunkAnswer(False, 100)),
        (201, {"Content-Range": "bytes 0-10240/10240"}, ChunkAnswer(True, 10240)),
        (201, {}, ChunkAnswer(True, None)),
        (206, {"Content-Range": "bytes */10240"}, ChunkAnswer(False, None)),
        (206, {"Content-Range": "garbage"}, ChunkAnswer(False, None)),
    ],
)
def test_an_accepted_chunk_tells_the_progress(server, upload, status, headers, answer):
    server.will_answer(status, headers=headers)

    assert upload() == answer


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UploadRejected),
        (401, UploadRejected),
        (403, UploadExpired),
        (404, UploadUnknown),
        (408, Unavailable),
        (413, UploadRejected),
        (416, UploadOffsetMismatch),
        (429, RateLimited),
        (200, Unavailable),
        (302, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_status_has_its_class(server, upload, status, kind):
    server.will_answer(status, b"<html>", {"Location": f"{server.url}/elsewhere"})

    error = caught(upload)

    assert type(error) is kind
    assert error.http_status == status
    assert len(server.received) == 1


def test_tiktoks_words_about_a_chunk_are_kept(server, upload):
    server.will_answer_json(envelope("bad_range", "The range is wrong"), 400)

    error = caught(upload)

    assert (error.code, error.message, error.log_id) == ("bad_range", "The range is wrong", LOG_ID)


def test_a_wrong_offset_names_what_tiktok_has(server, upload):
    server.will_answer(416, headers={"Content-Range": "bytes 0-5242880/50000123"})

    assert caught(upload).uploaded_bytes == 5_242_880


def test_a_wrong_offset_may_say_nothing(server, upload):
    server.will_answer(416)

    assert caught(upload).uploaded_bytes is None


def answer_early(status):
    def behave(handler):
        handler.rfile.read(1000)
        handler.answer(status, b"{}", {"Connection": "close"})
        handler.close_connection = True

    return behave


@pytest.mark.parametrize(("status", "kind"), [(403, UploadExpired), (404, UploadUnknown)])
def test_an_answer_before_the_whole_body_is_read(server, upload, status, kind):
    server.behaviour = answer_early(status)

    error = caught(upload, file=io.BytesIO(bytes(30 * MB)), total=30 * MB)

    assert type(error) is kind


def test_an_early_answer_over_tls(tls_server, tls_app, upload):
    tls_server.behaviour = answer_early(403)
    content = io.BytesIO(bytes(30 * MB))

    error = caught(upload, content, total=30 * MB, app=tls_app, url=f"{tls_server.url}/upload")

    assert type(error) is UploadExpired


def test_an_early_answer_of_a_server_that_stops_reading(server, app, upload):
    done = threading.Event()

    def answer_and_stall(handler):
        handler.rfile.read(1000)
        handler.answer(404)
        done.wait(10)

    server.behaviour = answer_and_stall
    hasty = replace(app, connect_timeout_s=1, read_timeout_s=1)

    error = caught(upload, file=io.BytesIO(bytes(30 * MB)), total=30 * MB, app=hasty)

    done.set()
    assert type(error) is UploadUnknown


def test_after_an_early_answer_the_connection_is_not_used_again(server, upload):
    def answer_and_keep(handler):
        handler.rfile.read(1000)
        handler.answer(403)
        handler.close_connection = True

    server.behaviour = answer_and_keep
    caught(upload, file=io.BytesIO(bytes(30 * MB)), total=30 * MB)
    server.will_answer(206)

    assert upload() == ChunkAnswer(False, None)


def test_a_connection_dropped_within_the_body_is_unavailable(server, upload):
    def drop(handler):
        handler.rfile.read(1000)
        handler.close_connection = True

    server.behaviour = drop

    error = caught(upload, file=io.BytesIO(bytes(30 * MB)), total=30 * MB)

    assert type(error) is Unavailable
    assert error.effect_possible


def test_a_connection_dropped_after_the_body_is_unavailable(server, upload):
    def drop(handler):
        handler.receive()
        handler.close_connection = True

    server.behaviour = drop

    assert type(caught(upload)) is Unavailable


def test_a_server_that_stops_reading_is_unavailable(server, app, upload):
    done = threading.Event()
    server.behaviour = lambda handler: done.wait(10)
    hasty = replace(app, connect_timeout_s=0.2, read_timeout_s=0.2)

    error = caught(upload, file=io.BytesIO(bytes(30 * MB)), total=30 * MB, app=hasty)

    done.set()
    assert type(error) is Unavailable


def test_progress_counts_the_bytes_of_the_chunk(server, upload):
    server.will_answer(206)
    seen = []

    upload(
        file=io.BytesIO(bytes(4 * MB)), first=MB, last=3 * MB, total=4 * MB, on_progress=seen.append
    )

    assert seen == sorted(seen)
    assert seen[-1] == 2 * MB + 1
    assert len(seen) >= 3


@pytest.mark.parametrize(
    "error",
    [LeaseLost(), OSError("disk"), TimeoutError(), BrokenPipeError(32, "pipe"), Refused("x")],
)
def test_what_progress_raises_ends_the_upload_as_it_is(server, app, upload, error):
    def stop(sent_bytes):
        raise error

    server.behaviour = lambda handler: handler.receive()

    with pytest.raises(type(error)) as info:
        upload(
            file=io.BytesIO(bytes(9 * MB)),
            total=9 * MB,
            on_progress=stop,
            app=replace(app, read_timeout_s=0.5),
        )

    assert info.value is error


def test_after_an_abort_the_connection_is_not_used_again(server, upload):
    def stop(sent_bytes):
        raise LeaseLost

    server.will_answer(206)
    upload()
    with pytest.raises(LeaseLost):
        upload(on_progress=stop)

    assert upload() == ChunkAnswer(False, None)
    assert server.last.body == CONTENT


def test_a_file_shorter_than_its_range_is_no_network_error(server, upload):
    server.behaviour = lambda handler: handler.receive()

    with pytest.raises(EOFError):
        upload(total=len(CONTENT) + 1)


def test_a_failing_disk_is_no_network_error(server, upload):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError(5, "Input/output error")

    server.behaviour = lambda handler: handler.receive()

    with pytest.raises(OSError, match="Input/output"):
        upload(file=Broken())


def test_a_chunk_is_never_held_in_memory(server, upload, tmp_path):
    path = tmp_path / "video.mp4"
    with path.open("wb") as file:
        file.truncate(64 * MB)

    def discard(handler):
        left = 64 * MB
        buffer = bytearray(1 << 16)
        while left:
            left -= handler.rfile.readinto(memoryview(buffer)[: min(left, len(buffer))])
        handler.answer(201)

    server.behaviour = discard

    with path.open("rb") as file:
        tracemalloc.start()
        upload(file=file, total=64 * MB)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak_bytes < 8 * MB


@pytest.mark.parametrize(
    "url",
    [
        "https://open-upload.tiktokapis.com/video/?upload_id=67890&upload_token=Xza123",
        "https://open-upload-i18n.tiktokapis.com/upload?x=1",
        "https://upload.us.tiktokapis.com:443/a",
        "https://OPEN-upload.TikTokAPIs.com/a",
    ],
)
def test_tiktoks_upload_hosts_are_accepted_unchanged(url):
    assert check_upload_url(App("k", "s"), url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "upload",
        "http://open-upload.tiktokapis.com/a",
        "ftp://open-upload.tiktokapis.com/a",
        "https://tiktokapis.com/a",
        "https://eviltiktokapis.com/a",
        "https://open-upload.tiktokapis.com.evil.example/a",
        "https://evil.example/.tiktokapis.com",
        "https://evil.example/?a=.tiktokapis.com",
        "https://evil.example#.tiktokapis.com",
        "https://evil.example\\@open-upload.tiktokapis.com/a",
        "https://evil.example@open-upload.tiktokapis.com/a",
        "https://open-upload.tiktokapis.com@evil.example/a",
        "https://open-upload.tiktokapis.com:8443/a",
        "https://open-upload.tiktokapis.com\t.evil.example/a",
        "https://open-upload.tiktokapis.com\r\nHost: evil.example",
        "https://open-upload.tiktokapis.com /a",
        "https://öpen.tiktokapis.com/a",
        "https://[::1].tiktokapis.com/a",
        "https://.tiktokapis.com./a",
        "https://[.tiktokapis.com/a",
        "http://127.0.0.1:9000/upload",
    ],
)
def test_other_upload_addresses_are_refused(url):
    with pytest.raises(Refused):
        check_upload_url(App("k", "s"), url)


LOCAL = App("k", "s", api_url="http://127.0.0.1:9000/")


def test_an_overridden_api_host_takes_uploads():
    url = "http://127.0.0.1:9000/upload?upload_id=1"

    assert check_upload_url(LOCAL, url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9001/upload",
        "http://127.0.0.1/upload",
        "https://127.0.0.1:9000/upload",
        "http://localhost:9000/upload",
        "http://a@127.0.0.1:9000/upload",
        "http://127.0.0.1:9000\\.evil.example/upload",
        "http://open-upload.tiktokapis.com/upload",
    ],
)
def test_an_overridden_api_host_is_matched_exactly(url):
    with pytest.raises(Refused):
        check_upload_url(LOCAL, url)


def test_tiktoks_own_http_host_is_refused_without_an_override():
    with pytest.raises(Refused):
        check_upload_url(App("k", "s"), "http://open.tiktokapis.com/upload")


def test_nothing_is_sent_to_a_refused_address(server, upload):
    app = App("k", "s")

    with pytest.raises(Refused):
        upload(app=app)

    assert server.connections == set()


def test_an_upload_host_that_is_not_there_is_not_connected(app, server, upload):
    server.shutdown()
    server.server_close()

    assert type(caught(upload)) is NotConnected


@given(
    st.binary(min_size=1, max_size=300),
    st.data(),
    st.lists(st.integers(1, 50), min_size=1),
)
def test_a_slice_reads_like_the_bytes_it_covers(content, data, block_sizes):
    first = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(1, len(content) - first))
    part = FileSlice(io.BytesIO(content), first, length)

    blocks = [part.read(size) for size in block_sizes] + [part.read()]

    assert b"".join(blocks) == content[first : first + length]
    assert part.read() == b""
    assert len(part) == part.tell() == length


@pytest.mark.parametrize(
    ("offset", "whence", "rest"), [(0, 0, b"2345"), (1, 0, b"345"), (1, 1, b"5"), (-1, 2, b"5")]
)
def test_a_slice_seeks_within_itself(offset, whence, rest):
    part = FileSlice(io.BytesIO(b"0123456789"), 2, 4)
    part.read(2)

    part.seek(offset, whence)

    assert part.read() == rest


def test_a_slice_shares_its_file():
    file = io.BytesIO(b"0123456789")
    part = FileSlice(file, 2, 4)
    part.read(2)

    file.seek(9)

    assert part.read() == b"45"


def test_upload_errors_are_tiktok_errors():
    assert issubclass(UploadExpired, TikTokError)
