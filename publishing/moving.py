"""Taking a post to another moment: what is planned, and what is only a draft."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from publishing.history import note_about
from publishing.models import Post
from publishing.places import moment_text
from publishing.refusals import PostRefused
from publishing.rescheduling import next_allowed_moment, reschedule_post
from publishing.rules import check_due
from publishing.slots import is_slot
from publishing.states import MoveRefused, State

MOVABLE = frozenset({State.DRAFT, State.IN_REVIEW, State.SCHEDULED})
# The earliest moment that is offered: soon, but late enough to look at it once more.
SOON = timedelta(minutes=10)
FIVE_MINUTES_S = 300


def move_post(post: Post, due_at: datetime | None, actor: User, now: datetime) -> None:
    """Moves a post that is planned, or a draft, which may also lose its date (None).

    Raises PostRefused for a bad moment and MoveRefused for a post that cannot be moved.
    """
    if post.state == State.DRAFT:
        _move_draft(post, due_at, actor, now)
    elif due_at is None:
        raise MoveRefused(gettext("Only a draft can be without a date."))
    else:
        reschedule_post(post, due_at, actor, now)


def nearest_moment(post: Post, wanted: datetime, now: datetime) -> datetime | None:
    """The first moment from `wanted` on at which the post may stand; None when no moment helps."""
    if post.state not in MOVABLE:
        return None
    at = max(wanted, next_five_minutes(now + SOON + _time_for_approval(post)))
    return at if post.state == State.DRAFT else next_allowed_moment(post, at, now)


def next_five_minutes(at: datetime) -> datetime:
    """The first moment from `at` on that a clock shows as a multiple of five minutes."""
    return at + timedelta(seconds=-at.timestamp() % FIVE_MINUTES_S)


def _time_for_approval(post: Post) -> timedelta:
    if post.state != State.IN_REVIEW or post.due_at is None or post.approve_by is None:
        return timedelta()
    return post.due_at - post.approve_by


def _move_draft(post: Post, due_at: datetime | None, actor: User, now: datetime) -> None:
    """The drafts of one posting form share its moment, so they move together."""
    if due_at and (problems := check_due(due_at, now)):
        raise PostRefused(problems)
    drafts = Post.objects.filter(team=post.team_id, form_token=post.form_token, state=State.DRAFT)
    with transaction.atomic():
        for draft in drafts.select_for_update(of=["self"]).select_related(
            "account", "media", "team"
        ):
            old, new = moment_text(draft.due_at, draft.team), moment_text(due_at, draft.team)
            Post.objects.filter(pk=draft.pk).update(
                due_at=due_at,
                is_queued=is_slot(draft.account, due_at),
                edited_by=actor,
                updated_at=now,
            )
            note_about(draft, actor, "post_rescheduled", now, old=old, new=new)
    post.refresh_from_db(fields=["state", "due_at"])
    if post.state != State.DRAFT:
        raise MoveRefused(gettext("Somebody else changed this post a moment ago."))
