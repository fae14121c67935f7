"""Who is in the team, and who is invited."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.invitations import InviteRefused, invite, open_invitations, revoke
from accounts.members import ABOVE_YOU
from accounts.models import Invitation, Membership
from accounts.permissions import Permission, may, may_grant
from accounts.teams import may_create_team
from calendar_app.access import find_for_member, member_in, team_page
from calendar_app.forms.people import InviteForm, RoleForm
from calendar_app.pages.invitation_links import links_in_outbox


@dataclass(frozen=True)
class Row:
    """A member, and what the person who looks may do about them. `form` changes the role."""

    member: Membership
    form: RoleForm | None
    may_remove: bool
    may_hand_over: bool


@require_safe
@team_page(Permission.VIEW)
def team(request: HttpRequest) -> HttpResponse:
    return show_team(request, request.membership)  # type: ignore[attr-defined]


@require_POST
@team_page(Permission.MANAGE_TEAM)
def team_invite(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    form = InviteForm(request.POST, by=membership)
    if not form.is_valid():
        return show_team(request, membership, form, status=422)
    email, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        invite(membership.team, email, role, membership.user, timezone.now())
    except InviteRefused as refused:
        form.add_error("email", refused.text)
        return show_team(request, membership, form, status=422)
    if settings.EMAIL_URL:
        text = gettext("Invitation made. A mail with the link is on its way to {email}.")
    else:
        text = gettext("Invitation made. Pass the link on to {email}.")
    messages.success(request, text.format(email=email))
    return redirect("team")


@require_POST
@team_page(Permission.VIEW)
def team_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    everywhere = Invitation.objects.all()
    invitation = find_for_member(request, everywhere, pk, Permission.MANAGE_TEAM)
    if not may_grant(member_in(request, invitation.team_id), invitation.role):
        raise PermissionDenied(ABOVE_YOU)
    if revoke(invitation, request.user, timezone.now()):  # type: ignore[arg-type]
        text = gettext("The invitation for {email} no longer works.")
        messages.success(request, text.format(email=invitation.email))
    else:
        text = gettext("{email} has used the invitation already.")
        messages.warning(request, text.format(email=invitation.email))
    return redirect("team")


def show_team(
    request: HttpRequest,
    by: Membership,
    form: InviteForm | None = None,
    *,
    role_form: RoleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page as the member `by` sees their team; a form that was sent keeps what was typed."""
    members = Membership.objects.filter(team=by.team).select_related("user", "team")
    context: dict[str, Any] = {
        "team": by.team,
        "rows": [_row(by, member, role_form) for member in members.order_by("joined_at", "id")],
        "may_create_team": may_create_team(by.user),
        "form": form or InviteForm(by=by),
    }
    if may(by, Permission.MANAGE_TEAM):
        context |= {"may_manage": True, "invitations": _pending(by)}
    return render(request, "team/team.html", context, status=status)


def _row(by: Membership, member: Membership, sent: RoleForm | None) -> Row:
    is_self = member.pk == by.pk
    may_change = may_grant(by, member.role)
    form = sent if sent and sent.member.pk == member.pk else RoleForm(member=member, by=by)
    return Row(
        member,
        form if may_change else None,
        may_remove=is_self or may_change,
        may_hand_over=not is_self and may(by, Permission.MANAGE_OWNERS),
    )


def _pending(membership: Membership) -> list[tuple[Invitation, str]]:
    """Open invitations with their links; the link is empty where it went out by SMTP."""
    invitations = list(open_invitations(membership.team))
    links = {} if settings.EMAIL_URL else links_in_outbox(invitations)
    return [(invitation, links.get(invitation.token_sha256, "")) for invitation in invitations]
