"""Encryption of what must not be readable in a stolen database: TikTok tokens and upload URLs.

Keys come from TOKEN_KEYS. The first encrypts, all decrypt; `rotate` re-encrypts with the first.
"""

from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """`text` as a Fernet token; empty stays empty."""
    return _fernet(tuple(settings.TOKEN_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text of a Fernet token. Raises `cryptography.fernet.InvalidToken` for an unknown key."""
    return _fernet(tuple(settings.TOKEN_KEYS)).decrypt(token.encode()).decode() if token else ""


def rotate(token: str) -> str:
    """The same text encrypted with the first key."""
    return _fernet(tuple(settings.TOKEN_KEYS)).rotate(token.encode()).decode() if token else ""
