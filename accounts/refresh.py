"""Keeping tokens alive: one refresh at a time, stored before anything else happens.

TikTok ends the old refresh token at the moment it gives a new one, so two things are kept true:
only the holder of the row's lease asks, and an answer is stored only if the pair that was sent is
still the stored one. The encrypted refresh token says which pair that is: no two are equal.
docs/tokens.md tells what happens when a process dies in between.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID, uuid4

from cryptography.fernet import InvalidToken
from django.db.models import Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from accounts.lifetimes import (
    days_to_warn,
    has_live_access,
    retry_moment,
    token_columns,
)
from accounts.models import AccountStatus, TikTokAccount
from accounts.tokens import decrypt
from tiktok.app import App
from tiktok.errors import InvalidGrant, TikTokError, Unavailable
from tiktok.oauth import TokenGrant, refresh_token, revoke_token

logger = logging.getLogger("duecast.accounts")

# Longer than this a sweep would run into the one after the next.
SWEEP_BUDGET_S = 20
LEASE_RESERVE_S = 30

ENDED_BY_TIKTOK = gettext_lazy(
    "TikTok ended Duecast’s permission for this account, or a renewal of it got lost. "
    "Connect the account again."
)
ENDED_BY_TIME = gettext_lazy(
    "TikTok’s permission for this account ran out before it could be renewed. "
    "Connect the account again."
)
REJECTED = gettext_lazy(
    "TikTok no longer accepts this account’s permission. Connect the account again."
)
UNREADABLE = gettext_lazy(
    "The stored permission cannot be read, because TOKEN_KEYS lacks the key it was encrypted with. "
    "Put that key back, or connect the account again."
)
DISCONNECTED = gettext_lazy("This account is disconnected. Connect it again.")


class ReconnectNeeded(Exception):
    """A person has to connect the account again. The text says why in plain words."""


class TokenBusy(Exception):
    """No usable token right now, and one may come by itself: try again at `retry_at`."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(gettext("The account’s permission is being renewed."))
        self.retry_at = retry_at


class Outcome(Enum):
    REFRESHED = "refreshed"
    NOT_MINE = "not mine"
    RECONNECT_NEEDED = "reconnect needed"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True)
class _Lease:
    """The right to refresh the pair whose encrypted refresh token is `sent`."""

    account: TikTokAccount
    token: UUID
    sent: str

    @property
    def extra(self) -> dict[str, object]:
        return {"account": self.account.pk, "team": self.account.team_id}


def usable_access_token(app: App, account: TikTokAccount, now: datetime) -> str:
    """An access token that lives, refreshed first when it is past 75 % of its life.

    `account` was read a moment ago: a token replaced since is one that TikTok rejects. Raises
    TokenBusy or ReconnectNeeded. An account that needs reconnecting still serves until its access
    token ends.
    """
    row = account
    if row.is_connected and _is_due(row, now):
        refresh_account(app, row, now)
        row = _current(account)
    if row.status == AccountStatus.DISCONNECTED or not has_live_access(row, now):
        raise _no_token(row, now)
    return _readable_access_token(row)


def replace_rejected_token(app: App, account: TikTokAccount, rejected: str, now: datetime) -> str:
    """Another access token after TikTok answered 401 to `rejected`.

    Raises TokenBusy or ReconnectNeeded.
    """
    row = _current(account)
    if _readable_access_token(row) == rejected:
        _end_access(row, now)
        row = _current(account)
    return usable_access_token(app, row, now)


def refresh_due_accounts(app: App, now: datetime) -> list[TikTokAccount]:
    """Refreshes what is due. Returns the accounts that became "reconnect needed" by that.

    Stops when TikTok cannot be reached and after SWEEP_BUDGET_S; what is left stays due.
    """
    started_s = time.monotonic()
    lost = []
    due = TikTokAccount.objects.filter(
        _lease_is_free(now), status=AccountStatus.CONNECTED, refresh_due_at__lte=now
    )
    for account in due.order_by("refresh_due_at")[:500]:
        elapsed_s = time.monotonic() - started_s
        if elapsed_s > SWEEP_BUDGET_S:
            break
        # A lease counts from the moment it is taken, not from the beginning of the sweep.
        outcome = refresh_account(app, account, now + timedelta(seconds=elapsed_s))
        if outcome == Outcome.RECONNECT_NEEDED:
            lost.append(_current(account))
        if outcome == Outcome.UNREACHABLE:
            break
    return lost


