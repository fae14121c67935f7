"""Who may sign up, and which team they come to; everything else is allauth's."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext

from accounts.invitations import (
    InvitationGone,
    accept_invitation,
    forget_invitation,
    remembered_invitation,
)
from accounts.models import Invitation, User
from accounts.teams import create_team


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        # The first person comes by the first-run link and by nothing else.
        if not User.objects.exists():
            return False
        is_invited = remembered_invitation(request.session, current_moment()) is not None
        return settings.SIGNUP_OPEN or is_invited

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        now = current_moment()
        invitation = remembered_invitation(request.session, now)
        user.name = form.cleaned_data["name"]
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit)
                bring_into_team(user, invitation, now)
        except InvitationGone:
            forget_invitation(request.session)
            raise ImmediateHttpResponse(redirect("account_signup")) from None
        self._settle_invitation(request, user, invitation)
        return user

    def _settle_invitation(
        self, request: HttpRequest, user: User, invitation: Invitation | None
    ) -> None:
        """The link proves the invited address and no other.

        allauth would turn a stashed address into the user's, so only an equal one is stashed.
        """
        forget_invitation(request.session)
        if invitation and invitation.email.lower() == user.email.lower():
            self.stash_verified_email(request, user.email)


def bring_into_team(user: User, invitation: Invitation | None, now: datetime) -> None:
    """Into the inviting team, else into a new one of their own. Raises InvitationGone."""
    if invitation:
        accept_invitation(invitation, user, now)
        return
    if not settings.SIGNUP_OPEN:
        # It ended while the form was being filled in.
        raise InvitationGone
    name = gettext("{name}’s team").format(name=user.name[:73])
    create_team(user, name[:80], "UTC", now)
