import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.factories import PASSWORD, make_member, make_user
from tests.pages.posting import words_of

pytestmark = pytest.mark.django_db
PERIOD_S = 30


def code_of(secret, periods=0):
    """What an authenticator app shows (RFC 6238)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_S + periods))


def switch_on(user):
    """The app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


@pytest.fixture
def person():
    return make_member(user=make_user(name="Mara")).user


@pytest.fixture
def browser(client, person):
    """Signed in with the password a moment ago."""
    sign_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def sign_in(client, person):
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_an_app_is_set_up_by_its_first_code(browser, person):
    page = words_of(browser.get(reverse("mfa_activate_totp")))
    secret = browser.session["mfa.totp.secret"]

    response = browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})

    assert secret in page
    assert "data:image/svg+xml" in page
    assert response.url == reverse("mfa_view_recovery_codes")
    assert Authenticator.objects.filter(user=person).count() == 2


def test_a_wrong_code_sets_nothing_up(browser):
    browser.get(reverse("mfa_activate_totp"))

    response = browser.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert "The app is not set up yet" in words_of(response)
    assert not Authenticator.objects.exists()


def test_setting_it_up_asks_for_the_password_again(client, person):
    client.force_login(person)

    response = client.get(reverse("mfa_activate_totp"))

    assert response.url.startswith(reverse("account_reauthenticate"))


def test_the_secrets_are_encrypted(person):
    secret = switch_on(person)

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in kept
    assert "gAAAA" in kept


def test_the_password_alone_signs_nobody_in(client, person):
    switch_on(person)

    response = sign_in(client, person)

    assert response.url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert "Enter a code" in words_of(client.get(response.url))


def test_with_the_code_it_does(client, person):
    secret = switch_on(person)
    sign_in(client, person)

    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == "/calendar/"
    assert is_signed_in(client)


def test_a_wrong_code_does_not(client, person):
    switch_on(person)
    sign_in(client, person)

    response = client.post(reverse("mfa_authenticate"), {"code": "000000"})

    assert "You are not signed in" in words_of(response)
    assert not is_signed_in(client)


def test_a_code_serves_once(client, person):
    code = code_of(switch_on(person))
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code})
    client.logout()
    sign_in(client, person)

    client.post(reverse("mfa_authenticate"), {"code": code})

    assert not is_signed_in(client)


def test_a_recovery_code_signs_in_once(client, person):
    switch_on(person)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()

    for _ in range(2):
        sign_in(client, person)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        was_let_in, _ = is_signed_in(client), client.logout()

    assert not was_let_in


def test_it_is_switched_off(browser, person):
    switch_on(person)
    assert "Switch it off" in words_of(browser.get(reverse("mfa_deactivate_totp")))

    browser.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()


def test_recovery_codes_are_shown_downloaded_and_made_anew(browser, person):
    switch_on(person)
    first = browser.get(reverse("mfa_download_recovery_codes")).content.decode().split()
    assert all(code in words_of(browser.get(reverse("mfa_view_recovery_codes"))) for code in first)

    browser.post(reverse("mfa_generate_recovery_codes"))

    again = browser.get(reverse("mfa_download_recovery_codes")).content.decode().split()
    assert len(again) == 10
    assert not set(first) & set(again)


@pytest.mark.parametrize(
    "name",
    [
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
        "socialaccount_connections",
        "sessions",
    ],
)
def test_every_page_has_our_look(browser, person, name):
    switch_on(person)

    page = words_of(browser.get(reverse(name)))

    assert "css/tokens.css" in page
    assert "<h1>" in page


def test_settings_say_whether_it_is_on(browser, person):
    assert "Protect your account" in words_of(browser.get(reverse("settings")))

    switch_on(person)

    assert "Protect your account" not in words_of(browser.get(reverse("settings")))


def test_new_keys_read_it_after_the_rotation(person, settings, capsys):
    secret = switch_on(person)
    new_key = Fernet.generate_key().decode()
    settings.TOKEN_KEYS = [new_key, *settings.TOKEN_KEYS]

    call_command("rotate_token_keys")

    settings.TOKEN_KEYS = [new_key]
    totp = TOTP(Authenticator.objects.get(type="totp"))
    assert totp.validate_code(code_of(secret))
    assert "2 second factors" in capsys.readouterr().out


def test_one_that_no_key_opens_is_named(person, settings):
    switch_on(person)
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match=f"second factor of person {person.pk}"):
        call_command("rotate_token_keys")


def test_the_command_lets_in_who_lost_the_second_factor(person):
    switch_on(person)

    call_command("remove_second_factor", person.email.upper())

    assert not Authenticator.objects.exists()
    for email in (person.email, "nobody@example.com"):
        with pytest.raises(CommandError):
            call_command("remove_second_factor", email)
