from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.first_run import FirstRunRefused, create_first_owner, first_run_token
from accounts.models import Membership, Role, Team, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def create(token, email="first@example.com"):
    return create_first_owner(
        token=token,
        email=email,
        name="First",
        password=PASSWORD,
        team_name="Bakery",
        timezone="Europe/Berlin",
        now=current_moment(),
    )


def token_file(settings):
    return Path(settings.SECRETS_DIR) / "first_run_token"


def test_the_token_is_long_and_stays_the_same():
    token = first_run_token()

    assert len(token) >= 43
    assert first_run_token() == token


def test_only_this_user_can_read_the_token(settings):
    first_run_token()

    assert token_file(settings).stat().st_mode & 0o777 == 0o600


def test_no_other_file_is_left_beside_it(settings):
    first_run_token()

    assert list(Path(settings.SECRETS_DIR).iterdir()) == [token_file(settings)]


def test_there_is_none_once_a_person_exists():
    make_user()

    assert first_run_token() is None


def test_a_left_over_token_is_removed_once_a_person_exists(settings):
    first_run_token()
    make_user()

    first_run_token()

    assert not token_file(settings).exists()


def test_the_first_person_owns_a_new_team():
    user = create(first_run_token())

    membership = Membership.objects.get(user=user)
    assert membership.role == Role.OWNER
    assert (membership.team.name, membership.team.timezone) == ("Bakery", "Europe/Berlin")


def test_the_first_person_can_sign_in_at_once(client):
    create(first_run_token())

    response = client.post("/account/login/", {"login": "first@example.com", "password": PASSWORD})

    assert response.status_code == 302
    assert client.session["_auth_user_id"]


def test_the_first_address_is_verified():
    user = create(first_run_token())

    assert EmailAddress.objects.get(user=user).verified


def test_the_token_is_gone_after_use(settings):
    create(first_run_token())

    assert not token_file(settings).exists()


@pytest.mark.parametrize("token", ["", "wrong", "wröng"])
def test_a_wrong_token_makes_nobody(token):
    first_run_token()

    with pytest.raises(FirstRunRefused, match="not valid"):
        create(token)

    assert not User.objects.exists()


def test_an_empty_token_is_wrong_even_without_a_file():
    with pytest.raises(FirstRunRefused):
        create("")


def test_a_right_token_makes_nobody_after_somebody_else(settings):
    token = first_run_token()
    make_user()

    with pytest.raises(FirstRunRefused, match="already"):
        create(token)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_becomes_the_owner():
    token = first_run_token()
    together = Barrier(8)

    def one(number):
        together.wait(30)
        try:
            return create(token, f"first{number}@example.com")
        except FirstRunRefused:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(filter(None, pool.map(one, range(8))))

    assert len(made) == 1
    assert (User.objects.count(), Team.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_starts_at_once_make_one_token():
    together = Barrier(8)

    def one(_):
        together.wait(30)
        try:
            return first_run_token()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(8)))) == 1
