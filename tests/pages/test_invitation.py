import re

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.invitations import invite
from accounts.models import Membership, Role
from tests.factories import PASSWORD, make_member, make_team, make_user

pytestmark = pytest.mark.django_db
URL = "/invitation/"


@pytest.fixture
def team():
    return make_team(name="Nordlicht")


@pytest.fixture
def token(team):
    owner = make_member(team).user
    return invite(team, "jonas@example.com", Role.EDITOR, owner, current_moment())[1]


def open_link(client, token):
    return client.get(URL, {"token": token}, follow=True)


def test_the_link_says_who_invites_where(client, token):
    page = open_link(client, token).content.decode()

    assert "Join Nordlicht" in page
    assert "as editor" in page


def test_the_token_leaves_the_address_bar(client, token):
    assert client.get(URL, {"token": token}).url == URL


def test_a_wrong_link_is_explained(client):
    response = open_link(client, "guessed")

    assert response.status_code == 404
    assert "This invitation no longer works" in response.content.decode()


def test_a_wrong_link_does_not_leave_an_older_one_open(client, token):
    open_link(client, token)

    assert open_link(client, "guessed").status_code == 404


def test_somebody_signed_in_joins_with_one_button(client, token, team):
    client.force_login(make_user())
    open_link(client, token)

    client.post(URL)

    assert Membership.objects.filter(team=team, role=Role.EDITOR).exists()


def test_opening_the_link_alone_joins_nobody(client, token, team):
    client.force_login(make_user())

    open_link(client, token)

    assert not Membership.objects.filter(team=team, role=Role.EDITOR).exists()


def test_the_joined_team_is_the_current_one(client, token):
    client.force_login(make_member().user)
    open_link(client, token)

    client.post(URL)

    assert "Nordlicht" in client.get(reverse("team")).content.decode()


def test_an_invitation_works_once(client, token):
    client.force_login(make_user())
    open_link(client, token)
    client.post(URL)

    assert open_link(client, token).status_code == 404


def test_posting_without_signing_in_joins_nobody(client, token, team):
    open_link(client, token)

    client.post(URL)

    assert Membership.objects.filter(team=team).count() == 1


def test_a_new_person_signs_up_into_the_team(client, token, team):
    open_link(client, token)

    client.post(
        reverse("account_signup"),
        {"name": "Jonas", "email": "jonas@example.com", "password1": PASSWORD},
    )

    assert Membership.objects.filter(team=team, user__email="jonas@example.com").exists()


def test_the_invited_address_stands_in_the_sign_up_form(client, token):
    page = open_link(client, token).content.decode()
    sign_up = re.search(rf'href="({reverse("account_signup")}[^"]*)"', page)[1]

    assert 'value="jonas@example.com"' in client.get(sign_up).content.decode()


def test_the_invitation_waits_for_a_sign_in(client, token):
    user = make_user()
    open_link(client, token)

    response = client.post(
        f"{reverse('account_login')}?next={URL}",
        {"login": user.email, "password": PASSWORD, "next": URL},
        follow=True,
    )

    assert "Join Nordlicht" in response.content.decode()


def test_other_methods_are_refused(client):
    assert client.put(URL).status_code == 405
