from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now as current_moment

from publishing import claims, leases
from publishing.leases import LeaseLost
from publishing.models import Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db(transaction=True)


def claim(now=None, ahead_s=0.0):
    now = now or current_moment()
    return leases.claim_due(now + timedelta(seconds=ahead_s), now, 60)


def test_a_claim_writes_only_the_lease():
    post = make_post()

    [(lease, claimed)] = claim()

    post.refresh_from_db()
    assert claimed.pk == post.pk
    assert (post.state, post.lease_token) == (State.SCHEDULED, lease.token)


def test_a_post_further_ahead_is_left():
    make_post(due_at=current_moment() + timedelta(seconds=30))

    assert claim(ahead_s=5) == []


def test_a_claimed_post_is_not_claimed_again_until_its_lease_ends():
    make_post()
    now = current_moment()

    assert len(claim(now)) == 1
    assert claim(now) == []
    assert len(claim(now + timedelta(seconds=61))) == 1


def test_twenty_claimers_at_once_share_the_posts_without_overlap():
    account = make_account()
    media = make_media(account.team)
    for _ in range(30):
        make_post(account, media=media)

    def claim_once(_):
        try:
            return [post.pk for _, post in claim()]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        claimed = [pk for pks in pool.map(claim_once, range(20)) for pk in pks]

    assert len(claimed) == len(set(claimed)) == 30


def test_a_message_starts_one_worker_only():
    make_post()
    [(lease, post)] = claim()

    first = leases.take(post.pk, lease.token, current_moment(), 60)
    second = leases.take(post.pk, lease.token, current_moment(), 60)

    assert first is not None
    assert second is None


def test_a_worker_that_lost_its_lease_is_stopped():
    make_post()
    now = current_moment()
    [(lease, post)] = claim(now)
    mine = leases.take(post.pk, lease.token, now, 60)
    claim(now + timedelta(seconds=61))

    with pytest.raises(LeaseLost):
        leases.hold(mine, now)
    with pytest.raises(LeaseLost):
        leases.release(mine)


def test_a_lease_that_was_lost_fences_a_locked_write_too():
    make_post()
    now = current_moment()
    [(lease, post)] = claim(now)
    mine = leases.take(post.pk, lease.token, now, 60)
    claim(now + timedelta(seconds=61))

    with transaction.atomic(), pytest.raises(LeaseLost):
        leases.lock(mine)
    assert not leases.hold_unless_canceled(mine, now)


def test_a_cancel_is_seen_by_whoever_renews_the_lease():
    make_post()
    now = current_moment()
    [(lease, post)] = claim(now)
    mine = leases.take(post.pk, lease.token, now, 60)

    held = leases.hold_unless_canceled(mine, now + timedelta(seconds=5))
    Post.objects.filter(pk=post.pk).update(cancel_requested_at=now)
    held_after_cancel = leases.hold_unless_canceled(mine, now + timedelta(seconds=9))

    assert (held, held_after_cancel) == (True, False)
    assert Post.objects.get(pk=post.pk).lease_until == now + timedelta(seconds=65)


def test_only_a_lease_lost_at_work_counts():
    post = make_post()
    now = current_moment()
    claim(now)
    [(lease, _)] = claim(now + timedelta(seconds=61))
    leases.take(post.pk, lease.token, now + timedelta(seconds=61), 60)

    claim(now + timedelta(seconds=130))

    assert Post.objects.get(pk=post.pk).leases_lost == 1


def test_the_lease_token_is_not_in_its_repr():
    make_post()

    [(lease, _)] = claim()

    assert lease.token not in repr(lease)


def make_crowd(size, ahead_s, **overrides):
    account = make_account()
    shared = {"media": make_media(account.team), "author": make_member(account.team).user}
    due_at = current_moment() + timedelta(seconds=ahead_s)
    return [
        make_post(account, due_at=due_at, is_consented=False, **shared, **overrides)
        for _ in range(size)
    ]


def claimed_by_tick(lease_s=90):
    claimed = []
    claims.tick(current_moment, 5, lease_s, lambda lease, post: claimed.append(post.pk))
    return claimed


@pytest.fixture
def small_batch(monkeypatch):
    monkeypatch.setattr(leases, "BATCH", 3)
    monkeypatch.setattr(claims, "BATCH", 3)


@pytest.mark.usefixtures("small_batch")
class TestACrowd:
    def test_is_claimed_half_a_minute_ahead(self):
        crowd = make_crowd(4, ahead_s=25)

        assert sorted(claimed_by_tick(lease_s=600)) == [post.pk for post in crowd]

    def test_is_claimed_no_earlier_than_a_third_of_a_lease_ahead(self):
        make_crowd(4, ahead_s=25)

        assert claimed_by_tick(lease_s=60) == []

    def test_is_left_while_its_moment_is_further_ahead(self):
        make_crowd(4, ahead_s=35)

        assert claimed_by_tick(lease_s=600) == []

    def test_is_more_than_a_batch(self):
        make_crowd(3, ahead_s=25)

        assert claimed_by_tick() == []

    @pytest.mark.parametrize(
        "trouble", [{"note": "Waits for TikTok's limit."}, {"state": State.PROCESSING}]
    )
    def test_is_made_of_posts_that_wait_for_nothing_else(self, trouble):
        make_crowd(4, ahead_s=25, **trouble)

        assert claimed_by_tick() == []

    def test_leaves_others_to_their_moment(self):
        crowd = make_crowd(4, ahead_s=25)
        make_crowd(1, ahead_s=25, note="Waits for TikTok's limit.")

        assert sorted(claimed_by_tick()) == [post.pk for post in crowd]
