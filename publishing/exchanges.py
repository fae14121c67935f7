"""Keeping what was said to TikTok and by it about a post, for support."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError

from publishing.models import Exchange
from tiktok.exchanges import Exchange as Heard

log = logging.getLogger("duecast.exchanges")
KEPT = timedelta(days=30)
MAX_CHARACTERS = 16_000


def keep(post_id: int, heard: Sequence[Heard]) -> None:
    """Inserts them. A record that cannot be written is given up: the post is what counts.

    To be called after the journal has what TikTok answered, and never inside a transaction.
    """
    if not heard:
        return
    try:
        Exchange.objects.bulk_create([_row(post_id, one) for one in heard])
    except DatabaseError as error:
        log.warning("Calls to TikTok were not recorded: %s", error, extra={"post": post_id})


def clean_up(now: datetime) -> int:
    """Removes what was kept long enough; returns how many."""
    return Exchange.objects.filter(at__lt=now - KEPT).delete()[0]


def _row(post_id: int, heard: Heard) -> Exchange:
    return Exchange(
        post_id=post_id,
        at=heard.at,
        method=heard.method,
        endpoint=heard.path[:100],
        request=_as_text(heard.request),
        http_status=heard.http_status,
        answer=_as_text(heard.answer),
        error=heard.error[:100],
        duration_ms=heard.duration_ms,
    )


def _as_text(value: object) -> str:
    text = json.dumps(value)
    if len(text) <= MAX_CHARACTERS:
        return text
    return json.dumps({"too_long": {"characters": len(text), "begins": text[:1000]}})
