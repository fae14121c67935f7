"""Changing who is in a team and as what. A team never loses its last active owner.

Every change takes the team's lock first and reads the memberships anew: two owners who go at the
same moment must not each count on the other, and whoever has lost a role a moment ago uses it no
more.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.activity import note_activity
from accounts.invitations import open_invitations
from accounts.models import Membership, Role, Team, User
from accounts.permissions import may_grant

ONLY_OWNER = gettext_lazy(
    "{name} is the only owner of {team}. Make somebody else an owner first, or hand the team over."
)
ABOVE_YOU = gettext_lazy("Only an owner can make, change or remove owners.")
NOT_ALLOWED = gettext_lazy("You can no longer change who is in this team.")
GONE = gettext_lazy("This person is no longer in the team.")


class MemberRefused(Exception):
    """Nothing was changed. `text` says why in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class _Pair:
    """Who acts and on whom, as both are at this moment, under the team's lock."""

    actor: Membership
    member: Membership


def change_role(member: Membership, role: str, actor: User, now: datetime) -> None:
    """Gives a member another role. Raises MemberRefused."""
    with transaction.atomic():
        pair = _lock(member, actor)
        if pair.member.role == role:
            return
        _demand_power(pair, role)
        if role != Role.OWNER:
            _keep_an_owner(pair.member)
        old = pair.member.get_role_display()
        _write_role(pair.member, role)
        _note(pair, "role_changed", now, old=old, new=str(Role(role).label))


def remove_member(member: Membership, actor: User, now: datetime) -> None:
    """Ends a membership, at once; the person's posts stay. Raises MemberRefused."""
    with transaction.atomic():
        pair = _lock(member, actor)
        _demand_power(pair)
        _end(pair, "member_removed", now)


def leave_team(member: Membership, now: datetime) -> None:
    """The same for oneself. Raises MemberRefused for the last owner."""
    with transaction.atomic():
        _end(_lock(member, member.user), "member_left", now)


def hand_over(member: Membership, owner: User, now: datetime) -> None:
    """Makes the member an owner in place of `owner`, who stays as a manager.

    Raises MemberRefused.
    """
    with transaction.atomic():
        pair = _lock(member, owner)
        if pair.actor.role != Role.OWNER or pair.actor.pk == pair.member.pk:
            raise MemberRefused(str(ABOVE_YOU))
        if not pair.member.user.is_active:
            raise MemberRefused(gettext("{name} cannot sign in.").format(name=pair.member.user))
        old = pair.member.get_role_display()
        _write_role(pair.member, Role.OWNER)
        _write_role(pair.actor, Role.MANAGER)
        _note(pair, "team_handed_over", now, old=old, new=str(Role.OWNER.label))


def _lock(member: Membership, actor: User) -> _Pair:
    Team.objects.select_for_update().only("pk").get(pk=member.team_id)
    rows = Membership.objects.select_related("user", "team").filter(team=member.team_id)
    found = {row.user_id: row for row in rows.filter(user__in=[member.user_id, actor.pk])}
    if member.user_id not in found:
        raise MemberRefused(str(GONE))
    if actor.pk not in found:
        raise MemberRefused(str(NOT_ALLOWED))
    return _Pair(found[actor.pk], found[member.user_id])


def _demand_power(pair: _Pair, *roles: str) -> None:
    """The actor may give the role that the member has, and every other that is at stake."""
    for role in (pair.member.role, *roles):
        if not may_grant(pair.actor, role):
            raise MemberRefused(str(ABOVE_YOU if role == Role.OWNER else NOT_ALLOWED))


def _keep_an_owner(member: Membership) -> None:
    owners = Membership.objects.filter(team=member.team_id, role=Role.OWNER, user__is_active=True)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise MemberRefused(ONLY_OWNER.format(name=member.user, team=member.team))


def _end(pair: _Pair, verb: str, now: datetime) -> None:
    _keep_an_owner(pair.member)
    _end_invitations(pair.member)
    _note(pair, verb, now, old=pair.member.get_role_display())
    # With it goes the naming in limited accounts.
    Membership.objects.filter(pk=pair.member.pk).delete()


def _write_role(member: Membership, role: str) -> None:
    Membership.objects.filter(pk=member.pk).update(role=role)
    member.role = role
    _end_invitations(member, keep_grantable=True)


def _end_invitations(member: Membership, *, keep_grantable: bool = False) -> None:
    """Nobody comes back, or higher, by an invitation made while they might."""
    for invitation in open_invitations(member.team).filter(invited_by=member.user_id):
        if not (keep_grantable and may_grant(member, invitation.role)):
            invitation.delete()


def _note(pair: _Pair, verb: str, now: datetime, *, old: str = "", new: str = "") -> None:
    actor, member = pair.actor, pair.member
    subject = member.user.email if member.pk != actor.pk or verb == "role_changed" else ""
    note_activity(member.team_id, actor.user, verb, now, subject=subject, old=old, new=new)
