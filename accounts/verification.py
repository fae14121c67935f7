"""TikTok's proof that this site's address is ours: small files it asks for at the site's root."""

import re
from datetime import datetime

from django.db import transaction

from accounts.activity import note_activity
from accounts.models import Membership, SiteVerification

# The file's body, and its form `tiktok<TOKEN>.txt`: api-contract.md §9, url properties.
BODY_START = "tiktok-developers-site-verification="
_FORMS = re.compile(
    rf"{re.escape(BODY_START)}(?P<body>[A-Za-z0-9]+)|tiktok(?P<file>[A-Za-z0-9]+)\.txt"
    r"|(?P<token>[A-Za-z0-9]+)"
)
SHORTEST, LONGEST = 8, 100


class NotAToken(Exception):
    """The text holds no token in any form TikTok shows it."""


def read_token(text: str) -> str:
    """The token in a file's content, a file's name, or the token itself. Raises NotAToken."""
    match = _FORMS.fullmatch(text.strip())
    token = (match["body"] or match["file"] or match["token"]) if match else ""
    if not SHORTEST <= len(token) <= LONGEST:
        raise NotAToken
    return token


def add_verification(token: str, member: Membership, now: datetime) -> SiteVerification:
    """Serves the token's file from now on; the same token twice is one file."""
    fields = {"added_by": member.user, "added_at": now}
    with transaction.atomic():
        verification, is_new = SiteVerification.objects.get_or_create(token=token, defaults=fields)
        if is_new:
            # The history does not hold the token.
            note_activity(member.team_id, member.user, "verification_added", now)
    return verification


def remove_verification(verification: SiteVerification, member: Membership, now: datetime) -> None:
    with transaction.atomic():
        deleted, _ = SiteVerification.objects.filter(pk=verification.pk).delete()
        if deleted:
            note_activity(member.team_id, member.user, "verification_removed", now)


def file_body(token: str) -> str | None:
    """What stands in `tiktok<token>.txt`, without a line's end; None for a token we do not have."""
    if not SiteVerification.objects.filter(token=token).exists():
        return None
    return BODY_START + token
