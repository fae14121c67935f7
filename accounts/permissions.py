"""What each role may do."""

from enum import StrEnum

from accounts.models import Membership, Role, Team


class Permission(StrEnum):
    VIEW = "view"
    PLAN = "plan"
    CONNECT = "connect"
    MANAGE_TEAM = "manage_team"
    READ_OUTBOX = "read_outbox"


PERMISSIONS_BY_ROLE: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.EDITOR: frozenset({Permission.VIEW, Permission.PLAN, Permission.CONNECT}),
    Role.VIEWER: frozenset({Permission.VIEW}),
}


def may(membership: Membership | None, permission: Permission) -> bool:
    """Whether this member may do it in their team; nobody may do anything without one."""
    if membership is None or permission not in PERMISSIONS_BY_ROLE[membership.role]:
        return False
    return permission != Permission.READ_OUTBOX or _is_first_team(membership.team_id)


def _is_first_team(team_id: int) -> bool:
    # The outbox holds everybody's password links, so a team that came by open sign-up, whose
    # owner may be a stranger, must not read it.
    return not Team.objects.filter(pk__lt=team_id).exists()
