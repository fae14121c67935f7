from pathlib import Path

import pytest

from accounts.models import Role
from accounts.permissions import OF_FIRST_TEAM, PERMISSIONS_BY_ROLE, Permission, may
from tests.factories import make_member, make_team

pytestmark = pytest.mark.django_db

ALLOWED = {
    Role.OWNER: {
        "view", "comment", "plan", "approve", "connect", "export", "set_rules", "manage_team",
        "manage_owners", "delete_data", "read_outbox", "run_site",
    },
    Role.MANAGER: {
        "view", "comment", "plan", "approve", "connect", "export", "set_rules", "manage_team",
    },
    Role.EDITOR: {"view", "comment", "plan", "connect"},
    Role.APPROVER: {"view", "comment", "approve"},
    Role.VIEWER: {"view"},
}  # fmt: skip


@pytest.mark.parametrize("role", Role.values)
def test_a_role_may_do_exactly_its_own(role):
    membership = make_member(role=role)

    assert {each.value for each in Permission if may(membership, each)} == ALLOWED[role]


def test_nobody_may_do_anything_without_a_team():
    assert not any(may(None, each) for each in Permission)


def test_the_owner_of_a_later_team_may_not_read_everybodys_mail():
    make_team()

    assert not may(make_member(), Permission.READ_OUTBOX)


def test_the_owner_of_a_later_team_may_not_claim_the_sites_address():
    make_team()

    assert not may(make_member(), Permission.RUN_SITE)


# The table of docs/team.md, row by row.
ROWS = {
    "See calendar, posts, files and accounts": {Permission.VIEW},
    "Comment on posts": {Permission.COMMENT},
    "Plan, change and send posts; files and hashtags": {Permission.PLAN},
    "Approve posts": {Permission.APPROVE},
    "Connect and disconnect TikTok accounts": {Permission.CONNECT},
    "Export the activity": {Permission.EXPORT},
    "Set how the team works": {Permission.SET_RULES},
    "Invite, remove, change roles; limit accounts": {Permission.MANAGE_TEAM},
    "Make, change and remove owners; hand the team over": {Permission.MANAGE_OWNERS},
    "Delete the team, and a TikTok account's data": {Permission.DELETE_DATA},
    "Read the mail kept on this machine ¹": {Permission.READ_OUTBOX},
    "Run the site: operations, TikTok's review ¹": {Permission.RUN_SITE},
}


def documented():
    """Row's words → the roles with a "yes"."""
    lines = (Path(__file__).parents[2] / "docs/team.md").read_text(encoding="utf-8").splitlines()
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    roles = [Role(word.lower()) for word in table[0][1:]]
    return {
        words: {role for role, cell in zip(roles, cells, strict=True) if cell == "yes"}
        for words, *cells in table[2:]
    }


def test_the_documented_table_is_the_one_in_use():
    in_use = {
        words: {role for role, allowed in PERMISSIONS_BY_ROLE.items() if permissions <= allowed}
        for words, permissions in ROWS.items()
    }

    assert documented() == in_use


def test_the_documented_table_has_every_permission():
    assert set().union(*ROWS.values()) == set(Permission)
    assert {one for words, (one,) in ROWS.items() if "¹" in words} == OF_FIRST_TEAM
