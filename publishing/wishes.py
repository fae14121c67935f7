"""How each member wants each kind of news, and how often by mail."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from accounts.models import Membership, Role, Team
from publishing.models import MailPace, NoticeChoice, NoticeKind, NoticePace

FOR_OWNERS = frozenset({NoticeKind.SCHEDULER_SILENT})
NOT_MAILED = frozenset({NoticeKind.PUBLISHED, NoticeKind.MOVED})


class Wish(NamedTuple):
    in_app: bool
    by_mail: bool


def default_wish(kind: str, role: str) -> Wish:
    """What a member hears of who has chosen nothing: good news in the app, trouble by mail too.

    Viewers asked for nothing; what concerns the whole site concerns owners.
    """
    if role == Role.VIEWER or (kind in FOR_OWNERS and role != Role.OWNER):
        return Wish(False, False)
    return Wish(True, kind not in NOT_MAILED)


def wishes_of(team: Team, kind: str) -> list[tuple[Membership, Wish]]:
    """How each active member wants this kind of news."""
    members = team.memberships.filter(user__is_active=True).select_related("user")
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
        if kind not in FOR_OWNERS or member.role == Role.OWNER
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
