"""Sending a post again by hand."""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.label_case import within_sentence
from accounts.models import User
from publishing.app_mode import lock_creators
from publishing.approvals import lacks_approval, steps_still_needed
from publishing.consent import has_valid_consent, why_no_consent
from publishing.drafts import refuse_lost_files
from publishing.history import note_about
from publishing.leases import FREE
from publishing.locks import lock_account, lock_team
from publishing.looks import LookFirst
from publishing.models import Outcome, Post, Source
from publishing.places import keep_limit, moment_text
from publishing.preflight.moments import check_anew
from publishing.pulling import fetching_lasts
from publishing.refusals import PostRefused
from publishing.rules import check_due
from publishing.slots import is_slot
from publishing.states import MoveRefused, State
from publishing.verdict import may_be_on_tiktok

RETRYABLE = frozenset({State.FAILED, State.NEEDS_ATTENTION, State.UNCONFIRMED})
NOT_FOUND = gettext_lazy("Posted again by hand, after a look that did not find it at {account}.")
NEEDS_APPROVAL = gettext_lazy(
    "It needs approval before it can go out. Hand it in for approval, or edit it as a draft."
)


def retry_post(
    post: Post,
    actor: User,
    now: datetime,
    *,
    due_at: datetime | None = None,
    has_looked: bool = False,
) -> None:
    """Sends a failed or held post again, at once or at `due_at`. Raises MoveRefused with what is
    missing, and PostRefused with the next free moment when the cap is reached by then.

    One that TikTok may have already is sent only when `actor` `has_looked` and not found it.
    """
    # Who presses Retry wants it out now; the gap is for moments that are planned.
    is_at_once, due_at = due_at is None, due_at or now
    if post.state not in RETRYABLE:
        text = gettext("A post that is {state} cannot be retried.")
        raise MoveRefused(text.format(state=within_sentence(post.get_state_display())))
    if not has_valid_consent(post):
        why = why_no_consent(post) or gettext("Nobody has agreed to this content.")
        way_out = gettext("Open it as a draft and confirm it.")
        raise MoveRefused(f"{why} {way_out}")
    if may_be_on_tiktok(post) and not has_looked:
        raise LookFirst
    let_calls_end(post, now)
    if problems := check_due(due_at, now):
        raise PostRefused(problems)
    with transaction.atomic():
        lock_team(post.team_id)
        lock_creators()
        lock_account(post.known_account.pk)
        refuse_lost_files(post)
        steps = steps_still_needed(post)
        if lacks_approval(post, steps):
            raise MoveRefused(NEEDS_APPROVAL)
        # Nothing is left out: an unconfirmed post stands for a try that goes on counting.
        keep_limit(post, due_at, leave_out=[], keeps_gap=not is_at_once)
        post.move_to(
            State.SCHEDULED,
            now=now,
            reason=NOT_FOUND.format(account=post.account)
            if has_looked
            else gettext("Retried by hand."),
            actor=actor,
            next_action_at=due_at,
            due_at=due_at,
            is_queued=not is_at_once and is_slot(post.account, due_at),
            approvals_needed=steps,
            cancel_requested_at=None,
            leases_lost=0,
            init_at=None,
            **check_anew(due_at, now),
            **FREE,
        )
        note_about(post, actor, "post_retried", now, new=moment_text(due_at, post.team))


def let_calls_end(post: Post, now: datetime) -> None:
    """Raises MoveRefused while a call of the last try may still reach TikTok."""
    over_at = calls_end_at(post)
    if over_at and now < over_at:
        minutes = math.ceil((over_at - now) / timedelta(minutes=1))
        text = ngettext(
            "The last try may still be under way at TikTok. Wait a minute, then look at the "
            "profile again.",
            "The last try may still be under way at TikTok. Wait {minutes} minutes, then look at "
            "the profile again.",
            minutes,
        )
        raise MoveRefused(text.format(minutes=minutes))


def calls_end_at(post: Post) -> datetime | None:
    """Until when, after a try that TikTok may have posted, a call of ours or a download of
    TikTok's may be under way."""
    unconfirmed = post.state_changes.filter(new=State.UNCONFIRMED).last()
    if unconfirmed is None:
        return None
    attempt = post.attempts.filter(outcome=Outcome.UNCONFIRMED).last()
    lasts = timedelta(seconds=settings.LEASE_S)
    if attempt is not None and attempt.source == Source.PULL_FROM_URL:
        lasts = max(lasts, fetching_lasts(attempt, settings.PULL_MARGIN_S))
    return unconfirmed.at + lasts
