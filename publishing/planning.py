"""What people do with a post: plan it, move it, cancel it, try it again."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.models import Team, TikTokAccount, User
from publishing import cap
from publishing.app_mode import (
    UNAUDITED_CREATORS,
    current_app_mode,
    lock_creators,
    next_fitting,
    planned_uses,
)
from publishing.consent import (
    REOPENED,
    give_consent,
    valid_consent,
    void_consents,
    why_no_consent,
)
from publishing.journal import add_line
from publishing.leases import FREE
from publishing.looks import LookFirst, lacks_look, note_look
from publishing.models import MediaAsset, MediaKind, Mode, Outcome, Post, PostPhoto, Source
from publishing.plan import Plan, source_of
from publishing.preflight.moments import check_anew
from publishing.public_address import check_public_address
from publishing.pulling import fetching_lasts, is_fetched
from publishing.rules import Problem, check_due, check_post, media_deleted
from publishing.states import MoveRefused, State
from publishing.verdict import may_be_on_tiktok
from publishing.wording import media_word
from tiktok.client import CreatorInfo

RETRYABLE = frozenset({State.FAILED, State.NEEDS_ATTENTION, State.UNCONFIRMED})
CHANGED_ELSEWHERE = (
    "This draft was changed in another tab or by somebody else. Copy what you want to keep, then "
    "open it again."
)
FORM_USED = "This form was already used. Open the calendar to see its post."
LOOK_AT = "TikTok may have the post for {account} already. Look whether it is there first."
NOT_FOUND = "Posted again by hand, after a look that did not find it at {account}."
REOPENABLE = frozenset({State.SCHEDULED, State.FAILED, State.NEEDS_ATTENTION, State.CANCELED})


class PostRefused(Exception):
    """The post breaks rules; `next_free_at`, a whole minute as a person types it, is offered when
    only the cap is in the way."""

    def __init__(self, problems: list[Problem], next_free_at: datetime | None = None) -> None:
        super().__init__(" ".join(problem.text for problem in problems))
        self.problems = problems
        self.next_free_at = next_free_at


def save_drafts(
    team: Team,
    author: User,
    plans: Sequence[Plan],
    form_token: UUID,
    now: datetime,
    seen_at: datetime | None = None,
) -> list[Post]:
    """Keeps the form as one draft per account; the same form always means the same posts.

    An account that the form no longer names loses its draft. Raises PostRefused when one of the
    posts is a draft no more, or when somebody changed the drafts after `seen_at`.
    """
    with transaction.atomic():
        _lock_team(team.pk)
        changed_at = drafts_changed_at(team, form_token)
        if seen_at and changed_at and changed_at > seen_at:
            raise PostRefused([Problem("form_token", "changed_elsewhere", CHANGED_ELSEWHERE)])
        return _write_drafts(team, author, plans, form_token, now)


def drafts_changed_at(team: Team, form_token: UUID) -> datetime | None:
    """When the drafts of this form were last saved; None when there are none."""
    drafts = Post.objects.filter(team=team, form_token=form_token, state=State.DRAFT)
    latest: datetime | None = drafts.aggregate(at=Max("updated_at"))["at"]
    return latest


def save_draft(team: Team, author: User, plan: Plan, form_token: UUID, now: datetime) -> Post:
    """`save_drafts` for a form with one account, or none yet."""
    [post] = save_drafts(team, author, [plan], form_token, now)
    return post


def schedule_posts(
    team: Team,
    author: User,
    plans: Sequence[Plan],
    form_token: UUID,
    creators: Mapping[int, CreatorInfo],
    now: datetime,
) -> list[Post]:
    """Schedules one post per plan with `author`'s consent to each, or none. Raises PostRefused.

    `creators` holds TikTok's answers of this moment by account id; the inbox needs none. However
    often one form is sent, it makes one post per account: later calls return the first's.
    """
    problems = [problem for plan in plans for problem in _problems(plan, creators, now)]
    with transaction.atomic():
        _lock_team(team.pk)
        lock_creators()
        for account_id in sorted(plan.account.pk for plan in plans if plan.account):
            _lock(account_id)
        posts = Post.objects.filter(team=team, form_token=form_token)
        sent = {post.account_id: post for post in posts.exclude(state=State.DRAFT)}
        new = [plan for plan in plans if plan.account is None or plan.account.pk not in sent]
        if not new:
            return [sent[plan.account.pk] for plan in plans if plan.account]
        if problems:
            raise PostRefused(problems)
        drafts = _write_drafts(team, author, new, form_token, now)
        _refuse_unlooked(drafts, author, now)
        _keep_limits(drafts, now)
        for post in drafts:
            _schedule(post, author, creators.get(post.account_id or 0), now)
    return [*sent.values(), *drafts]


def schedule_post(
    team: Team,
    author: User,
    plan: Plan,
    form_token: UUID,
    creator: CreatorInfo | None,
    now: datetime,
) -> Post:
    """`schedule_posts` for a form with one account."""
    creators = {plan.account.pk: creator} if creator and plan.account else {}
    [post] = schedule_posts(team, author, [plan], form_token, creators, now)
    return post


def _problems(plan: Plan, creators: Mapping[int, CreatorInfo], now: datetime) -> list[Problem]:
    account_id = plan.account.pk if plan.account else None
    creator = creators.get(account_id or 0)
    found = check_post(plan, creator, current_app_mode())
    if source_of(plan) == Source.PULL_FROM_URL:
        found += check_public_address()
    return [replace(problem, account_id=account_id) for problem in found] + check_due(
        plan.due_at, now
    )


def _schedule(post: Post, author: User, creator: CreatorInfo | None, now: datetime) -> None:
    give_consent(post, author, creator, now)
    reason = "Scheduled, with consent to exactly this content and these choices."
    post.move_to(
        State.SCHEDULED,
        now=now,
        reason=reason,
        actor=author,
        next_action_at=post.due_at,
        **check_anew(post.due_at, now),
    )


def reschedule_post(post: Post, due_at: datetime, actor: User, now: datetime) -> None:
    """Moves a scheduled post to another moment; the consent stays, only the time changes.

    Raises PostRefused for a bad moment and MoveRefused when the post has begun to leave.
    """
    if problems := check_due(due_at, now):
        raise PostRefused(problems)
    with transaction.atomic():
        lock_creators()
        _lock(post.known_account.pk)
        _keep_cap(post, due_at, leave_out=post.pk)
        # Taking the lease away stops a worker that prepares the old moment.
        moved = Post.objects.filter(pk=post.pk, state=State.SCHEDULED).update(
            due_at=due_at,
            next_action_at=due_at,
            note="",
            updated_at=now,
            **check_anew(due_at, now),
            **FREE,
        )
        if not moved:
            raise MoveRefused("This post can no longer be moved: it has begun to leave.")
        add_line(
            post, "rescheduled", now, f"{_moment(post.due_at)} → {_moment(due_at)}", actor=actor
        )
    post.due_at = post.next_action_at = due_at


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
                raise MoveRefused("Somebody else changed this post a moment ago.")
            add_line(post, "cancel_requested", now, _where_it_stops(post), actor=actor)
            return
        if post.state in {State.PROCESSING, State.PUBLISHED, State.IN_INBOX}:
            raise MoveRefused(
                f"It is too late to cancel: {_what_tiktok_has(post)}. "
                "Delete the post in the TikTok app instead."
            )
        post.move_to(State.CANCELED, now=now, reason="Canceled.", actor=actor, **FREE)


def _where_it_stops(post: Post) -> str:
    if is_fetched(post):
        return "Stops unless TikTok has been told already."
    return "Stops before the last part."


def _what_tiktok_has(post: Post) -> str:
    if post.state == State.PROCESSING and is_fetched(post):
        return f"TikTok has the post and fetches the {media_word(post.kind)}"
    return "TikTok has the post" if post.kind == MediaKind.PHOTO else "TikTok has the whole video"


def retry_post(
    post: Post,
    actor: User,
    now: datetime,
    *,
    due_at: datetime | None = None,
    has_looked: bool = False,
) -> None:
    """Sends a failed or held post again, at once or at `due_at`. Raises MoveRefused with what is
    missing, and PostRefused with the next free moment when the cap is reached by then.

    One that TikTok may have already is sent only when `actor` `has_looked` and not found it.
    """
    due_at = due_at or now
    if post.state not in RETRYABLE:
        raise MoveRefused(f"A post that is {post.get_state_display().lower()} cannot be retried.")
    if valid_consent(post) is None:
        why = why_no_consent(post) or "Nobody has agreed to this content."
        raise MoveRefused(f"{why} Open it as a draft and confirm it.")
    if may_be_on_tiktok(post) and not has_looked:
        raise LookFirst
    _let_calls_end(post, now)
    if problems := check_due(due_at, now):
        raise PostRefused(problems)
    with transaction.atomic():
        _lock_team(post.team_id)
        lock_creators()
        _lock(post.known_account.pk)
        _refuse_lost_files(post)
        # Nothing is left out: an unconfirmed post stands for a try that goes on counting.
        _keep_cap(post, due_at, leave_out=None)
        post.move_to(
            State.SCHEDULED,
            now=now,
            reason=NOT_FOUND.format(account=post.account) if has_looked else "Retried by hand.",
            actor=actor,
            next_action_at=due_at,
            due_at=due_at,
            cancel_requested_at=None,
            leases_lost=0,
            init_at=None,
            **check_anew(due_at, now),
            **FREE,
        )


def reopen_post(post: Post, actor: User, now: datetime, *, has_looked: bool = False) -> int:
    """Takes a post back to draft, so that content and choices can change.

    Returns how many consents ended with that. One that TikTok may have already becomes a draft only
    when `actor` `has_looked` and not found it, and can be scheduled by nobody else without a look.
    """
    if post.state not in REOPENABLE:
        raise MoveRefused(f"A post that is {post.get_state_display().lower()} cannot be edited.")
    if may_be_on_tiktok(post) and not has_looked:
        raise LookFirst
    _let_calls_end(post, now)
    with transaction.atomic():
        if has_looked:
            note_look(post, actor, now)
        post.move_to(
            State.DRAFT,
            now=now,
            reason="Reopened as a draft; the consent no longer counts.",
            actor=actor,
            cancel_requested_at=None,
            **FREE,
        )
        return post.consents.void(REOPENED, now)


def _write_drafts(
    team: Team, author: User, plans: Sequence[Plan], form_token: UUID, now: datetime
) -> list[Post]:
    """Runs under the team's lock: a form saved and scheduled at once is written once."""
    _refuse_deleted(plans)
    rows = {
        post.account_id: post
        for post in Post.objects.select_for_update().filter(team=team, form_token=form_token)
    }
    wanted = {plan.account.pk if plan.account else None for plan in plans}
    spare = rows.get(None) if None not in wanted else None
    posts = []
    for plan in plans:
        post = rows.get(plan.account.pk if plan.account else None)
        if post is None and spare is not None:
            post, spare = spare, None
        if post is None:
            post = Post(team=team, author=author, form_token=form_token, created_at=now)
        posts.append(_write_draft(post, author, plan, now))
    for account_id, post in rows.items():
        if account_id not in wanted and post not in posts:
            _take_off(post, author, now)
    return posts


