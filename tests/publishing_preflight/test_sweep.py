"""When posts are checked ahead, and who is told."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from publishing.models import Notice, Post
from publishing.preflight import sweep
from publishing.rescheduling import reschedule_post
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

CREATOR_INFO = "/v2/post/publish/creator_info/query/"


def plan_check(post, **at):
    Post.objects.filter(pk=post.pk).update(preflight_at=current_moment() - timedelta(seconds=1))


def sweep_now():
    return sweep.check_ahead(current_moment)


def test_a_post_is_checked_when_its_moment_has_come(ahead):
    post = ahead(hours=2)
    plan_check(post)

    assert sweep_now() == 1

    post.refresh_from_db()
    assert post.preflight_at == post.due_at - timedelta(hours=1)
    assert post.preflight_checked_at is not None


def test_nothing_is_checked_before_its_moment(ahead):
    post = ahead(hours=30)
    Post.objects.filter(pk=post.pk).update(preflight_at=post.due_at - timedelta(hours=24))

    assert sweep_now() == 0


def test_a_problem_is_told_once_for_one_moment(ahead, simulator):
    post = ahead()
    simulator.add_creator(post.account.username, is_private=True)
    for _ in range(2):
        plan_check(post)
        sweep_now()

    [notice] = Notice.objects.filter(person=post.author)
    assert notice.kind == "preflight"
    assert notice.post == post
    assert "TikTok does not offer" in notice.text


def test_a_problem_that_went_away_is_forgotten(ahead, simulator, found):
    post = ahead()
    simulator.add_creator(post.account.username, is_private=True)
    assert found(post)
    simulator.add_creator(post.account.username, is_private=False)

    assert found(post) == []


def test_the_post_itself_stays_as_it_is(ahead, simulator):
    post = ahead()
    simulator.add_creator(post.account.username, is_private=True)
    plan_check(post)

    sweep_now()

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.SCHEDULED, post.due_at)


def test_a_silent_tiktok_is_asked_again_before_anybody_is_told(ahead, simulator):
    post = ahead(hours=2)
    plan_check(post)
    simulator.inject_fault("unavailable", path=CREATOR_INFO)

    sweep_now()

    post.refresh_from_db()
    assert not Notice.objects.exists()
    assert post.preflight_at < current_moment() + timedelta(minutes=6)


def test_a_tiktok_that_is_silent_ten_minutes_ahead_is_told(ahead, simulator):
    post = ahead(hours=1 / 6)
    plan_check(post)
    simulator.inject_fault("unavailable", path=CREATOR_INFO)

    sweep_now()

    assert Notice.objects.filter(kind="preflight").exists()


def test_a_post_that_is_due_is_left_to_the_engine(ahead):
    post = ahead(hours=0)
    plan_check(post)

    sweep_now()

    post.refresh_from_db()
    assert (post.preflight_at, post.preflight_checked_at) == (None, None)


def test_moving_a_post_plans_its_checks_anew(ahead, simulator, found):
    post = ahead()
    simulator.add_creator(post.account.username, is_private=True)
    found(post)
    due_at = current_moment() + timedelta(hours=48)

    reschedule_post(post, due_at, post.author, current_moment())

    post.refresh_from_db()
    assert post.preflight_at == due_at - timedelta(hours=24)
    assert post.preflight_problems == []


def test_a_post_moved_by_the_cap_is_checked_before_its_new_moment(connect):
    account = connect()
    account.daily_cap = 1
    account.save()
    make_post(account, state=State.PUBLISHED, init_at=current_moment() - timedelta(hours=2))
    post = make_post(account)

    step()

    post.refresh_from_db()
    assert post.next_action_at > current_moment() + timedelta(hours=21)
    assert post.preflight_at == post.next_action_at - timedelta(hours=1)


def test_what_was_asked_ahead_is_not_used_at_fire_time(connect, simulator, found):
    post = make_post(connect(), due_at=current_moment() + timedelta(seconds=3))
    found(post)
    simulator.add_creator(post.account.username, is_private=True)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert simulator.posts() == []


def test_two_sweeps_at_once_check_a_post_once(ahead, simulator):
    posts = [ahead() for _ in range(6)]
    for post in posts:
        plan_check(post)

    def work():
        while post := sweep.claim_next(current_moment()):
            sweep.check_post_ahead(post, current_moment())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(simulator.requests()) == 6
