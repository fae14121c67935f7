"""What can be done to the posts ticked in the list: one row of ACTIONS each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from accounts.approval_rules import approval_rule
from accounts.models import Membership, User
from accounts.zones import moment_words, shown_zone
from calendar_app.forms.bulk import BulkForm, LabelForm, MoveByForm, MoveToForm
from calendar_app.wall_time import moments_at
from publishing.bulk import (
    Move,
    Outcome,
    cancel_posts,
    label_posts,
    move_posts,
    submit_posts,
    unlabel_posts,
)
from publishing.models import Post

# What an approver gets at least, beside the rule's own time before a post is due.
TIME_TO_ANSWER = timedelta(hours=1)


@dataclass(frozen=True)
class Batch:
    """The ticked posts; `seen` is when each stood in the list that was ticked."""

    posts: list[Post]
    seen: Mapping[int, datetime | None]
    member: Membership
    now: datetime

    @property
    def actor(self) -> User:
        return self.member.user

    @property
    def zone(self) -> ZoneInfo:
        return shown_zone(self.member)


@dataclass(frozen=True)
class Result:
    """An outcome per post in the list's order; of each that was moved its id, before and after."""

    outcomes: list[Outcome]
    moved: list[tuple[int, datetime, datetime]] = field(default_factory=list)


class Titles(NamedTuple):
    """What the result says on top when it was done to none, to some or to all of the posts."""

    of_none: Any
    of_some: Any
    of_all: Any

    def words(self, count: int, asked: int) -> str:
        if count == 0:
            return str(self.of_none)
        words = self.of_some if count < asked else self.of_all
        return str(words.format(count=count, asked=asked))


@dataclass(frozen=True)
class Action:
    """One whose `form` has no fields has a button, and asks its `question` first."""

    titles: Titles
    form: type[BulkForm]
    act: Callable[[Batch, Any], Result]
    button: Any = ""
    icon: str = ""
    question: Any = ""


def move_by(batch: Batch, form: MoveByForm) -> Result:
    distance = form.distance
    if form.cleaned_data["unit"] == "hours":
        return move_each(batch, lambda post, due_at: due_at + distance)
    return move_each(
        batch,
        lambda post, due_at: on_day(
            due_at, due_at.astimezone(batch.zone).date() + distance, batch.zone
        ),
    )


def move_to(batch: Batch, form: MoveToForm) -> Result:
    day: date = form.cleaned_data["to_date"]
    return move_each(batch, lambda post, due_at: on_day(due_at, day, batch.zone))


def label(batch: Batch, form: LabelForm) -> Result:
    return Result(label_posts(batch.posts, form.cleaned_data["label"], batch.actor, batch.now))


def unlabel(batch: Batch, form: LabelForm) -> Result:
    return Result(unlabel_posts(batch.posts, form.cleaned_data["label"], batch.actor, batch.now))


def submit(batch: Batch, form: BulkForm) -> Result:
    """Each at its time of the clock, on the first day that leaves time for approval."""
    before = {post.pk: post.due_at for post in batch.posts}
    moves = [Move(post, _in_time(post, batch)) for post in batch.posts]
    done = submit_posts(moves, batch.actor, batch.now)
    return Result([_with_moments(one, before[one.post.pk], batch) for one in done])


def _in_time(post: Post, batch: Batch) -> datetime:
    if post.account is None or post.due_at is None:
        return batch.now
    earliest = batch.now + approval_rule(post.account).before + TIME_TO_ANSWER
    day = max(post.due_at, earliest).astimezone(batch.zone).date()
    while isinstance(at := on_day(post.due_at, day, batch.zone), str) or at < earliest:
        day += timedelta(days=1)
    return at


def cancel(batch: Batch, form: BulkForm) -> Result:
    return Result(cancel_posts(batch.posts, batch.actor, batch.now))


