"""Two-factor sign-in: its secrets are encrypted with the same keys as TikTok's tokens."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.db import transaction

from accounts.tokens import decrypt, encrypt, rotate

# Where allauth keeps what it has encrypted: an app's secret, the seed of recovery codes.
SECRETS = ("secret", "seed")


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)


def rotate_second_factors() -> tuple[int, list[int]]:
    """Re-encrypts them with the first key: how many were, and the people whose no key opens."""
    rotated, unreadable = 0, []
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                row.data |= _rotated(row.data)
            except InvalidToken:
                unreadable.append(row.user_id)
                continue
            row.save(update_fields=["data"])
            rotated += 1
    return rotated, unreadable


def _rotated(data: dict[str, Any]) -> dict[str, str]:
    return {name: rotate(data[name]) for name in SECRETS if name in data}
