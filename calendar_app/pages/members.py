"""Changing somebody's role, removing them, leaving, handing the team over."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.members import (
    ABOVE_YOU,
    MemberRefused,
    change_role,
    hand_over,
    leave_team,
    remove_member,
)
from accounts.models import Membership
from accounts.permissions import Permission, may_grant
from calendar_app.access import demand, find_for_member, member_in, team_page
from calendar_app.forms.people import RoleForm
from calendar_app.pages.team import show_team


@require_POST
@team_page(Permission.VIEW)
def member_role(request: HttpRequest, pk: int) -> HttpResponse:
    member = _find(request, pk, Permission.MANAGE_TEAM)
    by = member_in(request, member.team_id)
    if not may_grant(by, member.role):
        raise PermissionDenied(ABOVE_YOU)
    form = RoleForm(request.POST, member=member, by=by)
    if form.is_valid():
        try:
            change_role(member, form.cleaned_data["role"], by.user, timezone.now())
        except MemberRefused as refused:
            form.add_error("role", refused.text)
        else:
            text = gettext("{name} has the new role.").format(name=member.user)
            messages.success(request, text)
            return redirect("team")
    return show_team(request, by, role_form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then ends the membership; one's own, whatever the role."""
    member = _find(request, pk, Permission.VIEW)
    by = member_in(request, member.team_id)
    is_self = member.pk == by.pk
    if not is_self:
        demand(by, Permission.MANAGE_TEAM)
        if not may_grant(by, member.role):
            raise PermissionDenied(ABOVE_YOU)
    context = {"member": member, "is_self": is_self}
    if request.method != "POST":
        return render(request, "team/remove.html", context)
    try:
        _end(member, by, is_self)
    except MemberRefused as refused:
        return render(request, "team/remove.html", context | {"refusal": refused.text}, status=409)
    you, they = gettext("You are no longer in {team}."), gettext("{name} is no longer in {team}.")
    text = (you if is_self else they).format(name=member.user, team=member.team)
    messages.success(request, text)
    return redirect("home" if is_self else "team")


def _end(member: Membership, by: Membership, is_self: bool) -> None:
    if is_self:
        leave_team(member, timezone.now())
    else:
        remove_member(member, by.user, timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def member_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then makes the member an owner in one's own place."""
    member = _find(request, pk, Permission.MANAGE_OWNERS)
    context: dict[str, object] = {"member": member}
    if request.method != "POST":
        return render(request, "team/hand_over.html", context)
    try:
        hand_over(member, request.user, timezone.now())  # type: ignore[arg-type]
    except MemberRefused as refused:
        context |= {"refusal": refused.text}
        return render(request, "team/hand_over.html", context, status=409)
    text = gettext("{name} owns {team} now. You are a manager.")
    messages.success(request, text.format(name=member.user, team=member.team))
    return redirect("team")


def _find(request: HttpRequest, pk: int, permission: Permission) -> Membership:
    members = Membership.objects.select_related("user", "team")
    return find_for_member(request, members, pk, permission)
