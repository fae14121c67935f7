"""Files to a browser, whole or a part of them, so that a video can be seeked in."""

import re
from collections.abc import Iterator

from django.core.files.base import File
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

BLOCK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class RangeNotSatisfiable(Exception):
    """The range begins behind the end of the file."""


def read_range(header: str, size_bytes: int) -> tuple[int, int] | None:
    """First and last byte (both included) that `header` asks for; None means the whole file.

    Several ranges and anything unreadable mean the whole file, as RFC 9110 allows. Raises
    RangeNotSatisfiable. Source: RFC 9110, section 14.
    """
    match = _RANGE.fullmatch(header.strip())
    if not match or not any(match.groups()):
        return None
    first_text, last_text = match.groups()
    if first_text:
        first, last = int(first_text), int(last_text or size_bytes - 1)
    else:
        first, last = max(size_bytes - int(last_text), 0), size_bytes - 1
    if first >= size_bytes or (not first_text and int(last_text) == 0):
        raise RangeNotSatisfiable
    return (first, min(last, size_bytes - 1)) if last >= first else None


def serve_file(
    request: HttpRequest, file: File, *, content_type: str, name: str, etag: str
) -> HttpResponseBase:
    """The file or the part of it that `Range` names, for this person's browser only.

    `etag` (without quotes) stands for the bytes; the same file always has the same.
    """
    quoted = f'"{etag}"'
    if request.headers.get("If-None-Match") == quoted:
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = _content(request, file, content_type, name, quoted)
    response["ETag"] = quoted
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _content(
    request: HttpRequest, file: File, content_type: str, name: str, quoted_etag: str
) -> HttpResponseBase:
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", quoted_etag) != quoted_etag:
        header = ""
    try:
        wanted = read_range(header, file.size)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    if wanted is None:
        return FileResponse(file.open("rb"), content_type=content_type, filename=name)
    return _part(file, *wanted, content_type)


def _part(file: File, first: int, last: int, content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        _blocks(file, first, last - first + 1), status=206, content_type=content_type
    )
    response["Content-Length"] = str(last - first + 1)
    response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return response


def _blocks(file: File, first: int, left_bytes: int) -> Iterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(first)
        while left_bytes > 0 and (block := stream.read(min(BLOCK_BYTES, left_bytes))):
            left_bytes -= len(block)
            yield block
