"""What a post waits for: its next try, TikTok's review, its public link."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from publishing.journal import add_line
from publishing.models import Attempt, Outcome, Post, Source
from publishing.states import State
from publishing.story import lasting_words
from tests.factories import make_account
from tests.publishing.factories import make_post
from tiktok.errors import RateLimited, Unavailable

AT = datetime(2030, 11, 26, 17, 30, 4, tzinfo=UTC)
GATEWAY = Unavailable("http_504", "Gateway", http_status=504)


@pytest.fixture
def account(team):
    return make_account(team)


def show(client, post) -> str:
    """The page's words without its tags."""
    response = client.get(reverse("post", args=[post.pk]))
    return " ".join(re.sub(r"<[^>]+>", "", unescape(response.content.decode())).split())


def fail(post, kind="init_failed", error=GATEWAY, **columns) -> Post:
    """The post after a failed call, waiting until AT."""
    now = current_moment()
    fields = {"number": 1, "claimed_at": now, "failures": 3} | columns
    attempt = Attempt.objects.create(post=post, **fields)
    add_line(post, kind, now, "Why.", attempt=attempt, error=error)
    Post.objects.filter(pk=post.pk).update(next_action_at=AT)
    return post


def test_a_failed_call_says_which_try_comes_next_and_when(viewer, account):
    page = show(viewer, fail(make_post(account)))

    assert "Try 4 of 10: Tue 26 Nov 2030, 18:30:04 CET. TikTok’s last answer: http_504." in page


def test_a_limit_that_has_to_pass_counts_no_tries(viewer, account):
    page = show(viewer, fail(make_post(account), error=RateLimited("rate_limit_exceeded")))

    assert "Next try: Tue 26 Nov 2030, 18:30:04 CET. TikTok’s last answer: rate_limit" in page


def test_an_interrupted_upload_says_how_long_it_can_go_on(viewer, account):
    post = make_post(account, state=State.UPLOADING)
    began_at = AT - timedelta(minutes=10)

    page = show(viewer, fail(post, "chunk_failed", initialised_at=began_at, publish_id="v1"))

    assert "This upload can go on until Tue 26 Nov 2030, 19:20:04 CET." in page


def test_a_post_that_tiktok_failed_says_which_attempt_comes_next(viewer, account):
    now = current_moment()
    post = fail(
        make_post(account),
        "verdict",
        Unavailable("internal"),
        number=2,
        ended_at=now,
        outcome=Outcome.NOT_POSTED,
    )

    assert "Try 3 of 10:" in show(viewer, post)


def test_once_it_goes_on_the_failure_is_past(viewer, account):
    post = fail(make_post(account))
    add_line(post, "creator_checked", current_moment(), attempt=post.attempts.get())

    assert "Try 4 of 10" not in show(viewer, post)


def test_after_a_retry_by_hand_nothing_is_counted(viewer, account):
    post = fail(make_post(account), publish_id="v1")
    later = current_moment()
    post.move_to(State.NEEDS_ATTENTION, now=later, reason="Ten times.")
    post.move_to(State.SCHEDULED, now=later, reason="By hand.", next_action_at=later)

    assert "TikTok’s last answer" not in show(viewer, post)


def test_a_post_that_has_not_failed_counts_no_tries(viewer, account):
    assert "TikTok’s last answer" not in show(viewer, make_post(account))


def process(account, ago, **columns) -> Post:
    post = make_post(account, state=State.PROCESSING)
    at = current_moment() - ago
    Attempt.objects.create(post=post, number=1, claimed_at=at, publish_id="v1", **columns)
    return post


def test_the_review_says_how_long_it_takes(viewer, account):
    ago = timedelta(minutes=12, seconds=5)

    page = show(viewer, process(account, ago, bytes_sent_at=current_moment() - ago))

    assert "In TikTok’s review for 12 min, since " in page


def test_what_tiktok_fetches_is_with_it_since_it_took_the_post(viewer, account):
    ago = timedelta(minutes=3, seconds=5)
    columns = {"initialised_at": current_moment() - ago, "source": Source.PULL_FROM_URL}

    page = show(viewer, process(account, ago, **columns))

    assert "With TikTok for 3 min, since " in page


def test_the_minutes_go_on_while_nothing_else_happens(viewer, account):
    post = process(account, timedelta(), bytes_sent_at=current_moment())
    url = reverse("post_status", args=[post.pk])
    mark = viewer.get(url)["ETag"]

    Attempt.objects.update(bytes_sent_at=current_moment() - timedelta(minutes=1))

    assert viewer.get(url, headers={"If-None-Match": mark}).status_code == 200


def test_a_link_is_looked_for_until_a_day_has_passed(viewer, account):
    post = make_post(account, state=State.PUBLISHED, published_at=AT)
    Post.objects.update(next_action_at=AT + timedelta(minutes=2))

    page = show(viewer, post)

    assert "TikTok reviews it; looked for until Wed 27 Nov 2030, 18:30 CET" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59, "less than a minute"), (60, "1 min"), (3599, "59 min"), (7500, "2 h 5 min")],
)
def test_lengths_of_time_in_words(seconds, words):
    assert lasting_words(timedelta(seconds=seconds)) == words
