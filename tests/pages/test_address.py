import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from publishing.public_address import (
    NOT_HTTPS,
    REDIRECTS,
    REFUSED,
    UNLOOKED,
    UNREACHABLE,
    expected_answer,
    known_finding,
)
from tests.factories import make_member
from tests.tiktok.stub import StubServer, serve

pytestmark = pytest.mark.django_db
NONCE = "a" * 43


@pytest.fixture
def owner(team, signed_in):
    """Of the team that runs the site."""
    return signed_in(make_member(team))


@pytest.fixture
def front(settings):
    """What stands at the public address."""
    stub = StubServer()
    stub.will_answer(307)
    serve(stub)
    settings.SITE_URL = stub.url
    yield stub
    stub.shutdown()
    stub.server_close()


def settings_page(client):
    return client.get(reverse("settings")).content.decode()


def test_this_site_answers_its_own_question_to_anybody(client):
    response = client.get(f"/pull/self-check/{NONCE}")

    assert response.content.decode() == expected_answer(NONCE) != NONCE
    assert response["Content-Type"].startswith("text/plain")
    assert response["Cache-Control"] == "private, no-store"
    assert not response.cookies


@pytest.mark.parametrize("nonce", ["", "short", "a" * 44, "a" * 42 + "/"])
def test_only_questions_of_ours_are_answered(client, nonce):
    response = client.get(f"/pull/self-check/{nonce}")

    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize("browser", ["owner", "editor"])
def test_people_who_plan_see_whether_tiktok_can_fetch(browser, front, request):
    response = request.getfixturevalue(browser).get(reverse("address_check"))

    assert str(REDIRECTS.text) in response.content.decode()
    assert len(front.received) == 1


def test_viewers_have_no_use_for_it(viewer, front):
    assert viewer.get(reverse("address_check")).status_code == 403
    assert front.received == []


def test_anonymous_people_sign_in_first(client, front):
    assert client.get(reverse("address_check")).url.startswith(reverse("account_login"))
    assert client.post(reverse("address_check_again")).url.startswith(reverse("account_login"))
    assert front.received == []


def test_whoever_runs_the_site_checks_again(owner, front):
    owner.get(reverse("address_check"))
    front.will_answer(401)

    response = owner.post(reverse("address_check_again"))

    assert response.url == f"{reverse('settings')}#address"
    assert known_finding() == REFUSED
    assert str(REFUSED.text) in settings_page(owner)


@pytest.mark.parametrize("browser", ["editor", "viewer", "stranger"])
def test_nobody_else_makes_the_server_ask_again(team, browser, front, request):
    client = request.getfixturevalue(browser)

    assert client.post(reverse("address_check_again")).status_code == 403
    assert front.received == []


def test_other_methods_are_refused(owner):
    assert owner.get(reverse("address_check_again")).status_code == 405
    assert owner.post(reverse("address_check")).status_code == 405


def test_settings_show_the_prefix_and_the_way_to_the_answer(owner, settings):
    settings.SITE_URL = "http://calendar.test"

    page = settings_page(owner)

    assert "<code>http://calendar.test/pull/</code>" in page
    assert f'hx-get="{reverse("address_check")}" hx-trigger="load"' in page
    assert f'action="{reverse("address_check_again")}"' in page


def test_settings_ask_nobody_by_themselves(owner, front):
    settings_page(owner)

    assert front.received == []


def test_settings_show_what_is_known(owner, settings):
    settings.SITE_URL, settings.SIMULATOR_IN_USE = "http://calendar.test", False

    page = settings_page(owner)

    assert str(escape(NOT_HTTPS.text)) in page
    assert "hx-trigger" not in page.partition('id="address"')[2].partition("</form>")[0]


@pytest.mark.parametrize("browser", ["editor", "viewer", "stranger"])
def test_settings_of_others_do_not_speak_of_the_site(team, browser, request):
    assert "/pull/" not in settings_page(request.getfixturevalue(browser))


@pytest.mark.parametrize("finding", [UNLOOKED, UNREACHABLE, NOT_HTTPS])
def test_the_fragment_says_the_finding_and_what_to_do(finding):
    html = render_to_string("pulling/_address_check.html", {"address": finding})

    assert str(finding.advice) in html
    assert ("hx-get" in html) == (finding == UNLOOKED)


def test_the_fragment_looks_by_itself_where_nothing_is_given():
    assert "hx-get" in render_to_string("pulling/_address_check.html")
