import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.models import OutboxMail
from tests.factories import PASSWORD, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db
PUBLIC = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
]
OWN = ["account_email", "account_change_password", "account_logout", "account_reauthenticate"]


@pytest.fixture(autouse=True)
def mail_stays_here(settings):
    settings.EMAIL_URL = ""
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"


def sign_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def link_in_mail(name):
    return re.search(rf"http://\S+/account/{name}/\S+", OutboxMail.objects.first().body)[0]


@pytest.mark.parametrize("name", PUBLIC)
def test_pages_for_everybody_have_our_look(client, name):
    page = client.get(reverse(name), follow=True).content.decode()

    assert 'class="entrance-body' in page


@pytest.mark.parametrize("name", OWN)
def test_pages_about_oneself_have_our_look(client, name):
    client.force_login(make_user())

    page = client.get(reverse(name), follow=True).content.decode()

    assert "css/tokens.css" in page
    assert "<h1>" in page


def test_a_person_signs_in(client):
    response = sign_in(client, make_user())

    assert response.url == "/calendar/"


def test_a_wrong_password_is_explained(client):
    response = sign_in(client, make_user(), "wrong")

    assert "form-errors" in response.content.decode()


def test_sign_up_is_closed_without_an_invitation(client):
    make_user()

    page = client.get(reverse("account_signup")).content.decode()

    assert "New people come by invitation" in page


def test_a_forgotten_password_is_replaced_by_a_link(client):
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    form = client.get(link_in_mail("password/reset/key"), follow=True)

    client.post(
        form.redirect_chain[-1][0],
        {"password1": "quite another one", "password2": "quite another one"},
    )

    assert sign_in(client, user, "quite another one").url == "/calendar/"


def test_a_used_link_for_a_password_is_explained(client):
    response = client.get("/account/password/reset/key/1-abc/")

    assert "This link no longer works" in response.content.decode()


def test_signing_out_needs_a_press(client):
    client.force_login(make_user())

    client.get(reverse("account_logout"))

    assert client.get(reverse("settings")).status_code == 200


def test_an_unconfirmed_address_gets_a_link_and_waits(client):
    user = make_user(is_verified=False)

    response = sign_in(client, user)

    assert response.url == reverse("account_email_verification_sent")
    assert link_in_mail("confirm-email")


def test_the_link_confirms_an_address(client):
    user = make_user(is_verified=False)
    sign_in(client, user)

    client.post(link_in_mail("confirm-email"))

    assert user.emailaddress_set.get().verified


@pytest.fixture
def post():
    return make_post()


@pytest.mark.parametrize(
    ("came_from", "back_to"),
    [
        ("http://testserver/posts/1/?look=1", "/posts/1/?look=1"),
        ("http://testserver/calendar/", "/calendar/"),
        ("http://elsewhere.example/posts/1/", "/"),
        ("", "/"),
    ],
)
def test_who_sent_a_form_while_signed_out_comes_back_to_its_page(client, post, came_from, back_to):
    address = reverse("post_comment", args=[post.pk])

    response = client.post(address, {"text": "Nice"}, headers={"Referer": came_from})

    assert response["Location"] == f"{reverse('account_login')}?next={quote(back_to, safe='/')}"
    page = client.get(response["Location"]).content.decode()
    assert "what you sent was not taken" in page


def test_a_forms_address_opened_in_a_browser_says_so(client, post):
    client.force_login(post.author)

    response = client.get(
        reverse("post_comment", args=[post.pk]), headers={"Accept": "text/html,*/*"}
    )

    assert response.status_code == 405
    assert "This address only takes a form" in response.content.decode()
    assert response["Allow"] == "POST"
