import pytest
from django.urls import reverse

from accounts.first_run import first_run_token
from accounts.models import Membership, Role, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PERSON = {
    "name": "Mara",
    "email": "mara@example.com",
    "password": "correct horse battery",
    "team_name": "Nordlicht",
    "timezone": "Europe/Berlin",
}


@pytest.fixture
def invited(client):
    """A browser that opened the link which the start printed."""
    client.get(reverse("first_run"), {"token": first_run_token()})
    return client


def create(client, **values):
    return client.post(reverse("first_run"), PERSON | values)


def test_the_token_leaves_the_address_bar(client):
    response = client.get(reverse("first_run"), {"token": first_run_token()})

    assert response.url == reverse("first_run")


def test_the_first_person_owns_a_new_team(invited):
    create(invited)

    membership = Membership.objects.get()
    assert (membership.user.email, membership.role) == ("mara@example.com", Role.OWNER)
    assert (membership.team.name, membership.team.timezone) == ("Nordlicht", "Europe/Berlin")


def test_the_first_person_is_signed_in(invited):
    response = create(invited)

    assert invited.get(response.url).status_code == 200


def test_without_the_link_there_is_no_form(client):
    assert "<form" not in client.get(reverse("first_run")).content.decode().split("<footer")[0]


def test_without_the_token_nobody_is_made(client):
    first_run_token()

    response = create(client)

    assert response.status_code == 422
    assert not User.objects.exists()


def test_a_wrong_token_makes_nobody(client):
    first_run_token()
    client.get(reverse("first_run"), {"token": "guessed"})

    response = create(client)

    assert "This link is not valid" in response.content.decode()
    assert not User.objects.exists()


def test_a_short_password_is_explained_at_its_field(invited):
    response = create(invited, password="short")

    assert response.status_code == 422
    assert 'id="id_password_error"' in response.content.decode()


def test_an_unknown_zone_makes_nobody(invited):
    create(invited, timezone="Mars/Olympus")

    assert not User.objects.exists()


def test_the_page_is_gone_once_somebody_is_there(client):
    make_user()

    assert client.get(reverse("first_run"), {"token": "any"}).url == reverse("home")


def test_other_methods_are_refused(client):
    assert client.put(reverse("first_run")).status_code == 405
