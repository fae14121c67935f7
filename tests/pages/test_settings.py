import pytest
from django.urls import reverse

from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    user = make_user(name="Mara")
    client.force_login(user)
    return user


def save(client, **values):
    return client.post(reverse("settings"), {"name": "Mara", "timezone": ""} | values)


def test_a_name_is_kept(client, person):
    save(client, name="Mara Lindqvist")

    person.refresh_from_db()
    assert person.name == "Mara Lindqvist"


def test_an_own_zone_is_the_one_shown(client, person):
    make_member(user=person)

    save(client, timezone="Asia/Tokyo")

    assert 'data-clock="Asia/Tokyo"' in client.get(reverse("settings")).content.decode()


def test_without_an_own_zone_the_teams_is_shown(client, person):
    make_member(user=person)

    assert 'data-clock="Europe/Berlin"' in client.get(reverse("settings")).content.decode()


def test_an_empty_name_is_explained_at_its_field(client, person):
    response = save(client, name="")

    assert response.status_code == 422
    assert 'id="id_name_error"' in response.content.decode()


def test_an_unknown_zone_is_refused(client, person):
    save(client, timezone="Mars/Olympus")

    person.refresh_from_db()
    assert person.timezone == ""


def test_nobody_becomes_somebody_else(client, person):
    other = make_user(name="Other")

    save(client, name="Changed", id=other.pk, email=other.email)

    other.refresh_from_db()
    assert other.name == "Other"


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("settings")).url.startswith(reverse("account_login"))


def test_other_methods_are_refused(client, person):
    assert client.put(reverse("settings")).status_code == 405
