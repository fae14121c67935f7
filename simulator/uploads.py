"""PUT of chunks (contract 9): sequential, whole, inside the life of the URL."""

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from simulator.app import read_body
from simulator.records import Post
from simulator.wire import Dropped, Request, Response

if TYPE_CHECKING:
    from simulator.app import Simulator

VIDEO_TYPES = {"video/mp4", "video/quicktime", "video/webm"}
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
BUFFER_BYTES = 1 << 20
HEAD_BYTES = 64
DOCUMENTED_LIFE_S = 3600

_writers: dict[str, int] = {}
_writers_lock = threading.Lock()
_buffers = threading.local()


def put(sim: "Simulator", request: Request) -> Response:
    """PUT /upload?upload_id=…&upload_token=…"""
    post = sim.store.posts_by_upload.get(request.query_value("upload_id"))
    problem = _task_problem(sim, request, post) or _head_problem(sim, request, post)
    if problem is not None or post is None:
        read_body(request, keep=False)
        return problem or Response(404)
    first, last = _range(request)
    if first != post.uploaded_bytes:
        read_body(request, keep=False)
        return _wrong_offset(sim, request, post, first)
    if last + 1 != chunk_end(post, first):
        read_body(request, keep=False)
        reason = f"bytes {first}-{last} is not one chunk of {post.chunk_size_bytes}"
        sim.violate(request, "wrong_chunk_size", reason)
        return _plain(400, post)
    return _receive(sim, request, post, first, last + 1)


def chunk_end(post: Post, first: int) -> int:
    """Where the chunk that holds byte `first` ends (exclusive); the last takes the remainder."""
    index = first // post.chunk_size_bytes
    if index >= post.chunk_count - 1:
        return post.size_bytes
    return (index + 1) * post.chunk_size_bytes


def _task_problem(sim: "Simulator", request: Request, post: Post | None) -> Response | None:
    """404 and 403: no such task any more, or its URL is over."""
    if post is None or post.upload_token != request.query_value("upload_token"):
        sim.violate(request, "unknown_upload", "no upload has this id and token")
        return Response(404)
    if post.phase != "uploading":
        if post.bytes_complete_at is not None and not post.upload_answer_lost:
            sim.violate(request, "upload_after_completion", "all bytes were acknowledged")
        post.upload_answer_lost = False
        sim.store.save(post)
        return Response(404)
    if request.arrived_at <= post.upload_expires_at:
        return None
    is_old = request.arrived_at > post.init_at + DOCUMENTED_LIFE_S
    if is_old or post.upload_told_dead:
        sim.violate(request, "upload_url_dead", "the upload URL is over and the client knows")
    post.upload_told_dead = True
    sim.store.save(post)
    return Response(403)


def _head_problem(sim: "Simulator", request: Request, post: Post | None) -> Response | None:
    """400: headers that do not describe one chunk of this file."""
    reason = ""
    match = CONTENT_RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if request.headers.get("Authorization"):
        sim.violate(request, "authorization_on_upload", "the URL is the only credential")
    if request.content_type not in VIDEO_TYPES:
        reason = f"Content-Type {request.content_type!r}"
    elif request.content_length is None:
        reason = "no Content-Length"
    elif match is None:
        reason = f"Content-Range {request.headers.get('Content-Range')!r}"
    else:
        first, last, total = map(int, match.groups())
        if post is None or total != post.size_bytes or not first <= last < total:
            reason = "Content-Range does not fit the file"
        elif last - first + 1 != request.content_length:
            reason = "Content-Length is not the length of the range"
    if not reason:
        return None
    sim.violate(request, "bad_upload_headers", reason)
    response = Response(400)
    if request.content_length is None:
        response.headers["Connection"] = "close"
    return response


def _range(request: Request) -> tuple[int, int]:
    match = CONTENT_RANGE.fullmatch(request.headers["Content-Range"])
    assert match is not None  # noqa: S101  # _head_problem has looked
    return int(match[1]), int(match[2])


