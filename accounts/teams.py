"""Several teams on one site: who may begin another, and beginning it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import ngettext

from accounts.activity import note_activity
from accounts.models import Membership, Role, Team, User
from accounts.permissions import Permission, roles_with

# Each team may keep media up to the quota: nobody multiplies theirs without end.
MOST_OWNED = 25


class TeamRefused(Exception):
    """No team was made. `text` says why in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def may_create_team(person: User) -> bool:
    """Where anybody may sign up, everybody; else those who look after a team already.

    Sign-up by invitation means that somebody decides who uses this site: a client who was invited
    to look at posts has no team of their own unless an owner or manager is asked.
    """
    if settings.SIGNUP_OPEN:
        return True
    looks_after = roles_with(Permission.MANAGE_TEAM)
    return Membership.objects.filter(user=person, role__in=looks_after).exists()


def create_team(person: User, name: str, timezone: str, now: datetime) -> Membership:
    """A new team that the person owns. Raises TeamRefused."""
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=person.pk)
        owned = Membership.objects.filter(user=person, role=Role.OWNER).count()
        if owned >= MOST_OWNED:
            text = ngettext(
                "You own {n} team already. Hand one over or delete one first.",
                "You own {n} teams already. Hand one over or delete one first.",
                owned,
            )
            raise TeamRefused(text.format(n=owned))
        team = Team.objects.create(name=name, timezone=timezone, created_at=now)
        note_activity(team.pk, person, "team_created", now, subject=name)
        return Membership.objects.create(team=team, user=person, role=Role.OWNER, joined_at=now)


def teams_of(person: User) -> list[Team]:
    """The teams that the person is in, by name."""
    return list(Team.objects.filter(memberships__user=person.pk).order_by("name", "pk"))
