"""What each role may do."""

from enum import StrEnum

from accounts.models import Membership, Role, Team


class Permission(StrEnum):
    VIEW = "view"
    COMMENT = "comment"
    PLAN = "plan"
    APPROVE = "approve"
    CONNECT = "connect"
    EXPORT = "export"
    SET_RULES = "set_rules"
    MANAGE_TEAM = "manage_team"
    MANAGE_OWNERS = "manage_owners"
    DELETE_DATA = "delete_data"
    READ_OUTBOX = "read_outbox"
    RUN_SITE = "run_site"


LOOKING = frozenset({Permission.VIEW})
APPROVING = LOOKING | {Permission.COMMENT, Permission.APPROVE}
EDITING = LOOKING | {Permission.COMMENT, Permission.PLAN, Permission.CONNECT}
MANAGING = EDITING | APPROVING | {Permission.EXPORT, Permission.SET_RULES, Permission.MANAGE_TEAM}
PERMISSIONS_BY_ROLE: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: MANAGING,
    Role.EDITOR: EDITING,
    Role.APPROVER: APPROVING,
    Role.VIEWER: LOOKING,
}

OF_FIRST_TEAM = frozenset({Permission.READ_OUTBOX, Permission.RUN_SITE})


def may(membership: Membership | None, permission: Permission) -> bool:
    """Whether this member may do it in their team; nobody may do anything without one."""
    if membership is None or permission not in PERMISSIONS_BY_ROLE[membership.role]:
        return False
    return permission not in OF_FIRST_TEAM or is_first_team(membership.team_id)


def roles_with(permission: Permission) -> frozenset[str]:
    """The roles that may do it in their team."""
    return frozenset(role for role, allowed in PERMISSIONS_BY_ROLE.items() if permission in allowed)


def may_grant(membership: Membership | None, role: str) -> bool:
    """Whether this member may give somebody the role, or take it away."""
    if role == Role.OWNER and not may(membership, Permission.MANAGE_OWNERS):
        return False
    return may(membership, Permission.MANAGE_TEAM)


def is_first_team(team_id: int) -> bool:
    """Whether this team runs the site.

    The outbox holds everybody's password links, and a verification file lets its maker claim
    our address at TikTok: a team that came by open sign-up, whose owner may be a stranger, must
    have neither.
    """
    return not Team.objects.filter(pk__lt=team_id).exists()
