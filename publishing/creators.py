"""What TikTok says about a creator, asked live for the posting screen."""

from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.core.cache import cache

from accounts.models import TikTokAccount
from accounts.profiles import note_creator
from accounts.refresh import ReconnectNeeded, TokenBusy, usable_access_token
from accounts.tiktok_app import tiktok_app
from publishing.limits import Endpoint, NoPlace, place_for
from publishing.wording import words_for
from tiktok.client import CreatorInfo, fetch_creator_info
from tiktok.errors import TikTokError

# UX-1.0: no cache beyond the few seconds in which one opening may ask twice.
DEDUPLICATE_S = 5


class CreatorUnavailable(Exception):
    """The creator cannot be asked, or cannot post now: why, in words, with TikTok's code."""

    def __init__(self, text: str, code: str = "", log_id: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.log_id = log_id


def look_at_creator(account: TikTokAccount, now: datetime) -> CreatorInfo:
    """The creator's choices at this moment. Raises CreatorUnavailable."""
    key = f"creator-info-{account.pk}-{settings.TIKTOK_CLIENT_KEY}"
    if kept := cache.get(key):
        return CreatorInfo(**kept)
    creator = _ask(account, now)
    cache.set(key, asdict(creator), DEDUPLICATE_S)
    note_creator(tiktok_app(), account, creator)
    return creator


def _ask(account: TikTokAccount, now: datetime) -> CreatorInfo:
    app = tiktok_app()
    try:
        token = usable_access_token(app, account, now)
        with place_for(account, Endpoint.CREATOR_INFO, is_firing=False):
            return fetch_creator_info(app, token)
    except NoPlace as full:
        wait_s = max(1, round((full.frees_at - now).total_seconds()))
        raise CreatorUnavailable(
            f"TikTok allows 20 such questions a minute. Try again in {wait_s} s."
        ) from full
    except TokenBusy as busy:
        raise CreatorUnavailable(
            "This account's sign-in is being renewed. Try again in a few seconds."
        ) from busy
    except ReconnectNeeded as dead:
        raise CreatorUnavailable(f"{account} must be connected again: {dead}") from dead
    except TikTokError as error:
        raise CreatorUnavailable(
            words_for(error.code, error.message), error.code, error.log_id
        ) from error
