from html import unescape

import pytest
from django.urls import reverse

from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("name", ["privacy", "terms"])


def page_of(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.fixture
def own_texts(settings, tmp_path):
    """A folder that comes before our templates, as DATA_DIR/templates does."""
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path / "own", *engine["DIRS"]]}]
    (tmp_path / "own/legal").mkdir(parents=True)
    return tmp_path / "own/legal"


@BOTH
def test_anybody_can_read_it(client, name):
    assert "TikTok" in page_of(client, name)


@BOTH
def test_members_can_read_it(viewer, name):
    assert "TikTok" in page_of(viewer, name)


@BOTH
def test_it_names_operator_contact_and_product(client, settings, name):
    settings.PRODUCT_NAME = "Bakery Calendar"
    settings.OPERATOR_NAME = "Maple Bakery Ltd"
    settings.CONTACT_EMAIL = "hello@maple.example"

    page = page_of(client, name)

    assert "Maple Bakery Ltd" in page
    assert 'href="mailto:hello@maple.example"' in page
    assert "Bakery Calendar" in page
    assert "Duecast" not in page


@BOTH
def test_the_text_can_be_replaced(client, own_texts, name):
    (own_texts / f"{name}_text.html").write_text("<p>Our own words</p>", encoding="utf-8")

    page = page_of(client, name)

    assert "Our own words" in page
    assert "Valid from" not in page


@BOTH
def test_it_is_only_read(client, name):
    assert client.post(reverse(name)).status_code == 405


def test_own_texts_come_before_ours(settings):
    [engine] = settings.TEMPLATES

    assert engine["DIRS"][0] == settings.DATA_DIR / "templates"


def test_the_site_s_owner_is_told_what_is_missing(team, signed_in, settings):
    settings.CONTACT_EMAIL = ""

    page = page_of(signed_in(make_member(team)), "privacy")

    assert "CONTACT_EMAIL is empty" in page


def test_nobody_else_is_told_what_is_missing(client, editor, settings):
    settings.CONTACT_EMAIL = ""

    assert "CONTACT_EMAIL" not in page_of(client, "privacy") + page_of(editor, "privacy")


@pytest.mark.parametrize("name", ["home", "account_login", "privacy", "terms"])
def test_both_documents_are_linked_without_a_menu(client, name):
    make_user()

    page = page_of(client, name)

    foot = page[page.index("<footer") :]
    assert 'href="/privacy/"' in foot
    assert 'href="/terms/"' in foot


def test_the_privacy_policy_mentions_the_inbox_only_where_it_is_offered(client, settings):
    settings.TIKTOK_OFFERS_INBOX = False

    assert "inbox" not in page_of(client, "privacy")
