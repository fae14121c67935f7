from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus
from accounts.removal import CAUSES, believe_removal, removal_counts
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", ["0", "1", "2", "3", "4", "5", "6", ""])
def test_every_reason_has_words_and_ends_the_access(reason):
    account = make_account()

    cause = believe_removal(account, reason)

    account.refresh_from_db()
    assert cause == CAUSES.get(reason, CAUSES["0"])
    assert account.status == AccountStatus.RECONNECT_NEEDED
    assert account.status_reason == f"{cause} Connect the account again."
    assert account.access_token_encrypted == account.refresh_token_encrypted == ""
    assert (account.access_expires_at, account.refresh_due_at) == (None, None)


@pytest.mark.parametrize(("seconds_later", "counts"), [(1, True), (0, False), (-1, False)])
def test_only_what_was_removed_after_connecting_counts(seconds_later, counts):
    account = make_account()
    removed_at = account.connected_at + timedelta(seconds=seconds_later)

    assert removal_counts(account, removed_at) is counts


def test_a_removal_without_a_moment_proves_nothing():
    assert not removal_counts(make_account(), None)


def test_a_disconnected_account_has_nothing_left_to_remove():
    account = make_account(status=AccountStatus.DISCONNECTED)

    assert not removal_counts(account, current_moment() + timedelta(hours=1))
