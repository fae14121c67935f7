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
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from accounts.activity import note_activity
from accounts.label_case import within_sentence
from accounts.models import Invitation, Membership, Role, Team, User
from accounts.permissions import may_grant

logger = logging.getLogger("duecast.accounts")

LIFE = timedelta(days=14)
ONLY_OWNERS = gettext_lazy("Only an owner can invite owners, or replace an invitation of one.")
NOT_ALLOWED = gettext_lazy("You may not invite people to this team.")
SESSION_KEY = "invitation"

MAIL = gettext_lazy(
    """\
{by} invites you to the team “{team}” on {product}, as {role}.

Open this link to join. It works once, until {expires}:

{link}

If you did not expect this mail, ignore it.
"""
)


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
        raise InviteRefused(gettext("{email} is already in this team.").format(email=email))
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        # Whoever is removed at this moment leaves no invitation behind.
        Team.objects.select_for_update(no_key=True).only("pk").get(pk=team.pk)
        _refuse_above(team, email, role, by)
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
    # Not with the row: a mail server that refuses it takes the invitation back.
    _send(invitation, token)
    note_activity(
        team.pk,
        by,
        "invitation_made",
        now,
        subject=email,
        new=invitation.get_role_display(),
    )
    return invitation, token


def _refuse_above(team: Team, email: str, role: str, by: User) -> None:
    member = Membership.objects.filter(team=team, user=by).first()
    replaced = open_invitations(team).filter(email=email).values_list("role", flat=True)
    for each in (role, *replaced):
        if not may_grant(member, each):
            raise InviteRefused(str(ONLY_OWNERS if each == Role.OWNER else NOT_ALLOWED))


def invitation_link(token: str) -> str:
    return f"{settings.SITE_URL}/invitation/?token={token}"


def open_invitations(team: Team) -> Any:
    """Those not accepted yet, expired ones too, newest first."""
    return Invitation.objects.filter(team=team, accepted_at=None).order_by("-created_at", "-id")


def revoke(invitation: Invitation, actor: User, now: datetime) -> bool:
    """Ends an open invitation. False when it was accepted before."""
    with transaction.atomic():
        ended = _end(invitation)
        if ended:
            team_id, email = invitation.team_id, invitation.email
            note_activity(team_id, actor, "invitation_revoked", now, subject=email)
    return ended


def _end(invitation: Invitation) -> bool:
    deleted, _ = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
    return bool(deleted)


def find_invitation(token: str, now: datetime) -> Invitation | None:
    """The open invitation of this token."""
    return _find(_digest(token), now)


def invitation_to(email: str, now: datetime) -> Invitation | None:
    """The newest open invitation to this address, which somebody else must have proven."""
    found = Invitation.objects.filter(email=email.lower(), accepted_at=None, expires_at__gt=now)
    return found.select_related("team", "invited_by").order_by("-created_at", "-id").first()


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
        membership, is_new = Membership.objects.get_or_create(
            team_id=invitation.team_id,
            user=user,
            defaults={"role": invitation.role, "joined_at": now},
        )
        if is_new:
            role = membership.get_role_display()
            note_activity(invitation.team_id, user, "invitation_accepted", now, new=role)
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
        role=within_sentence(invitation.get_role_display()),
        expires=date_format(invitation.expires_at, "d F Y"),
        link=invitation_link(token),
    )
    # A line break in a team's name must not begin a new header.
    team_name = " ".join(invitation.team.name.split())
    subject = gettext("Join “{team}” on {product}").format(
        team=team_name, product=settings.PRODUCT_NAME
    )
    try:
        EmailMessage(subject, body, to=[invitation.email]).send()
    except (OSError, smtplib.SMTPException) as error:
        _end(invitation)
        logger.warning("An invitation could not be mailed: %s", type(error).__name__)
        raise InviteRefused(
            gettext(
                "The mail server did not take the invitation, so it was not made. "
                "Check the mail settings and try again."
            )
        ) from None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
