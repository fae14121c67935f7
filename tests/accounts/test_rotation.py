from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from accounts.rotation import rotate_account_tokens
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_key(settings):
    """A key put in front of the old one, after an account was stored with the old one."""
    make_account(access_token="act.kept", refresh_token="rft.kept")
    new_key = Fernet.generate_key().decode()
    settings.TOKEN_KEYS = [new_key, *settings.TOKEN_KEYS]
    return new_key


def test_the_old_key_still_reads(new_key):
    assert TikTokAccount.objects.get().access_token == "act.kept"


def test_after_the_rotation_the_new_key_is_enough(new_key, settings):
    call_command("rotate_token_keys")

    settings.TOKEN_KEYS = [new_key]
    stored = TikTokAccount.objects.get()
    assert (stored.access_token, stored.refresh_token) == ("act.kept", "rft.kept")


def test_it_counts_what_it_did(new_key, capsys):
    call_command("rotate_token_keys")

    assert "1 accounts re-encrypted" in capsys.readouterr().out


def test_a_disconnected_account_stays_without_tokens(new_key):
    TikTokAccount.objects.update(access_token_encrypted="", refresh_token_encrypted="")

    assert rotate_account_tokens(current_moment()).rotated == 0


def test_an_account_in_refresh_is_left_alone(new_key):
    TikTokAccount.objects.update(refresh_lease_until=current_moment() + timedelta(minutes=1))
    before = TikTokAccount.objects.get().refresh_token_encrypted

    with pytest.raises(CommandError, match="Run this again"):
        call_command("rotate_token_keys")

    assert TikTokAccount.objects.get().refresh_token_encrypted == before


def test_an_account_that_no_key_opens_is_named_and_the_others_are_done(new_key, settings):
    other = make_account()
    lost = TikTokAccount.objects.exclude(pk=other.pk).get()
    settings.TOKEN_KEYS = [new_key]

    with pytest.raises(CommandError, match=f"account {lost.pk}"):
        call_command("rotate_token_keys")
