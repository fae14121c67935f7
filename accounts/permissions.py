"""What each role may do."""

from enum import StrEnum

from accounts.models import Membership, Role, Team


class Permission(StrEnum):
    VIEW = "view"
    PLAN = "plan"
    CONNECT = "connect"
    MANAGE_TEAM = "manage_team"
    DELETE_DATA = "delete_data"
    READ_OUTBOX = "read_outbox"
    RUN_SITE = "run_site"


PERMISSIONS_BY_ROLE: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.EDITOR: frozenset({Permission.VIEW, Permission.PLAN, Permission.CONNECT}),
    Role.VIEWER: frozenset({Permission.VIEW}),
}


OF_FIRST_TEAM = frozenset({Permission.READ_OUTBOX, Permission.RUN_SITE})


def may(membership: Membership | None, permission: Permission) -> bool:
    """Whether this member may do it in their team; nobody may do anything without one."""
    if membership is None or permission not in PERMISSIONS_BY_ROLE[membership.role]:
        return False
    return permission not in OF_FIRST_TEAM or is_first_team(membership.team_id)


def is_first_team(team_id: int) -> bool:
    """Whether this team runs the site.

    The outbox holds everybody's password links, and a verification file lets its maker claim
    our address at TikTok: a team that came by open sign-up, whose owner may be a stranger, must
    have neither.
    """
    return not Team.objects.filter(pk__lt=team_id).exists()