MOVED = Titles(
    gettext_lazy("No post was moved"),
    gettext_lazy("{count} of {asked} posts moved"),
    ngettext_lazy("{count} post moved", "{count} posts moved", "count"),
)
ACTIONS: dict[str, Action] = {
    "move_by": Action(MOVED, MoveByForm, move_by),
    "move_to": Action(MOVED, MoveToForm, move_to),
    "label": Action(
        Titles(
            gettext_lazy("No post was labeled"),
            gettext_lazy("{count} of {asked} posts labeled"),
            ngettext_lazy("{count} post labeled", "{count} posts labeled", "count"),
        ),
        LabelForm,
        label,
    ),
    "unlabel": Action(
        Titles(
            gettext_lazy("No post was changed"),
            gettext_lazy("{count} of {asked} posts changed"),
            ngettext_lazy("{count} post changed", "{count} posts changed", "count"),
        ),
        LabelForm,
        unlabel,
    ),
    "submit": Action(
        Titles(
            gettext_lazy("No post was submitted"),
            gettext_lazy("{count} of {asked} posts submitted"),
            ngettext_lazy("{count} post submitted", "{count} posts submitted", "count"),
        ),
        BulkForm,
        submit,
        button=gettext_lazy("Submit for approval"),
        icon="send",
        question=gettext_lazy(
            "Posts that were not approved in time are handed in again, each at its clock time "
            "on the first day that leaves time for approval. A draft is submitted on its posting "
            "screen, where you agree to it."
        ),
    ),
    "cancel": Action(
        Titles(
            gettext_lazy("No post was canceled"),
            gettext_lazy("{count} of {asked} posts canceled"),
            ngettext_lazy("{count} post canceled", "{count} posts canceled", "count"),
        ),
        BulkForm,
        cancel,
        button=gettext_lazy("Cancel posts"),
        icon="ban",
        question=gettext_lazy("Canceled posts do not go out. Each can be opened as a draft again."),
    ),
}


def move_each(batch: Batch, target: Callable[[Post, datetime], datetime | str]) -> Result:
    """Moves each post to what `target` makes of it and its moment: another moment, or the reason
    to leave it where it is."""
    moves, refused = [], []
    before = {post.pk: post.due_at for post in batch.posts}
    for post in batch.posts:
        found = _why_unmoved(post, batch) or (target(post, post.due_at) if post.due_at else "")
        if isinstance(found, str):
            refused.append(Outcome(post, False, found))
        else:
            moves.append(Move(post, found))
    done = move_posts(moves, batch.actor, batch.now)
    by_post = {one.post.pk: _with_moments(one, before[one.post.pk], batch) for one in done}
    by_post |= {one.post.pk: one for one in refused}
    moved = [(one.post.pk, before[one.post.pk], one.post.due_at) for one in done if one.is_done]
    return Result(
        [by_post[post.pk] for post in batch.posts],
        [(pk, old, new) for pk, old, new in moved if old and new],
    )


def on_day(due_at: datetime, day: date, zone: ZoneInfo) -> datetime | str:
    """The same time of the clock on another day; words when the clocks skip it there."""
    wall = due_at.astimezone(zone)
    moments = moments_at(day, wall.time(), zone)
    if not moments:
        text = gettext("On {day} the clocks in {zone} skip {time}.")
        return text.format(day=date_format(day, "D j M"), zone=zone.key, time=f"{wall:%H:%M}")
    return moments[-1] if wall.fold else moments[0]


def _why_unmoved(post: Post, batch: Batch) -> str:
    if post.due_at is None:
        return gettext("It has no time yet.")
    if post.due_at != batch.seen.get(post.pk):
        moment = moment_words(post.due_at.astimezone(batch.zone), batch.now)
        text = gettext("It was moved to {moment} since you saw it, and left there.")
        return text.format(moment=moment)
    return ""


def _with_moments(outcome: Outcome, before: datetime | None, batch: Batch) -> Outcome:
    after = outcome.post.due_at
    if not outcome.is_done or not before or not after:
        return outcome
    old, new = (moment_words(at.astimezone(batch.zone), batch.now) for at in (before, after))
    return Outcome(outcome.post, True, f"{old} → {new}")
