"""Where an invitation's link leads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.invitations import (
    InvitationGone,
    accept_invitation,
    find_invitation,
    forget_invitation,
    remember_invitation,
    remembered_invitation,
)
from accounts.models import Invitation, Membership
from calendar_app.middleware import SESSION_KEY


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if "token" in request.GET:
        return _remember(request, request.GET["token"])
    found = remembered_invitation(request.session, now)
    if found is None:
        return render(request, "team/invitation_gone.html", status=404)
    if request.method == "POST" and request.user.is_authenticated:
        return _accept(request, found)
    is_member = (
        request.user.is_authenticated
        and Membership.objects.filter(team=found.team, user=request.user).exists()
    )
    context = {"invitation": found, "is_member": is_member}
    return render(request, "team/invitation.html", context)


def _remember(request: HttpRequest, token: str) -> HttpResponse:
    # Out of the address bar, so that it does not stay in the history.
    if find_invitation(token, timezone.now()):
        remember_invitation(request.session, token)
    else:
        forget_invitation(request.session)
    return redirect("invitation")


def _accept(request: HttpRequest, found: Invitation) -> HttpResponse:
    forget_invitation(request.session)
    try:
        membership = accept_invitation(found, request.user, timezone.now())  # type: ignore[arg-type]
    except InvitationGone:
        return render(request, "team/invitation_gone.html", status=404)
    request.session[SESSION_KEY] = membership.team_id
    messages.success(request, gettext("You are in {team} now.").format(team=membership.team))
    return redirect("home")
