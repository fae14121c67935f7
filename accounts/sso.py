"""Single sign-on: whom an OpenID Connect provider brings in, and which team they come to.

What the provider says counts only with a confirmed e-mail address. It opens the account that has
the address, or uses up the invitation to it; nobody else gets in unless sign-up is open.
"""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.timezone import now as current_moment

from accounts.adapter import bring_into_team
from accounts.invitations import (
    InvitationGone,
    forget_invitation,
    invitation_to,
    remembered_invitation,
)
from accounts.models import Invitation, User


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        for address in sociallogin.email_addresses:
            # Some providers send the word: "false" must not count as true.
            address.verified = address.verified is True or address.verified == "true"
        user: User = super().populate_user(request, sociallogin, data)
        user.email = user.email.lower()
        user.name = (data.get("name") or "")[:80]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not sociallogin.is_existing and not _proven_address(sociallogin):
            page = render(request, "socialaccount/unconfirmed.html", status=403)
            raise ImmediateHttpResponse(page)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        # The first person comes by the first-run link and by nothing else.
        if not User.objects.exists():
            return False
        return settings.SIGNUP_OPEN or _invitation(request, sociallogin) is not None

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        now = current_moment()
        invitation = _invitation(request, sociallogin)
        try:
            with transaction.atomic():
                user: User = super().save_user(request, sociallogin, form)
                bring_into_team(user, invitation, now)
        except InvitationGone:
            page = render(request, "account/signup_closed.html")
            raise ImmediateHttpResponse(page) from None
        finally:
            forget_invitation(request.session)
        return user


def _invitation(request: HttpRequest, sociallogin: SocialLogin) -> Invitation | None:
    """The one whose link this browser opened, else the one to the confirmed address."""
    now = current_moment()
    opened = remembered_invitation(request.session, now)
    return opened or invitation_to(_proven_address(sociallogin), now)


def _proven_address(sociallogin: SocialLogin) -> str:
    proven = (address.email for address in sociallogin.email_addresses if address.verified)
    return next(proven, "")
