"""Requests, answers and TikTok's two error shapes (contract 1.1 to 1.3)."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, BinaryIO
from urllib.parse import parse_qs

ERROR_STATUS = {
    "ok": 200,
    "access_token_invalid": 401,
    "scope_not_authorized": 401,
    "scope_permission_missed": 400,
    "invalid_params": 400,
    "invalid_param": 400,
    "invalid_file_upload": 400,
    "invalid_publish_id": 400,
    "token_not_authorized_for_specified_publish_id": 400,
    "publish_not_cancellable": 400,
    "app_version_check_failed": 400,
    "rate_limit_exceeded": 429,
    "internal_error": 500,
    "spam_risk_too_many_posts": 403,
    "spam_risk_user_banned_from_posting": 403,
    "spam_risk_too_many_pending_share": 403,
    "reached_active_user_cap": 403,
    "unaudited_client_can_only_post_to_private_accounts": 403,
    "url_ownership_unverified": 403,
    "privacy_level_option_mismatch": 403,
}

OAUTH_ERRORS = {
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    "server_error",
    "temporarily_unavailable",
}


class Dropped(Exception):
    """The connection ends here without an answer. `reset` sends RST instead of FIN."""

    def __init__(self, reset: bool = False) -> None:
        super().__init__("connection dropped")
        self.reset = reset


class Refusal(Exception):
    """An API call that ends in an error code of the v2 envelope."""

    def __init__(self, code: str, message: str = "", status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status if status is not None else ERROR_STATUS.get(code, 400)


class OAuthRefusal(Exception):
    """A token call that ends in the flat error shape."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


@dataclass
class Request:
    """One HTTP request. `arrived_at` is `time.time()` when its first line was read."""

    method: str
    path: str
    query_string: str
    headers: Message
    stream: BinaryIO
    arrived_at: float
    arrived_monotonic_s: float
    order: int
    body: bytes = b""
    creator: str = ""
    cut_after_bytes: int | None = None
    keeps_partial: bool = False
    resets: bool = False
    is_faulted: bool = False
    is_upload: bool = False
    through_prefix: bool = False
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def content_length(self) -> int | None:
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isascii() and text.isdigit() else None

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.query_string, keep_blank_values=True)

    def query_value(self, name: str) -> str:
        return self.query.get(name, [""])[0]

    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def json(self) -> Any:
        """The JSON body; raises ValueError."""
        return json.loads(self.body)

    def cookies(self) -> dict[str, str]:
        pairs = (p.strip().partition("=") for p in self.headers.get("Cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


@dataclass
class Response:
    """One answer. `on_lost` runs when the client will never see it."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None
    length: int | None = None
    cut_at: int | None = None
    on_lost: Callable[[], None] | None = None


def log_id() -> str:
    return "2026" + secrets.token_hex(14).upper()


def json_response(value: Any, status: int = 200) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def ok(data: Mapping[str, Any]) -> Response:
    error = {"code": "ok", "message": "", "log_id": log_id()}
    return json_response({"data": data, "error": error})


def refused(refusal: Refusal) -> Response:
    error = {"code": refusal.code, "message": refusal.message, "log_id": log_id()}
    return json_response({"data": {}, "error": error}, refusal.status)


def oauth_refused(refusal: OAuthRefusal, status: int) -> Response:
    body = {
        "error": refusal.error,
        "error_description": refusal.description,
        "log_id": log_id(),
    }
    return json_response(body, status)


def html_response(body: str, status: int = 200) -> Response:
    return Response(status=status, body=body.encode(), content_type="text/html; charset=utf-8")


def redirect(location: str) -> Response:
    return Response(
        status=302,
        content_type="text/plain",
        headers={"Location": location, "Cache-Control": "no-store"},
    )
