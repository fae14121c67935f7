"""Moving a post to another moment: the consent stays, only the time changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from accounts.approval_rules import ApprovalRule
from accounts.models import User
from publishing.app_mode import lock_creators
from publishing.approvals import check_deadline
from publishing.history import note_about
from publishing.journal import add_line
from publishing.leases import FREE
from publishing.locks import lock_account
from publishing.models import Post
from publishing.openings import openings_of
from publishing.places import keep_limits_together, moment_text
from publishing.preflight.moments import check_anew
from publishing.refusals import PostRefused
from publishing.rules import check_due
from publishing.slots import is_slot
from publishing.states import MoveRefused, State

# Their time can be moved: what was agreed to and approved is the content.
MOVABLE = frozenset({State.IN_REVIEW, State.SCHEDULED})


def reschedule_post(post: Post, due_at: datetime, actor: User, now: datetime) -> None:
    """Moves a post that is scheduled or waits for approval to another moment; consent and
    approvals stay, only the time changes.

    Raises PostRefused for a bad moment and MoveRefused when the post has begun to leave.
    """
    reschedule_posts([(post, due_at)], actor, now)


def reschedule_posts(
    moves: Sequence[tuple[Post, datetime]],
    actor: User,
    now: datetime,
    *,
    within_queue: bool = False,
) -> None:
    """`reschedule_post` for several, all or none; they may take each other's moments.

    `within_queue` keeps them in the queue, also at a moment that the plan no longer has.
    """
    if problems := [problem for _, due_at in moves for problem in check_due(due_at, now)]:
        raise PostRefused(problems)
    with transaction.atomic():
        lock_creators()
        for account_id in sorted({post.known_account.pk for post, _ in moves}):
            lock_account(account_id)
        keep_limits_together(moves)
        for post, due_at in moves:
            _write_moment(post, due_at, actor, now, within_queue)
    for post, _ in moves:
        post.refresh_from_db(fields=["due_at", "next_action_at", "approve_by"])


def _write_moment(
    post: Post, due_at: datetime, actor: User, now: datetime, within_queue: bool
) -> None:
    post.refresh_from_db(fields=["state", "due_at", "approve_by"])
    # Taking the lease away stops a worker that prepares the old moment.
    moved = Post.objects.filter(
        pk=post.pk, state__in=MOVABLE, state=post.state, due_at=post.due_at
    ).update(
        due_at=due_at,
        is_queued=within_queue or is_slot(post.account, due_at),
        note="",
        edited_by=actor,
        updated_at=now,
        **_moved(post, due_at, now),
        **FREE,
    )
    if not moved:
        raise MoveRefused(gettext("This post can no longer be moved: it has begun to leave."))
    verb = "queue_moved" if within_queue else "post_rescheduled"
    old, new = moment_text(post.due_at, post.team), moment_text(due_at, post.team)
    add_line(post, "rescheduled", now, f"{old} → {new}", actor=actor)
    note_about(post, actor, verb, now, old=old, new=new)


def _moved(post: Post, due_at: datetime, now: datetime) -> dict[str, Any]:
    """Columns that follow the moment. Raises PostRefused when no time is left for approval."""
    if post.state == State.SCHEDULED:
        return {"next_action_at": due_at, **check_anew(due_at, now)}
    if post.due_at is None or post.approve_by is None:
        return {}
    # As long before as the rule said when the post was handed in.
    rule = ApprovalRule(post.approvals_needed, post.due_at - post.approve_by)
    if problems := check_deadline(post.known_account, rule, due_at, now):
        raise PostRefused(problems)
    return {"approve_by": due_at - rule.before}


def next_allowed_moment(post: Post, wanted: datetime, now: datetime) -> datetime:
    """`wanted`, or the first whole minute after it at which the post may be planned.

    Nothing is reserved by it: planning at that moment is checked again, under the account's lock.
    """
    wanted = max(wanted, now)
    if post.account is None:
        return wanted
    return openings_of(post.account, post.mode, wanted, [post.pk]).next_from(wanted)
