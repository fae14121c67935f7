"""Deleting: a TikTok account's data, a team, one's own account. Each asks once more."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from accounts.leaving import LeavingRefused, delete_person, teams_resting_on
from accounts.models import TikTokAccount
from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.site import TeamDeletionForm
from publishing.deleting import (
    DeletionRefused,
    delete_team,
    delete_tiktok_account,
    posts_to_keep,
)
from publishing.models import Post


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def account_delete(request: HttpRequest, pk: int) -> HttpResponse:
    everything = TikTokAccount.objects.filter(deleted_at=None)
    account = find_for_member(request, everything, pk, Permission.DELETE_DATA)
    if request.method != "POST":
        return _ask_about_account(request, account)
    name = str(account)
    try:
        kept = delete_tiktok_account(account, request.user, timezone.now())  # type: ignore[arg-type]
    except DeletionRefused as refused:
        return _ask_about_account(request, account, refused.text)
    words = [gettext("{name} is deleted.").format(name=name)]
    if kept:
        stays = ngettext(
            "{n} post that reached TikTok stays.", "{n} posts that reached TikTok stay.", kept
        )
        words.append(stays.format(n=kept))
    messages.success(request, " ".join(words))
    return redirect("accounts")


def _ask_about_account(
    request: HttpRequest, account: TikTokAccount, refusal: str = ""
) -> HttpResponse:
    kept = posts_to_keep(account).count()
    context = {
        "account": account,
        "kept": kept,
        "gone": Post.objects.filter(account=account).count() - kept,
        "refusal": refusal,
    }
    status = 409 if refusal else 200
    return render(request, "deleting/account.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.DELETE_DATA)
def team_delete(request: HttpRequest) -> HttpResponse:
    team = request.membership.team  # type: ignore[attr-defined]
    form = TeamDeletionForm(request.POST or None, team=team)
    context: dict[str, Any] = {"team": team, "form": form}
    if request.method != "POST":
        return render(request, "deleting/team.html", context)
    if not form.is_valid():
        return render(request, "deleting/team.html", context, status=422)
    try:
        delete_team(team, timezone.now())
    except DeletionRefused as refused:
        context["refusal"] = refused.text
        return render(request, "deleting/team.html", context, status=409)
    messages.success(request, gettext("{name} is deleted.").format(name=team))
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def person_delete(request: HttpRequest) -> HttpResponse:
    person = request.user
    context: dict[str, Any] = {"resting": teams_resting_on(person)}  # type: ignore[arg-type]
    if request.method != "POST":
        return render(request, "deleting/person.html", context)
    try:
        delete_person(person, timezone.now())  # type: ignore[arg-type]
    except LeavingRefused as refused:
        context["refusal"] = refused.text
        return render(request, "deleting/person.html", context, status=409)
    logout(request)
    messages.success(request, gettext("Your account is deleted."))
    return redirect("home")