def _wrong_offset(sim: "Simulator", request: Request, post: Post, first: int) -> Response:
    if not post.upload_answer_lost:
        reason = f"chunk starts at {first}, progress is {post.uploaded_bytes}"
        sim.violate(request, "wrong_offset", reason)
    post.upload_answer_lost = False
    sim.store.save(post)
    return _plain(416, post)


def _receive(sim: "Simulator", request: Request, post: Post, first: int, end: int) -> Response:
    writer = _become_writer(post)
    chunk = {"first": first, "last": end - 1, "began_at": request.arrived_at}
    try:
        received = _copy(sim, request, post, first, end, writer)
    except PartialBody as partial:
        if request.keeps_partial and partial.received:
            with sim.store.lock:
                post.uploaded_bytes = first + partial.received
                sim.store.save(post)
        raise Dropped(request.resets) from None
    with sim.store.lock:
        if _writers.get(post.upload_id) != writer or post.uploaded_bytes != first:
            sim.violate(request, "concurrent_chunk", "two requests sent bytes for one upload")
            return _plain(416, post)
        if time.time() > post.upload_expires_at:
            # The whole upload must finish inside the life of its URL.
            post.upload_told_dead = True
            sim.store.save(post)
            return Response(403)
        post.uploaded_bytes = first + received
        post.upload_answer_lost = False
        post.chunks.append(chunk | {"ended_at": time.time(), "order": request.order})
        if not post.media:
            post.media = [{"name": "video", "content_type": request.content_type}]
        is_whole = end == post.size_bytes
        if is_whole:
            sim.processing.bytes_complete(post, time.time())
        sim.store.save(post)
    response = _plain(201 if is_whole else 206, post)
    response.on_lost = lambda: _lose_answer(sim, post)
    return response


class PartialBody(Exception):
    """The body ended early, by fault or by the client."""

    def __init__(self, received: int) -> None:
        super().__init__(f"body ended after {received} bytes")
        self.received = received


def _become_writer(post: Post) -> int:
    """A new request for an upload takes it over from one that hangs."""
    with _writers_lock:
        _writers[post.upload_id] = _writers.get(post.upload_id, 0) + 1
        return _writers[post.upload_id]


def _copy(sim: "Simulator", request: Request, post: Post, first: int, end: int, writer: int) -> int:
    """Move the body to the post's file; gives the number of bytes. Raises PartialBody."""
    buffer = _thread_buffer()
    received, wanted = 0, end - first
    stop = wanted if request.cut_after_bytes is None else min(request.cut_after_bytes, wanted)
    with _target(sim, post, first) as target:
        while received < stop:
            count = request.stream.readinto1(buffer[: stop - received])  # type: ignore[attr-defined]
            if not count:
                raise PartialBody(received)
            if first + received < HEAD_BYTES:
                _keep_head(post, first + received, bytes(buffer[: min(count, HEAD_BYTES)]))
            if target is not None and _writers.get(post.upload_id) == writer:
                target.write(buffer[:count])
            received += count
    if request.cut_after_bytes is not None:
        raise PartialBody(received)
    return received


def _thread_buffer() -> memoryview:
    if not hasattr(_buffers, "view"):
        _buffers.view = memoryview(bytearray(BUFFER_BYTES))
    return _buffers.view


@contextlib.contextmanager
def _target(sim: "Simulator", post: Post, first: int) -> Iterator[BinaryIO | None]:
    """The post's file opened at an offset, or None when bytes are thrown away."""
    if sim.options.discards_bytes:
        yield None
        return
    path = sim.store.media_path(post, "video")
    path.parent.mkdir(exist_ok=True)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb", buffering=0) as file:
        file.seek(first)
        yield file


def _keep_head(post: Post, offset: int, data: bytes) -> None:
    head = bytearray(bytes.fromhex(post.head).ljust(offset, b"\0"))
    head[offset : offset + len(data)] = data
    post.head = bytes(head[:HEAD_BYTES]).hex()


def _lose_answer(sim: "Simulator", post: Post) -> None:
    with sim.store.lock:
        post.upload_answer_lost = True
        sim.store.save(post)


def _plain(status: int, post: Post) -> Response:
    progress = f"bytes 0-{post.uploaded_bytes}/{post.size_bytes}"
    return Response(status, headers={"Content-Range": progress})
