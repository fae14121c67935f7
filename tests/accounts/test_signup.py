import pytest
from allauth.account.models import EmailAddress
from django.utils.timezone import now as current_moment

from accounts.invitations import invite, remember_invitation, revoke
from accounts.models import Membership, Role, Team, User
from tests.factories import PASSWORD, make_member

pytestmark = pytest.mark.django_db
URL = "/account/signup/"


@pytest.fixture
def owner():
    return make_member()


@pytest.fixture
def invitation(client, owner):
    """An editor's invitation for new@example.com that this browser has opened."""
    now = current_moment()
    invitation, token = invite(owner.team, "new@example.com", Role.EDITOR, owner.user, now)
    session = client.session
    remember_invitation(session, token)
    session.save()
    return invitation


def sign_up(client, email="new@example.com"):
    return client.post(URL, {"name": "New Person", "email": email, "password1": PASSWORD})


def test_sign_up_is_closed(client, owner):
    sign_up(client)

    assert not User.objects.filter(email="new@example.com").exists()


def test_sign_up_is_closed_to_everybody_before_the_first_person(client, settings):
    settings.SIGNUP_OPEN = True

    sign_up(client)

    assert not User.objects.exists()


class TestOpen:
    @pytest.fixture(autouse=True)
    def _is_open(self, settings, owner):
        settings.SIGNUP_OPEN = True

    def test_a_new_person_owns_a_team_of_their_own(self, client, owner):
        sign_up(client)

        membership = Membership.objects.get(user__email="new@example.com")
        assert membership.role == Role.OWNER
        assert membership.team != owner.team
        assert membership.user.name == "New Person"

    def test_the_address_has_to_be_verified(self, client):
        sign_up(client)

        assert not EmailAddress.objects.get(email="new@example.com").verified
        assert "_auth_user_id" not in client.session

    def test_a_long_name_makes_a_team_name_that_fits(self, client):
        client.post(URL, {"name": "N" * 80, "email": "new@example.com", "password1": PASSWORD})

        assert len(Membership.objects.get(user__email="new@example.com").team.name) <= 80

    def test_an_invited_person_joins_that_team_and_gets_no_other(self, client, invitation):
        sign_up(client)

        membership = Membership.objects.get(user__email="new@example.com")
        assert membership.team == invitation.team


class TestInvited:
    def test_joins_the_team_with_the_role(self, client, invitation):
        sign_up(client)

        membership = Membership.objects.get(user__email="new@example.com")
        assert (membership.team, membership.role) == (invitation.team, Role.EDITOR)
        assert Team.objects.count() == 1

    def test_with_the_invited_address_is_signed_in_at_once(self, client, invitation):
        sign_up(client, "New@Example.com")

        assert EmailAddress.objects.get(email="new@example.com").verified
        assert "_auth_user_id" in client.session

    def test_with_another_address_has_to_verify_it(self, client, invitation):
        sign_up(client, "other@example.com")

        addresses = EmailAddress.objects.exclude(user=invitation.invited_by)
        assert list(addresses.values_list("email", "verified")) == [("other@example.com", False)]
        assert "_auth_user_id" not in client.session

    def test_uses_the_invitation_up(self, client, invitation):
        sign_up(client)
        client.logout()

        sign_up(client, "third@example.com")

        assert not User.objects.filter(email="third@example.com").exists()

    def test_finds_sign_up_closed_after_a_revocation(self, client, invitation):
        revoke(invitation, invitation.invited_by, current_moment())

        sign_up(client)

        assert not User.objects.filter(email="new@example.com").exists()


def test_the_invitation_of_one_browser_lets_no_other_in(client, invitation):
    client.cookies.clear()

    sign_up(client)

    assert not User.objects.filter(email="new@example.com").exists()
