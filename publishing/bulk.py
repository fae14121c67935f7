"""The same done to many posts, each on its own: what one refuses stops no other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from accounts.models import User
from publishing.labels import label_post, labels_of
from publishing.models import Label, Post
from publishing.moving import MOVABLE, move_post
from publishing.pulling import is_fetched
from publishing.refusals import PostRefused
from publishing.scheduling import resubmit_post
from publishing.states import MoveRefused, State
from publishing.taking_back import cancel_post

# Does it to one post and says what happened; raises PostRefused or MoveRefused.
Act = Callable[[Post], str]


@dataclass(frozen=True)
class Outcome:
    """What became of one post; `text` says what happened, or why nothing did."""

    post: Post
    is_done: bool
    text: str


@dataclass(frozen=True)
class Move:
    post: Post
    due_at: datetime

    @property
    def turn(self) -> tuple[int, float]:
        """Sorts moves so that none meets the cap at a place that another is about to leave: those
        to later begin at the end, those to earlier at the beginning."""
        now_at = self.post.due_at or self.due_at
        is_later = self.due_at > now_at
        return (0, -now_at.timestamp()) if is_later else (1, now_at.timestamp())


def act_on_each(posts: Iterable[Post], act: Act) -> list[Outcome]:
    return [_outcome(post, act) for post in posts]


def move_posts(moves: Sequence[Move], actor: User, now: datetime) -> list[Outcome]:
    """Moves each post; `text` of what was done is empty, the caller knows both moments."""
    targets = {move.post.pk: move.due_at for move in moves}

    def move(post: Post) -> str:
        return _move(post, targets[post.pk], actor, now)

    return act_on_each((one.post for one in sorted(moves, key=lambda one: one.turn)), move)


def cancel_posts(posts: Iterable[Post], actor: User, now: datetime) -> list[Outcome]:
    return act_on_each(posts, lambda post: _cancel(post, actor, now))


def submit_posts(moves: Sequence[Move], actor: User, now: datetime) -> list[Outcome]:
    """Hands held posts in for approval again, each for its moment. A draft is not: its consent is
    given to one post at a time, on the posting screen."""
    targets = {move.post.pk: move.due_at for move in moves}
    posts = (move.post for move in moves)
    return act_on_each(posts, lambda post: _submit(post, targets[post.pk], actor, now))


def label_posts(posts: Iterable[Post], label: Label, actor: User, now: datetime) -> list[Outcome]:
    return act_on_each(posts, lambda post: _label(post, label, actor, now))


def unlabel_posts(posts: Iterable[Post], label: Label, actor: User, now: datetime) -> list[Outcome]:
    return act_on_each(posts, lambda post: _unlabel(post, label, actor, now))


def _outcome(post: Post, act: Act) -> Outcome:
    try:
        return Outcome(post, True, act(post))
    except (PostRefused, MoveRefused) as refused:
        return Outcome(post, False, str(refused))


def _move(post: Post, due_at: datetime, actor: User, now: datetime) -> str:
    if post.state not in MOVABLE:
        raise MoveRefused(gettext("Only drafts and scheduled posts can be moved."))
    if post.due_at == due_at:
        raise MoveRefused(gettext("It stands there already."))
    move_post(post, due_at, actor, now)
    return ""


def _cancel(post: Post, actor: User, now: datetime) -> str:
    if post.state == State.CANCELED:
        raise MoveRefused(gettext("It was canceled before."))
    cancel_post(post, actor, now)
    if post.state != State.UPLOADING:
        return gettext("Canceled.")
    if is_fetched(post):
        return gettext(
            "It is being sent. Cancel was asked for; it stops unless TikTok has been told already."
        )
    return gettext("It is being sent. Cancel was asked for; it stops before the last part.")


def _submit(post: Post, due_at: datetime, actor: User, now: datetime) -> str:
    if post.state == State.IN_REVIEW:
        raise MoveRefused(gettext("It waits for approval already."))
    if post.state == State.DRAFT:
        raise MoveRefused(gettext("Agree to it on its posting screen and submit it there."))
    resubmit_post(post, due_at, actor, now)
    return ""


def _label(post: Post, label: Label, actor: User, now: datetime) -> str:
    if not label_post(post, [*labels_of(post), label], actor, now):
        raise MoveRefused(gettext("It had the label “{label}” before.").format(label=label))
    return gettext("Labeled “{label}”.").format(label=label)


def _unlabel(post: Post, label: Label, actor: User, now: datetime) -> str:
    others = [one for one in labels_of(post) if one != label]
    if not label_post(post, others, actor, now):
        raise MoveRefused(gettext("It does not have the label “{label}”.").format(label=label))
    return gettext("The label “{label}” is taken off.").format(label=label)
