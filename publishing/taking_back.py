"""Taking a post back: canceled, or a draft again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.label_case import within_sentence
from accounts.models import User
from publishing.consent import REOPENED
from publishing.edits import settle_edit
from publishing.history import note_about
from publishing.journal import add_line
from publishing.leases import FREE
from publishing.looks import LookFirst, note_look
from publishing.models import MediaKind, Post
from publishing.pulling import is_fetched
from publishing.retrying import let_calls_end
from publishing.states import MoveRefused, State
from publishing.verdict import may_be_on_tiktok

REOPENABLE = frozenset(
    {State.IN_REVIEW, State.SCHEDULED, State.FAILED, State.NEEDS_ATTENTION, State.CANCELED}
)
REOPENED_WORDS = gettext_lazy("Reopened as a draft; the consent no longer counts.")
WITHDRAWN = gettext_lazy(
    "Withdrawn from approval; it is a draft again, and the consent no longer counts."
)


def cancel_post(post: Post, actor: User, now: datetime) -> None:
    """Cancels the post, or asks the worker that is on it to stop before TikTok has everything.

    Raises MoveRefused once TikTok has the whole video, or fetches the media by itself.
    """
    with transaction.atomic():
        post.refresh_from_db()
        if post.state == State.UPLOADING:
            asked = Post.objects.filter(pk=post.pk, state=State.UPLOADING).update(
                cancel_requested_at=now, updated_at=now
            )
            if not asked:
                raise MoveRefused(gettext("Somebody else changed this post a moment ago."))
            add_line(post, "cancel_requested", now, _where_it_stops(post), actor=actor)
            note_about(post, actor, "post_canceled", now)
            return
        if post.state in {State.PROCESSING, State.PUBLISHED, State.IN_INBOX}:
            way_out = gettext("Delete the post in the TikTok app instead.")
            raise MoveRefused(f"{_why_too_late(post)} {way_out}")
        settle_edit(post)
        verb = "draft_discarded" if post.state == State.DRAFT else "post_canceled"
        note_about(post, actor, verb, now)
        post.move_to(State.CANCELED, now=now, reason=gettext("Canceled."), actor=actor, **FREE)


def _where_it_stops(post: Post) -> str:
    if is_fetched(post):
        return gettext("Stops unless TikTok has been told already.")
    return gettext("Stops before the last part.")


def _why_too_late(post: Post) -> str:
    is_photo = post.kind == MediaKind.PHOTO
    if post.state == State.PROCESSING and is_fetched(post):
        if is_photo:
            return gettext("It is too late to cancel: TikTok has the post and fetches the photos.")
        return gettext("It is too late to cancel: TikTok has the post and fetches the video.")
    if is_photo:
        return gettext("It is too late to cancel: TikTok has the post.")
    return gettext("It is too late to cancel: TikTok has the whole video.")


def reopen_post(post: Post, actor: User, now: datetime, *, has_looked: bool = False) -> int:
    """Takes a post back to draft, so that content and choices can change.

    Returns how many consents ended with that. One that TikTok may have already becomes a draft only
    when `actor` `has_looked` and not found it, and can be scheduled by nobody else without a look.
    """
    if post.state not in REOPENABLE:
        text = gettext("A post that is {state} cannot be edited.")
        raise MoveRefused(text.format(state=within_sentence(post.get_state_display())))
    if may_be_on_tiktok(post) and not has_looked:
        raise LookFirst
    let_calls_end(post, now)
    is_withdrawn = post.state == State.IN_REVIEW
    with transaction.atomic():
        if has_looked:
            note_look(post, actor, now)
        post.move_to(
            State.DRAFT,
            now=now,
            reason=str(WITHDRAWN if is_withdrawn else REOPENED_WORDS),
            actor=actor,
            cancel_requested_at=None,
            edited_by=actor,
            **FREE,
        )
        note_about(post, actor, "approval_withdrawn" if is_withdrawn else "post_reopened", now)
        post.approvals.end(gettext(REOPENED), now)
        return post.consents.void(gettext(REOPENED), now)
