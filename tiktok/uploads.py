"""Sending a video's bytes. Source: content-posting-api-media-transfer-guide."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

from tiktok.app import App
from tiktok.chunks import ChunkPlan, plan_chunks
from tiktok.errors import (
    Refused,
    TikTokError,
    UploadExpired,
    UploadOffsetMismatch,
    UploadRejected,
    UploadUnknown,
)
from tiktok.exchanges import without_secrets
from tiktok.replies import error_parts, json_object, unreadable
from tiktok.transport import Answer, Outgoing, forget_connections, send

__all__ = [
    "ChunkAnswer",
    "ChunkPlan",
    "FileSlice",
    "check_upload_url",
    "plan_chunks",
    "upload_chunk",
]

Progress = Callable[[int], None]

_UPLOAD_DOMAIN = ".tiktokapis.com"
_NETLOC = re.compile(r"[A-Za-z0-9.-]+(:443)?")
_PROGRESS = re.compile(r"bytes 0-(\d{1,19})/\d{1,19}")
_ERROR_BY_STATUS: dict[int, type[TikTokError]] = {
    403: UploadExpired,
    404: UploadUnknown,
}


@dataclass(frozen=True)
class ChunkAnswer:
    """`uploaded_bytes` is how many bytes TikTok says it has, None when it does not say."""

    is_complete: bool
    uploaded_bytes: int | None


class FileSlice:
    """A part of an open file as a request body, read in blocks and never held whole.

    `on_progress` gets the bytes of this slice handed to the socket so far; what it raises
    ends the upload.
    """

    def __init__(
        self, file: BinaryIO, first: int, length: int, on_progress: Progress | None = None
    ) -> None:
        self._file = file
        self._first = first
        self._length = length
        self._position = 0
        self._on_progress = on_progress
        self.failure: BaseException | None = None

    def __len__(self) -> int:
        return self._length

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        try:
            return self._read(size)
        except BaseException as error:
            # urllib3 takes an OSError raised here for a network error; see upload_chunk.
            self.failure = error
            raise

    def _read(self, size: int) -> bytes:
        left = max(0, self._length - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        # Sought each time, so that another reader of the same file does no harm.
        self._file.seek(self._first + self._position)
        block = self._file.read(wanted)
        if not block:
            raise EOFError("the file is shorter than the range to send")
        self._position += len(block)
        if self._on_progress:
            self._on_progress(self._position)
        return block


def check_upload_url(app: App, url: str) -> str:
    """The address itself when bytes may go there, else Refused; nothing is sent.

    That is https on *.tiktokapis.com, and wherever the API itself was configured to be.
    """
    try:
        is_allowed = _is_tiktok(url) or _is_same_host(app, url)
    except ValueError:
        is_allowed = False
    # requests reads odd addresses in its own way: what could be read in two is out.
    if is_allowed and url.isascii() and url.isprintable() and not set(url) & set(" \\"):
        return url
    raise Refused("upload_url_not_allowed", "TikTok named an upload address that is not its own.")


def upload_chunk(
    app: App,
    upload_url: str,
    file: BinaryIO,
    first: int,
    last: int,
    total_bytes: int,
    content_type: str,
    on_progress: Progress | None = None,
) -> ChunkAnswer:
    """Sends bytes `first` to `last`, the latter included. Chunks go strictly in order.

    Raises an UploadError, Unavailable (send the same chunk again) or RateLimited; what
    `on_progress` or the file raises passes through as it is.
    """
    body = FileSlice(file, first, last - first + 1, on_progress)
    headers = {
        "Content-Type": content_type,
        "Content-Range": f"bytes {first}-{last}/{total_bytes}",
    }
    outgoing = Outgoing(
        "PUT",
        check_upload_url(app, upload_url),
        headers,
        data=body,
        secrets=_query_values(upload_url),
        write_timeout_s=app.read_timeout_s,
    )
    return _judge(_send_body(app, outgoing, body))


def _send_body(app: App, outgoing: Outgoing, body: FileSlice) -> Answer:
    try:
        return send(app, outgoing)
    finally:
        if body.tell() < len(body):
            # Answered early or given up: this connection is still owed the rest of the body.
            forget_connections()
        if body.failure is not None:
            raise body.failure


def _judge(answer: Answer) -> ChunkAnswer:
    if answer.http_status in (201, 206):
        return ChunkAnswer(answer.http_status == 201, _uploaded_bytes(answer))
    raise _upload_error(answer)


def _upload_error(answer: Answer) -> TikTokError:
    status = answer.http_status
    code, message, log_id = error_parts(json_object(answer) or {})
    code = without_secrets(code, answer.secrets)[:100] or f"http_{status}"
    message = without_secrets(message, answer.secrets)[:500]
    if status == 416:
        return UploadOffsetMismatch(
            code,
            message,
            log_id=log_id,
            http_status=status,
            uploaded_bytes=_uploaded_bytes(answer),
        )
    if status in (408, 429) or not 400 <= status < 500:
        return unreadable(answer, log_id)
    kind = _ERROR_BY_STATUS.get(status, UploadRejected)
    return kind(code, message, log_id=log_id, http_status=status)


def _uploaded_bytes(answer: Answer) -> int | None:
    match = _PROGRESS.fullmatch(answer.headers.get("content-range", "").strip())
    return int(match[1]) if match else None


def _is_tiktok(url: str) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "") if _NETLOC.fullmatch(parts.netloc) else ""
    return parts.scheme == "https" and host.endswith(_UPLOAD_DOMAIN)


def _is_same_host(app: App, url: str) -> bool:
    ours, theirs = urlsplit(app.api_url), urlsplit(url)
    return (theirs.scheme, theirs.netloc.lower()) == (ours.scheme, ours.netloc.lower())


def _query_values(url: str) -> tuple[str, ...]:
    query = urlsplit(url).query
    return (query, *(value for _, value in parse_qsl(query)))
