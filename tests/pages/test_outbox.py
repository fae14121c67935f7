import pytest
from django.urls import reverse

from accounts.models import OutboxMail, Role
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(team, signed_in):
    return signed_in(make_member(team, Role.OWNER))


@pytest.fixture
def mail():
    return OutboxMail.objects.create(
        subject="Join us",
        sender="duecast@example.com",
        recipients="jonas@example.com",
        body="Open http://localhost/invitation/?token=abc now.\n<b>not bold</b>",
    )


def test_an_owner_reads_the_mail(owner, mail):
    page = owner.get(reverse("outbox")).content.decode()

    assert "Join us" in page
    assert "jonas@example.com" in page


def test_links_in_a_mail_can_be_followed(owner, mail):
    page = owner.get(reverse("outbox")).content.decode()

    assert 'href="http://localhost/invitation/?token=abc"' in page


def test_a_mail_cannot_bring_markup(owner, mail):
    assert "<b>not bold</b>" not in owner.get(reverse("outbox")).content.decode()


def test_an_editor_cannot_read_it(team, editor, mail):
    assert editor.get(reverse("outbox")).status_code == 403


def test_the_owner_of_a_later_team_cannot_read_it(team, stranger, mail):
    assert stranger.get(reverse("outbox")).status_code == 403


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("outbox")).url.startswith(reverse("account_login"))


def test_with_a_mail_server_there_is_no_such_page(owner, settings):
    settings.EMAIL_URL = "smtp://localhost"

    assert owner.get(reverse("outbox")).status_code == 404


def test_it_is_only_read(owner):
    assert owner.post(reverse("outbox")).status_code == 405


def test_only_its_readers_have_it_in_their_menu(owner, editor):
    link = f'href="{reverse("outbox")}"'

    assert link in owner.get(reverse("team")).content.decode()
    assert link not in editor.get(reverse("team")).content.decode()
