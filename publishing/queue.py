"""The queue: posts in the slots of their account's plan, moved as a line.

Every change is made under the account's lock and whole or not at all. Only times change, so a
consent stays; what is taken out becomes a draft without a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from accounts.label_case import within_sentence
from accounts.models import TikTokAccount, User
from publishing.app_mode import lock_creators
from publishing.history import note_about
from publishing.locks import lock_account
from publishing.models import Mode, Post
from publishing.openings import Openings, openings_of_all
from publishing.places import moment_text
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_posts
from publishing.rules import check_due
from publishing.slots import (
    AHEAD,
    HORIZON,
    WeekTime,
    is_slot,
    next_free_slots,
    queued_posts,
    slot_moments,
    week_plans,
    zone_of,
)
from publishing.states import MoveRefused, State
from publishing.taking_back import reopen_post

MOVABLE = frozenset({State.DRAFT, State.IN_REVIEW, State.SCHEDULED})
NO_SLOT = gettext_lazy("{account} has no free slot within eight weeks. Add times to its plan.")
OUT_OF_PLAN = gettext_lazy("This slot is not in the plan any more. Look at the queue as it is now.")
BEGUN = gettext_lazy("“{post}” can no longer be moved: it has begun to leave.")


@dataclass(frozen=True)
class Place:
    """A moment of the queue with the posts there. `reasons` are codes of what keeps a free one
    from being used; a post may stand where the plan has no slot any more."""

    at: datetime
    posts: list[Post]
    is_on_plan: bool
    reasons: list[str]


@dataclass(frozen=True)
class Queue:
    """One account's coming places, in their order; `has_more` beyond those."""

    account: TikTokAccount
    places: list[Place]
    slots_a_week: int
    has_more: bool


def queues_of(accounts: Sequence[TikTokAccount], now: datetime, length: int) -> list[Queue]:
    """The next `length` places of each account, whose teams are loaded.

    As many queries for many accounts as for one.
    """
    plans, openings = week_plans(accounts), openings_of_all(accounts, Mode.DIRECT, now)
    standing = _standing(accounts, now)
    moments = {
        account.pk: sorted({*_slots(account, plans[account.pk], now), *standing[account.pk]})
        for account in accounts
    }
    shown = {pk: line[:length] for pk, line in moments.items()}
    posts = _load(standing[pk].get(at, []) for pk, line in shown.items() for at in line)
    return [
        Queue(
            account,
            [
                _place(account, at, standing[account.pk], posts, plans, openings)
                for at in shown[account.pk]
            ],
            len(plans[account.pk]),
            len(moments[account.pk]) > length,
        )
        for account in accounts
    ]


def _place(
    account: TikTokAccount,
    at: datetime,
    standing: Mapping[datetime, list[int]],
    posts: Mapping[int, Post],
    plans: Mapping[int, Sequence[WeekTime]],
    openings: Mapping[int, Openings],
) -> Place:
    is_taken = at in standing
    return Place(
        at,
        # One that was deleted a moment ago is missing.
        [posts[pk] for pk in standing.get(at, []) if pk in posts],
        is_in(plans[account.pk], account, at),
        [] if is_taken else openings[account.pk].reasons_against(at),
    )


def _standing(
    accounts: Sequence[TikTokAccount], now: datetime
) -> dict[int, dict[datetime, list[int]]]:
    """By account and moment, the ids of the posts that stand there."""
    standing: dict[int, dict[datetime, list[int]]] = {account.pk: {} for account in accounts}
    rows = queued_posts(accounts, now).values_list("account_id", "due_at", "pk")
    for account_id, at, pk in rows:
        if account_id and at:
            standing[account_id].setdefault(at, []).append(pk)
    return standing


def _slots(account: TikTokAccount, plan: Sequence[WeekTime], now: datetime) -> list[datetime]:
    return slot_moments(plan, zone_of(account), now + AHEAD, now + HORIZON)


def _load(ids: Iterable[list[int]]) -> dict[int, Post]:
    wanted = Post.objects.filter(pk__in=chain.from_iterable(ids))
    return wanted.select_related("media", "account").in_bulk()


def is_in(plan: Sequence[WeekTime], account: TikTokAccount, at: datetime) -> bool:
    """Whether the plan has a slot at exactly this moment."""
    return at in slot_moments(plan, zone_of(account), at, at + AHEAD)


def add_to_queue(post: Post, actor: User, now: datetime) -> datetime:
    """Puts a draft into its account's next free slot; the moment. Raises MoveRefused."""
    if post.account is None:
        raise MoveRefused(gettext("Choose the account of this draft first."))
    with transaction.atomic():
        post = _take_turn(post)
        if post.state != State.DRAFT:
            text = gettext("Only drafts are added; this post is {state}.")
            raise MoveRefused(text.format(state=_state_word(post)))
        account = post.known_account
        at = next_free_slots([account], now, post.mode).get(account.pk)
        if at is None:
            raise MoveRefused(NO_SLOT.format(account=account))
        _set_time(post, at, now)
        note_about(post, actor, "queue_added", now, new=moment_text(at, post.team))
    return at


