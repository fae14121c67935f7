"""The order of locks: the account before the post, everywhere, or PostgreSQL sees a deadlock."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from publishing.models import Post
from publishing.planning import reschedule_post
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite has one writer and no row locks"
    ),
]

CREATOR = "/v2/post/publish/creator_info/query/"
Beside = Callable[[Callable[[], object]], "Future[object]"]


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Runs something in another thread with a connection of its own."""
    with ThreadPoolExecutor(2) as pool:

        def run(call: Callable[[], object]) -> "Future[object]":
            def closing() -> object:
                try:
                    return call()
                finally:
                    connection.close()

            return pool.submit(closing)

        yield run


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


def _intend(post: Post) -> None:
    from accounts.tiktok_app import tiktok_app
    from publishing import delivery, leases, work

    now = current_moment()
    [(lease, _)] = leases.claim_due(now, now, 90)
    stay = work.begin(post.pk, lease.token, tiktok_app(), current_moment)
    with work.settling(stay):
        delivery._intend(stay, delivery._open_attempt(stay))
