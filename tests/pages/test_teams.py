"""Several teams: the switch on top of the rail, and another team."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, Team
from tests.factories import make_account, make_member, make_team, make_user
from tests.pages.posting import words_of
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def bakery(db):
    return make_team(name="Bakery")


@pytest.fixture
def studio(db):
    return make_team(name="Studio")


@pytest.fixture
def person(bakery):
    user = make_user()
    make_member(bakery, Role.OWNER, user=user)
    return user


@pytest.fixture
def both(person, studio, client):
    make_member(studio, Role.VIEWER, user=person)
    client.force_login(person)
    return client


def switch(client, team):
    return client.post(reverse("team_switch"), {"team": team})


def team_shown(client):
    return words_of(client.get(reverse("team"))).split("<h1>")[1].split("</h1>")[0]


def test_the_switch_lists_my_teams(both):
    make_team(name="Others")

    page = words_of(both.get(reverse("calendar")))

    assert all(f">{name}" in page.split("team-switch-list")[1] for name in ("Bakery", "Studio"))
    assert "Others" not in page


def test_with_one_team_there_is_its_name_alone(client, person):
    client.force_login(person)

    page = words_of(client.get(reverse("calendar")))

    assert 'class="rail-team" title="Bakery"' in page
    assert "data-team-switch" not in page


def test_switching_shows_the_other_team_from_then_on(both, studio):
    assert switch(both, studio.pk).url == reverse("calendar")

    assert team_shown(both) == "Studio"


def test_the_role_is_that_of_the_team(both, studio):
    switch(both, studio.pk)

    assert both.get(reverse("compose")).status_code == 403


def test_pages_hold_nothing_of_the_other_team(both, bakery, studio):
    account = make_account(bakery, nickname="Maple Bakery")
    make_post(account, caption="Fresh rolls")
    switch(both, studio.pk)

    for name in ("calendar", "accounts", "library", "notices", "hashtags"):
        page = words_of(both.get(reverse(name)))
        assert "Maple Bakery" not in page
        assert "Fresh rolls" not in page


@pytest.mark.parametrize("sent", ["", "x", "0", "-1", "9" * 30, "²"])
def test_what_is_no_team_of_mine_is_not_there(both, sent):
    assert switch(both, sent).status_code == 404


def test_neither_is_a_strangers_team(both):
    other = make_team()

    assert switch(both, other.pk).status_code == 404
    assert team_shown(both) == "Bakery"


def test_switching_is_not_a_link(both):
    assert both.get(reverse("team_switch")).status_code == 405


@pytest.mark.parametrize("name", ["team_switch", "team_new"])
def test_anonymous_people_sign_in_first(client, name):
    assert client.post(reverse(name)).url.startswith(reverse("account_login"))


def create(client, **values):
    return client.post(reverse("team_new"), {"name": "Pâtisserie", "timezone": "UTC"} | values)


def test_an_owner_makes_another_team_and_is_in_it(both):
    response = create(both)

    assert response.url == reverse("team")
    assert team_shown(both) == "Pâtisserie"
    assert Membership.objects.get(team__name="Pâtisserie").role == Role.OWNER


@pytest.mark.parametrize("wrong", [{"name": " "}, {"timezone": "Mars/Olympus"}])
def test_a_bad_form_is_explained_and_kept(both, wrong):
    response = create(both, **wrong)

    assert response.status_code == 422
    assert "The team was not made" in words_of(response)
    assert Team.objects.count() == 2


def test_an_editor_makes_none(editor):
    assert editor.get(reverse("team_new")).status_code == 403
    assert create(editor).status_code == 403
    assert reverse("team_new") not in words_of(editor.get(reverse("settings")))


def test_where_sign_up_is_open_everybody_makes_one(client, settings):
    settings.SIGNUP_OPEN = True
    client.force_login(make_user())

    assert create(client).url == reverse("team")


def test_settings_switch_too(both, studio):
    page = words_of(both.get(reverse("settings")))

    assert f'name="team" value="{studio.pk}"' in page
    assert reverse("team_new") in page
