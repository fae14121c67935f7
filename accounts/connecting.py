"""Connecting a TikTok account to a team, connecting it again, and disconnecting it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy

from accounts import pending
from accounts.activity import note_activity
from accounts.lifetimes import token_columns
from accounts.models import AccountStatus, Team, TikTokAccount, User
from accounts.profiles import fetch_profile
from accounts.scopes import MissingScope, missing_scopes
from accounts.tiktok_app import asked_scopes
from accounts.tokens import decrypt
from tiktok.app import App
from tiktok.errors import InvalidGrant, RateLimited, TikTokError, Unavailable
from tiktok.oauth import (
    TokenGrant,
    authorize_link,
    exchange_code,
    new_code_verifier,
    revoke_token,
)

logger = logging.getLogger("duecast.accounts")

HUES = 12

UNKNOWN_STATE = gettext_lazy(
    "This answer from TikTok does not belong to a connection begun in this browser within the "
    "last 10 minutes, or it was used before. Press Connect again."
)
OTHER_TEAM_CHOSEN = gettext_lazy(
    "You changed the team while connecting. Go back to the team the account is meant for and "
    "press Connect again."
)
HELD_ELSEWHERE = gettext_lazy(
    "This TikTok account is connected to another team on this site. It has to be disconnected "
    "there first. Nothing was changed."
)
NO_CODE = gettext_lazy("TikTok’s answer was incomplete. Press Connect again.")
REFUSALS = {
    "access_denied": gettext_lazy(
        "You did not allow the connection on TikTok, so nothing was connected."
    ),
    "non_sandbox_target": gettext_lazy(
        "This TikTok app runs in TikTok’s sandbox, and this account is not among its target "
        "users. Add it in TikTok’s developer portal, wait up to an hour, and connect again."
    ),
    "invalid_scope": gettext_lazy(
        "TikTok has not approved this app for a permission that Duecast asks for. Check the "
        "app’s scopes in TikTok’s developer portal, and the settings TIKTOK_OFFERS_INBOX and "
        "TIKTOK_LISTS_VIDEOS."
    ),
    "unauthorized_client": gettext_lazy(
        "TikTok does not let this app connect accounts yet. Check its state in TikTok’s "
        "developer portal."
    ),
    "invalid_client": gettext_lazy(
        "TikTok does not know this app’s key and secret. Check TIKTOK_CLIENT_KEY and "
        "TIKTOK_CLIENT_SECRET."
    ),
    "server_error": gettext_lazy("TikTok had a problem of its own. Try again in a few minutes."),
    "temporarily_unavailable": gettext_lazy("TikTok is overloaded. Try again in a few minutes."),
}
NOT_TOLD = gettext_lazy(
    "TikTok could not be told. Duecast has deleted its access; to end it at TikTok too, open the "
    "TikTok app: Settings and privacy → Security → Manage app permissions."
)


class ConnectRefused(Exception):
    """Nothing was connected. `text` says why in plain words; `code` and `log_id` are TikTok's."""

    def __init__(self, text: str, code: str = "", log_id: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.log_id = log_id


@dataclass(frozen=True)
class Connected:
    """`is_new` is False when this team had the account before: its posts are still there."""

    account: TikTokAccount
    is_new: bool
    missing_scopes: tuple[MissingScope, ...]


@dataclass(frozen=True)
class Disconnected:
    """`text` is for the person, "" when TikTok knows."""

    is_tiktok_told: bool
    text: str = ""
    code: str = ""
    log_id: str = ""


def begin_connect(
    session: SessionBase,
    app: App,
    *,
    redirect_uri: str,
    force_consent: bool,
    team: Team,
    now: datetime | None = None,
) -> str:
    """The address of TikTok's consent page for an account of `team`.

    `force_consent` shows that page even to somebody TikTok knows: without it, adding a second
    account could silently connect the first again.
    """
    verifier = new_code_verifier() if app.uses_pkce else ""
    begun = pending.Pending(team.pk, redirect_uri, verifier)
    state = pending.remember(session, begun, now or current_moment())
    return authorize_link(
        app,
        scopes=asked_scopes(),
        redirect_uri=redirect_uri,
        state=state,
        force_consent=force_consent,
        code_verifier=verifier or None,
    )


def finish_connect(
    session: SessionBase,
    app: App,
    team: Team,
    person: User,
    query: Mapping[str, str],
    redirect_uri: str,
    now: datetime,
) -> Connected:
    """Takes TikTok's answer, as the callback's decoded query. Raises ConnectRefused."""
    begun = pending.take(session, query.get("state", ""), now)
    if begun is None or begun.redirect_uri != redirect_uri:
        raise ConnectRefused(str(UNKNOWN_STATE), "unknown_state")
    _check_answer(query)
    if begun.team_id != team.pk:
        raise ConnectRefused(str(OTHER_TEAM_CHOSEN), "team_changed")
    grant = _exchange(app, query["code"], begun)
    account, is_new = _store(app, team, person, grant, now)
    logger.info("Account connected", extra={"account": account.pk, "team": team.pk})
    fetch_profile(app, account)
    return Connected(account, is_new, missing_scopes(asked_scopes(), account.scopes))


def disconnect(app: App, account: TikTokAccount, now: datetime) -> Disconnected:
    """Deletes our tokens, then ends our access at TikTok; the row stays for its posts.

    A refresh on its way finds its pair gone and gives its answer back.
    """
    sealed_token = wipe_tokens(account, AccountStatus.DISCONNECTED)
    account.refresh_from_db()
    logger.info("Account disconnected", extra={"account": account.pk, "team": account.team_id})
    if not sealed_token:
        return Disconnected(is_tiktok_told=True)
    try:
        revoke_token(app, access_token=decrypt(sealed_token))
    except TikTokError as error:
        logger.warning(
            "TikTok could not be told of a disconnect",
            extra={"account": account.pk, "code": error.code, "log_id": error.log_id},
        )
        return Disconnected(False, str(NOT_TOLD), error.code, error.log_id)
    except InvalidToken:
        return Disconnected(False, str(NOT_TOLD))
    return Disconnected(is_tiktok_told=True)


def wipe_tokens(account: TikTokAccount, status: AccountStatus, reason: str = "") -> str:
    """Takes both tokens off the row in one step; the encrypted access token it had."""
    with transaction.atomic():
        row = TikTokAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        TikTokAccount.objects.filter(pk=row.pk).update(
            status=status,
            status_reason=reason,
            access_token_encrypted="",
            refresh_token_encrypted="",
            access_expires_at=None,
            refresh_expires_at=None,
            refresh_due_at=None,
            refresh_failures=0,
            refresh_error="",
            refresh_lease_token=None,
            refresh_lease_until=None,
        )
    return row.access_token_encrypted


def _check_answer(query: Mapping[str, str]) -> None:
    error = query.get("error", "")
    if error:
        known = REFUSALS.get(query.get("error_type", "")) or REFUSALS.get(error)
        unknown = gettext("TikTok refused the connection ({error}).").format(error=error[:60])
        raise ConnectRefused(str(known or unknown), error[:100])
    if not query.get("code"):
        raise ConnectRefused(str(NO_CODE), "no_code")


def _exchange(app: App, code: str, begun: pending.Pending) -> TokenGrant:
    try:
        return exchange_code(
            app,
            code=code,
            redirect_uri=begun.redirect_uri,
            code_verifier=begun.verifier or None,
        )
    except TikTokError as error:
        logger.warning(
            "TikTok did not exchange a code",
            extra={
                "code": error.code,
                "log_id": error.log_id,
                "http_status": error.http_status,
            },
        )
        raise ConnectRefused(_exchange_words(error), error.code, error.log_id) from error


def _exchange_words(error: TikTokError) -> str:
    if isinstance(error, InvalidGrant):
        return gettext(
            "TikTok no longer accepts this answer: it was too old or used. Press Connect again."
        )
    if isinstance(error, RateLimited):
        return gettext("TikTok had too many calls. Wait a minute and press Connect again.")
    if error.code in REFUSALS:
        return str(REFUSALS[error.code])
    if isinstance(error, Unavailable):
        return gettext(
            "TikTok could not be reached, so nothing was connected. Press Connect again."
        )
    reason = error.message or error.code
    return gettext("TikTok refused the connection: {reason}").format(reason=reason)


def _store(
    app: App, team: Team, person: User, grant: TokenGrant, now: datetime
) -> tuple[TikTokAccount, bool]:
    columns = token_columns(grant, now) | {
        "scopes": sorted(grant.scopes),
        "connected_by": person,
        "connected_at": now,
        "end_warned_days": None,
    }
    try:
        with transaction.atomic():
            stored = _claim(team, person, grant.open_id, columns, now)
    except IntegrityError:
        # Another request stored this creator at the same moment; its row decides.
        with transaction.atomic():
            stored = _claim(team, person, grant.open_id, columns, now)
    if stored is None:
        _give_back(app, grant)
        raise ConnectRefused(str(HELD_ELSEWHERE), "held_by_another_team")
    return stored


def _claim(
    team: Team, person: User, open_id: str, columns: dict[str, object], now: datetime
) -> tuple[TikTokAccount, bool] | None:
    """The team's row for this creator, and whether it is new; None when another team holds it.

    A team that disconnected a creator keeps its row and posts, under another open_id, when
    another team connects that creator: no row ever moves between teams.
    """
    holder = TikTokAccount.objects.select_for_update(no_key=True).filter(open_id=open_id).first()
    if holder is not None and holder.team_id != team.pk:
        if holder.status != AccountStatus.DISCONNECTED:
            return None
        holder.open_id = _given_up_id(holder, open_id)
        holder.save(update_fields=["open_id"])
        holder = None
    account = holder or _given_up_before(team, open_id)
    if account is None:
        account = _new_account(team, open_id, columns)
        note_activity(team.pk, person, "account_connected", now, account_id=account.pk)
        return account, True
    TikTokAccount.objects.filter(pk=account.pk).update(open_id=open_id, **columns)
    account.refresh_from_db()
    note_activity(team.pk, person, "account_reconnected", now, account_id=account.pk)
    return account, False


def _given_up_id(account: TikTokAccount, open_id: str) -> str:
    return f"given-up-{account.pk}:{open_id}"


def _given_up_before(team: Team, open_id: str) -> TikTokAccount | None:
    candidates = TikTokAccount.objects.filter(
        team=team, open_id__startswith="given-up-", open_id__endswith=f":{open_id}"
    )
    return next((each for each in candidates if each.open_id == _given_up_id(each, open_id)), None)


def _new_account(team: Team, open_id: str, columns: dict[str, object]) -> TikTokAccount:
    latest = TikTokAccount.objects.filter(team=team).order_by("-id").first()
    return TikTokAccount.objects.create(
        team=team,
        open_id=open_id,
        hue=(latest.hue + 1) % HUES if latest else 0,
        daily_cap=settings.TIKTOK_DAILY_CAP,
        **columns,
    )


def _give_back(app: App, grant: TokenGrant) -> None:
    try:
        revoke_token(app, access_token=grant.access_token)
    except TikTokError as error:
        logger.warning(
            "Refused tokens could not be revoked",
            extra={"code": error.code, "log_id": error.log_id},
        )
