"""Answering what waits for approval: the last approval lets it go out, a request for changes brings
it back to its author, and what nobody answered in time is held."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Membership, User
from accounts.permissions import Permission, may
from publishing.approvals import (
    ask_for_approval,
    own_people,
    valid_approvals,
    why_not_approve,
    why_not_request,
)
from publishing.consent import has_valid_consent, why_no_consent
from publishing.history import note_about
from publishing.journal import add_line
from publishing.locks import lock_to_plan
from publishing.models import Approval, Decision, NoticeKind, Post
from publishing.scheduling import schedule_approved
from publishing.states import MoveRefused, State
from publishing.telling import tell
from publishing.work import NO_CONSENT

BATCH = 100
WAITS_NO_MORE = gettext_lazy("This post no longer waits for approval.")
CHANGED_SINCE = gettext_lazy(
    "This post was changed after you opened it. Look at it again before you decide."
)
COMMENT_MISSING = gettext_lazy("Say what should be changed.")
NOT_IN_TIME = gettext_lazy(
    "Approval was not given in time, so the post is held. Hand it in again for a later time."
)
CHANGES_WERE_REQUESTED = gettext_lazy("Changes were requested.")
# Lines of the post's story.
APPROVED = "approved"


def approve_post(
    post: Post, person: User, seen: str, now: datetime, *, due_at: datetime | None = None
) -> Post:
    """Gives the next approval of what `person` saw; the last one schedules the post, for `due_at`
    if they may plan and chose another moment. Given twice, it counts once.

    `seen` is the fingerprint on the page. Raises MoveRefused with the reason, and PostRefused, with
    nothing given, when the post's moment no longer fits.
    """
    with transaction.atomic():
        row = lock_to_plan(post)
        if row.approvals.filter(
            person=person, step__isnull=False, ended_at=None, fingerprint=seen
        ).exists():
            return row
        refuse_unanswerable(row, seen, now)
        member = _member(row, person)
        if why := why_not_approve(row, member):
            raise MoveRefused(why)
        may_move = due_at is not None and may(member, Permission.PLAN)
        moment = due_at if due_at and may_move else row.due_at
        answer = Approval(person=person, person_name=str(person))
        give_approval(row, answer, now, moment)
    return row


def give_approval(post: Post, answer: Approval, now: datetime, due_at: datetime | None) -> None:
    """Keeps the next approval; runs under `lock_to_plan`, by somebody who may give it."""
    step = valid_approvals(post).count() + 1
    keep_answer(post, answer, Decision.APPROVED, now, step=step)
    note_about(
        post,
        answer.person,
        "post_approved",
        now,
        new=gettext("{number} of {count}").format(number=step, count=post.approvals_needed),
        actor_name=answer.person_name,
    )
    if step < post.approvals_needed:
        text = gettext("Approval {number} of {count}.")
        text = text.format(number=step, count=post.approvals_needed)
        add_line(post, APPROVED, now, text, actor=answer.person)
        Post.objects.filter(pk=post.pk).update(updated_at=now)
        ask_for_approval(post, now)
        return
    schedule_approved(post, answer.person, now, due_at or now)
    headline = gettext("Approved, {account}: {post}")
    headline = headline.format(account=post.account, post=post.headline)
    text = gettext("By {person}. It goes out at its time.").format(person=answer.person_name)
    tell(post.team, NoticeKind.APPROVED, headline, now, text=text, post=post, people=_authors(post))


def request_changes(post: Post, person: User, comment: str, now: datetime) -> None:
    """Brings a post that waits for approval back to draft, with what should be changed.

    Raises MoveRefused with the reason.
    """
    comment = comment.strip()
    if not comment:
        raise MoveRefused(COMMENT_MISSING)
    with transaction.atomic():
        row = lock_to_plan(post)
        if _asked_already(row, person, comment):
            return
        if why := why_not_request(row, _member(row, person)):
            raise MoveRefused(why)
        if row.state != State.IN_REVIEW:
            raise MoveRefused(WAITS_NO_MORE)
        answer = Approval(person=person, person_name=str(person), comment=comment)
        send_back(row, answer, now)


def send_back(post: Post, answer: Approval, now: datetime) -> None:
    """Keeps a request for changes and ends consent and approvals; runs under `lock_to_plan`."""
    keep_answer(post, answer, Decision.CHANGES_REQUESTED, now)
    reason = gettext("Changes requested: “{comment}”").format(comment=answer.comment)
    authors = _authors(post)
    post.move_to(State.DRAFT, now=now, reason=reason, actor=answer.person, note=reason)
    post.approvals.end(str(CHANGES_WERE_REQUESTED), now)
    post.consents.void(str(CHANGES_WERE_REQUESTED), now)
    note_about(
        post,
        answer.person,
        "changes_requested",
        now,
        new=answer.comment,
        actor_name=answer.person_name,
    )
    headline = gettext("Changes requested, {account}: {post}")
    headline = headline.format(account=post.account, post=post.headline)
    text = f"{answer.person_name}: “{answer.comment}”"
    tell(
        post.team, NoticeKind.CHANGES_REQUESTED, headline, now, text=text, post=post, people=authors
    )


def keep_answer(
    post: Post, answer: Approval, decision: Decision, now: datetime, step: int | None = None
) -> None:
    answer.post, answer.decision, answer.step, answer.at = post, decision, step, now
    answer.fingerprint = post.fingerprint()
    answer.save()


def refuse_unanswerable(post: Post, seen: str, now: datetime) -> None:
    """Raises MoveRefused when no approval of what was `seen` can be given."""
    if post.state != State.IN_REVIEW or post.approve_by is None:
        raise MoveRefused(WAITS_NO_MORE)
    if seen != post.fingerprint():
        raise MoveRefused(CHANGED_SINCE)
    if not has_valid_consent(post):
        raise MoveRefused(why_no_consent(post) or NO_CONSENT)
    if now >= post.approve_by:
        raise MoveRefused(NOT_IN_TIME)


def hold_late(now: datetime) -> int:
    """Holds every post whose approval was not given in time; returns how many."""
    late = Post.objects.filter(state=State.IN_REVIEW, approve_by__lte=now)
    total = 0
    while batch := list(late.order_by("approve_by").values_list("pk", flat=True)[:BATCH]):
        total += sum(_hold(pk, now) for pk in batch)
    return total


def _hold(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        late = Post.objects.select_for_update(of=("self",), no_key=True)
        post = late.filter(pk=pk, state=State.IN_REVIEW, approve_by__lte=now).first()
        if post is None:
            return False
        reason = str(NOT_IN_TIME)
        post.move_to(State.NEEDS_ATTENTION, now=now, reason=reason, note=reason)
        post.approvals.end(gettext("The time for approval was over."), now)
        return True


def _member(post: Post, person: User) -> Membership | None:
    """The person's place in the team as it is now: the page may be an hour old."""
    members = Membership.objects.filter(team=post.team_id, user=person.pk, user__is_active=True)
    return members.select_related("user", "team").first()


def _asked_already(post: Post, person: User, comment: str) -> bool:
    latest = post.approvals.last()
    return (
        post.state == State.DRAFT
        and latest is not None
        and latest.decision == Decision.CHANGES_REQUESTED
        and (latest.person_id, latest.comment) == (person.pk, comment)
    )


def _authors(post: Post) -> set[int] | None:
    """Whom an answer concerns; None, which is everybody who plans, when all of them have left."""
    people = own_people(post)
    return people if post.team.memberships.filter(user__in=people).exists() else None