def _refuse_deleted(plans: Sequence[Plan]) -> None:
    """Runs under the team's lock: a file that was chosen may have been deleted since."""
    chosen = {file.pk: file for plan in plans for file in (plan.media, *plan.files()) if file}
    there = MediaAsset.objects.filter(pk__in=chosen, deleted_at=None).values_list("pk", flat=True)
    if gone := chosen.keys() - set(there):
        raise PostRefused([media_deleted(chosen[pk]) for pk in sorted(gone)])


def _refuse_lost_files(post: Post) -> None:
    """The same for a post that is to be sent as it is."""
    lost = [file for file in Post.objects.get(pk=post.pk).files() if file.deleted_at]
    if lost:
        raise MoveRefused(
            f"“{lost[0]}” was deleted from the media library. Edit the post as a draft and choose "
            "another file."
        )


def _write_draft(post: Post, author: User, plan: Plan, now: datetime) -> Post:
    if post.state != State.DRAFT:
        raise PostRefused([Problem("form_token", "form_used", FORM_USED)])
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    del values["photos"]
    for name, value in values.items():
        setattr(post, name, value)
    try:
        with transaction.atomic():
            post.save(update_fields=[*values, "updated_at"] if post.pk else None)
    except IntegrityError as error:
        raise PostRefused([Problem("form_token", "form_used", FORM_USED)]) from error
    _write_photos(post, plan)
    void_consents(post, author, now)
    return post


