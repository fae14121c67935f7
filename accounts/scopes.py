"""TikTok's permissions in words: which are missing, and what will not work."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from accounts.tiktok_app import BASIC_SCOPE, INBOX_SCOPE, PUBLISH_SCOPE, VIDEO_LIST_SCOPE


@dataclass(frozen=True)
class MissingScope:
    """A permission the creator did not give. `consequence` is a whole sentence."""

    scope: str
    name: str
    consequence: str

    def __str__(self) -> str:
        return gettext("“{name}” ({scope}) is missing: {consequence}").format(
            name=self.name, scope=self.scope, consequence=self.consequence
        )


WORDS = {
    BASIC_SCOPE: (
        gettext_lazy("Read your profile info"),
        gettext_lazy("Duecast cannot show this account’s name and picture."),
    ),
    PUBLISH_SCOPE: (
        gettext_lazy("Post content to TikTok"),
        gettext_lazy(
            "Duecast cannot publish to this account. Only sending drafts to its inbox can work."
        ),
    ),
    INBOX_SCOPE: (
        gettext_lazy("Share content as a draft"),
        gettext_lazy(
            "Duecast cannot send drafts to this account’s inbox. Publishing directly can work."
        ),
    ),
    VIDEO_LIST_SCOPE: (
        gettext_lazy("Read your public videos on TikTok"),
        gettext_lazy(
            "Duecast cannot show what is on the profile when nobody knows whether a post arrived."
        ),
    ),
}


def missing_scopes(asked: Iterable[str], granted: Iterable[str]) -> tuple[MissingScope, ...]:
    """What was asked for and not granted, in the order it was asked."""
    given = set(granted)
    missing = (scope for scope in asked if scope not in given)
    return tuple(MissingScope(scope, *map(str, WORDS[scope])) for scope in missing)
