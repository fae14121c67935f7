import pytest

from tests.factories import make_account, make_member

pytestmark = pytest.mark.django_db


def test_account_has_readable_tokens_that_are_encrypted_in_the_row():
    account = make_account(make_member().team, access_token="act.secret")

    assert account.access_token == "act.secret"
    assert "secret" not in account.access_token_encrypted
