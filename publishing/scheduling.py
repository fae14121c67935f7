"""Giving a post its moment, with consent to exactly its content and choices."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.approval_rules import approval_rule
from accounts.models import Team, TikTokAccount, User
from publishing.app_mode import current_app_mode, lock_creators
from publishing.approvals import check_deadline, hand_in, rule_of
from publishing.consent import give_consent, has_valid_consent
from publishing.drafts import refuse_lost_files, refuse_overwriting, write_drafts
from publishing.edits import settle_edit
from publishing.history import note_about
from publishing.leases import FREE
from publishing.locks import lock_account, lock_team, lock_to_plan
from publishing.looks import lacks_look
from publishing.models import Post, Source
from publishing.places import keep_limit, keep_limits, moment_text
from publishing.plan import Plan, source_of
from publishing.preflight.moments import check_anew
from publishing.public_address import check_public_address
from publishing.refusals import PostRefused
from publishing.rules import Problem, check_due, check_post
from publishing.states import MoveRefused, State
from publishing.verdict import may_be_on_tiktok
from tiktok.client import CreatorInfo

LOOK_AT = gettext_lazy(
    "TikTok may have the post for {account} already. Look whether it is there first."
)


def schedule_posts(
    team: Team,
    author: User,
    plans: Sequence[Plan],
    form_token: UUID,
    creators: Mapping[int, CreatorInfo],
    now: datetime,
    seen_at: datetime | None = None,
) -> list[Post]:
    """Schedules one post per plan with `author`'s consent to each, or none. Raises PostRefused.

    Where the rule of an account demands approval, its post is handed in for that instead.
    `creators` holds TikTok's answers of this moment by account id; the inbox needs none. However
    often one form is sent, it makes one post per account: later calls with the same content return
    the first's. Raises ChangedElsewhere when somebody changed or sent the posts after `seen_at`.
    """
    problems = [problem for plan in plans for problem in _problems(plan, creators, now)]
    with transaction.atomic():
        lock_team(team.pk)
        lock_creators()
        for account_id in sorted(plan.account.pk for plan in plans if plan.account):
            lock_account(account_id)
        refuse_overwriting(team, author, plans, form_token, seen_at, now)
        posts = Post.objects.filter(team=team, form_token=form_token)
        sent = {post.account_id: post for post in posts.exclude(state=State.DRAFT)}
        new = [plan for plan in plans if plan.account is None or plan.account.pk not in sent]
        if not new:
            return [sent[plan.account.pk] for plan in plans if plan.account]
        if problems:
            raise PostRefused(problems)
        drafts = write_drafts(team, author, new, form_token, now)
        _refuse_unlooked(drafts, author, now)
        keep_limits(drafts, now)
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
    found = [replace(problem, account_id=account_id) for problem in found]
    found += check_due(plan.due_at, now)
    return found + (_check_deadline(plan.account, plan.due_at, now) if plan.account else [])


def _check_deadline(
    account: TikTokAccount, due_at: datetime | None, now: datetime
) -> list[Problem]:
    return check_deadline(account, approval_rule(account), due_at, now)


def _schedule(post: Post, author: User, creator: CreatorInfo | None, now: datetime) -> None:
    settle_edit(post)
    give_consent(post, author, creator, now)
    rule = rule_of(post)
    if rule.steps:
        hand_in(post, author, rule, now)
        return
    reason = gettext("Scheduled, with consent to exactly this content and these choices.")
    post.move_to(
        State.SCHEDULED,
        now=now,
        reason=reason,
        actor=author,
        next_action_at=post.due_at,
        approvals_needed=0,
        approve_by=None,
        **check_anew(post.due_at, now),
    )
    note_about(post, author, "post_scheduled", now, new=moment_text(post.due_at, post.team))


def schedule_approved(post: Post, actor: User | None, now: datetime, due_at: datetime) -> None:
    """Lets a post go out whose last approval was given, if its moment still fits.

    Runs under `lock_to_plan`. Raises PostRefused, with the next free moment when only the cap is in
    the way, and MoveRefused when a file is gone.
    """
    if problems := check_due(due_at, now):
        raise PostRefused(problems)
    refuse_lost_files(post)
    keep_limit(post, due_at, leave_out=[post.pk], keeps_gap=False)
    post.move_to(
        State.SCHEDULED,
        now=now,
        reason=gettext(
            "Approved. It goes out with the consent that was given when it was handed in."
        ),
        actor=actor,
        next_action_at=due_at,
        due_at=due_at,
        **check_anew(due_at, now),
        **FREE,
    )


def resubmit_post(post: Post, due_at: datetime, actor: User, now: datetime) -> None:
    """Hands a held post in for approval again, for another moment; the consent stays.

    Raises MoveRefused with what is missing, and PostRefused for a bad moment.
    """
    with transaction.atomic():
        row = lock_to_plan(post)
        rule = rule_of(row)
        if row.state != State.NEEDS_ATTENTION or not rule.steps:
            raise MoveRefused(gettext("This post cannot be handed in for approval now."))
        if not has_valid_consent(row) or may_be_on_tiktok(row):
            raise MoveRefused(gettext("Open it as a draft and confirm it anew."))
        if problems := check_due(due_at, now) + check_deadline(
            row.known_account, rule, due_at, now
        ):
            raise PostRefused(problems)
        refuse_lost_files(row)
        keep_limit(row, due_at, leave_out=[row.pk])
        row.due_at = due_at
        Post.objects.filter(pk=row.pk).update(due_at=due_at)
        hand_in(row, actor, rule, now)


def _refuse_unlooked(drafts: Sequence[Post], person: User, now: datetime) -> None:
    """What was put back to draft may be at TikTok: whoever sends it out has looked."""
    problems = [
        Problem("look", "look_first", LOOK_AT.format(account=draft.account), draft.account_id)
        for draft in drafts
        if lacks_look(draft, person, now)
    ]
    if problems:
        raise PostRefused(problems)
