"""Re-encrypting stored tokens with the first of TOKEN_KEYS."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.db.models import Q

from accounts.models import TikTokAccount
from accounts.tokens import rotate


@dataclass(frozen=True)
class Rotation:
    """How many accounts were re-encrypted; those changing just then (run it again); and the ids
    of those that no key opens."""

    rotated: int
    busy: int
    unreadable: tuple[int, ...]


def rotate_account_tokens(now: datetime) -> Rotation:
    """Re-encrypts every account's tokens. It can run beside everything else and be repeated."""
    rotated = busy = 0
    unreadable = []
    for account in TikTokAccount.objects.exclude(refresh_token_encrypted="").iterator():
        try:
            done = _rotate(account, now)
        except InvalidToken:
            unreadable.append(account.pk)
            continue
        rotated += done
        busy += not done
    return Rotation(rotated, busy, tuple(unreadable))


def _rotate(account: TikTokAccount, now: datetime) -> bool:
    # A refresh on its way finds its pair by the encrypted token, so that must not change now.
    is_free = Q(refresh_lease_until=None) | Q(refresh_lease_until__lte=now)
    unchanged = TikTokAccount.objects.filter(
        is_free,
        pk=account.pk,
        access_token_encrypted=account.access_token_encrypted,
        refresh_token_encrypted=account.refresh_token_encrypted,
    )
    return bool(
        unchanged.update(
            access_token_encrypted=rotate(account.access_token_encrypted),
            refresh_token_encrypted=rotate(account.refresh_token_encrypted),
        )
    )
