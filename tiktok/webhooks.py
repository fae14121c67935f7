"""TikTok's webhooks: who sent it, and what it says.

Sources: webhooks-overview, webhooks-events, webhooks-verification,
content-posting-api-reference-get-video-status.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

PUBLISH_COMPLETE = "post.publish.complete"
PUBLISH_FAILED = "post.publish.failed"
INBOX_DELIVERED = "post.publish.inbox_delivered"
PUBLICLY_AVAILABLE = "post.publish.publicly_available"
NO_LONGER_PUBLICLY_AVAILABLE = "post.publish.no_longer_publicly_available"
AUTHORIZATION_REMOVED = "authorization.removed"

_EVENT_BY_OTHER_SPELLING = {
    "post.publish.publicaly_available": PUBLICLY_AVAILABLE,
    "post.publish.no_longer_publicaly_available": NO_LONGER_PUBLICLY_AVAILABLE,
}
_SIGNED_S = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
# The portal's test event has milliseconds. As seconds this would be the year 5138.
_FIRST_MILLISECOND_VALUE = 100_000_000_000


class UnreadableEvent(ValueError):
    """The body is not an event. Asking TikTok to send it again would not help."""


@dataclass(frozen=True)
class WebhookEvent:
    """`event` has one spelling per event. A field the event does not carry is "".

    `post_id` and `reason` are text, although TikTok may print numbers; `content` has all
    fields, also those unknown here.
    """

    client_key: str
    event: str
    created_at: datetime | None
    user_openid: str
    publish_id: str
    publish_type: str
    post_id: str
    reason: str
    content: Mapping[str, object] = field(hash=False)


def verify_signature(
    header: str, raw_body: bytes, client_secret: str, now: datetime, tolerance_s: float
) -> bool:
    """Whether `header` (TikTok-Signature) signs these bytes, within `tolerance_s` of `now`.

    Source: webhooks-verification.
    """
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    signed_s, signature = parts.get("t", ""), parts.get("s", "")
    if not _SIGNED_S.fullmatch(signed_s) or not _SIGNATURE.fullmatch(signature):
        return False
    payload = signed_s.encode() + b"." + raw_body
    expected = hmac.new(client_secret.encode(), payload, hashlib.sha256).hexdigest()
    is_ours = hmac.compare_digest(expected, signature)
    return is_ours and abs(now.timestamp() - int(signed_s)) <= tolerance_s


def parse_event(raw_body: bytes) -> WebhookEvent:
    """The event in a webhook's body. Raises UnreadableEvent. Source: webhooks-events."""
    envelope = _object(raw_body)
    event = _text(envelope.get("event"))
    if not event:
        raise UnreadableEvent("the body names no event")
    content = _content(envelope.get("content"))
    return WebhookEvent(
        client_key=_text(envelope.get("client_key")),
        event=_EVENT_BY_OTHER_SPELLING.get(event, event),
        created_at=_moment(envelope.get("create_time")),
        user_openid=_text(envelope.get("user_openid")),
        publish_id=_text(content.get("publish_id")),
        publish_type=_text(content.get("publish_type")),
        post_id=_text(content.get("post_id")),
        reason=_text(content.get("reason")),
        content=content,
    )


def _content(value: object) -> dict[str, object]:
    """`content` is JSON in a string, so it is decoded a second time."""
    if isinstance(value, dict):
        return value
    return _object(value) if isinstance(value, str) and value else {}


def _object(text: str | bytes) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableEvent("the event is not JSON") from None
    if not isinstance(value, dict):
        raise UnreadableEvent("the event is not a JSON object")
    return value


def _text(value: object) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number or isinstance(value, str) else ""


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return None
    seconds = value / 1000 if value >= _FIRST_MILLISECOND_VALUE else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
