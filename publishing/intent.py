"""The transaction in which a post begins to leave, and the limits that may keep it back.

Over lease, state, consent, content and caps together: an edit or cancel inside the look-ahead has
either won by then or is told that it came too late.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext, ngettext

from accounts.models import AccountStatus, TikTokAccount
from publishing import breaker, cap, journal, leases
from publishing.app_mode import (
    UNAUDITED_CREATORS,
    current_app_mode,
    lock_creators,
    next_creator_at,
)
from publishing.approvals import NOT_APPROVED, lacks_approval
from publishing.consent import has_valid_consent
from publishing.leases import Lease
from publishing.models import Attempt, Mode, Post
from publishing.states import State
from publishing.wording import length_words
from publishing.work import NO_CONSENT, Hold, Settled, Unfit, Work

# From here on the page says how late a post went out.
LATE = timedelta(minutes=1)


def intend(work: Work, attempt: Attempt, **columns: Any) -> Post:
    """One transaction over lease, state, consent, approvals, content and cap: an edit or cancel
    inside the look-ahead has either won by now or is told that it came too late.

    Returns the post as the consent covers it: this and nothing read earlier may be sent."""
    now = work.clock()
    with transaction.atomic():
        # The account before the post, as planning locks them, or the two would wait for each other.
        lock_creators()
        account_id = work.post.known_account.pk
        account = TikTokAccount.objects.select_for_update(no_key=True).get(pk=account_id)
        post = leases.lock(work.lease)
        post.account = account
        if post.media_id == work.post.media_id:
            post.media = work.post.media
        if post.state not in {State.SCHEDULED, State.UPLOADING}:
            raise Settled
        if post.cancel_requested_at:
            raise Hold(now, gettext("Canceled; stops now."))
        if account.status == AccountStatus.DISCONNECTED:
            text = gettext("{account} was disconnected. Connect it again, then press Retry.")
            raise Unfit(text.format(account=account))
        if not has_valid_consent(post):
            raise Unfit(NO_CONSENT)
        if lacks_approval(post, post.approvals_needed):
            raise Unfit(str(NOT_APPROVED))
        keep_in_line(post, now)
        keep_cap(post, account, now)
        journal.note(
            attempt,
            "init_intended",
            now,
            _lateness(post, now),
            init_intended_at=now,
            fingerprint=post.fingerprint(),
            **columns,
        )
        _move_to_uploading(post, work.lease, now)
    return post


def _lateness(post: Post, now: datetime) -> str:
    late = now - (post.due_at or now)
    if late < LATE:
        return ""
    return gettext("{length} after its time.").format(length=length_words(late))


def _move_to_uploading(post: Post, lease: Lease, now: datetime) -> None:
    renewed = leases.renewed(lease, now)
    if post.state == State.UPLOADING:
        Post.objects.filter(pk=post.pk).update(init_at=now, note="", **renewed)
        return
    post.move_to(
        State.UPLOADING,
        now=now,
        reason=gettext("The due moment has come."),
        next_action_at=post.next_action_at,
        init_at=now,
        **renewed,
    )


def keep_in_line(post: Post, now: datetime) -> None:
    if wait := breaker.wait_of(post, now):
        raise Hold(wait.at, wait.note, held_by=wait.breaker_id)


def keep_cap(post: Post, account: TikTokAccount, now: datetime) -> None:
    moments = cap.sent_moments(account, now, post.mode, leave_out=post.pk)
    free_at = cap.free_from(account, moments, now, post.mode, cap.SENT_WINDOW)
    if free_at > now:
        limit = cap.limit_of(account, post.mode)
        if post.mode == Mode.DIRECT:
            note = ngettext(
                "Moved: {account} has reached {limit} posts in 24 hours.",
                "Moved: {account} has reached {limit} posts in 24 hours.",
                limit,
            )
        else:
            note = ngettext(
                "Moved: {account} has reached {limit} drafts in its TikTok inbox in 24 hours.",
                "Moved: {account} has reached {limit} drafts in its TikTok inbox in 24 hours.",
                limit,
            )
        raise Hold(free_at, note.format(account=account, limit=limit), is_news=True)
    if post.mode == Mode.DIRECT and current_app_mode().is_private_only:
        _keep_creators(account, now)


def _keep_creators(account: TikTokAccount, now: datetime) -> None:
    free_at = next_creator_at(account, now)
    if free_at > now:
        note = gettext(
            "Moved: until TikTok has audited this app, {count} creators may post within 24 hours, "
            "and others have."
        )
        raise Hold(free_at, note.format(count=UNAUDITED_CREATORS), is_news=True)
