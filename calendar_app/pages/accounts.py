"""The team's TikTok accounts: connect, health, disconnect."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.connecting import Connected, ConnectRefused, begin_connect, finish_connect
from accounts.models import AccountStatus, TikTokAccount
from accounts.permissions import Permission, may
from accounts.scopes import WORDS, MissingScope, missing_scopes
from accounts.tiktok_app import asked_scopes, tiktok_app
from calendar_app.access import find_for_member, team_page
from publishing.disconnecting import disconnect_account, posts_to_pause

DAY_S = 24 * 3600


@dataclass(frozen=True)
class AccountCard:
    """An account as the page shows it. `posts_to_pause` counts what a disconnect would pause."""

    account: TikTokAccount
    granted: list[str]
    missing: tuple[MissingScope, ...]
    posts_to_pause: int


@require_safe
@team_page(Permission.VIEW)
def accounts(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    kept = TikTokAccount.objects.filter(team=membership.team, deleted_at=None)
    found = kept.select_related("connected_by")
    cards = [_card(account) for account in found]
    gone = [card for card in cards if card.account.status == AccountStatus.DISCONNECTED]
    context = {
        "cards": [card for card in cards if card not in gone],
        "gone": gone,
        "may_delete": may(membership, Permission.DELETE_DATA),
    }
    return render(request, "accounts/accounts.html", context)


def _card(account: TikTokAccount) -> AccountCard:
    granted = [WORDS[scope][0] if scope in WORDS else scope for scope in account.scopes]
    missing = missing_scopes(asked_scopes(), account.scopes)
    return AccountCard(account, granted, missing, posts_to_pause(account))


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
    verb = "is connected" if connected.is_new else "is connected again"
    messages.success(request, f"{connected.account} {verb}.")
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
    text = f"{account} is disconnected."
    if done.paused:
        text += f" {done.paused} scheduled post{'s' if done.paused > 1 else ''} paused."
    messages.success(request, text)
    if done.text:
        messages.warning(request, done.text)
    return redirect("accounts")


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
