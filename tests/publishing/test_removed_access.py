"""A creator withdraws the permission: TikTok says so by webhook, and posting stops."""

from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus
from publishing.models import Notice, WebhookEvent
from publishing.reconnecting import tell_of_lost_accounts
from publishing.states import State
from tests.factories import make_member
from tests.publishing.arrivals import arrived, work_off
from tests.publishing.conftest import step
from tests.publishing.factories import days, make_post

pytestmark = pytest.mark.django_db(transaction=True)

REMOVED = "authorization.removed"


@pytest.fixture
def account(told, connect):
    connected = connect()
    connected.connected_at -= timedelta(hours=1)
    connected.save()
    return connected


def removed(told, account, at: datetime) -> WebhookEvent:
    told.send_webhook(
        REMOVED,
        content={"reason": 1},
        user_openid=account.open_id,
        create_time=int(at.timestamp()),
    )
    return arrived(REMOVED)[-1]


def test_its_posts_wait_for_a_person_and_say_why(told, account):
    planned = make_post(account, due_at=current_moment() + days(2))
    told.disconnect(account.username, reason=4)
    arrived(REMOVED)

    work_off()

    account.refresh_from_db()
    planned.refresh_from_db()
    assert account.status == AccountStatus.RECONNECT_NEEDED
    assert "banned" in account.status_reason
    assert (planned.state, planned.next_action_at) == (State.NEEDS_ATTENTION, None)
    note = f"TikTok has banned this account. Connect {account} again, then press Retry."
    assert planned.note == note


def test_nothing_is_revoked_and_nothing_sent(told, account):
    make_post(account)
    told.disconnect(account.username)
    arrived(REMOVED)
    work_off()

    step()

    asked = {request["path"] for request in told.requests()}
    assert asked == set()
    assert told.violations() == []


def test_posts_that_have_gone_out_stay_as_they_are(told, account):
    published = make_post(account, state=State.PUBLISHED)
    processing = make_post(account, state=State.PROCESSING, due_at=current_moment() + days(1))
    told.disconnect(account.username)
    arrived(REMOVED)

    work_off()

    published.refresh_from_db()
    processing.refresh_from_db()
    assert (published.state, processing.state) == (State.PUBLISHED, State.PROCESSING)


def test_other_accounts_are_untouched(told, account, connect):
    other = connect(account.team)
    planned = make_post(other, due_at=current_moment() + days(2))
    told.disconnect(account.username)
    arrived(REMOVED)

    work_off()

    other.refresh_from_db()
    planned.refresh_from_db()
    assert (other.status, planned.state) == (AccountStatus.CONNECTED, State.SCHEDULED)


@pytest.mark.parametrize("minutes_before", [1, 60 * 24])
def test_a_stale_event_after_reconnecting_does_nothing(told, account, minutes_before):
    planned = make_post(account, due_at=current_moment() + days(2))
    token = account.access_token_encrypted
    removed(told, account, account.connected_at - timedelta(minutes=minutes_before))

    assert work_off() == ["about no permission that is held"]

    account.refresh_from_db()
    planned.refresh_from_db()
    assert (account.status, planned.state) == (AccountStatus.CONNECTED, State.SCHEDULED)
    assert account.access_token_encrypted == token


def test_a_removal_that_comes_after_our_own_disconnect_does_nothing(told, account):
    account.status = AccountStatus.DISCONNECTED
    account.save()
    removed(told, account, current_moment())

    work_off()

    account.refresh_from_db()
    assert (account.status, account.status_reason) == (AccountStatus.DISCONNECTED, "")


def test_a_removal_of_an_unknown_creator_does_nothing(told, account):
    told.send_webhook(REMOVED, content={"reason": 1}, user_openid="-somebody")
    told.send_webhook(REMOVED, content={"reason": 1})
    arrived(REMOVED, 2)

    work_off()

    account.refresh_from_db()
    assert account.status == AccountStatus.CONNECTED
    assert not WebhookEvent.objects.filter(worked_off_at=None).exists()


def test_people_are_told_with_the_posts_that_wait_now(told, account):
    owner = make_member(account.team).user
    planned = make_post(account, due_at=current_moment() + days(2))
    removed(told, account, current_moment())
    work_off()

    tell_of_lost_accounts(current_moment())

    notice = Notice.objects.get(person=owner, kind="reconnect_needed")
    assert "The creator ended Duecast’s permission in the TikTok app." in notice.text
    assert str(planned) in notice.text


def test_an_event_worked_off_twice_pauses_once(told, account):
    planned = make_post(account, due_at=current_moment() + days(2))
    event = removed(told, account, current_moment())

    work_off(event, event)

    assert planned.state_changes.count() == 1
