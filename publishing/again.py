"""A person found at TikTok what no answer had confirmed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from publishing import retries, verdict
from publishing.history import note_about
from publishing.leases import FREE
from publishing.models import Attempt, Mode, Outcome, Post
from publishing.retrying import RETRYABLE
from publishing.rules import has_public_link
from publishing.states import MoveRefused, State

# Of these TikTok's word may still be taken down: nothing of them is under way.
MARKABLE = RETRYABLE | {State.SCHEDULED}


def mark_arrived(
    post: Post,
    actor: User,
    now: datetime,
    *,
    public_post_id: str = "",
    created_at: datetime | None = None,
) -> None:
    """Published, or in the inbox, because `actor` saw it there. Raises MoveRefused.

    `public_post_id` and `created_at` are those of the video that it is, when one was named.
    """
    with transaction.atomic():
        row = Post.objects.select_for_update().get(pk=post.pk)
        if row.state not in MARKABLE or not verdict.may_be_on_tiktok(row):
            raise MoveRefused(gettext("Somebody else decided about this post a moment ago."))
        attempt = verdict.taken_tries(row).last()
        verdict.end_open_attempts(row, now)
        is_draft = row.mode == Mode.INBOX
        if attempt:
            outcome = Outcome.IN_INBOX if is_draft else Outcome.PUBLISHED
            Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome)
        began_at = attempt.init_intended_at if attempt else None
        arrived_at = created_at or (attempt and attempt.bytes_sent_at) or began_at or now
        is_nameable = attempt and attempt.publish_id and has_public_link(row) and not public_post_id
        row.move_to(
            State.IN_INBOX if is_draft else State.PUBLISHED,
            now=now,
            reason=_reason(row, public_post_id),
            actor=actor,
            next_action_at=retries.next_look_at(arrived_at, now) if is_nameable else None,
            published_at=arrived_at,
            public_post_id=public_post_id,
            init_at=row.init_at or began_at,
            **FREE,
        )
        note_about(row, actor, "post_marked", now)


def _reason(post: Post, public_post_id: str) -> str:
    if post.mode == Mode.INBOX:
        text = gettext("Marked by hand: found in the TikTok inbox of {account}.")
        return text.format(account=post.account)
    text = gettext("Marked as published by hand: found on the profile of {account}.")
    if not public_post_id:
        return text.format(account=post.account)
    named = gettext("It is number {number} there.").format(number=public_post_id)
    return f"{text.format(account=post.account)} {named}"
