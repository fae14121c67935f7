"""TikTok's permissions in words: which are missing, and what will not work."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.tiktok_app import BASIC_SCOPE, INBOX_SCOPE, PUBLISH_SCOPE, VIDEO_LIST_SCOPE


@dataclass(frozen=True)
class MissingScope:
    """A permission the creator did not give. `consequence` is a whole sentence."""

    scope: str
    name: str
    consequence: str

    def __str__(self) -> str:
        return f"“{self.name}” ({self.scope}) is missing: {self.consequence}"


WORDS = {
    BASIC_SCOPE: (
        "Read your profile info",
        "Duecast cannot show this account’s name and picture.",
    ),
    PUBLISH_SCOPE: (
        "Post content to TikTok",
        "Duecast cannot publish to this account. Only sending drafts to its inbox can work.",
    ),
    INBOX_SCOPE: (
        "Share content as a draft",
        "Duecast cannot send drafts to this account’s inbox. Publishing directly can work.",
    ),
    VIDEO_LIST_SCOPE: (
        "Read your public videos on TikTok",
        "Duecast cannot show what is on the profile when nobody knows whether a post arrived.",
    ),
}


def missing_scopes(asked: Iterable[str], granted: Iterable[str]) -> tuple[MissingScope, ...]:
    """What was asked for and not granted, in the order it was asked."""
    given = set(granted)
    return tuple(MissingScope(scope, *WORDS[scope]) for scope in asked if scope not in given)
