"""The team's TikTok accounts: connect, health, disconnect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.connecting import Connected, ConnectRefused, begin_connect, finish_connect
from accounts.limits import limit_account, members_to_name, open_account
from accounts.models import AccountStatus, Membership, TikTokAccount, User
from accounts.permissions import Permission, may
from accounts.reach import SEES_ALL, accounts_within_reach
from accounts.scopes import WORDS, MissingScope, missing_scopes
from accounts.tiktok_app import asked_scopes, tiktok_app
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.people import LimitsForm
from publishing.disconnecting import disconnect_account, posts_to_pause, posts_to_pause_of

DAY_S = 24 * 3600


@dataclass(frozen=True)
class AccountCard:
    """An account as the page shows it. `posts_to_pause` counts what a disconnect would pause."""

    account: TikTokAccount
    granted: list[str]
    missing: tuple[MissingScope, ...]
    posts_to_pause: int
    named: list[Membership]
    limits: LimitsForm | None

    @property
    def who(self) -> str:
        """Who may see and use the account, in a sentence."""
        names = [str(member.user) for member in self.named]
        if not self.account.is_limited:
            return gettext("Everybody in the team may use it.")
        if not names:
            return gettext("For owners, managers only.")
        *others, last = names
        if not others:
            return gettext("For owners, managers and {name} only.").format(name=last)
        sentence = gettext("For owners, managers, {names} and {name} only.")
        return sentence.format(names=", ".join(others), name=last)


@require_safe
@team_page(Permission.VIEW)
def accounts(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    kept = accounts_within_reach(membership).filter(deleted_at=None)
    found = list(kept.select_related("connected_by").prefetch_related("allowed_members__user"))
    paused = posts_to_pause_of(found)
    members = _members_to_name(membership, found)
    cards = [_card(account, paused[account.pk], members) for account in found]
    gone = [card for card in cards if card.account.status == AccountStatus.DISCONNECTED]
    context = {
        "cards": [card for card in cards if card not in gone],
        "gone": gone,
        "may_delete": may(membership, Permission.DELETE_DATA),
    }
    return render(request, "accounts/accounts.html", context)


def _members_to_name(by: Membership, found: Sequence[TikTokAccount]) -> list[Membership] | None:
    """None for whoever may not limit accounts."""
    if not found or not may(by, Permission.MANAGE_TEAM):
        return None
    return list(members_to_name(found[0]))


def _card(account: TikTokAccount, paused: int, members: Sequence[Membership] | None) -> AccountCard:
    named = [one for one in account.allowed_members.all() if one.role not in SEES_ALL]
    limits = None if members is None else LimitsForm(account=account, members=members, named=named)
    granted = [str(WORDS[scope][0]) if scope in WORDS else scope for scope in account.scopes]
    missing = missing_scopes(asked_scopes(), account.scopes)
    return AccountCard(account, granted, missing, paused, named, limits)


@require_POST
@team_page(Permission.CONNECT)
def account_connect(request: HttpRequest) -> HttpResponse:
    team = request.membership.team  # type: ignore[attr-defined]
    # TikTok would reuse the last creator's sign-in, and nobody could pick another one.
    has_accounts = TikTokAccount.objects.filter(team=team).exists()
    url = begin_connect(
        request.session,
        tiktok_app(),
        redirect_uri=_callback_url(),
        force_consent=has_accounts,
        team=team,
    )
    return redirect(url)


@require_safe
@team_page(Permission.CONNECT)
def account_callback(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    try:
        connected = finish_connect(
            request.session,
            tiktok_app(),
            membership.team,
            membership.user,
            request.GET,
            _callback_url(),
            timezone.now(),
        )
    except ConnectRefused as refused:
        return render(request, "accounts/refused.html", {"refused": refused}, status=400)
    _tell(request, connected)
    return redirect("accounts")


def _tell(request: HttpRequest, connected: Connected) -> None:
    is_connected = gettext("{account} is connected.")
    text = is_connected if connected.is_new else gettext("{account} is connected again.")
    messages.success(request, text.format(account=connected.account))
    for missing in connected.missing_scopes:
        messages.warning(request, str(missing))


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def account_disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    account = find_for_member(request, TikTokAccount.objects.all(), pk, Permission.CONNECT)
    if request.method == "POST":
        return _disconnect(request, account, timezone.now())
    context = {"account": account, "posts_to_pause": posts_to_pause(account)}
    return render(request, "accounts/disconnect.html", context)


def _disconnect(request: HttpRequest, account: TikTokAccount, now: datetime) -> HttpResponse:
    done = disconnect_account(account, request.user, now)  # type: ignore[arg-type]
    text = gettext("{account} is disconnected.").format(account=account)
    if done.paused:
        paused = ngettext("{n} scheduled post paused.", "{n} scheduled posts paused.", done.paused)
        text += f" {paused.format(n=done.paused)}"
    messages.success(request, text)
    if done.text:
        messages.warning(request, done.text)
    return redirect("accounts")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def account_limits(request: HttpRequest, pk: int) -> HttpResponse:
    """Who may see and use the account."""
    everything = TikTokAccount.objects.filter(deleted_at=None)
    account = find_for_member(request, everything, pk, Permission.MANAGE_TEAM)
    members, named = members_to_name(account), account.allowed_members.all()
    sent = request.POST if request.method == "POST" else None
    form = LimitsForm(sent, account=account, members=members, named=named)
    if not form.is_valid():
        status = 200 if sent is None else 422
        context = {"account": account, "form": form}
        return render(request, "accounts/limits.html", context, status=status)
    _limit(account, form.named(), request.user, timezone.now())  # type: ignore[arg-type]
    messages.success(request, gettext("Saved who may use {account}.").format(account=account))
    return redirect("accounts")


def _limit(
    account: TikTokAccount, named: list[Membership] | None, actor: User, now: datetime
) -> None:
    if named is None:
        open_account(account, actor, now)
    else:
        limit_account(account, named, actor, now)


@require_safe
@team_page(Permission.VIEW)
def account_avatar(request: HttpRequest, pk: int) -> HttpResponseBase:
    account = find_for_member(request, TikTokAccount.objects.all(), pk, Permission.VIEW)
    if not account.avatar:
        raise Http404
    response = FileResponse(account.avatar.open())
    response["Cache-Control"] = f"private, max-age={DAY_S}"
    return response


def _callback_url() -> str:
    # From the setting and not from the request: TikTok compares it with what was registered.
    return settings.SITE_URL + reverse("account_callback")
