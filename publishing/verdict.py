"""TikTok's verdict, from polling or from a webhook, into the post: one reducer.

Idempotent and order-proof: an attempt that has ended takes no other verdict, and an answer that
says "still working" never undoes a final one. A late word settles only what was left open: an
attempt that nobody could confirm, or a draft that the creator has finished.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.models import TikTokAccount
from publishing import breaker, leases, retries
from publishing.breaker import Stage
from publishing.journal import MAX_CODE, add_line, end_attempt
from publishing.leases import FREE, Lease
from publishing.models import TAKEN, Attempt, Mode, Outcome, Post
from publishing.preflight.moments import check_anew
from publishing.retries import Course, Decision
from publishing.rules import has_public_link
from publishing.states import IN_FLIGHT, State, may_move
from publishing.telling import tell_of_move
from publishing.wording import words_for
from tiktok.client import PublishStatus

# Contract section 11: direct posts end at the first, inbox ones at the second.
DONE = {"PUBLISH_COMPLETE": State.PUBLISHED, "SEND_TO_USER_INBOX": State.IN_INBOX}
MAX_STATUS = 40


def apply_status(
    attempt: Attempt, status: PublishStatus, now: datetime, lease: Lease | None = None
) -> bool:
    """Moves the post to where TikTok says it is; True when that was a verdict.

    Whoever polls gives its `lease`, and LeaseLost is raised when that is gone; a webhook needs
    none, since the row lock and the attempt's own end decide.
    """
    with transaction.atomic(savepoint=False):
        rows = Post.objects.select_for_update()
        post = leases.lock(lease) if lease else rows.get(pk=attempt.post_id)
        attempt.refresh_from_db()
        if attempt.ended_at is not None:
            _late_word(post, attempt, status, now)
            return True
        Attempt.objects.filter(pk=attempt.pk).update(tiktok_status=status.status[:MAX_STATUS])
        if status.status in DONE:
            _done(post, attempt, status, now)
        elif status.status == "FAILED":
            _failed(post, attempt, status, now)
        else:
            return False
    return True


def give_up_asking(attempt: Attempt, now: datetime, reason: str) -> None:
    """A verdict that never came is unconfirmed, never failed: TikTok may have the post."""
    with transaction.atomic():
        post = Post.objects.select_for_update().get(pk=attempt.post_id)
        end_attempt(attempt, Outcome.UNCONFIRMED, now)
        post.move_to(State.UNCONFIRMED, now=now, reason=reason, note=reason, **FREE)


def _late_word(post: Post, attempt: Attempt, status: PublishStatus, now: datetime) -> None:
    is_finished_draft = (
        attempt.outcome == Outcome.IN_INBOX and DONE.get(status.status) == State.PUBLISHED
    )
    if attempt.outcome == Outcome.UNCONFIRMED and status.status == "FAILED":
        _failed(post, attempt, status, now)
    elif status.status in DONE and (attempt.outcome == Outcome.UNCONFIRMED or is_finished_draft):
        _done(post, attempt, status, now)
    elif attempt.outcome == Outcome.PUBLISHED:
        _name(post, status, now)


def _done(post: Post, attempt: Attempt, status: PublishStatus, now: datetime) -> None:
    state = DONE[status.status]
    outcome = Outcome.PUBLISHED if state == State.PUBLISHED else Outcome.IN_INBOX
    add_line(post, "verdict", now, status.status, attempt=attempt, log_id=status.log_id)
    is_late = attempt.ended_at is not None
    if not may_move(post.state, state) or (is_late and post.state in IN_FLIGHT):
        # A person has decided otherwise, or a later attempt is under way: people are told.
        if is_late:
            _settle(attempt, outcome, now, is_lone=True)
        return
    _settle(attempt, outcome, now)
    if is_late:
        # Else the open one was this: a post never has two.
        end_open_attempts(post, now)
    post.move_to(
        state,
        now=now,
        reason=f"TikTok says {status.status}.",
        next_action_at=_first_look_at(post, status, now),
        published_at=now,
        public_post_id=next(iter(status.public_post_ids), ""),
        init_at=attempt.init_intended_at or post.init_at,
        **FREE,
    )
    transaction.on_commit(partial(breaker.note_success, post, Stage.VERDICT))


def end_open_attempts(post: Post, now: datetime) -> None:
    """Whoever works on one finds the lease gone, and nothing is sent a second time."""
    for other in post.attempts.filter(ended_at=None):
        end_attempt(other, Outcome.UNCONFIRMED if other.publish_id else Outcome.NOT_POSTED, now)


def _first_look_at(post: Post, status: PublishStatus, now: datetime) -> datetime | None:
    """A post without a public id gets one later, unless it is not public."""
    is_wanted = has_public_link(post) and not status.public_post_ids
    return retries.next_look_at(now, now) if is_wanted else None


def _name(post: Post, status: PublishStatus, now: datetime) -> None:
    if status.public_post_ids and not post.public_post_id and post.state == State.PUBLISHED:
        add_line(post, "named", now)
        Post.objects.filter(pk=post.pk).update(
            public_post_id=status.public_post_ids[0], next_action_at=None, updated_at=now
        )


def _settle(attempt: Attempt, outcome: Outcome, now: datetime, **columns: object) -> None:
    """Ends the attempt, or says better how it ended."""
    if attempt.ended_at is None:
        end_attempt(attempt, outcome, now, **columns)
    else:
        Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, **columns)


def _failed(post: Post, attempt: Attempt, status: PublishStatus, now: datetime) -> None:
    reason = status.fail_reason[:MAX_CODE] or "no reason given"
    text = words_for(reason, kind=post.kind)
    is_under_way = attempt.ended_at is None and post.state in IN_FLIGHT
    _settle(attempt, Outcome.NOT_POSTED, now, fail_reason=reason)
    line = add_line(post, "verdict", now, f"FAILED: {text}", attempt=attempt, log_id=status.log_id)
    line.code = reason
    line.save(update_fields=["code"])
    if is_under_way:
        decision = retries.decide_fail_reason(reason, attempt.number, now, settings.RETRY_BASE_S)
        if wait := breaker.note_failure(post, Stage.VERDICT, reason, now):
            decision = Decision(Course.RETRY, wait.at, wait.breaker_id)
        follow(post, decision, reason, text, now)
    elif post.state == State.UNCONFIRMED and not taken_tries(post).exists():
        # Never sent again by itself: a person has been asked to look, and may have.
        post.move_to(State.FAILED, now=now, reason=text, note=text, init_at=None, **FREE)


def may_be_on_tiktok(post: Post) -> bool:
    """Whether a person has to look before it is sent again."""
    return post.state == State.UNCONFIRMED or taken_tries(post).exists()


def taken_tries(post: Post) -> QuerySet[Attempt]:
    """Tries of which TikTok has the post, or may have it. A late word may have said so of a post
    that was put aside, or was being sent again."""
    return post.attempts.filter(outcome__in=TAKEN)


def follow(post: Post, decision: Decision, code: str, text: str, now: datetime) -> None:
    """Takes the decided course with a post of which TikTok has nothing.

    The caller holds the transaction; the lease is given back with the move.
    """
    if code == "spam_risk_too_many_posts":
        # After this transaction: it locks the account, which must be locked before any post.
        transaction.on_commit(partial(_learn_cap, post, now))
    if post.cancel_requested_at:
        decision = Decision(Course.FAIL)
        state = State.CANCELED if may_move(post.state, State.CANCELED) else State.FAILED
        text = note = gettext("Canceled; nothing was posted.") + " " + text
    elif decision.course == Course.RETRY:
        state, note = State.SCHEDULED, text + " " + gettext("Tried again by itself.")
    elif decision.course == Course.ASK_PERSON:
        state, note = State.NEEDS_ATTENTION, text
    else:
        state, note = State.FAILED, text
    # A creator check that failed in the seconds before is tried again, but nothing leaves early.
    at = max(decision.at, post.due_at or decision.at) if decision.at else None
    settled: dict[str, Any] = {**FREE, "init_at": None, "leases_lost": 0}
    settled |= {"held_by_id": decision.held_by, **check_anew(at, now)}
    if post.state == state:
        Post.objects.filter(pk=post.pk).update(next_action_at=at, note=note, **settled)
        return
    post.move_to(state, now=now, reason=text, note=note, next_action_at=at, **settled)


def _learn_cap(post: Post, now: datetime) -> None:
    """TikTok counts posts of other tools too: nothing of this account before the window frees."""
    free_at = now + retries.DAY_WAIT
    with transaction.atomic():
        TikTokAccount.objects.filter(pk=post.known_account.pk).update(cap_reached_until=free_at)
        waiting = Post.objects.filter(
            account=post.account_id,
            mode=Mode.DIRECT,
            state=State.SCHEDULED,
            next_action_at__lt=free_at,
        ).exclude(pk=post.pk)
        text = gettext("Waits: TikTok says this creator's daily limit is reached.")
        moved = list(waiting.select_related("team", "account", "media"))
        for other in moved:
            if not other.lease_is_taken:
                add_line(other, "held", now, text)
        # The one that was refused waits as long.
        for one in [post, *moved]:
            if one.state == State.SCHEDULED:
                tell_of_move(one, free_at, text, now)
        words = words_for("spam_risk_too_many_posts")
        waiting.update(next_action_at=free_at, note=words, **check_anew(free_at, now), **FREE)


def poll_again_at(attempt: Attempt, now: datetime) -> datetime | None:
    """When to ask again; None once TikTok has been silent for a day."""
    since = attempt.bytes_sent_at or attempt.initialised_at or now - timedelta(days=1)
    return retries.next_poll_at(attempt.polls, since, now, settings.POLL_BASE_S)
