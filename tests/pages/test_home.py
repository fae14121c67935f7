import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_home_leads_the_first_visitor_to_the_welcome_page(client):
    response = client.get("/")

    assert response.url == reverse("first_run")


def test_home_offers_to_sign_in(client):
    make_user()

    response = client.get("/")

    assert f'href="{reverse("account_login")}"' in response.content.decode()


def test_home_leads_a_member_to_the_calendar(viewer):
    response = viewer.get("/")

    assert response.url == "/calendar/"


def test_home_tells_somebody_without_a_team_what_to_do(client):
    client.force_login(make_user())

    page = client.get("/").content.decode()

    assert "you are not in a team yet" in page


def test_home_is_only_read(client):
    assert client.post("/").status_code == 405


def test_a_page_names_the_simulator_while_it_is_in_use(client, settings):
    make_user()
    settings.SIMULATOR_IN_USE = True

    assert "Simulator in use" in client.get("/").content.decode()


def test_no_page_names_the_simulator_while_tiktok_is_in_use(client, settings):
    make_user()
    settings.SIMULATOR_IN_USE = False

    assert "Simulator in use" not in client.get("/").content.decode()


def test_health_answers_without_signing_in(client):
    assert client.get("/healthz").content == b"ok"


def test_an_unknown_address_gets_our_page(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_form_without_its_token_is_explained():
    response = Client(enforce_csrf_checks=True).post("/appearance/")

    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()


def test_a_fault_gets_a_page_that_needs_no_context():
    assert "This page failed" in render_to_string("500.html")


def test_the_pages_allow_no_inline_script_or_style(client):
    make_user()

    policy = client.get("/")["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
