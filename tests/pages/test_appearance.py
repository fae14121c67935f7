import pytest
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def choose(client, **values):
    return client.post(reverse("appearance"), {"next": "/healthz"} | values)


def test_a_chosen_theme_is_in_the_next_page(client):
    make_user()

    choose(client, theme="dark")

    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()


def test_the_theme_of_the_device_has_no_mark(client):
    make_user()
    choose(client, theme="dark")

    choose(client, theme="auto")

    assert '<html lang="en">' in client.get("/").content.decode()


def test_a_narrow_menu_stays_narrow(viewer):
    choose(viewer, rail="narrow")

    assert 'data-rail="narrow"' in viewer.get(reverse("team")).content.decode()


def test_an_unknown_theme_is_not_kept(client):
    response = choose(client, theme='"><script>')

    assert not response.cookies


def test_choosing_leads_back_to_the_page(client):
    assert choose(client, theme="dark").url == "/healthz"


def test_choosing_leads_to_no_other_site(client):
    assert choose(client, theme="dark", next="https://elsewhere.example/").url == "/"


def test_the_theme_is_not_changed_by_a_link(client):
    assert client.get(reverse("appearance")).status_code == 405