def _write_photos(post: Post, plan: Plan) -> None:
    wanted = [photo.pk for photo in plan.photos]
    if list(post.post_photos.values_list("media_id", flat=True)) == wanted:
        return
    post.post_photos.all().delete()
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media_id=pk, position=place) for place, pk in enumerate(wanted)
    )


def _take_off(post: Post, actor: User, now: datetime) -> None:
    """The form no longer names this post's account; what once was more than a draft leaves a
    trace."""
    if post.state != State.DRAFT:
        return
    if post.state_changes.exists():
        reason = "The account was taken off the posting form."
        post.move_to(State.CANCELED, now=now, reason=reason, actor=actor)
    else:
        post.delete()


def _refuse_unlooked(drafts: Sequence[Post], person: User, now: datetime) -> None:
    """What was put back to draft may be at TikTok: whoever sends it out has looked."""
    problems = [
        Problem("look", "look_first", LOOK_AT.format(account=draft.account), draft.account_id)
        for draft in drafts
        if lacks_look(draft, person, now)
    ]
    if problems:
        raise PostRefused(problems)


def _keep_limits(posts: Sequence[Post], now: datetime) -> None:
    """Runs under the accounts' locks. Raises PostRefused with every limit in the way."""
    problems: list[Problem] = []
    frees: list[datetime] = []
    for number, post in enumerate(posts):
        try:
            _keep_cap(post, post.due_at or now, leave_out=post.pk, beside=posts[:number])
        except PostRefused as refused:
            problems += refused.problems
            frees += [refused.next_free_at] if refused.next_free_at else []
    if problems:
        raise PostRefused(problems, next_free_at=max(frees, default=None))


