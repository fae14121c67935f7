"""What was said between us and TikTok, without what nobody else may know.

A caller that wants it listens. What is heard has lost its secrets before it is handed over: by the
names TikTok gives them, by the values that the request said are secret, and by the query of every
address in an answer.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tiktok.errors import TikTokError

if TYPE_CHECKING:
    from tiktok.transport import Answer, Outgoing

HIDDEN = "[hidden]"
UPLOAD_ADDRESS = "(upload address)"
_SECRET_NAMES = frozenset(
    {
        "access_token",
        "avatar_url",
        "client_secret",
        "code",
        "code_verifier",
        "cover_image_url",
        "creator_avatar_url",
        "photo_images",
        "refresh_token",
        "token",
        "upload_url",
        "video_url",
    }
)
_ADDRESS = re.compile(r"(https?://[^\s?#\"'<>]+)[?#][^\s\"'<>]*")
_MAX_DEPTH = 8
_MAX_ITEMS = 50


@dataclass(frozen=True)
class Exchange:
    """`request` and `answer` are JSON values; `answer` is None when there was none to read.

    `path` has no host and no query. `error` is the code of a call that got no answer.
    """

    at: datetime
    method: str
    path: str
    request: object
    http_status: int | None
    answer: object
    error: str
    duration_ms: int


_heard: ContextVar[list[Exchange] | None] = ContextVar("heard", default=None)


@contextmanager
def hearing() -> Iterator[list[Exchange]]:
    """The list grows with each call that this thread makes inside the block."""
    heard: list[Exchange] = []
    before = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(before)


def tell(outgoing: "Outgoing", outcome: "Answer | TikTokError", lasted_s: float) -> None:
    """Hands a call that has just ended to whoever listens."""
    heard = _heard.get()
    if heard is None:
        return
    began_s = datetime.now(UTC).timestamp() - lasted_s
    error = outcome if isinstance(outcome, TikTokError) else None
    answer = outcome if not isinstance(outcome, TikTokError) else None
    heard.append(
        Exchange(
            at=datetime.fromtimestamp(began_s, UTC),
            method=outgoing.method,
            path=UPLOAD_ADDRESS if outgoing.method == "PUT" else urlsplit(outgoing.url).path,
            request=_request(outgoing),
            http_status=answer.http_status if answer else None,
            answer=_answer(answer) if answer else None,
            error=error.code if error else "",
            duration_ms=round(lasted_s * 1000),
        )
    )


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        text = text.replace(secret, HIDDEN)
    return text


def _request(outgoing: "Outgoing") -> object:
    """The JSON body, or what stands for one; a form's body is all secrets and left out."""
    told = dict(outgoing.params or {}) | dict(outgoing.json or {})
    if byte_range := outgoing.headers.get("Content-Range"):
        told["Content-Range"] = byte_range
    return _redacted(told, outgoing.secrets)


def _answer(answer: "Answer") -> object:
    if not answer.body:
        progress = answer.headers.get("content-range")
        return {"content-range": progress} if progress else None
    try:
        value = json.loads(answer.body, parse_constant=str)
    except (ValueError, RecursionError):
        # Half an answer may hold half a secret.
        kind = answer.headers.get("content-type", "")[:100]
        return {"unreadable": {"bytes": len(answer.body), "content-type": kind}}
    return _redacted(value, answer.secrets, cuts_addresses=True)


def _redacted(
    value: object, secrets: tuple[str, ...], *, cuts_addresses: bool = False, depth: int = 0
) -> object:
    if depth > _MAX_DEPTH:
        return "[…]"
    if isinstance(value, str):
        text = without_secrets(value, secrets)
        return _ADDRESS.sub(rf"\1?{HIDDEN}", text) if cuts_addresses else text

    def inner(part: object) -> object:
        return _redacted(part, secrets, cuts_addresses=cuts_addresses, depth=depth + 1)

    if isinstance(value, dict):
        return {
            without_secrets(str(name), secrets): HIDDEN if _is_secret(name, part) else inner(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [inner(part) for part in value[:_MAX_ITEMS]]
    return value


def _is_secret(name: object, value: object) -> bool:
    """`error.code` of an answer is TikTok's word, the `code` of a sign-in is a secret; only the
    former comes in what is heard, and it has no characters of a secret."""
    if name == "code" and isinstance(value, str) and re.fullmatch(r"[a-z_]{1,80}", value):
        return False
    return str(name).lower() in _SECRET_NAMES
