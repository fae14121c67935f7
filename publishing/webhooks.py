"""What TikTok reports by webhook: kept at once, worked off later, in any order.

Polling stays the truth: nothing here is needed for a post to be published, found or failed. What
only a webhook can tell is that an access was removed or that a post is no longer public.
"""

import hashlib
import json
from datetime import datetime, timedelta

from publishing.models import WebhookEvent
from tiktok import webhooks as wire

KEPT = timedelta(days=30)


def receive(event: wire.WebhookEvent, now: datetime) -> None:
    """Keeps the event to be worked off; a second delivery of it changes nothing."""
    fresh = WebhookEvent(
        key=_key(event),
        event=_fitting("event", event.event),
        publish_id=_fitting("publish_id", event.publish_id),
        post_id=_fitting("post_id", event.post_id),
        user_openid=_fitting("user_openid", event.user_openid),
        reason=_fitting("reason", event.reason),
        created_at=event.created_at,
        received_at=now,
    )
    WebhookEvent.objects.bulk_create([fresh], ignore_conflicts=True)


def last_event() -> WebhookEvent | None:
    """The event that arrived last, whatever it said."""
    return WebhookEvent.objects.order_by("-received_at", "-id").first()


def remove_old(now: datetime) -> int:
    """Removes what was kept long enough; returns how many."""
    return WebhookEvent.objects.filter(received_at__lt=now - KEPT).delete()[0]


def _key(event: wire.WebhookEvent) -> str:
    # With the post id: a draft posted twice gives two events within one second.
    words = [event.event, event.publish_id, event.post_id, event.user_openid, event.reason]
    created = event.created_at.isoformat() if event.created_at else ""
    return hashlib.sha256(json.dumps([*words, created]).encode()).hexdigest()


def _fitting(column: str, text: str) -> str:
    """`text` as the column can hold it: PostgreSQL refuses more, and some characters."""
    length = WebhookEvent._meta.get_field(column).max_length  # type: ignore[union-attr]
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:length]
