"""Writing the attempt's journal: every line is fenced by the lease and committed at once."""

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import User
from publishing import leases
from publishing.leases import Lease
from publishing.models import Attempt, JournalLine, Outcome, Post
from tiktok.errors import TikTokError

log = logging.getLogger("duecast.journal")
# TikTok's words are kept as they are, up to what a column holds: PostgreSQL refuses more.
MAX_CODE = 100


def write(
    lease: Lease,
    attempt: Attempt,
    kind: str,
    now: datetime,
    text: str = "",
    *,
    error: TikTokError | None = None,
    log_id: str = "",
    **columns: object,
) -> None:
    """Commits one line and the attempt's `columns`. Raises LeaseLost when the fence is gone, and
    then nothing of a transaction around it may stay either."""
    with transaction.atomic(savepoint=False):
        leases.hold(lease, now)
        note(attempt, kind, now, text, error=error, log_id=log_id, **columns)


def note(
    attempt: Attempt,
    kind: str,
    now: datetime,
    text: str = "",
    *,
    error: TikTokError | None = None,
    log_id: str = "",
    **columns: object,
) -> None:
    """One line and the attempt's `columns`; the caller holds the transaction and the fence."""
    if columns:
        Attempt.objects.filter(pk=attempt.pk).update(**columns)
    add_line(attempt.post, kind, now, text, attempt=attempt, error=error, log_id=log_id)
    for name, value in columns.items():
        setattr(attempt, name, value)


def confirm_bytes(lease: Lease, attempt: Attempt, bytes_confirmed: int, now: datetime) -> None:
    """Commits how far TikTok has the file: columns only, a long video has many chunks."""
    with transaction.atomic():
        leases.hold(lease, now)
        Attempt.objects.filter(pk=attempt.pk).update(bytes_confirmed=bytes_confirmed)
    attempt.bytes_confirmed = bytes_confirmed


def take_back_init(lease: Lease, attempt: Attempt, now: datetime) -> None:
    """Commits that TikTok said no to the init: columns only, the caller goes on from there."""
    with transaction.atomic():
        leases.hold(lease, now)
        Attempt.objects.filter(pk=attempt.pk).update(init_intended_at=None)
    attempt.init_intended_at = None


def end_attempt(attempt: Attempt, outcome: Outcome, now: datetime, **columns: object) -> None:
    """Closes the attempt; the caller holds the transaction and the fence."""
    Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
        ended_at=now, outcome=outcome, **columns
    )
    attempt.ended_at, attempt.outcome = now, outcome


def add_line(
    post: Post,
    kind: str,
    now: datetime,
    text: str = "",
    *,
    attempt: Attempt | None = None,
    error: TikTokError | None = None,
    log_id: str = "",
    actor: User | None = None,
) -> JournalLine:
    """One line for people and support, with TikTok's own words when there was an error."""
    line = JournalLine.objects.create(
        post=post,
        attempt=attempt,
        at=now,
        kind=kind,
        text=text,
        code=error.code[:MAX_CODE] if error else "",
        message=error.message if error else "",
        log_id=(error.log_id if error else log_id)[:MAX_CODE],
        http_status=error.http_status if error else None,
        actor=actor,
    )
    log.log(
        logging.WARNING if error else logging.INFO,
        "%s %s",
        kind,
        text,
        extra={
            "post": post.pk,
            "attempt": attempt.pk if attempt else None,
            "account": post.account_id,
            "log_id": line.log_id,
            "code": line.code,
        },
    )
    return line
