"""Single sign-on with a real OpenID Connect provider over HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.invitations import invite, remember_invitation
from accounts.models import Membership, Role, Team, User
from calendar_app.oidc import oidc_provider
from tests.factories import PASSWORD, make_member, make_user
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, running_provider
from tests.pages.posting import words_of
from tests.pages.test_second_factor import code_of, switch_on

pytestmark = pytest.mark.django_db
MARA = "mara@example.com"
CALLBACK = "/account/sso/callback/"


@pytest.fixture(scope="module")
def running():
    with running_provider() as provider:
        yield provider


def set_up(settings, url, secret=CLIENT_SECRET):
    settings.OIDC_IS_ON = True
    settings.OIDC_NAME = "Example ID"
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(url, CLIENT_ID, secret, "Example ID")


@pytest.fixture
def provider(running, settings):
    set_up(settings, running.url)
    running.refuses_with = ""
    running.says()
    return running


@pytest.fixture
def owner(db):
    return make_member()


def begin(client, query=""):
    return client.get(f"{reverse('sso_login')}{query}")


def sign_on(client, query=""):
    """The whole way: to the provider, back to us."""
    at_provider = requests.get(begin(client, query).url, allow_redirects=False, timeout=10)
    back = urlsplit(at_provider.headers["Location"])
    assert back.path == CALLBACK
    return client.get(f"{back.path}?{back.query}")


def who(client):
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk).email if pk else None


def test_the_sign_in_page_has_the_button(client, provider):
    page = words_of(client.get(f"{reverse('account_login')}?next=/team/"))

    assert "Sign in with Example ID" in page
    assert f"{reverse('sso_login')}?next=%2Fteam%2F" in page


def test_without_a_provider_there_is_none(client):
    assert reverse("sso_login") not in words_of(client.get(reverse("account_login")))
    assert begin(client).status_code == 404
    assert client.get(CALLBACK).status_code == 404


def test_it_asks_for_a_code_with_pkce_and_a_state(client, provider):
    query = parse_qs(urlsplit(begin(client).url).query)

    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 16
    assert query["redirect_uri"] == ["http://testserver/account/sso/callback/"]


def test_a_member_is_signed_in_by_the_confirmed_address(client, provider):
    make_member(user=make_user(email=MARA))

    response = sign_on(client)

    assert response.url == "/calendar/"
    assert who(client) == MARA
    assert SocialAccount.objects.get().uid == "person-1"


def test_the_second_time_the_providers_number_is_enough(client, provider):
    make_member(user=make_user(email=MARA))
    sign_on(client)
    client.logout()
    provider.says(email="new-address@example.com")

    sign_on(client)

    assert who(client) == MARA


def test_the_way_ends_where_it_was_meant_to(client, provider):
    make_member(user=make_user(email=MARA))

    assert sign_on(client, "?next=/team/").url == "/team/"


def test_but_never_on_another_site(client, provider):
    make_member(user=make_user(email=MARA))

    assert sign_on(client, "?next=https://elsewhere.example/").url == "/calendar/"


@pytest.mark.parametrize("verified", [False, None, "false", 1])
def test_an_unconfirmed_address_opens_nothing(client, provider, verified):
    make_member(user=make_user(email=MARA))
    provider.says(email_verified=verified)

    response = sign_on(client)

    assert response.status_code == 403
    assert "does not say that it has confirmed" in words_of(response)
    assert who(client) is None
    assert not SocialAccount.objects.exists()


def test_a_word_for_yes_counts(client, provider):
    make_member(user=make_user(email=MARA))
    provider.says(email_verified="true")

    sign_on(client)

    assert who(client) == MARA


def test_strangers_stay_outside(client, provider, owner):
    response = sign_on(client)

    assert "New people come by invitation" in words_of(response)
    assert who(client) is None
    assert not User.objects.filter(email=MARA).exists()


def test_nobody_is_the_first_person_by_it(client, provider, settings):
    settings.SIGNUP_OPEN = True

    sign_on(client)

    assert not User.objects.exists()


def test_an_invitation_to_the_address_brings_in(client, provider, owner):
    invite(owner.team, MARA, Role.APPROVER, owner.user, current_moment())

    sign_on(client)

    membership = Membership.objects.get(user__email=MARA)
    assert (membership.team, membership.role) == (owner.team, Role.APPROVER)
    assert (membership.user.name, who(client)) == ("Mara Lindqvist", MARA)
    assert not membership.user.has_usable_password()


def test_so_does_the_link_of_one_opened_in_this_browser(client, provider, owner):
    _, token = invite(owner.team, "old@example.com", Role.EDITOR, owner.user, current_moment())
    session = client.session
    remember_invitation(session, token)
    session.save()

    sign_on(client)

    assert Membership.objects.get(user__email=MARA).team == owner.team
    assert not owner.team.invitations.filter(accepted_at=None).exists()


def test_with_open_sign_up_strangers_get_a_team_of_their_own(client, provider, owner, settings):
    settings.SIGNUP_OPEN = True

    sign_on(client)

    membership = Membership.objects.get(user__email=MARA)
    assert membership.role == Role.OWNER
    assert Team.objects.count() == 2


def test_an_address_in_capitals_is_the_same(client, provider):
    make_member(user=make_user(email=MARA))
    provider.says(email="Mara@Example.com")

    sign_on(client)

    assert who(client) == MARA


def test_a_person_who_may_not_sign_in_does_not(client, provider):
    make_member(user=make_user(email=MARA, is_active=False))

    sign_on(client)

    assert who(client) is None


def test_the_second_factor_is_asked_for_all_the_same(client, provider):
    secret = switch_on(make_member(user=make_user(email=MARA)).user)

    response = sign_on(client)

    assert response.url == reverse("mfa_authenticate")
    assert who(client) is None
    client.post(response.url, {"code": code_of(secret)})
    assert who(client) == MARA


def test_an_account_that_somebody_else_made_with_the_address_is_taken_from_them(
    client, provider, settings
):
    settings.SIGNUP_OPEN = True
    make_member(user=make_user(email=MARA, is_verified=False))

    sign_on(client)

    assert not User.objects.get(email=MARA).check_password(PASSWORD)


def test_a_sign_on_never_joins_whoever_is_signed_in(client, provider, owner):
    client.force_login(owner.user)

    sign_on(client, "?process=connect")

    assert not SocialAccount.objects.filter(user=owner.user).exists()


def test_a_person_who_says_no_there_is_told_so(client, provider):
    provider.refuses_with = "access_denied"

    response = sign_on(client)

    assert "You did not sign in" in words_of(client.get(response.url))


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=unknown", "?error=server_error"])
def test_an_answer_that_nobody_asked_for_is_refused(client, provider, query):
    response = client.get(f"{CALLBACK}{query}")

    assert response.status_code == 401
    assert "You are not signed in" in words_of(response)


def test_an_answer_serves_once(client, provider):
    make_member(user=make_user(email=MARA))
    at_provider = requests.get(begin(client).url, allow_redirects=False, timeout=10)
    back = urlsplit(at_provider.headers["Location"])
    client.get(f"{back.path}?{back.query}")
    client.logout()

    assert client.get(f"{back.path}?{back.query}").status_code == 401


def test_a_wrong_secret_signs_nobody_in(client, provider, settings):
    make_member(user=make_user(email=MARA))
    set_up(settings, provider.url, secret="wrong")

    assert sign_on(client).status_code == 401
    assert who(client) is None


def test_a_provider_that_is_away_is_said_in_words(client, settings):
    set_up(settings, "http://127.0.0.1:9")

    response = client.get(reverse("sso_login"), follow=True)

    assert "Example ID does not answer" in words_of(response)


def test_only_reading_begins_it(client, provider):
    assert client.post(reverse("sso_login")).status_code == 405


def test_what_signs_one_in_can_be_removed(client, provider):
    person = make_user(email=MARA)
    make_member(user=person)
    sign_on(client)
    page = words_of(client.get(reverse("socialaccount_connections")))
    assert "Example ID: mara@example.com" in page
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    client.post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})

    assert not SocialAccount.objects.exists()
