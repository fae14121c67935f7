"""Two forms for the same posts: what one would overwrite of the other's, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import TikTokAccount, User
from publishing.models import MediaKind, Post
from publishing.plan import Plan
from publishing.states import State

CONTENT = ("kind", "mode", "title", "caption", "media", "photos", "cover_timestamp_ms", "due_at")
CHOICES = (
    "privacy_level",
    "allow_comment",
    "allow_duet",
    "allow_stitch",
    "discloses_content",
    "is_your_brand",
    "is_branded_content",
    "is_ai_generated",
    "auto_add_music",
)


@dataclass(frozen=True)
class Difference:
    """One field of a Plan, or "accounts". `account` is whose choice it is, None for the content."""

    name: str
    theirs: Any
    mine: Any
    account: TikTokAccount | None = None


@dataclass(frozen=True)
class Conflict:
    """What stands there now, who wrote it and when, and where the form at hand differs.

    `sent` is a post that left the form's hands meanwhile; None while they are drafts.
    """

    differences: list[Difference]
    changed_at: datetime
    who: User | None
    sent: Post | None = None


def conflict_with_drafts(
    posts: QuerySet[Post], person: User, plans: Sequence[Plan], seen_at: datetime | None
) -> Conflict | None:
    """Whether `plans` would overwrite what was saved after `seen_at`; None when they would not.

    `posts` are those of the form within the person's reach. A form that never saw a save (None)
    takes its own person's saves for its own.
    """
    drafts = list(_with_rows(posts).filter(state=State.DRAFT))
    if not drafts:
        return None
    latest = max(drafts, key=lambda draft: draft.updated_at)
    is_known = latest.updated_at <= seen_at if seen_at else latest.edited_by_id in (None, person.pk)
    found = [] if is_known else differences(drafts, plans)
    return Conflict(found, latest.updated_at, latest.edited_by) if found else None


def conflict_with_sent(
    posts: QuerySet[Post], plans: Sequence[Plan], now: datetime
) -> Conflict | None:
    """Whether the form's posts left it with other content than `plans`; None when they are alike,
    as after a second click."""
    sent = {post.account_id: post for post in _with_rows(posts).exclude(state=State.DRAFT)}
    again = [plan for plan in plans if plan.account and plan.account.pk in sent]
    found = [
        one
        for plan in again
        for one in differences([sent[plan.known_account.pk]], [plan])
        # "Post now" means another moment each time.
        if one.name != "due_at" or (plan.due_at and plan.due_at > now)
    ]
    if not found:
        return None
    latest = max(sent.values(), key=lambda post: post.updated_at)
    by_hand = latest.state_changes.filter(actor__isnull=False).select_related("actor").last()
    changed_at, who = (by_hand.at, by_hand.actor) if by_hand else (latest.updated_at, None)
    return Conflict(_each_once(found), changed_at, who, sent=latest)


def differences(posts: Sequence[Post], plans: Sequence[Plan]) -> list[Difference]:
    """Where the posts of one form differ from plans for it; empty when nothing would be lost."""
    theirs = {post.account_id: post for post in posts}
    mine = {plan.account.pk if plan.account else None: plan for plan in plans}
    found = [
        *_compared("accounts", _accounts(posts), _accounts(plans)),
        *(one for name in CONTENT for one in _compared(name, *_values(name, posts, plans))),
        *_compared("labels", tuple(posts[0].labels.all()), plans[0].labels),
    ]
    for pk in theirs.keys() & mine.keys():
        post, plan = theirs[pk], mine[pk]
        for name in CHOICES:
            found += _compared(name, getattr(post, name), getattr(plan, name), post.account)
    return found


def _with_rows(posts: QuerySet[Post]) -> QuerySet[Post]:
    rows = posts.select_related("account", "media", "edited_by").prefetch_related("labels")
    return rows.order_by("account_id")


def _accounts(rows: Sequence[Post] | Sequence[Plan]) -> tuple[TikTokAccount, ...]:
    named = {row.account.pk: row.account for row in rows if row.account}
    return tuple(named[pk] for pk in sorted(named))


def _values(name: str, posts: Sequence[Post], plans: Sequence[Plan]) -> tuple[Any, Any]:
    """The shared content of both; the rows of one form have the same."""
    post, plan = posts[0], plans[0]
    if name == "photos":
        return _photos(post), _photos(plan)
    if name == "due_at":
        return _minute(post.due_at), _minute(plan.due_at)
    return getattr(post, name), getattr(plan, name)


def _photos(subject: Post | Plan) -> tuple[Any, ...]:
    return tuple(subject.files()) if subject.kind == MediaKind.PHOTO else ()


def _minute(moment: datetime | None) -> datetime | None:
    """A form knows no seconds."""
    return moment.replace(second=0, microsecond=0) if moment else None


def _compared(
    name: str, theirs: Any, mine: Any, account: TikTokAccount | None = None
) -> list[Difference]:
    return [] if theirs == mine else [Difference(name, theirs, mine, account)]


def _each_once(found: Sequence[Difference]) -> list[Difference]:
    """The content of several accounts' posts is the same."""
    return list({(one.name, one.account and one.account.pk): one for one in found}.values())
