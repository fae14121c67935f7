"""Which of a team's TikTok accounts a member may see and use."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, Role, TikTokAccount, User

SEES_ALL = frozenset({Role.OWNER, Role.MANAGER})


def accounts_within_reach(member: Membership) -> QuerySet[TikTokAccount]:
    """The team's accounts, without those limited to other members."""
    accounts = TikTokAccount.objects.filter(team=member.team_id)
    if member.role in SEES_ALL:
        return accounts
    return accounts.filter(Q(is_limited=False) | Q(pk__in=member.limited_accounts.values("pk")))


def has_within_reach(member: Membership, account_id: int | None) -> bool:
    """Whether this account of the member's team is theirs to see; nothing at all is everybody's."""
    if account_id is None or member.role in SEES_ALL:
        return True
    return accounts_within_reach(member).filter(pk=account_id).exists()


def members_who_reach(account: TikTokAccount) -> QuerySet[Membership]:
    """The members of the account's team who may see it."""
    members = Membership.objects.filter(team=account.team_id)
    if not account.is_limited:
        return members
    named = account.allowed_members.values("pk")
    return members.filter(Q(role__in=SEES_ALL) | Q(pk__in=named))


def accounts_hidden_from(person: User) -> QuerySet[TikTokAccount]:
    """Limited accounts that this person may see as a member of no team."""
    mine = Membership.objects.filter(user=person)
    named = mine.filter(limited_accounts=OuterRef("pk"))
    sees_all = mine.filter(team=OuterRef("team"), role__in=SEES_ALL)
    return TikTokAccount.objects.filter(~Exists(named), ~Exists(sees_all), is_limited=True)
