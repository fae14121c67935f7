"""How fast the line to TikTok is, how fast we let it be, and what that makes of a large file."""

import threading
from datetime import datetime, timedelta
from statistics import median_low

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext

from publishing.models import Attempt, Post
from publishing.states import State

# TikTok's upload address lives an hour; a tenth of it is for what goes wrong.
SENDING_LASTS_AT_MOST = timedelta(minutes=54)
# Less than this measures the answer, not the line.
MEASURED_FROM_BYTES = 8_000_000
MEASUREMENTS = 5
MEASURED_WITHIN = timedelta(days=1)


class Pace:
    """Shares a rate among all uploads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at_s = 0.0

    def take(self, size_bytes: int, bytes_per_s: int, now_s: float) -> float:
        """How many seconds to wait before these bytes may leave."""
        with self._lock:
            starts_at_s = max(now_s, self._free_at_s)
            self._free_at_s = starts_at_s + size_bytes / bytes_per_s
        return starts_at_s - now_s


PACE = Pace()


def why_too_slow(post: Post, now: datetime) -> str:
    """Why this video would not be with TikTok before its upload address dies; "" when it may.

    After a retry by hand only what was measured since counts: the line may be another.
    """
    measured = _measured_rate(now - MEASURED_WITHIN) and _measured_rate(_measured_since(post, now))
    limit = settings.UPLOAD_LIMIT_BYTES_PER_S
    rate = min(filter(None, (measured, limit)), default=0)
    size_bytes = post.known_media.size_bytes
    if not rate or size_bytes / rate <= SENDING_LASTS_AT_MOST.total_seconds():
        return ""
    if rate == limit:
        text = gettext(
            "At the {rate}/s that UPLOAD_LIMIT_BYTES_PER_S allows, {size} takes {minutes} min; "
            "TikTok's upload address lives an hour. Raise that setting, or compress the video."
        )
    else:
        text = gettext(
            "At the {rate}/s measured here, {size} takes {minutes} min; TikTok's upload address "
            "lives an hour. Use a faster line and press Retry, which measures it anew, or compress "
            "the video."
        )
    minutes = round(size_bytes / rate / 60)
    return text.format(rate=_amount(rate), size=_amount(size_bytes), minutes=minutes)


def _measured_since(post: Post, now: datetime) -> datetime:
    retried = post.state_changes.filter(
        old=State.NEEDS_ATTENTION, new=State.SCHEDULED, actor__isnull=False
    ).last()
    day_ago = now - MEASURED_WITHIN
    return max(day_ago, retried.at) if retried else day_ago


def _measured_rate(since: datetime) -> int | None:
    """Bytes a second, of this instance's last uploads."""
    rates = (
        Attempt.objects.filter(upload_bytes_per_s__isnull=False, initialised_at__gte=since)
        .order_by("-initialised_at")
        .values_list("upload_bytes_per_s", flat=True)[:MEASUREMENTS]
    )
    known = [rate for rate in rates if rate]
    return median_low(known) if known else None


def _amount(size_bytes: int) -> str:
    if size_bytes >= 1_000_000_000:
        return gettext("{size} GB").format(size=number_format(round(size_bytes / 1e9, 1), 1))
    digits = 1 if size_bytes >= 1_000_000 else 2
    size = number_format(round(size_bytes / 1e6, digits), digits)
    return gettext("{size} MB").format(size=size)