def _keep_cap(
    post: Post, due_at: datetime, *, leave_out: int | None, beside: Sequence[Post] = ()
) -> None:
    """`leave_out` is the post whose place is given up for this one, `beside` are the posts of the
    same form that are scheduled with it."""
    account = post.account
    if account is None:
        return
    moments = cap.counted_moments(account, due_at, post.mode, leave_out)
    free_at = cap.free_from(account, moments, due_at, post.mode)
    if free_at != due_at:
        free_at = cap.whole_minute(free_at)
        text = f"{_too_many(post, account)} The next free moment is {_moment(free_at)}."
        problem = Problem("due_at", "cap_reached", text, account.pk)
        raise PostRefused([problem], next_free_at=free_at)
    if post.mode == Mode.DIRECT and current_app_mode().is_private_only:
        _keep_creators(account, due_at, leave_out, beside)


def _too_many(post: Post, account: TikTokAccount) -> str:
    limit = cap.limit_of(account, post.mode)
    if post.mode == Mode.DIRECT:
        return f"{account} would have more than {limit} posts in 24 hours."
    return (
        f"{account} would have more than {limit} drafts in its TikTok inbox within 24 hours; "
        "TikTok takes no more until some are posted or discarded there."
    )


def _keep_creators(
    account: TikTokAccount, due_at: datetime, leave_out: int | None, beside: Sequence[Post]
) -> None:
    with_it = [(one.due_at, one.account_id) for one in beside if one.due_at and one.account_id]
    uses = [*planned_uses(due_at, leave_out), *with_it]
    free_at = next_fitting(uses, due_at, account.pk)
    if free_at == due_at:
        return
    free_at = cap.whole_minute(free_at)
    text = (
        f"Until TikTok has audited this app, it lets {UNAUDITED_CREATORS} creators post within "
        f"24 hours, and others fill that day. The next free moment for {account} is "
        f"{_moment(free_at)}."
    )
    problem = Problem("due_at", "creators_reached", text, account.pk)
    raise PostRefused([problem], next_free_at=free_at)


def _lock_team(team_id: int) -> None:
    """Who plans and who deletes media take turns."""
    Team.objects.select_for_update(no_key=True).only("pk").get(pk=team_id)


def _lock(account_id: int) -> None:
    TikTokAccount.objects.select_for_update(no_key=True).only("pk").get(pk=account_id)


def _let_calls_end(post: Post, now: datetime) -> None:
    over_at = calls_end_at(post)
    if over_at and now < over_at:
        raise MoveRefused(
            "The last try may still be under way at TikTok. Wait "
            f"{_minutes(over_at - now)}, then look at the profile again."
        )


def calls_end_at(post: Post) -> datetime | None:
    """Until when, after a try that TikTok may have posted, a call of ours or a download of
    TikTok's may be under way."""
    unconfirmed = post.state_changes.filter(new=State.UNCONFIRMED).last()
    if unconfirmed is None:
        return None
    attempt = post.attempts.filter(outcome=Outcome.UNCONFIRMED).last()
    lasts = timedelta(seconds=settings.LEASE_S)
    if attempt is not None and attempt.source == Source.PULL_FROM_URL:
        lasts = max(lasts, fetching_lasts(attempt, settings.PULL_MARGIN_S))
    return unconfirmed.at + lasts


def _minutes(wait: timedelta) -> str:
    minutes = math.ceil(wait / timedelta(minutes=1))
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%a %d %b %Y, %H:%M} UTC" if moment else "no time"
