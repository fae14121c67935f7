"""The order of locks: the account before the post, everywhere, or PostgreSQL sees a deadlock."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from accounts.tiktok_app import tiktok_app
from publishing import delivery, leases, work
from publishing.models import Post
from publishing.rescheduling import reschedule_post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.beside import beside
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

__all__ = ["beside"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite has one writer and no row locks"
    ),
]

CREATOR = "/v2/post/publish/creator_info/query/"


def wait_for_a_waiter() -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            threading.Event().wait(0.02)
    raise AssertionError("nobody waits for a lock")


def lock(account: TikTokAccount) -> None:
    TikTokAccount.objects.select_for_update().get(pk=account.pk)


def test_a_post_moved_while_its_init_begins_is_not_sent(simulator, connect, beside):
    post = make_post(connect())

    with transaction.atomic():
        lock(post.account)
        # The creator check takes its place under the same lock, so only the intent waits here.
        sending = beside(lambda: _intend(post))
        wait_for_a_waiter()
        reschedule_post(post, current_moment() + timedelta(hours=1), post.author, current_moment())
    sending.result()

    post.refresh_from_db()
    assert post.state == State.SCHEDULED
    assert post.journal.filter(kind="init_intended").count() == 0


def test_a_cap_learned_by_two_posts_at_once_moves_both(simulator, connect, beside):
    account = connect()
    posts = [make_post(account), make_post(account)]
    simulator.inject_fault("spam_risk_too_many_posts", path=CREATOR)

    for running in [beside(step), beside(step)]:
        running.result()

    for post in posts:
        post.refresh_from_db()
        assert post.next_action_at > current_moment() + timedelta(hours=23)


def test_two_new_creators_at_once_are_counted_one_after_the_other(
    simulator, connect, beside, settings
):
    settings.TIKTOK_APP_MODE = "unaudited"
    oldest = connect(is_private=True)
    now = current_moment()
    for account in [oldest, *(make_account() for _ in range(3))]:
        make_post(account, privacy_level="SELF_ONLY", state=State.PUBLISHED, init_at=now)
    rivals = [make_post(connect(is_private=True), privacy_level="SELF_ONLY") for _ in range(2)]
    now = current_moment()
    claimed = leases.claim_due(now, now, 90)

    with transaction.atomic():
        TikTokAccount.objects.select_for_update().get(pk=oldest.pk)
        intending = [beside(lambda lease=lease: _intend_with(lease)) for lease, _ in claimed]
        wait_for_a_waiter()
        # Both have counted by now, unless they wait for each other's count.
        time.sleep(0.3)
    for one in intending:
        one.result()

    for post in rivals:
        post.refresh_from_db()
    assert sorted(post.state for post in rivals) == [State.SCHEDULED, State.UPLOADING]


def _intend(post: Post) -> None:
    now = current_moment()
    [(lease, _)] = leases.claim_due(now, now, 90)
    _intend_with(lease)


def _intend_with(lease: leases.Lease) -> None:
    stay = work.begin(lease.post_id, lease.token, tiktok_app(), current_moment)
    with work.settling(stay):
        delivery.intend(stay, delivery._open_attempt(stay))
