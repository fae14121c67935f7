from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.invitations import invitation_link, invite
from accounts.models import Invitation, OutboxMail, Role
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_stays_here(settings):
    settings.EMAIL_URL = ""
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"


@pytest.fixture
def owner_member(team):
    return make_member(team, Role.OWNER)


@pytest.fixture
def owner(owner_member, signed_in):
    return signed_in(owner_member)


def page_of(client):
    return unescape(client.get(reverse("team")).content.decode())


def send_invitation(client, email="jonas@example.com", role=Role.EDITOR):
    return client.post(reverse("team_invite"), {"email": email, "role": role})


def test_members_stand_with_their_roles(viewer, team):
    make_member(team, Role.EDITOR, user=make_user(name="Jonas"))

    page = page_of(viewer)

    assert "Jonas" in page
    assert "Editor" in page


def test_only_owners_see_who_is_invited(editor, owner_member, team):
    invite(team, "jonas@example.com", Role.EDITOR, owner_member.user, current_moment())

    assert "jonas@example.com" not in page_of(editor)


def test_an_owner_invites(owner, team):
    send_invitation(owner)

    invitation = Invitation.objects.get()
    assert (invitation.team, invitation.email) == (team, "jonas@example.com")


def test_without_a_mail_server_the_link_is_shown(owner, team, owner_member):
    _, token = invite(team, "jonas@example.com", Role.EDITOR, owner_member.user, current_moment())

    assert invitation_link(token) in page_of(owner)


def test_with_a_mail_server_no_link_is_shown(owner, team, owner_member, settings):
    _, token = invite(team, "jonas@example.com", Role.EDITOR, owner_member.user, current_moment())
    settings.EMAIL_URL = "smtp://localhost"

    assert token not in page_of(owner)


def test_an_ended_invitation_shows_no_link(owner, team, owner_member):
    long_ago = current_moment() - timedelta(days=60)
    _, token = invite(team, "jonas@example.com", Role.EDITOR, owner_member.user, long_ago)

    page = page_of(owner)

    assert "The link ended" in page
    assert token not in page


def test_a_broken_address_is_explained_at_its_field(owner):
    response = send_invitation(owner, email="jonas")

    assert response.status_code == 422
    assert 'id="id_email_error"' in response.content.decode()


def test_somebody_in_the_team_is_not_invited(owner, owner_member):
    response = send_invitation(owner, email=owner_member.user.email)

    assert "is already in this team" in response.content.decode()
    assert not Invitation.objects.exists()


def test_an_editor_cannot_invite(editor):
    assert send_invitation(editor).status_code == 403


def test_inviting_is_not_a_link(owner):
    assert owner.get(reverse("team_invite")).status_code == 405


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("team")).url.startswith(reverse("account_login"))


def test_a_refresh_after_signing_out_loads_the_whole_page(client):
    response = client.get(reverse("team"), headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"


def test_somebody_without_a_team_is_told_so(client):
    client.force_login(make_user())

    response = client.get(reverse("team"))

    assert response.status_code == 403
    assert "You are not in a team yet" in response.content.decode()


def revoke(client, invitation):
    return client.post(reverse("team_revoke", args=[invitation.pk]))


@pytest.fixture
def invitation(team, owner_member):
    made, _ = invite(team, "jonas@example.com", Role.EDITOR, owner_member.user, current_moment())
    return made


def test_a_revoked_invitation_is_gone(owner, invitation):
    revoke(owner, invitation)

    assert not Invitation.objects.exists()


def test_an_editor_cannot_revoke(editor, invitation):
    assert revoke(editor, invitation).status_code == 403


def test_a_stranger_does_not_learn_of_an_invitation(stranger, invitation):
    assert revoke(stranger, invitation).status_code == 404


def test_revoking_is_not_a_link(owner, invitation):
    assert owner.get(reverse("team_revoke", args=[invitation.pk])).status_code == 405


def test_no_mail_leaves_without_a_mail_server(owner):
    send_invitation(owner)

    assert not mail.outbox
    assert OutboxMail.objects.count() == 1
