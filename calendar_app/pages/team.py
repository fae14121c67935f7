"""Who is in the team, and who is invited."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.invitations import InviteRefused, invite, open_invitations, revoke
from accounts.models import Invitation, Membership
from accounts.permissions import Permission, may
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.people import InviteForm
from calendar_app.pages.invitation_links import links_in_outbox


@require_safe
@team_page(Permission.VIEW)
def team(request: HttpRequest) -> HttpResponse:
    return _show(request, InviteForm())


@require_POST
@team_page(Permission.MANAGE_TEAM)
def team_invite(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        invite(membership.team, email, role, membership.user, timezone.now())
    except InviteRefused as refused:
        form.add_error("email", refused.text)
        return _show(request, form, status=422)
    what = "A mail with the link is on its way to" if settings.EMAIL_URL else "Pass the link on to"
    messages.success(request, f"Invitation made. {what} {email}.")
    return redirect("team")


@require_POST
@team_page(Permission.VIEW)
def team_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    everywhere = Invitation.objects.all()
    invitation = find_for_member(request, everywhere, pk, Permission.MANAGE_TEAM)
    if revoke(invitation):
        messages.success(request, f"The invitation for {invitation.email} no longer works.")
    else:
        messages.warning(request, f"{invitation.email} has used the invitation already.")
    return redirect("team")


def _show(request: HttpRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    members = Membership.objects.filter(team=membership.team).select_related("user")
    context: dict[str, Any] = {"members": members.order_by("joined_at", "id"), "form": form}
    if may(membership, Permission.MANAGE_TEAM):
        context |= {"may_manage": True, "invitations": _pending(membership)}
    return render(request, "team/team.html", context, status=status)


def _pending(membership: Membership) -> list[tuple[Invitation, str]]:
    """Open invitations with their links; the link is empty where it went out by SMTP."""
    invitations = list(open_invitations(membership.team))
    links = {} if settings.EMAIL_URL else links_in_outbox(invitations)
    return [(invitation, links.get(invitation.token_sha256, "")) for invitation in invitations]
