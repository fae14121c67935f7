"""From TikTok's token answer to columns, and when to act on them. All lifetimes are TikTok's."""

import random
from datetime import datetime, timedelta
from typing import Any

from accounts.models import AccountStatus, TikTokAccount
from accounts.tokens import encrypt
from tiktok.oauth import TokenGrant

REFRESH_FRACTION = 0.75
# Refreshes come earlier by up to this part, so that accounts connected together drift apart.
JITTER = 0.05
WARN_DAYS = (30, 7, 1)

FIRST_RETRY_S = 30
LONGEST_RETRY_S = 15 * 60
# With the access token dead, posts wait for the next try.
LONGEST_RETRY_WITHOUT_ACCESS_S = 60


def token_columns(grant: TokenGrant, now: datetime) -> dict[str, Any]:
    """The account's columns for a fresh pair. Raises ValueError when a token is empty."""
    if not grant.access_token or not grant.refresh_token:
        raise ValueError("an empty token must never be stored")
    return {
        "access_token_encrypted": encrypt(grant.access_token),
        "refresh_token_encrypted": encrypt(grant.refresh_token),
        "access_expires_at": now + timedelta(seconds=grant.expires_in_s),
        "refresh_expires_at": now + timedelta(seconds=grant.refresh_expires_in_s),
        "refreshed_at": now,
        "refresh_due_at": refresh_moment(grant.expires_in_s, now),
        "refresh_failures": 0,
        "refresh_error": "",
        "refresh_lease_token": None,
        "refresh_lease_until": None,
        "status": AccountStatus.CONNECTED,
        "status_reason": "",
        "reconnect_told_at": None,
    }


def refresh_moment(expires_in_s: int, now: datetime) -> datetime:
    """When to refresh a token that lives `expires_in_s` from now: at 75 %, or a little before."""
    part = REFRESH_FRACTION * (1 - random.uniform(0, JITTER))  # noqa: S311 - spreads load only
    return now + timedelta(seconds=expires_in_s * part)


def retry_moment(failures: int, has_access: bool, now: datetime) -> datetime:
    """When to try again. `failures` counts the one that just failed, so it starts at 1."""
    longest_s = LONGEST_RETRY_S if has_access else LONGEST_RETRY_WITHOUT_ACCESS_S
    wait_s = min(FIRST_RETRY_S * 2 ** min(failures - 1, 10), longest_s)
    jitter = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load only
    return now + timedelta(seconds=wait_s * jitter)


def has_live_access(account: TikTokAccount, now: datetime) -> bool:
    ends = account.access_expires_at
    return bool(account.access_token_encrypted) and ends is not None and now < ends


def days_to_warn(account: TikTokAccount, now: datetime) -> int | None:
    """The smallest of 30, 7 and 1 days that the refresh token's end is within."""
    ends = account.refresh_expires_at
    if ends is None or ends <= now:
        return None
    reached = [days for days in WARN_DAYS if ends - now <= timedelta(days=days)]
    return min(reached, default=None)
