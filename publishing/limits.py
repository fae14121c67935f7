"""TikTok's per-minute windows, kept as rows so that we never have to be refused.

Per user access token: 6 init, 20 creator_info, 30 status calls a minute
(content-posting-api-reference-*), and 600 video/list calls (tiktok-api-v2-rate-limit). We count per
account, because a refreshed token is still the same creator, and one place frees 60 s after its
answer: however TikTok places its sliding window, ours is inside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from publishing.models import RateUse

WINDOW = timedelta(seconds=60)
# A call without an answer ended at the latest after its timeouts; the place frees 60 s later.
UNANSWERED = timedelta(seconds=180)


class Endpoint(StrEnum):
    INIT = "init"
    CREATOR_INFO = "creator_info"
    STATUS = "status"
    VIDEO_LIST = "video_list"


LIMITS = {
    Endpoint.INIT: 6,
    Endpoint.CREATOR_INFO: 20,
    Endpoint.STATUS: 30,
    Endpoint.VIDEO_LIST: 600,
}
# Opening the posting screen uses the same 20 places as firing does.
KEPT_FOR_FIRING = {Endpoint.CREATOR_INFO: 8}


class NoPlace(Exception):
    """The window is full; `frees_at` is when the next place frees."""

    def __init__(self, endpoint: Endpoint, frees_at: datetime) -> None:
        super().__init__(f"TikTok's limit for {endpoint} is used up until {frees_at}.")
        self.endpoint = endpoint
        self.frees_at = frees_at


def take_place(
    account: TikTokAccount, endpoint: Endpoint, now: datetime, *, is_firing: bool = True
) -> RateUse:
    """Takes a place before the call. Raises NoPlace when the window is full.

    With `is_firing` False (a person looks at a page) the places kept for firing stay free.
    """
    limit = LIMITS[endpoint] - (0 if is_firing else KEPT_FOR_FIRING.get(endpoint, 0))
    with transaction.atomic():
        # The account's row serialises the count; SQLite's immediate transactions do the same.
        TikTokAccount.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
        uses = RateUse.objects.filter(account=account, endpoint=endpoint)
        uses.filter(frees_at__lte=now).delete()
        taken = list(uses.order_by("frees_at").values_list("frees_at", flat=True))
        if len(taken) >= limit:
            raise NoPlace(endpoint, taken[len(taken) - limit])
        return RateUse.objects.create(account=account, endpoint=endpoint, frees_at=now + UNANSWERED)


@contextmanager
def place_for(
    account: TikTokAccount, endpoint: Endpoint, *, is_firing: bool = True
) -> Iterator[None]:
    """Holds a place around one call, and frees it 60 s after the call's end."""
    place = take_place(account, endpoint, current_moment(), is_firing=is_firing)
    try:
        yield
    finally:
        RateUse.objects.filter(pk=place.pk).update(frees_at=current_moment() + WINDOW)
