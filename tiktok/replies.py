"""Answers decoded once: the v2 envelope, the flat OAuth one, and the fields inside.

Sources: tiktok-api-v2-error-handling, oauth-error-handling.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from tiktok.app import App
from tiktok.errors import RateLimited, TikTokError, Unavailable, error_class
from tiktok.exchanges import without_secrets
from tiktok.transport import Answer, Outgoing, send

_MAX_MESSAGE_CHARACTERS = 500
_MAX_CODE_CHARACTERS = 100


@dataclass(frozen=True)
class Reply:
    """The fields of a successful answer. A field that is missing or of another type makes
    the answer unreadable: Unavailable, because the call may have had its effect."""

    fields: Mapping[str, object] = field(repr=False)
    log_id: str
    http_status: int

    def text(self, name: str) -> str:
        return self.optional_text(name) or self._unreadable(name)

    def optional_text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        return self._unreadable(name)

    def integer(self, name: str) -> int:
        value = self.optional_integer(name)
        return self._unreadable(name) if value is None else value

    def optional_integer(self, name: str) -> int | None:
        value = self.fields.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        # TikTok's gateways are known to print int64 as text.
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
            return int(value)
        return self._unreadable(name)

    def flag(self, name: str) -> bool:
        """A flag TikTok leaves out is off."""
        value = self.fields.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        return self._unreadable(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; numbers become text, since ids exceed 2^53."""
        values = self.fields.get(name)
        if values is None:
            return ()
        if not isinstance(values, list):
            return self._unreadable(name)
        return tuple(self._as_text(name, value) for value in values)

    def required_texts(self, name: str) -> tuple[str, ...]:
        return self.texts(name) or self._unreadable(name)

    def number_or_text(self, name: str) -> str:
        """An id as text, in whichever way it was printed."""
        return self._as_text(name, self.fields.get(name))

    def inner(self, name: str) -> "Reply":
        value = self.fields.get(name)
        if isinstance(value, dict):
            return Reply(value, self.log_id, self.http_status)
        return self._unreadable(name)

    def inners(self, name: str) -> tuple["Reply", ...]:
        values = self.fields.get(name)
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            return self._unreadable(name)
        return tuple(Reply(value, self.log_id, self.http_status) for value in values)

    def _as_text(self, name: str, value: object) -> str:
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)
        return self._unreadable(name)

    def _unreadable(self, name: str) -> NoReturn:
        raise Unavailable(
            "unreadable_answer",
            f"TikTok's answer has no usable {name}.",
            log_id=self.log_id,
            http_status=self.http_status,
        )


def call(
    app: App,
    path: str,
    access_token: str,
    *,
    body: Mapping[str, object] | None = None,
    params: Mapping[str, str] | None = None,
    method: str = "POST",
    needs_data: bool = True,
    secrets: tuple[str, ...] = (),
) -> Reply:
    """One v2 call, its body sent as JSON. Raises every TikTokError but the upload ones.

    `secrets` are those of the body, hidden in TikTok's words as the token is.

    Success is HTTP 2xx and `error.code == "ok"`: creator_info answers 200 to a banned creator.
    """
    headers = {"Authorization": f"Bearer {access_token}"}
    if method == "POST":
        headers["Content-Type"] = "application/json; charset=UTF-8"
    answer = send(
        app,
        Outgoing(
            method,
            app.endpoint(path),
            headers,
            params=params,
            json=body,
            secrets=(access_token, app.client_secret, *secrets),
        ),
    )
    envelope = json_object(answer)
    if envelope is None:
        raise unreadable(answer)
    code, _, log_id = error_parts(envelope)
    data = envelope.get("data") if needs_data else {}
    if code != "ok" or not is_success(answer) or not isinstance(data, dict):
        raise error_in(answer, envelope)
    return Reply(data, log_id, answer.http_status)


def is_success(answer: Answer) -> bool:
    return 200 <= answer.http_status < 300


def json_object(answer: Answer) -> dict[str, object] | None:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def error_parts(envelope: Mapping[str, object]) -> tuple[str, str, str]:
    """Code, message and log id of either envelope, "" for what is not there."""
    error = envelope.get("error")
    if isinstance(error, dict):
        log_id = error.get("log_id") or error.get("logid")
        return _text(error.get("code")), _text(error.get("message")), _text(log_id)
    message = _text(envelope.get("error_description"))
    return _text(error), message, _text(envelope.get("log_id"))


def error_in(answer: Answer, envelope: Mapping[str, object]) -> TikTokError:
    """The error a JSON answer means; one without a failing code is unreadable."""
    code, message, log_id = error_parts(envelope)
    if code in ("", "ok"):
        return unreadable(answer, log_id)
    kind = error_class(code, answer.http_status)
    message = without_secrets(message, answer.secrets)[:_MAX_MESSAGE_CHARACTERS]
    code = without_secrets(code, answer.secrets)[:_MAX_CODE_CHARACTERS]
    error = kind(code, message, log_id=log_id, http_status=answer.http_status)
    if isinstance(error, RateLimited):
        error.retry_after_s = retry_after_s(answer)
    return error


def unreadable(answer: Answer, log_id: str = "") -> TikTokError:
    """The error for HTML, an empty body, a redirect, or JSON that says nothing.

    Only 429 is believed without a code: it means the same from any gateway.
    """
    status = answer.http_status
    if status == 429:
        return RateLimited(
            "rate_limit_exceeded",
            "Too many calls.",
            log_id=log_id,
            http_status=status,
            retry_after_s=retry_after_s(answer),
        )
    code = "unreadable_answer" if is_success(answer) else f"http_{status}"
    message = "TikTok's answer could not be read."
    return Unavailable(code, message, log_id=log_id, http_status=status)


def retry_after_s(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