def move_in_queue(post: Post, to: datetime, actor: User, now: datetime) -> None:
    """Moves the post to another place of its account's queue. Where posts stand there already it is
    put between: they and those on the way to the place it leaves move on by one taken place each.

    Raises MoveRefused when one of them cannot be moved, PostRefused for a moment that has passed or
    leaves no time for approval, or when cap or gap are in the way.
    """
    with transaction.atomic():
        post = _take_turn(post)
        account, left = post.known_account, post.due_at
        others = list(_with_media(queued_posts([account], now).exclude(pk=post.pk)))
        is_taken = any(one.due_at == to for one in others)
        if left is None or not post.is_queued or not (is_taken or is_slot(account, to)):
            raise MoveRefused(OUT_OF_PLAN)
        if to == left:
            return
        _move([(post, to), *(_make_way(left, to, others) if is_taken else [])], actor, now)


def remove_from_queue(post: Post, actor: User, now: datetime, *, shuffles: bool) -> None:
    """Makes the post a draft without a time; with `shuffles` the later ones move up a place each.

    Raises MoveRefused or PostRefused like `move_in_queue`.
    """
    with transaction.atomic():
        post = _take_turn(post)
        left = post.due_at
        if left is None or not post.is_queued:
            raise MoveRefused(gettext("This post is not in the queue any more."))
        if post.state == State.IN_REVIEW:
            raise MoveRefused(gettext("This post waits for approval. Take it back to draft first."))
        if post.state != State.DRAFT:
            _refuse_begun(post)
            reopen_post(post, actor, now)
        _set_time(post, None, now)
        note_about(post, actor, "queue_removed", now, old=moment_text(left, post.team))
        if shuffles:
            later = list(_with_media(queued_posts([post.known_account], left)))
            _move(_moves_up(left, later), actor, now)


def _make_way(left: datetime, to: datetime, others: Sequence[Post]) -> list[tuple[Post, datetime]]:
    """Each of those from `to` on towards `left` to the taken place after its own, the last one to
    `left`: the same places are taken afterwards. What can no longer be moved stays."""
    first, last = min(left, to), max(left, to)
    standing = [(post, post.due_at) for post in others if post.due_at]
    passed = [(post, at) for post, at in standing if at != left and first <= at <= last]
    stay = {at for post, at in passed if post.state not in MOVABLE and at != to}
    places = sorted({at for _, at in passed} - stay | {left}, reverse=left < to)
    following = dict(pairwise(places))
    return [(post, following[at]) for post, at in passed if at in following]


def _moves_up(left: datetime, later: Sequence[Post]) -> list[tuple[Post, datetime]]:
    """Each of the later posts to the place before its own; none when somebody still stands at
    the place that was left."""
    standing = [(post, post.due_at) for post in later if post.due_at]
    places = sorted({at for _, at in standing})
    if left in places:
        return []
    before = dict(zip(places, [left, *places], strict=False))
    return [(post, before[at]) for post, at in standing]


def _with_media(posts: QuerySet[Post]) -> QuerySet[Post]:
    return posts.select_related("account__team", "media", "team")


def _take_turn(post: Post) -> Post:
    """The post as it is under its account's lock."""
    lock_creators()
    if post.account_id:
        lock_account(post.account_id)
    return _with_media(Post.objects.all()).get(pk=post.pk)


def _move(moves: Sequence[tuple[Post, datetime]], actor: User, now: datetime) -> None:
    for post, _ in moves:
        _refuse_begun(post)
    if problems := [problem for _, at in moves for problem in check_due(at, now)]:
        raise PostRefused(problems)
    drafts = [(post, at) for post, at in moves if post.state == State.DRAFT]
    planned = [(post, at) for post, at in moves if post.state != State.DRAFT]
    reschedule_posts(planned, actor, now, within_queue=True)
    for post, at in drafts:
        old = moment_text(post.due_at, post.team)
        _set_time(post, at, now)
        note_about(post, actor, "queue_moved", now, old=old, new=moment_text(at, post.team))


def _refuse_begun(post: Post) -> None:
    if post.state not in MOVABLE:
        raise MoveRefused(BEGUN.format(post=post.headline[:60]))


def _set_time(post: Post, at: datetime | None, now: datetime) -> None:
    """Runs under the account's lock, for posts that nothing is sent of by itself."""
    moved = Post.objects.filter(pk=post.pk, state=post.state).update(
        due_at=at, is_queued=at is not None, updated_at=now
    )
    if not moved:
        raise MoveRefused(gettext("Somebody else changed this post a moment ago."))
    post.due_at = at


def _state_word(post: Post) -> str:
    return within_sentence(post.get_state_display())
