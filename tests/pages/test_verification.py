import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import SiteVerification
from publishing.models import WebhookEvent
from tests.factories import make_member

pytestmark = pytest.mark.django_db
TOKEN = "AbCdEf123456"
ADDRESS = f"/tiktok{TOKEN}.txt"


@pytest.fixture
def owner(team, signed_in):
    return signed_in(make_member(team))


@pytest.fixture
def verified(db):
    return SiteVerification.objects.create(token=TOKEN)


def test_the_file_is_exactly_what_tiktok_expects(client, verified):
    response = client.get(ADDRESS)

    assert response.content == b"tiktok-developers-site-verification=AbCdEf123456"
    assert response["Content-Type"].startswith("text/plain")


def test_an_unknown_file_is_not_there(client, verified):
    assert client.get("/tiktokAbCdEf123457.txt").status_code == 404


def test_the_token_is_matched_to_the_letter(client, verified):
    assert client.get(ADDRESS.replace("A", "a")).status_code == 404


def test_the_file_is_only_read(client, verified):
    assert client.post(ADDRESS).status_code == 405


def test_an_owner_adds_a_file(owner, client):
    owner.post(reverse("verification"), {"token": f"tiktok{TOKEN}.txt"})

    assert client.get(ADDRESS).status_code == 200


def test_something_else_is_explained_at_the_field(owner):
    response = owner.post(reverse("verification"), {"token": "no token"})

    assert response.status_code == 422
    assert 'id="id_token_error"' in response.content.decode()
    assert not SiteVerification.objects.exists()


def test_an_owner_removes_a_file(owner, client, verified):
    owner.post(reverse("verification_remove", args=[verified.pk]))

    assert client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize("browser", ["editor", "viewer"])
def test_only_owners_claim_the_address(browser, request):
    client = request.getfixturevalue(browser)

    assert client.post(reverse("verification"), {"token": TOKEN}).status_code == 403
    assert not SiteVerification.objects.exists()


def test_the_owner_of_another_team_cannot_claim_the_address(team, stranger, verified):
    assert stranger.post(reverse("verification"), {"token": "Zz" + TOKEN}).status_code == 403
    removal = reverse("verification_remove", args=[verified.pk])
    assert stranger.post(removal).status_code == 403
    assert SiteVerification.objects.get() == verified


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("verification")).url.startswith(reverse("account_login"))


def test_the_addresses_for_the_portal_are_shown(owner, settings):
    page = owner.get(reverse("verification")).content.decode()

    for path in ("/", "/privacy/", "/terms/", "/accounts/callback/", "/webhooks/tiktok/"):
        assert f'value="{settings.SITE_URL}{path}"' in page


def test_what_the_review_needs_and_is_not_set_is_told(owner, settings):
    settings.CONTACT_EMAIL = ""

    assert "CONTACT_EMAIL is empty" in owner.get(reverse("verification")).content.decode()


def test_a_contact_that_is_set_is_not_missed(owner, settings):
    settings.CONTACT_EMAIL = "hello@calendar.example"

    assert "CONTACT_EMAIL" not in owner.get(reverse("verification")).content.decode()


def test_without_an_event_the_page_says_how_to_get_one(owner):
    assert "Press Test URL in the portal" in owner.get(reverse("verification")).content.decode()


def test_the_last_event_received_is_shown(owner):
    for key, event in enumerate(["post.publish.complete", "tiktok.ping"]):
        WebhookEvent.objects.create(key=key, event=event, received_at=current_moment())

    page = owner.get(reverse("verification")).content.decode()

    assert "tiktok.ping" in page
    assert "post.publish.complete" not in page
    assert "No event has arrived yet" not in page
