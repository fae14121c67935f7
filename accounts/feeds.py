"""A member's secret calendar address: made, replaced, ended, and who is behind one."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from accounts.activity import note_activity
from accounts.models import CalendarFeed, Membership

# Of these the token in an address is made; 43 characters of 256 bits.
TOKEN_BYTES = 32


def make_feed(member: Membership, now: datetime) -> str:
    """The token of a new address, which is kept nowhere; the one before ends with it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        CalendarFeed.objects.update_or_create(
            membership=member, defaults={"token_sha256": _digest(token), "created_at": now}
        )
        note_activity(member.team_id, member.user, "feed_made", now)
    return token


def end_feed(member: Membership, now: datetime) -> bool:
    """Whether there was one to end."""
    with transaction.atomic():
        ended, _ = CalendarFeed.objects.filter(membership=member).delete()
        if ended:
            note_activity(member.team_id, member.user, "feed_revoked", now)
    return bool(ended)


def member_of_feed(token: str) -> Membership | None:
    """Whose address this is; None when it ended, or the person may no longer look."""
    members = Membership.objects.filter(
        calendar_feed__token_sha256=_digest(token), user__is_active=True
    )
    return members.select_related("team", "user").first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
