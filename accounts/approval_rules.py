"""Whether posts need approval before they go out: the team's rule, or an account's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.activity import note_activity
from accounts.models import Team, TikTokAccount, User

STEPS_WORDS = {
    0: gettext_lazy("no approval"),
    1: gettext_lazy("one approval"),
    2: gettext_lazy("two approvals in order"),
}


@dataclass(frozen=True)
class ApprovalRule:
    """How many people approve, one after the other, and how long before the post is due."""

    steps: int
    before: timedelta

    @property
    def words(self) -> str:
        if not self.steps:
            return str(STEPS_WORDS[0])
        return gettext("{approvals}, {span} before a post is due").format(
            approvals=STEPS_WORDS[self.steps], span=span_words(self.before)
        )


@dataclass(frozen=True)
class AccountRule:
    """What an account has of its own; None is as the team has it."""

    steps: int | None
    before_min: int | None


def span_words(span: timedelta) -> str:
    """ "30 min", "2 h", "3 days"."""
    minutes = int(span.total_seconds()) // 60
    if minutes >= 2 * 1440 and minutes % 1440 == 0:
        days = minutes // 1440
        return ngettext("{n} day", "{n} days", days).format(n=days)
    if minutes and minutes % 60 == 0:
        return gettext("{n} h").format(n=minutes // 60)
    return gettext("{n} min").format(n=minutes)


def team_rule(team: Team) -> ApprovalRule:
    return ApprovalRule(team.approval_steps, timedelta(minutes=team.approve_before_min))


def approval_rule(account: TikTokAccount) -> ApprovalRule:
    """What holds for the posts of this account."""
    team, steps, minutes = account.team, account.approval_steps, account.approve_before_min
    return ApprovalRule(
        team.approval_steps if steps is None else steps,
        timedelta(minutes=team.approve_before_min if minutes is None else minutes),
    )


def change_approval_rules(
    team: Team,
    actor: User,
    rule: ApprovalRule,
    client_counts: bool,
    by_account: Mapping[int, AccountRule],
    now: datetime,
) -> None:
    """Keeps the team's rule and those of its accounts. Posts that wait or are scheduled already
    keep the rule under which they were handed in."""
    with transaction.atomic():
        row = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        old = _words(team_rule(row), row.client_counts)
        row.approval_steps, row.client_counts = rule.steps, client_counts
        row.approve_before_min = int(rule.before.total_seconds()) // 60
        row.save(update_fields=["approval_steps", "approve_before_min", "client_counts"])
        _note(team, actor, None, old, _words(rule, client_counts), now)
        for account in TikTokAccount.objects.filter(team=team, pk__in=by_account):
            _change_account(account, row, actor, by_account[account.pk], now)


def _change_account(
    account: TikTokAccount, team: Team, actor: User, own: AccountRule, now: datetime
) -> None:
    account.team = team
    if (account.approval_steps, account.approve_before_min) == (own.steps, own.before_min):
        return
    old = _own_words(account)
    account.approval_steps, account.approve_before_min = own.steps, own.before_min
    account.save(update_fields=["approval_steps", "approve_before_min"])
    _note(team, actor, account, old, _own_words(account), now)


def _own_words(account: TikTokAccount) -> str:
    has_own = account.approval_steps is not None or account.approve_before_min is not None
    return approval_rule(account).words if has_own else gettext("as the team")


def _words(rule: ApprovalRule, client_counts: bool) -> str:
    return gettext("{rule}; clients count").format(rule=rule.words) if client_counts else rule.words


def _note(
    team: Team, actor: User, account: TikTokAccount | None, old: str, new: str, now: datetime
) -> None:
    if old != new:
        verb, account_id = "approval_rules_changed", account.pk if account else None
        subject = "" if account else gettext("all accounts")
        note_activity(
            team.pk, actor, verb, now, subject=subject, account_id=account_id, old=old, new=new
        )
