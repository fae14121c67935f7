"""Bringing people into a team by a link that works once."""

import hashlib
import logging
import secrets
import smtplib
from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from accounts.models import Invitation, Membership, Team, User

logger = logging.getLogger("duecast.accounts")

LIFE = timedelta(days=14)
SESSION_KEY = "invitation"

MAIL = """\
{by} invites you to the team “{team}” on {product}, as {role}.

Open this link to join. It works once, until {expires:%d %B %Y}:

{link}

If you did not expect this mail, ignore it.
"""


class InviteRefused(Exception):
    """`text` says why in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class InvitationGone(Exception):
    """Used, revoked or expired since it was looked at."""


def invite(team: Team, email: str, role: str, by: User, now: datetime) -> tuple[Invitation, str]:
    """A new invitation, mailed, and its token, which is kept nowhere else.

    An open invitation of the same address ends. Raises InviteRefused.
    """
    email = email.strip().lower()
    if Membership.objects.filter(team=team, user__email=email).exists():
        raise InviteRefused(f"{email} is already in this team.")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        open_invitations(team).filter(email=email).delete()
        invitation = Invitation.objects.create(
            team=team,
            email=email,
            role=role,
            token_sha256=_digest(token),
            invited_by=by,
            created_at=now,
            expires_at=now + LIFE,
        )
    _send(invitation, token)
    return invitation, token


def invitation_link(token: str) -> str:
    return f"{settings.SITE_URL}/invitation/?token={token}"


def open_invitations(team: Team) -> Any:
    """Those not accepted yet, expired ones too, newest first."""
    return Invitation.objects.filter(team=team, accepted_at=None).order_by("-created_at", "-id")


def revoke(invitation: Invitation) -> bool:
    """Ends an open invitation. False when it was accepted before."""
    deleted, _ = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
    return bool(deleted)


def find_invitation(token: str, now: datetime) -> Invitation | None:
    """The open invitation of this token."""
    return _find(_digest(token), now)


def accept_invitation(invitation: Invitation, user: User, now: datetime) -> Membership:
    """Uses the invitation up. Somebody already in the team keeps their role.

    Raises InvitationGone.
    """
    with transaction.atomic():
        still_open = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, expires_at__gt=now
        )
        if not still_open.update(accepted_at=now, accepted_by=user):
            raise InvitationGone
        membership, _ = Membership.objects.get_or_create(
            team_id=invitation.team_id,
            user=user,
            defaults={"role": invitation.role, "joined_at": now},
        )
    return membership


def remember_invitation(session: MutableMapping[str, Any], token: str) -> None:
    """Keeps it for the sign-up or sign-in that follows."""
    session[SESSION_KEY] = _digest(token)


def remembered_invitation(session: MutableMapping[str, Any], now: datetime) -> Invitation | None:
    return _find(session.get(SESSION_KEY, ""), now)


def forget_invitation(session: MutableMapping[str, Any]) -> None:
    session.pop(SESSION_KEY, None)


def _find(token_sha256: str, now: datetime) -> Invitation | None:
    found = Invitation.objects.filter(
        token_sha256=token_sha256, accepted_at=None, expires_at__gt=now
    )
    return found.select_related("team", "invited_by").first()


def _send(invitation: Invitation, token: str) -> None:
    body = MAIL.format(
        by=invitation.invited_by,
        team=invitation.team,
        product=settings.PRODUCT_NAME,
        role=invitation.get_role_display().lower(),
        expires=invitation.expires_at,
        link=invitation_link(token),
    )
    # A line break in a team's name must not begin a new header.
    team_name = " ".join(invitation.team.name.split())
    subject = f"Join “{team_name}” on {settings.PRODUCT_NAME}"
    try:
        EmailMessage(subject, body, to=[invitation.email]).send()
    except (OSError, smtplib.SMTPException) as error:
        revoke(invitation)
        logger.warning("An invitation could not be mailed: %s", type(error).__name__)
        raise InviteRefused(
            "The mail server did not take the invitation, so it was not made. "
            "Check the mail settings and try again."
        ) from None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
