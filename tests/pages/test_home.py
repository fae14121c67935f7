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


def test_home_describes_the_product_under_its_own_name(client, settings):
    make_user()
    settings.PRODUCT_NAME = "Bakery Calendar"

    page = client.get("/").content.decode()

    assert "Bakery Calendar is a content calendar for TikTok" in page
    assert "Duecast" not in page


def test_home_shows_the_contact(client, settings):
    make_user()
    settings.CONTACT_EMAIL = "hello@maple.example"

    assert 'href="mailto:hello@maple.example"' in client.get("/").content.decode()


def test_home_names_only_the_permissions_that_are_asked_for(client, settings):
    make_user()
    settings.TIKTOK_OFFERS_INBOX = False

    page = client.get("/").content.decode()

    assert "“Post content to TikTok”" in page
    assert "Share content as a draft" not in page


@pytest.fixture
def own_icon(settings, tmp_path):
    path = tmp_path / "maple.svg"
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    settings.PRODUCT_ICON = str(path)
    return path


def test_an_own_icon_is_served(client, own_icon):
    response = client.get(reverse("product_icon"))

    assert response["Content-Type"] == "image/svg+xml"
    assert b"".join(response.streaming_content) == own_icon.read_bytes()


def test_pages_show_the_own_icon(client, own_icon):
    make_user()

    page = client.get("/").content.decode()

    assert '<link rel="icon" href="/icon/">' in page
    assert '<img src="/icon/"' in page


def test_without_an_own_icon_there_is_no_such_file(client):
    assert client.get(reverse("product_icon")).status_code == 404
