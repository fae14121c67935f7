"""Who of a team may see and use one of its TikTok accounts."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.activity import note_activity
from accounts.models import Membership, TikTokAccount, User
from accounts.reach import SEES_ALL


def members_to_name(account: TikTokAccount) -> QuerySet[Membership]:
    """Those of the team whom a limit would concern: owners and managers see every account."""
    members = Membership.objects.filter(team=account.team_id).exclude(role__in=SEES_ALL)
    return members.select_related("user").order_by("joined_at", "id")


def limit_account(
    account: TikTokAccount, members: Collection[Membership], actor: User, now: datetime
) -> None:
    """Leaves the account to owners, managers and these members of its team."""
    with transaction.atomic():
        TikTokAccount.objects.filter(pk=account.pk).update(is_limited=True)
        account.allowed_members.set(members)
        names = ", ".join(sorted(member.user.email for member in members))
        _note(account, actor, "account_limited", now, names)


def open_account(account: TikTokAccount, actor: User, now: datetime) -> None:
    """Lets every member of the team see and use the account."""
    with transaction.atomic():
        TikTokAccount.objects.filter(pk=account.pk).update(is_limited=False)
        account.allowed_members.clear()
        _note(account, actor, "account_opened", now)


def _note(account: TikTokAccount, actor: User, verb: str, now: datetime, new: str = "") -> None:
    note_activity(account.team_id, actor, verb, now, account_id=account.pk, new=new)
