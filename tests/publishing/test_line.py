"""The line to TikTok: its limit, its measured rate, and files that are too large for it."""

import time
from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.line import PACE, Pace, why_too_slow
from publishing.models import Attempt, MediaAsset, Post
from publishing.retrying import retry_post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post

LARGE_BYTES = 4_000_000_000


class TestPace:
    def test_the_first_bytes_leave_at_once(self):
        assert Pace().take(1000, 100, now_s=5) == 0

    def test_the_next_wait_until_the_earlier_ones_are_paid(self):
        pace = Pace()
        pace.take(1000, 100, now_s=5)

        assert pace.take(1000, 100, now_s=6) == 9
        assert pace.take(1000, 100, now_s=6) == 19

    def test_time_without_uploads_is_not_saved_up(self):
        pace = Pace()
        pace.take(1000, 100, now_s=5)

        assert pace.take(1000, 100, now_s=100) == 0
        assert pace.take(1000, 100, now_s=100) == 10


def make_large(account, size_bytes=LARGE_BYTES) -> Post:
    post = make_post(account)
    MediaAsset.objects.filter(pk=post.media_id).update(size_bytes=size_bytes)
    return Post.objects.get(pk=post.pk)


def measure(account, *rates, ago=timedelta(hours=1)) -> None:
    """Earlier uploads with these rates, the last one the latest."""
    for place, rate in enumerate(rates):
        at = current_moment() - ago + timedelta(seconds=place)
        Attempt.objects.create(
            post=make_post(account, state=State.PUBLISHED),
            number=1,
            claimed_at=at,
            initialised_at=at,
            ended_at=at,
            upload_bytes_per_s=rate,
        )


@pytest.mark.django_db
class TestTooSlow:
    @pytest.fixture
    def account(self):
        return make_account()

    def test_a_file_that_takes_more_than_an_hour_is_refused_with_the_numbers(self, account):
        measure(account, 800_000)

        assert why_too_slow(make_large(account), current_moment()).startswith(
            "At the 0.80 MB/s measured here, 4.0 GB takes 83 min; TikTok's upload address lives an"
        )

    @pytest.mark.parametrize(("minutes", "is_refused"), [(53, False), (55, True)])
    def test_a_tenth_of_the_hour_is_kept_free(self, account, minutes, is_refused):
        measure(account, LARGE_BYTES // (minutes * 60))

        assert bool(why_too_slow(make_large(account), current_moment())) == is_refused

    def test_an_unmeasured_line_is_tried(self, account):
        assert why_too_slow(make_large(account), current_moment()) == ""

    def test_one_slow_upload_among_quick_ones_says_nothing(self, account):
        measure(account, 9_000_000, 100_000, 9_000_000)

        assert why_too_slow(make_large(account), current_moment()) == ""

    def test_only_the_last_five_count(self, account):
        measure(account, *[9_000_000] * 6, *[800_000] * 5)

        assert why_too_slow(make_large(account), current_moment()) != ""

    def test_what_was_measured_yesterday_is_forgotten(self, account):
        measure(account, 800_000, ago=timedelta(hours=25))

        assert why_too_slow(make_large(account), current_moment()) == ""

    def test_our_own_limit_counts_without_a_measurement(self, account, settings):
        settings.UPLOAD_LIMIT_BYTES_PER_S = 1_000_000

        assert "that UPLOAD_LIMIT_BYTES_PER_S allows" in why_too_slow(
            make_large(account), current_moment()
        )

    def test_after_a_retry_by_hand_the_line_is_measured_anew(self, account):
        measure(account, 800_000)
        post = make_large(account)
        post.move_to(State.NEEDS_ATTENTION, now=current_moment(), reason="Slow.")
        retry_post(post, post.author, current_moment())

        assert why_too_slow(post, current_moment()) == ""


@pytest.mark.django_db(transaction=True)
class TestSending:
    @pytest.fixture
    def account(self, simulator, connect):
        return connect()

    def test_a_file_too_large_for_the_line_waits_for_a_person(self, simulator, account, settings):
        settings.UPLOAD_LIMIT_BYTES_PER_S = 1
        post = make_post(account)

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert "that UPLOAD_LIMIT_BYTES_PER_S allows" in post.note
        assert simulator.posts() == []

    def test_an_upload_keeps_the_limit(self, account, settings):
        settings.UPLOAD_LIMIT_BYTES_PER_S = 4_000_000
        post = make_post(account, media=make_media(account.team, size_bytes=3 << 20))
        # What an earlier test has taken.
        time.sleep(PACE.take(0, 1, time.monotonic()))
        began_s = time.monotonic()

        step()

        post.refresh_from_db()
        assert post.state == State.PROCESSING
        # The first of three blocks leaves at once.
        assert time.monotonic() - began_s >= 2 * (1 << 20) / 4_000_000

    def test_a_large_upload_measures_the_line(self, account):
        post = make_post(account, media=make_media(account.team, size_bytes=9_000_000))

        step()

        assert post.attempts.get().upload_bytes_per_s > 100_000

    def test_a_small_upload_does_not(self, account):
        post = make_post(account)

        step()

        assert post.attempts.get().upload_bytes_per_s is None
