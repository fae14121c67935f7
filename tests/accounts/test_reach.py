import pytest

from accounts.models import Role
from accounts.reach import accounts_within_reach
from publishing.reach import posts_within_reach
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.mark.parametrize("role", Role.values)
def test_an_account_without_limits_is_within_everybodys_reach(team, role):
    account = make_account(team)

    assert list(accounts_within_reach(make_member(team, role))) == [account]


@pytest.mark.parametrize("role", Role.values)
def test_a_limited_account_is_for_owners_managers_and_the_named(team, role):
    account = make_account(team, is_limited=True)
    named, other = make_member(team, role), make_member(team, role)
    account.allowed_members.add(named, make_member(team))

    sees = bool(accounts_within_reach(other))

    assert list(accounts_within_reach(named)) == [account]
    assert sees == (role in {Role.OWNER, Role.MANAGER})


def test_nobody_reaches_the_accounts_of_another_team(team):
    make_account(make_team())

    assert not accounts_within_reach(make_member(team))


def test_posts_follow_their_account(team):
    open_post = make_post(make_account(team))
    make_post(make_account(team, is_limited=True))

    assert list(posts_within_reach(make_member(team, Role.EDITOR))) == [open_post]
    assert posts_within_reach(make_member(team, Role.MANAGER)).count() == 2