def accounts_near_end(now: datetime) -> list[tuple[TikTokAccount, int]]:
    """Accounts whose refresh token ends within 30, 7 or 1 days, with that number.

    Each account and number is returned once.
    """
    near = TikTokAccount.objects.filter(
        status=AccountStatus.CONNECTED, refresh_expires_at__lte=now + timedelta(days=30)
    )
    return [
        (account, days)
        for account in near.select_related("team")
        if (days := days_to_warn(account, now)) and _mark_warned(account, days)
    ]


def refresh_account(app: App, account: TikTokAccount, now: datetime) -> Outcome:
    """One refresh of the pair in `account`, unless somebody else is at it or it has changed."""
    if account.refresh_expires_at and account.refresh_expires_at <= now:
        return _give_up(account, now)
    lease = _take_lease(app, account, now)
    if lease is None:
        return Outcome.NOT_MINE
    try:
        grant = refresh_token(app, refresh_token=decrypt(lease.sent))
    except InvalidGrant as error:
        return _believe_invalid_grant(lease, error)
    except TikTokError as error:
        _retry_later(lease, str(error), now)
        logger.warning("Refresh failed, will be tried again", extra=_error_extra(lease, error))
        return Outcome.UNREACHABLE if isinstance(error, Unavailable) else Outcome.FAILED
    except InvalidToken:
        _retry_later(lease, str(UNREADABLE), now)
        logger.error("TOKEN_KEYS lacks the key of an account", extra=lease.extra)
        return Outcome.FAILED
    return _store(app, lease, grant, now)


def _take_lease(app: App, account: TikTokAccount, now: datetime) -> _Lease | None:
    lease = _Lease(account, uuid4(), account.refresh_token_encrypted)
    # Longer than the slowest answer that `app` waits for.
    lease_s = 2 * (app.connect_timeout_s + app.read_timeout_s) + LEASE_RESERVE_S
    free = TikTokAccount.objects.filter(
        _lease_is_free(now),
        pk=account.pk,
        status=AccountStatus.CONNECTED,
        refresh_token_encrypted=lease.sent,
        # A failure since the row was read has moved this moment.
        refresh_due_at__lte=now,
    )
    taken = free.update(
        refresh_lease_token=lease.token, refresh_lease_until=now + timedelta(seconds=lease_s)
    )
    return lease if taken else None


def _store(app: App, lease: _Lease, grant: TokenGrant, now: datetime) -> Outcome:
    columns = token_columns(grant, now)
    # Some apps' answers leave the scopes out: that takes none away.
    if grant.scopes:
        columns["scopes"] = sorted(grant.scopes)
    if grant.refresh_expires_in_s > timedelta(days=30).total_seconds():
        columns["end_warned_days"] = None
    if not _sent_pair(lease).update(**columns):
        _drop_answer(app, lease, grant)
        return Outcome.NOT_MINE
    lost_scopes = set(lease.account.scopes) - grant.scopes if grant.scopes else set()
    if lost_scopes:
        names = ", ".join(sorted(lost_scopes))
        logger.warning("TikTok took permissions away: %s", names, extra=lease.extra)
    logger.info("Tokens refreshed", extra=lease.extra)
    return Outcome.REFRESHED


def _drop_answer(app: App, lease: _Lease, grant: TokenGrant) -> None:
    """The pair changed while the answer was on its way: by a reconnect, or by a disconnect, and
    then nobody must keep access to the account."""
    logger.info("A refreshed pair came too late and was dropped", extra=lease.extra)
    row = TikTokAccount.objects.filter(pk=lease.account.pk).first()
    if row is not None and row.refresh_token_encrypted:
        return
    try:
        revoke_token(app, access_token=grant.access_token)
    except TikTokError as error:
        logger.warning(
            "A pair that came after the disconnect could not be revoked: %s",
            error.code,
            extra=lease.extra | {"log_id": error.log_id},
        )


