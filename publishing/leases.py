"""Who works on a post: the only writer of the lease columns.

A claim leases due rows in one statement and never touches the state. The message that Celery
carries holds the lease token of the claim; whoever starts on it exchanges that token for one of
his own, so a redelivered message finds nothing to start on. Every later write is conditional on
the token still being the row's: a worker that slept or was stopped finds it changed and stops.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from publishing.models import Post

BATCH = 100

# One statement on both databases; only PostgreSQL has row locks to skip.
_CLAIM = """
UPDATE publishing_post
SET lease_token = %(token)s,
    lease_until = %(lease_until)s,
    leases_lost = leases_lost + CASE WHEN lease_is_taken THEN 1 ELSE 0 END,
    lease_is_taken = %(no)s
WHERE id IN (
    SELECT id FROM publishing_post
    WHERE next_action_at <= %(due)s AND (lease_until IS NULL OR lease_until < %(now)s) {which}
    ORDER BY next_action_at, id LIMIT %(limit)s {lock}
)
RETURNING id
"""

# Those that wait for nothing but their moment: whoever looks early at one that waits behind a
# breaker or a limit only sends it back.
_UNTROUBLED = "AND state = 'scheduled' AND note = ''"
# The one after a whole batch: a count would read them all.
_CROWD = f"""
SELECT 1 FROM publishing_post
WHERE next_action_at <= %(due)s AND (lease_until IS NULL OR lease_until < %(now)s) {_UNTROUBLED}
ORDER BY next_action_at LIMIT 1 OFFSET %(batch)s
"""  # noqa: S608 - of constants

# As text: they stand before every line of the journal, and building them anew took longer than
# carrying them out.
_TAKE = """
UPDATE publishing_post
SET lease_token = %(mine)s, lease_until = %(lease_until)s, lease_is_taken = %(yes)s
WHERE id = %(post)s AND lease_token = %(token)s
"""
_HOLD = """
UPDATE publishing_post SET lease_until = %(lease_until)s
WHERE id = %(post)s AND lease_token = %(token)s
"""
_HOLD_UNLESS_CANCELED = f"{_HOLD} AND cancel_requested_at IS NULL"
# By name: a plan that PostgreSQL keeps outlives no change of what * stands for.
_COLUMNS = ", ".join(f'"{field.column}"' for field in Post._meta.concrete_fields)
_LOCK = f"""
SELECT {_COLUMNS} FROM publishing_post
WHERE id = %(post)s AND lease_token = %(token)s {{lock}}
"""  # noqa: S608 - of constants


@dataclass(frozen=True)
class Lease:
    """The right to work on one post until somebody else takes it."""

    post_id: int
    token: str = field(repr=False)
    length_s: float


class LeaseLost(Exception):
    """Another worker, or a person's edit, has taken the post over. Stop before the next call."""


def is_crowd(due: datetime, now: datetime) -> bool:
    """Whether more than a batch comes due by then of posts that wait for nothing else."""
    values = {"due": _as_column(due), "now": _as_column(now), "batch": BATCH}
    with connection.cursor() as cursor:
        cursor.execute(_CROWD, values)
        return cursor.fetchone() is not None


def claim_due(
    due: datetime, now: datetime, lease_s: float, *, of_crowd: bool = False
) -> list[tuple[Lease, Post]]:
    """Leases up to `BATCH` posts whose next action is at `due` or before, oldest first.

    With `of_crowd` only those that `is_crowd` counts.
    """
    token = _new_token()
    lock = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    values = {
        "token": token,
        "lease_until": _as_column(now + timedelta(seconds=lease_s)),
        "due": _as_column(due),
        "now": _as_column(now),
        "no": False,
        "limit": BATCH,
    }
    # The transaction covers the read too: a claim whose rows cannot be read is not made.
    with transaction.atomic(), connection.cursor() as cursor:
        which = _UNTROUBLED if of_crowd else ""
        cursor.execute(_CLAIM.format(lock=lock, which=which), values)
        claimed = [row[0] for row in cursor.fetchall()]
        columns = ("state", "next_action_at", "lease_until", "leases_lost")
        posts = list(
            Post.objects.filter(pk__in=claimed).order_by("next_action_at", "id").only(*columns)
        )
    return [(Lease(post.pk, token, lease_s), post) for post in posts]


def take(post_id: int, token: str, now: datetime, lease_s: float) -> Lease | None:
    """Starts on a claimed post; None when the claim is no longer the row's."""
    lease = Lease(post_id, _new_token(), lease_s)
    values = {"post": post_id, "token": token, "mine": lease.token, "yes": True}
    return lease if _update(_TAKE, values | _renewed(lease, now)) else None


def hold(lease: Lease, now: datetime) -> None:
    """Renews the lease. Raises LeaseLost when it is no longer mine.

    Called inside a transaction it also locks the row, so the fence and the write it guards are one.
    """
    if not _update(_HOLD, _mine(lease) | _renewed(lease, now)):
        raise _lost(lease)


def hold_unless_canceled(lease: Lease, now: datetime) -> bool:
    """Renews the lease; False when it is no longer mine, or a person has asked to cancel."""
    return _update(_HOLD_UNLESS_CANCELED, _mine(lease) | _renewed(lease, now))


def lock(lease: Lease) -> Post:
    """My post as it is now, locked until the transaction ends: the fence for what it writes.

    Raises LeaseLost when the lease is no longer mine.
    """
    lock = "FOR NO KEY UPDATE" if connection.features.has_select_for_no_key_update else ""
    for post in Post.objects.raw(_LOCK.format(lock=lock), _mine(lease)):
        return post
    raise _lost(lease)


def renewed(lease: Lease, now: datetime) -> dict[str, Any]:
    """The column that renews the lease of a post that is locked and written anyway."""
    return {"lease_until": now + timedelta(seconds=lease.length_s)}


def hand_on(lease: Lease) -> None:
    """The next message continues with this lease: waiting in the broker is nobody's fault."""
    Post.objects.filter(pk=lease.post_id, lease_token=lease.token).update(lease_is_taken=False)


def release(lease: Lease, **fields: object) -> None:
    """Gives the post back, writing `fields` with it. Raises LeaseLost when it was not mine."""
    released = Post.objects.filter(pk=lease.post_id, lease_token=lease.token).update(
        **FREE, leases_lost=0, **fields
    )
    if not released:
        raise _lost(lease)


# Written by a person's edit or cancel: the worker that holds the post finds its token gone.
FREE: dict[str, Any] = {"lease_token": "", "lease_until": None, "lease_is_taken": False}


def _update(statement: str, values: dict[str, Any]) -> bool:
    """Whether it changed a row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def _mine(lease: Lease) -> dict[str, Any]:
    return {"post": lease.post_id, "token": lease.token}


def _renewed(lease: Lease, now: datetime) -> dict[str, Any]:
    return {name: _as_column(at) for name, at in renewed(lease, now).items()}


def _as_column(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"The lease of post {lease.post_id} was taken over.")


def _new_token() -> str:
    return secrets.token_hex(16)
