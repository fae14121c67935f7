import pytest
from django.utils.timezone import now as current_moment

from accounts import teams
from accounts.models import Activity, Role
from accounts.teams import TeamRefused, create_team, may_create_team, teams_of
from tests.factories import make_member, make_team, make_user

pytestmark = pytest.mark.django_db
NOW = current_moment()


@pytest.mark.parametrize("role", Role.values)
def test_by_invitation_those_who_look_after_a_team_make_another(role):
    member = make_member(role=role)

    assert may_create_team(member.user) == (role in {Role.OWNER, Role.MANAGER})


def test_by_invitation_somebody_without_a_team_makes_none():
    assert not may_create_team(make_user())


def test_where_anybody_may_sign_up_anybody_may(settings):
    settings.SIGNUP_OPEN = True

    assert may_create_team(make_user())
    assert may_create_team(make_member(role=Role.VIEWER).user)


def test_whoever_makes_a_team_owns_it():
    person = make_user()

    membership = create_team(person, "Studio", "Asia/Tokyo", NOW)

    assert (membership.role, membership.team.name) == (Role.OWNER, "Studio")
    assert membership.team.timezone == "Asia/Tokyo"
    assert Activity.objects.get().verb == "team_created"


def test_nobody_owns_teams_without_end(monkeypatch):
    monkeypatch.setattr(teams, "MOST_OWNED", 2)
    owner = make_member().user
    make_member(role=Role.MANAGER, user=owner)
    create_team(owner, "Second", "UTC", NOW)

    with pytest.raises(TeamRefused, match="own 2 teams"):
        create_team(owner, "Third", "UTC", NOW)


def test_somebodys_teams_stand_by_name():
    person = make_user()
    for name in ("Studio", "Bakery"):
        make_member(make_team(name=name), user=person)
    make_team(name="Others")

    assert [str(team) for team in teams_of(person)] == ["Bakery", "Studio"]
