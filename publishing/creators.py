"""What TikTok says about a creator, asked live for the posting screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext

from accounts.models import TikTokAccount
from accounts.profiles import note_creator
from accounts.refresh import (
    ReconnectNeeded,
    TokenBusy,
    replace_rejected_token,
    usable_access_token,
)
from accounts.tiktok_app import tiktok_app
from publishing.limits import Endpoint, NoPlace, place_for
from publishing.wording import words_for
from tiktok.client import App, CreatorInfo, fetch_creator_info
from tiktok.errors import AccessTokenInvalid, RateLimited, TikTokError, Unavailable

# UX-1.0: no cache beyond the few seconds in which one opening may ask twice.
DEDUPLICATE_S = 5


class CreatorUnavailable(Exception):
    """The creator cannot be asked, or cannot post now: why, in words, with TikTok's code.

    With `may_pass` nothing is wrong with the account: another try a little later may do.
    """

    def __init__(
        self, text: str, code: str = "", log_id: str = "", *, may_pass: bool = False
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.log_id = log_id
        self.may_pass = may_pass


def look_at_creator(account: TikTokAccount, now: datetime) -> CreatorInfo:
    """The creator's choices at this moment. Raises CreatorUnavailable."""
    key = f"creator-info-{account.pk}-{settings.TIKTOK_CLIENT_KEY}"
    if kept := cache.get(key):
        return CreatorInfo(**kept)
    creator = ask_creator(account, now)
    cache.set(key, asdict(creator), DEDUPLICATE_S)
    note_creator(tiktok_app(), account, creator)
    return creator


def check_sign_in(account: TikTokAccount, now: datetime) -> None:
    """Makes sure of an access token that TikTok takes. Raises CreatorUnavailable."""
    with _in_words(account, now):
        usable_access_token(tiktok_app(), account, now)


def ask_creator(account: TikTokAccount, now: datetime) -> CreatorInfo:
    """TikTok's answer of this moment, without the places kept for firing.

    Raises CreatorUnavailable.
    """
    app = tiktok_app()
    with _in_words(account, now):
        token = usable_access_token(app, account, now)
        try:
            return _fetch(app, account, token)
        except AccessTokenInvalid:
            token = replace_rejected_token(app, account, token, now)
            return _fetch(app, account, token)


def _fetch(app: App, account: TikTokAccount, token: str) -> CreatorInfo:
    with place_for(account, Endpoint.CREATOR_INFO, is_firing=False):
        return fetch_creator_info(app, token)


@contextmanager
def _in_words(account: TikTokAccount, now: datetime) -> Iterator[None]:
    try:
        yield
    except NoPlace as full:
        wait_s = max(1, round((full.frees_at - now).total_seconds()))
        text = gettext("TikTok allows 20 such questions a minute. Try again in {seconds} s.")
        raise CreatorUnavailable(text.format(seconds=wait_s), may_pass=True) from full
    except TokenBusy as busy:
        raise CreatorUnavailable(
            gettext("This account's sign-in is being renewed. Try again in a few seconds."),
            may_pass=True,
        ) from busy
    except ReconnectNeeded as dead:
        text = gettext("{account} must be connected again: {reason}")
        raise CreatorUnavailable(text.format(account=account, reason=dead)) from dead
    except TikTokError as error:
        raise CreatorUnavailable(
            words_for(error.code, error.message),
            error.code,
            error.log_id,
            may_pass=isinstance(error, Unavailable | RateLimited),
        ) from error
