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

from django.db import connection
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


# One statement on both databases: whoever comes second to a place gets no row back.
_TAKE = """
INSERT INTO publishing_rateuse (account_id, endpoint, place, frees_at)
VALUES (%(account)s, %(endpoint)s, %(place)s, %(frees_at)s)
ON CONFLICT (account_id, endpoint, place) DO UPDATE SET frees_at = excluded.frees_at
WHERE publishing_rateuse.frees_at <= %(now)s
RETURNING id
"""


def take_place(
    account: TikTokAccount, endpoint: Endpoint, now: datetime, *, is_firing: bool = True
) -> RateUse:
    """Takes a place before the call. Raises NoPlace when the window is full.

    With `is_firing` False (a person looks at a page) the places kept for firing stay free.
    """
    kept = 0 if is_firing else KEPT_FOR_FIRING.get(endpoint, 0)
    # The last ones are those kept for firing, which takes them first.
    places = range(LIMITS[endpoint] - 1 - kept, -1, -1)
    if use := _take(account, endpoint, places[0], now):
        return use
    while True:
        uses = RateUse.objects.filter(account=account, endpoint=endpoint, place__lte=places[0])
        taken = dict(uses.filter(frees_at__gt=now).values_list("place", "frees_at"))
        free = next((place for place in places if place not in taken), None)
        if free is None:
            raise NoPlace(endpoint, min(taken.values()))
        if use := _take(account, endpoint, free, now):
            return use


def _take(account: TikTokAccount, endpoint: Endpoint, place: int, now: datetime) -> RateUse | None:
    use = RateUse(account=account, endpoint=endpoint, place=place, frees_at=now + UNANSWERED)
    adapt = connection.ops.adapt_datetimefield_value
    values = {
        "account": account.pk,
        "endpoint": endpoint.value,
        "place": place,
        "frees_at": adapt(use.frees_at),
        "now": adapt(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        row = cursor.fetchone()
    use.pk = row[0] if row else None
    return use if row else None


@contextmanager
def place_for(
    account: TikTokAccount, endpoint: Endpoint, *, is_firing: bool = True
) -> Iterator[None]:
    """Holds a place around one call, and frees it 60 s after the call's end."""
    place = take_place(account, endpoint, current_moment(), is_firing=is_firing)
    try:
        yield
    finally:
        mine = RateUse.objects.filter(pk=place.pk, frees_at=place.frees_at)
        mine.update(frees_at=current_moment() + WINDOW)
