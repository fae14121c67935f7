"""Comments on a post: written, changed, deleted, and told to whom they concern."""

import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from accounts.models import Membership, User
from accounts.permissions import Permission, may
from publishing.history import note_about
from publishing.mentions import handles_of, mentioned_in
from publishing.models import MAX_COMMENT, Comment, Notice, NoticeKind, Post
from publishing.reach import members_within_reach
from publishing.telling import tell

QUOTED = 500


class CommentRefused(Exception):
    """Nothing was kept. `text` says why in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def add_comment(post: Post, author: User, text: str, now: datetime) -> Comment:
    """Keeps the comment and tells those it mentions, the post's author and earlier commenters.

    Raises CommentRefused for an empty or too long text.
    """
    text = _checked(text)
    with transaction.atomic():
        comment = Comment.objects.create(post=post, author=author, text=text, at=now)
        called = _set_mentions(comment)
        note_about(post, author, "comment_added", now)
        _tell_mentioned(comment, called, now)
        _tell_others(comment, called, now)
    return comment


def edit_comment(comment: Comment, text: str, now: datetime) -> None:
    """Changes the words; who is mentioned only now is told. Raises CommentRefused."""
    text = _checked(text)
    if text == comment.text:
        return
    with transaction.atomic():
        row = _locked(comment)
        row.text, row.edited_at = text, now
        row.save(update_fields=["text", "edited_at"])
        # What is told of it must not go on saying what was taken back.
        _notices_of(row).update(text=_quoted(text))
        before = set(row.mentions.values_list("pk", flat=True))
        called = _set_mentions(row)
        note_about(row.post, row.author, "comment_edited", now)
        _tell_mentioned(row, called - before, now)


def delete_comment(comment: Comment, actor: User, now: datetime) -> None:
    """Removes the words, here and from notices; that there was a comment stays to be seen."""
    with transaction.atomic():
        row = _locked(comment)
        row.text, row.deleted_at = "", now
        row.save(update_fields=["text", "deleted_at"])
        row.mentions.clear()
        _notices_of(row).delete()
        note_about(row.post, actor, "comment_deleted", now)


def may_edit(comment: Comment, member: Membership) -> bool:
    is_own = comment.author_id == member.user_id
    return is_own and not comment.deleted_at and may(member, Permission.COMMENT)


def may_delete(comment: Comment, member: Membership) -> bool:
    """One's own, and anybody's for owners and managers."""
    moderates = may(member, Permission.MANAGE_TEAM)
    return may_edit(comment, member) or (moderates and not comment.deleted_at)


def _checked(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if not text:
        raise CommentRefused(gettext("Write something first."))
    if len(text) > MAX_COMMENT:
        words = ngettext(
            "This has {count} character; a comment holds {most}. Shorten it, or send two.",
            "This has {count} characters; a comment holds {most}. Shorten it, or send two.",
            len(text),
        )
        raise CommentRefused(words.format(count=len(text), most=MAX_COMMENT))
    return text


def _locked(comment: Comment) -> Comment:
    rows = Comment.objects.select_for_update(of=("self",)).filter(pk=comment.pk, deleted_at=None)
    row = rows.select_related("post__team", "post__account", "post__media").first()
    if row is None:
        raise CommentRefused(gettext("Somebody deleted this comment a moment ago."))
    return row


def _set_mentions(comment: Comment) -> set[int]:
    members = members_within_reach(comment.post).select_related("user")
    people = mentioned_in(comment.text, handles_of(member.user for member in members))
    called = {person.pk for person in people} - {comment.author_id or 0}
    comment.mentions.set(called)
    return called


def _tell_mentioned(comment: Comment, called: Collection[int], now: datetime) -> None:
    if called:
        headline = gettext("{person} mentions you: {post}")
        headline = headline.format(person=comment.who, post=comment.post.headline)
        _tell(comment, NoticeKind.MENTIONED, headline, called, now)


def _tell_others(comment: Comment, called: Collection[int], now: datetime) -> None:
    post = comment.post
    spoke = Comment.objects.filter(post=post, deleted_at=None, author__isnull=False)
    concerned = set(spoke.order_by().values_list("author_id", flat=True).distinct())
    concerned |= {post.author_id} if post.author_id else set()
    within = members_within_reach(post).filter(user__in=concerned)
    people = set(within.values_list("user_id", flat=True)) - {comment.author_id, *called}
    if people:
        headline = gettext("{person} commented: {post}")
        headline = headline.format(person=comment.who, post=post.headline)
        _tell(comment, NoticeKind.COMMENTED, headline, people, now)


def _tell(
    comment: Comment, kind: NoticeKind, headline: str, people: Collection[int], now: datetime
) -> None:
    tell(
        comment.post.team,
        kind,
        headline,
        now,
        text=_quoted(comment.text),
        post=comment.post,
        key=_key(kind, comment),
        people=people,
    )


def _key(kind: NoticeKind, comment: Comment) -> str:
    return f"{kind}-{comment.pk}"


def _notices_of(comment: Comment) -> Any:
    kinds = (NoticeKind.MENTIONED, NoticeKind.COMMENTED)
    keys = [_key(kind, comment) for kind in kinds]
    return Notice.objects.filter(post=comment.post_id, key__in=keys)


def _quoted(text: str) -> str:
    return Truncator(text).chars(QUOTED)