def _believe_invalid_grant(lease: _Lease, error: InvalidGrant) -> Outcome:
    """Only while the pair that was sent is the stored one and nobody else has taken over."""
    believed = _sent_pair(lease).filter(
        refresh_lease_token=lease.token, status=AccountStatus.CONNECTED
    )
    if not believed.update(
        status=AccountStatus.RECONNECT_NEEDED,
        status_reason=str(ENDED_BY_TIKTOK),
        refresh_error=str(error),
        refresh_lease_token=None,
        refresh_lease_until=None,
    ):
        return Outcome.NOT_MINE
    logger.warning("Reconnect needed", extra=_error_extra(lease, error))
    return Outcome.RECONNECT_NEEDED


def _retry_later(lease: _Lease, reason: str, now: datetime) -> None:
    failures = lease.account.refresh_failures + 1
    mine = _sent_pair(lease).filter(refresh_lease_token=lease.token)
    mine.update(
        refresh_failures=failures,
        refresh_error=reason,
        refresh_due_at=retry_moment(failures, has_live_access(lease.account, now), now),
        refresh_lease_token=None,
        refresh_lease_until=None,
    )


def _give_up(account: TikTokAccount, now: datetime) -> Outcome:
    """The refresh token's own life is over, so asking TikTok has no use."""
    ended = TikTokAccount.objects.filter(
        _lease_is_free(now),
        pk=account.pk,
        status=AccountStatus.CONNECTED,
        refresh_token_encrypted=account.refresh_token_encrypted,
    )
    if not ended.update(status=AccountStatus.RECONNECT_NEEDED, status_reason=str(ENDED_BY_TIME)):
        return Outcome.NOT_MINE
    logger.warning("Reconnect needed: the refresh token ended", extra={"account": account.pk})
    return Outcome.RECONNECT_NEEDED


def _end_access(row: TikTokAccount, now: datetime) -> None:
    """TikTok says this access token is dead, whatever its lifetime was."""
    stored = TikTokAccount.objects.filter(
        pk=row.pk, access_token_encrypted=row.access_token_encrypted
    )
    stored.filter(access_expires_at__gt=now).update(access_expires_at=now)
    # After a failed refresh the moment of the next one is already set.
    stored.filter(refresh_failures=0, refresh_due_at__gt=now).update(refresh_due_at=now)


def _readable_access_token(row: TikTokAccount) -> str:
    try:
        return row.access_token
    except InvalidToken:
        raise ReconnectNeeded(str(UNREADABLE)) from None


def _mark_warned(account: TikTokAccount, days: int) -> bool:
    not_told = Q(end_warned_days=None) | Q(end_warned_days__gt=days)
    marked = TikTokAccount.objects.filter(not_told, pk=account.pk).update(end_warned_days=days)
    return bool(marked)


def _no_token(row: TikTokAccount, now: datetime) -> TokenBusy | ReconnectNeeded:
    if row.status == AccountStatus.DISCONNECTED:
        return ReconnectNeeded(str(DISCONNECTED))
    if row.status == AccountStatus.RECONNECT_NEEDED:
        return ReconnectNeeded(row.status_reason or str(REJECTED))
    soon = now + timedelta(seconds=2)
    return TokenBusy(max(soon, row.refresh_due_at or soon))


def _current(account: TikTokAccount) -> TikTokAccount:
    return TikTokAccount.objects.get(pk=account.pk)


def _is_due(row: TikTokAccount, now: datetime) -> bool:
    return row.refresh_due_at is not None and row.refresh_due_at <= now


def _lease_is_free(now: datetime) -> Q:
    return Q(refresh_lease_until=None) | Q(refresh_lease_until__lte=now)


def _sent_pair(lease: _Lease) -> QuerySet[TikTokAccount]:
    return TikTokAccount.objects.filter(pk=lease.account.pk, refresh_token_encrypted=lease.sent)


def _error_extra(lease: _Lease, error: TikTokError) -> dict[str, object]:
    return lease.extra | {
        "code": error.code,
        "log_id": error.log_id,
        "http_status": error.http_status,
    }
