"""After a post has arrived: its public id, and drafts that their creators finish."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from publishing import looking, tasks
from publishing.models import Post, RateUse
from publishing.retries import next_look_at
from publishing.states import State
from tests.publishing.arrivals import wait_for
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = "/v2/post/publish/status/fetch/"
LOOKS_S = [31, 121, 601, 3601, 21_601, 86_401]


@pytest.fixture
def unnamed(simulator, connect, run_until) -> Post:
    """Published for everyone; moderation goes on."""
    simulator.settings(moderation_s=10_000.0)
    return run_until(make_post(connect()), State.PUBLISHED)


def questions(simulator) -> int:
    return len(simulator.requests(path=STATUS))


def waits_s(post: Post) -> float | None:
    """How long after its publishing the post is looked at next."""
    post.refresh_from_db()
    at = post.next_action_at
    return (at - post.published_at).total_seconds() if at else None


def test_an_id_that_moderation_held_back_is_found(simulator, connect, run_until):
    simulator.settings(moderation_s=0.5)
    post = run_until(make_post(connect()), State.PUBLISHED)
    assert (post.public_post_id, waits_s(post)) == ("", 30)
    [ids] = wait_for(lambda: [sent["post_ids"] for sent in simulator.posts() if sent["post_ids"]])

    step(seconds_later=31)

    assert waits_s(post) is None
    assert post.public_post_id == str(ids[0])
    assert post.journal.last().kind == "named"
    assert simulator.violations() == []


def test_it_is_looked_for_six_times_within_a_day(simulator, unnamed):
    asked_before, moments = questions(simulator), []

    for later_s in [*LOOKS_S, 2 * 86_400]:
        step(seconds_later=later_s)
        moments.append(waits_s(unnamed))

    assert moments == [120, 600, 3600, 21_600, 86_400, None, None]
    assert questions(simulator) - asked_before == 6
    assert (unnamed.state, unnamed.public_post_id) == (State.PUBLISHED, "")


def test_before_its_moment_nothing_is_asked(simulator, unnamed):
    asked_before = questions(simulator)

    step(seconds_later=20)

    assert questions(simulator) == asked_before


@pytest.mark.parametrize("level", ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"])
def test_a_post_that_is_not_public_is_not_asked_about(simulator, connect, run_until, level):
    post = run_until(make_post(connect(), privacy_level=level), State.PUBLISHED)

    assert waits_s(post) is None


def test_a_draft_finished_in_the_app_is_found_published(simulator, connect, run_until):
    post = run_until(make_post(connect(), mode="inbox", privacy_level=""), State.IN_INBOX)
    step(seconds_later=31)
    assert Post.objects.get().state == State.IN_INBOX

    simulator.act_on_post(post.attempts.get().publish_id, "publish")
    wait_for(lambda: simulator.posts()[0]["post_ids"])
    step(seconds_later=121)

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.PUBLISHED, None)
    assert post.public_post_id


def test_a_full_window_is_waited_for(simulator, unnamed):
    frees_at = current_moment() + timedelta(seconds=45)
    RateUse.objects.all().delete()
    for place in range(30):
        RateUse.objects.create(
            account=unnamed.account, endpoint="status", place=place, frees_at=frees_at
        )
    asked_before = questions(simulator)

    step(seconds_later=31)

    unnamed.refresh_from_db()
    assert unnamed.next_action_at == frees_at
    assert (questions(simulator), unnamed.state) == (asked_before, State.PUBLISHED)


@pytest.mark.parametrize("fault", ["unavailable", "rate_limit_exceeded", "html_200"])
def test_after_an_error_the_next_look_is_the_next_one(simulator, unnamed, fault):
    simulator.inject_fault(fault, path=STATUS)

    step(seconds_later=31)

    assert waits_s(unnamed) == 120
    assert (unnamed.state, unnamed.note) == (State.PUBLISHED, "")


def test_what_tiktok_no_longer_knows_is_not_asked_again(simulator, unnamed):
    simulator.inject_fault("invalid_publish_id", path=STATUS)

    step(seconds_later=31)

    assert waits_s(unnamed) is None
    assert unnamed.state == State.PUBLISHED


def test_a_dead_sign_in_makes_a_published_post_no_worse(simulator, unnamed):
    simulator.end_tokens(unnamed.account.username)
    TikTokAccount.objects.update(access_expires_at=current_moment())

    step(seconds_later=31)

    assert waits_s(unnamed) == 120
    assert (unnamed.state, unnamed.note) == (State.PUBLISHED, "")


def test_looks_that_crash_end_after_three(unnamed, monkeypatch):
    def crash(*args):
        raise RuntimeError("a bug")

    monkeypatch.setattr(looking, "fetch_status", crash)
    for later_s in (100, 200, 300):
        with pytest.raises(RuntimeError):
            step(seconds_later=later_s)

    step(seconds_later=400)

    assert waits_s(unnamed) is None
    assert unnamed.state == State.PUBLISHED


def test_a_worker_is_sent_to_look(simulator, connect, run_until, own_worker):
    simulator.settings(moderation_s=0.5)
    post = run_until(make_post(connect()), State.PUBLISHED)
    wait_for(lambda: simulator.posts()[0]["post_ids"])
    Post.objects.update(next_action_at=current_moment())

    tasks.tick()

    post.refresh_from_db()
    assert post.public_post_id


def test_a_look_begun_a_moment_early_is_not_made_twice():
    since = current_moment()

    at = next_look_at(since, since + timedelta(seconds=29.9))

    assert at == since + timedelta(seconds=120)
