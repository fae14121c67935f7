import pytest

from accounts.models import Role
from accounts.permissions import Permission, may
from tests.factories import make_member, make_team

pytestmark = pytest.mark.django_db

ALLOWED = {
    Role.OWNER: {
        "view", "plan", "connect", "manage_team", "delete_data", "read_outbox", "run_site",
    },
    Role.EDITOR: {"view", "plan", "connect"},
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
