"""The media of posts, with byte ranges so that players can seek."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.wire import Request, Response

if TYPE_CHECKING:
    from simulator.app import Simulator

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PART_BYTES = 1 << 18


def show(sim: "Simulator", request: Request) -> Response:
    """GET /media/<number>/<name>"""
    number, name = int(request.parameters["number"]), request.parameters["name"]
    post = next((p for p in list(sim.store.posts.values()) if p.number == number), None)
    entry = next((m for m in post.media if m["name"] == name), None) if post else None
    if post is None or entry is None or post.bytes_complete_at is None:
        return Response(404)
    path = sim.store.media_path(post, name)
    if not path.exists():
        return Response(404)
    return _part(path, entry["content_type"], request.headers.get("Range", ""))


def _part(path: Path, content_type: str, header: str) -> Response:
    size = path.stat().st_size
    wanted = byte_range(header, size)
    headers = {
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
    }
    if wanted is None:
        whole = _read(path, 0, size)
        return Response(200, b"", content_type, headers, stream=whole, length=size)
    first, end = wanted
    if first >= end:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    body = _read(path, first, end - first)
    return Response(206, b"", content_type, headers, stream=body, length=end - first)


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First byte and end (exclusive) of a single range; None for the whole file."""
    match = RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


def _read(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0:
            part = file.read(min(PART_BYTES, length))
            if not part:
                return
            length -= len(part)
            yield part
