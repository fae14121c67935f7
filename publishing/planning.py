"""What people do with a post: plan it, move it, cancel it, try it again."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Team, TikTokAccount, User
from publishing import cap
from publishing.consent import give_consent, valid_consent, void_consents
from publishing.journal import add_line
from publishing.leases import FREE
from publishing.models import Mode, Post
from publishing.plan import Plan
from publishing.rules import Problem, check_due, check_post
from publishing.states import MoveRefused, State
from tiktok.client import CreatorInfo

RETRYABLE = frozenset({State.FAILED, State.NEEDS_ATTENTION, State.UNCONFIRMED})
REOPENABLE = frozenset({State.SCHEDULED, State.FAILED, State.NEEDS_ATTENTION, State.CANCELED})


class PostRefused(Exception):
    """The post breaks rules; `next_free_at` is offered when only the cap is in the way."""

    def __init__(self, problems: list[Problem], next_free_at: datetime | None = None) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems
        self.next_free_at = next_free_at


def save_draft(team: Team, author: User, plan: Plan, form_token: UUID, now: datetime) -> Post:
    """Keeps the form as a draft; the same form token always means the same post."""
    with transaction.atomic():
        return _write_draft(team, author, plan, form_token, now)


def schedule_post(
    team: Team,
    author: User,
    plan: Plan,
    form_token: UUID,
    creator: CreatorInfo | None,
    now: datetime,
) -> Post:
    """Schedules the post with `author`'s consent. Raises PostRefused.

    However often one form is sent, it makes one post: the second call returns the first's.
    """
    problems = check_post(plan, creator) + check_due(plan.due_at, now)
    with transaction.atomic():
        _lock(plan.account)
        sent = Post.objects.filter(team=team, form_token=form_token).exclude(state=State.DRAFT)
        if post := sent.first():
            return post
        if problems or plan.due_at is None:
            raise PostRefused(problems)
        post = _write_draft(team, author, plan, form_token, now)
        _keep_cap(post, plan.due_at)
        give_consent(post, author, creator, now)
        reason = "Scheduled, with consent to exactly this content and these choices."
        post.move_to(
            State.SCHEDULED, now=now, reason=reason, actor=author, next_action_at=plan.due_at
        )
    return post


def reschedule_post(post: Post, due_at: datetime, actor: User, now: datetime) -> None:
    """Moves a scheduled post to another moment; the consent stays, only the time changes.

    Raises PostRefused for a bad moment and MoveRefused when the post has begun to leave.
    """
    if problems := check_due(due_at, now):
        raise PostRefused(problems)
    with transaction.atomic():
        _lock(post.account)
        _keep_cap(post, due_at)
        # Taking the lease away stops a worker that prepares the old moment.
        moved = Post.objects.filter(pk=post.pk, state=State.SCHEDULED).update(
            due_at=due_at, next_action_at=due_at, note="", updated_at=now, **FREE
        )
        if not moved:
            raise MoveRefused("This post can no longer be moved: it has begun to leave.")
        add_line(
            post, "rescheduled", now, f"{_moment(post.due_at)} → {_moment(due_at)}", actor=actor
        )
    post.due_at = post.next_action_at = due_at


def cancel_post(post: Post, actor: User, now: datetime) -> None:
    """Cancels the post, or asks the worker that is sending it to stop before the last chunk.

    Raises MoveRefused once TikTok has the whole video.
    """
    with transaction.atomic():
        post.refresh_from_db()
        if post.state == State.UPLOADING:
            asked = Post.objects.filter(pk=post.pk, state=State.UPLOADING).update(
                cancel_requested_at=now, updated_at=now
            )
            if not asked:
                raise MoveRefused("Somebody else changed this post a moment ago.")
            add_line(post, "cancel_requested", now, "Stops before the last part.", actor=actor)
            return
        if post.state in {State.PROCESSING, State.PUBLISHED, State.IN_INBOX}:
            raise MoveRefused(
                "It is too late to cancel: TikTok has the whole video. "
                "Delete the post in the TikTok app instead."
            )
        post.move_to(State.CANCELED, now=now, reason="Canceled.", actor=actor, **FREE)


def retry_post(post: Post, actor: User, now: datetime) -> None:
    """Sends a failed or held post again, at once. Raises MoveRefused with what is missing."""
    if post.state not in RETRYABLE:
        raise MoveRefused(f"A post that is {post.get_state_display().lower()} cannot be retried.")
    if valid_consent(post) is None:
        raise MoveRefused("Nobody has agreed to this content. Open it as a draft and confirm it.")
    if post.state == State.UNCONFIRMED and now < _calls_are_over(post):
        raise MoveRefused("The last try may still be under way. Wait two minutes, then look again.")
    post.move_to(
        State.SCHEDULED,
        now=now,
        reason="Retried by hand.",
        actor=actor,
        next_action_at=now,
        due_at=now,
        cancel_requested_at=None,
        leases_lost=0,
        init_at=None,
        **FREE,
    )


def reopen_post(post: Post, actor: User, now: datetime) -> None:
    """Takes a post back to draft, so that content and choices can change; consent ends."""
    if post.state not in REOPENABLE:
        raise MoveRefused(f"A post that is {post.get_state_display().lower()} cannot be edited.")
    with transaction.atomic():
        post.move_to(
            State.DRAFT,
            now=now,
            reason="Reopened as a draft; the consent no longer counts.",
            actor=actor,
            cancel_requested_at=None,
            **FREE,
        )
        post.consents.filter(voided_at=None).update(
            voided_at=now, voided_reason="The post was reopened as a draft."
        )


def _write_draft(team: Team, author: User, plan: Plan, form_token: UUID, now: datetime) -> Post:
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    try:
        with transaction.atomic():
            # Locked: a form saved and scheduled at once must not be written after it was scheduled.
            post, is_new = Post.objects.select_for_update().get_or_create(
                form_token=form_token,
                team=team,
                defaults={**values, "author": author, "created_at": now},
            )
    except IntegrityError as error:
        text = "This form was already used. Open the calendar to see its post."
        raise PostRefused([Problem("form_token", "form_used", text)]) from error
    if not is_new and post.state == State.DRAFT:
        for name, value in values.items():
            setattr(post, name, value)
        post.save(update_fields=[*values, "updated_at"])
        void_consents(post, "The content or the choices were changed.", now)
    return post


def _keep_cap(post: Post, due_at: datetime) -> None:
    if post.mode != Mode.DIRECT:
        return
    moments = cap.counted_moments(post.account, due_at, leave_out=post.pk)
    free_at = cap.free_from(post.account, moments, due_at)
    if free_at != due_at:
        text = (
            f"{post.account} would have more than {post.account.daily_cap} posts in 24 hours. "
            f"The next free moment is {_moment(free_at)}."
        )
        raise PostRefused([Problem("due_at", "cap_reached", text)], next_free_at=free_at)


def _lock(account: TikTokAccount) -> None:
    TikTokAccount.objects.select_for_update().only("pk").get(pk=account.pk)


def _calls_are_over(post: Post) -> datetime:
    last = post.state_changes.filter(new=State.UNCONFIRMED).last()
    return last.at + timedelta(seconds=settings.LEASE_S) if last else post.updated_at


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%a %d %b %Y, %H:%M} UTC" if moment else "no time"
