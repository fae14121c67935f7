"""How each member wants each kind of news, and how often by mail."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from accounts.models import Membership, Role, Team, TikTokAccount
from accounts.permissions import PERMISSIONS_BY_ROLE, Permission
from accounts.reach import members_who_reach
from publishing.models import MailPace, NoticeChoice, NoticeKind, NoticePace

FOR_OWNERS = frozenset({NoticeKind.SCHEDULER_SILENT})
# Whose work it is; others are not even asked whether they want it.
NEEDED_PERMISSION = {
    NoticeKind.APPROVAL_ASKED: Permission.APPROVE,
    NoticeKind.APPROVED: Permission.PLAN,
    NoticeKind.CHANGES_REQUESTED: Permission.PLAN,
    NoticeKind.CLIENT_ANSWERED: Permission.PLAN,
}
NOT_MAILED = frozenset(
    {NoticeKind.PUBLISHED, NoticeKind.MOVED, NoticeKind.COMMENTED, NoticeKind.APPROVED}
)
# Somebody calls this one person.
FOR_EVERYBODY = frozenset({NoticeKind.MENTIONED})


class Wish(NamedTuple):
    in_app: bool
    by_mail: bool


def default_wish(kind: str, role: str) -> Wish:
    """What a member hears of who has chosen nothing: good news in the app, trouble by mail too.

    Viewers asked for nothing, but are called by name like others; what concerns the whole site
    concerns owners.
    """
    if kind in FOR_EVERYBODY:
        return Wish(True, True)
    if role == Role.VIEWER or not _concerns(kind, role):
        return Wish(False, False)
    return Wish(True, kind not in NOT_MAILED)


def _concerns(kind: str, role: str) -> bool:
    if kind in FOR_OWNERS:
        return role == Role.OWNER
    needed = NEEDED_PERMISSION.get(NoticeKind(kind))
    return needed is None or needed in PERMISSIONS_BY_ROLE[role]


def wishes_of(
    team: Team, kind: str, account: TikTokAccount | None = None
) -> list[tuple[Membership, Wish]]:
    """How each active member wants this kind of news; of those who may see the `account`."""
    everybody = members_who_reach(account) if account else team.memberships.all()
    members = everybody.filter(user__is_active=True).select_related("user")
    chosen = {
        choice.person_id: Wish(choice.in_app, choice.by_mail)
        for choice in NoticeChoice.objects.filter(team=team, kind=kind)
    }
    return [(one, chosen.get(one.user_id, default_wish(kind, one.role))) for one in members]


def wishes_by_kind(member: Membership) -> dict[NoticeKind, Wish]:
    """How this member wants every kind that can concern them."""
    chosen = {
        choice.kind: Wish(choice.in_app, choice.by_mail)
        for choice in NoticeChoice.objects.filter(person=member.user_id, team=member.team_id)
    }
    return {
        kind: chosen.get(kind, default_wish(kind, member.role))
        for kind in NoticeKind
        if _concerns(kind, member.role)
    }


def chosen_pace(member: Membership) -> str:
    paces = NoticePace.objects.filter(person=member.user_id, team=member.team_id)
    return paces.values_list("pace", flat=True).first() or MailPace.AT_ONCE


def pace_of(member: Membership) -> NoticePace:
    """The row that says when this member was mailed last; made when there is none."""
    pace, _ = NoticePace.objects.get_or_create(person=member.user, team=member.team)
    return pace


def keep_wishes(member: Membership, wishes: Mapping[NoticeKind, Wish], pace: MailPace) -> None:
    """Keeps what a member chose; from then on the defaults no longer matter to them."""
    choices = [
        NoticeChoice(person=member.user, team=member.team, kind=kind, **wish._asdict())
        for kind, wish in wishes.items()
    ]
    with transaction.atomic():
        NoticeChoice.objects.bulk_create(
            choices,
            update_conflicts=True,
            unique_fields=["person", "team", "kind"],
            update_fields=["in_app", "by_mail"],
        )
        NoticePace.objects.update_or_create(
            person=member.user, team=member.team, defaults={"pace": pace}
        )
