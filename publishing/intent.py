"""The transaction in which a post begins to leave, and the limits that may keep it back.

Over lease, state, consent, content and caps together: an edit or cancel inside the look-ahead has
either won by then or is told that it came too late.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import AccountStatus, TikTokAccount
from publishing import breaker, cap, journal, leases
from publishing.app_mode import (
    UNAUDITED_CREATORS,
    current_app_mode,
    lock_creators,
    next_creator_at,
)
from publishing.consent import valid_consent
from publishing.models import Attempt, Mode, Post
from publishing.states import State
from publishing.wording import length_words
from publishing.work import NO_CONSENT, Hold, Settled, Unfit, Work

# From here on the page says how late a post went out.
LATE = timedelta(minutes=1)


def intend(work: Work, attempt: Attempt, **columns: Any) -> Post:
    """One transaction over lease, state, consent, content and cap: an edit or cancel inside the
    look-ahead has either won by now or is told that it came too late.

    Returns the post as the consent covers it: this and nothing read earlier may be sent."""
    now = work.clock()
    with transaction.atomic():
        # The account before the post, as planning locks them, or the two would wait for each other.
        lock_creators()
        account_id = work.post.known_account.pk
        account = TikTokAccount.objects.select_for_update(no_key=True).get(pk=account_id)
        leases.hold(work.lease, now)
        post = Post.objects.select_related("media").get(pk=work.post.pk)
        post.account = account
        if post.state not in {State.SCHEDULED, State.UPLOADING}:
            raise Settled
        if post.cancel_requested_at:
            raise Hold(now, "Canceled; stops now.")
        if account.status == AccountStatus.DISCONNECTED:
            raise Unfit(f"{account} was disconnected. Connect it again, then press Retry.")
        consent = valid_consent(post)
        if consent is None:
            raise Unfit(NO_CONSENT)
        keep_in_line(post, now)
        keep_cap(post, account, now)
        journal.write(
            work.lease,
            attempt,
            "init_intended",
            now,
            _lateness(post, now),
            init_intended_at=now,
            fingerprint=consent.fingerprint,
            **columns,
        )
        _move_to_uploading(post, now)
    return post


def _lateness(post: Post, now: datetime) -> str:
    late = now - (post.due_at or now)
    return f"{length_words(late)} after its time." if late >= LATE else ""


def _move_to_uploading(post: Post, now: datetime) -> None:
    if post.state == State.UPLOADING:
        Post.objects.filter(pk=post.pk).update(init_at=now, note="")
        return
    post.move_to(
        State.UPLOADING,
        now=now,
        reason="The due moment has come.",
        next_action_at=post.next_action_at,
        init_at=now,
    )


def keep_in_line(post: Post, now: datetime) -> None:
    if wait := breaker.wait_of(post, now):
        raise Hold(wait.at, wait.note, held_by=wait.breaker_id)


def keep_cap(post: Post, account: TikTokAccount, now: datetime) -> None:
    moments = cap.sent_moments(account, now, post.mode, leave_out=post.pk)
    free_at = cap.free_from(account, moments, now, post.mode, cap.SENT_WINDOW)
    if free_at > now:
        what = "posts" if post.mode == Mode.DIRECT else "drafts in its TikTok inbox"
        limit = cap.limit_of(account, post.mode)
        note = f"Moved: {account} has reached {limit} {what} in 24 hours."
        raise Hold(free_at, note, is_news=True)
    if post.mode == Mode.DIRECT and current_app_mode().is_private_only:
        _keep_creators(account, now)


def _keep_creators(account: TikTokAccount, now: datetime) -> None:
    free_at = next_creator_at(account, now)
    if free_at > now:
        raise Hold(
            free_at,
            f"Moved: until TikTok has audited this app, {UNAUDITED_CREATORS} creators may post "
            "within 24 hours, and others have.",
            is_news=True,
        )
