"""Sending again keeps the cap at the click, as scheduling does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from publishing.app_mode import UNAUDITED_CREATORS
from publishing.cap import WINDOW, whole_minute
from publishing.models import Mode, Post
from publishing.refusals import PostRefused
from publishing.retrying import retry_post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_post, make_try

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def account():
    return make_account(daily_cap=2)


def sent(account, ago=HOUR, **overrides) -> Post:
    at = current_moment() - ago
    return make_post(account, state=State.PUBLISHED, init_at=at, **overrides)


def retry(post, **values) -> None:
    retry_post(post, post.author, current_moment(), **values)


def refuse(post, **values) -> PostRefused:
    """The refusal; the post is where it was."""
    before = post.state
    with pytest.raises(PostRefused) as refused:
        retry(post, **values)
    assert Post.objects.get(pk=post.pk).state == before
    return refused.value


@pytest.mark.parametrize("state", [State.FAILED, State.NEEDS_ATTENTION])
def test_one_too_many_is_refused_and_offered_the_next_free_moment(account, state):
    first, _ = sent(account, 2 * HOUR), sent(account)
    post = make_post(account, state=state)

    refused = refuse(post)

    assert [problem.code for problem in refused.problems] == ["cap_reached"]
    assert refused.next_free_at == whole_minute(first.init_at + WINDOW)


def test_the_offered_moment_is_kept(account):
    sent(account, 2 * HOUR), sent(account)
    post = make_post(account, state=State.FAILED)
    at = refuse(post).next_free_at

    retry(post, due_at=at)

    post.refresh_from_db()
    assert (post.state, post.due_at, post.next_action_at) == (State.SCHEDULED, at, at)
    assert post.preflight_at is not None


def test_what_is_planned_for_the_next_hours_counts(account):
    for _ in range(2):
        make_post(account, due_at=current_moment() + HOUR)

    refuse(make_post(account, state=State.FAILED))


def test_what_freed_meanwhile_is_used(account):
    sent(account, WINDOW), sent(account)
    post = make_post(account, state=State.FAILED)

    retry(post)

    assert post.state == State.SCHEDULED


def test_the_lost_try_of_the_post_itself_keeps_its_place(account):
    sent(account)
    post = make_post(account, state=State.UNCONFIRMED)
    Post.objects.filter(pk=post.pk).update(init_at=make_try(post).init_intended_at)
    post.refresh_from_db()

    refused = refuse(post, has_looked=True)

    assert refused.next_free_at == whole_minute(post.init_at + WINDOW)


def test_an_earlier_lost_try_keeps_its_place(account):
    sent(account)
    post = make_post(account, state=State.FAILED)
    make_try(post)

    refuse(post, has_looked=True)


def test_what_tiktok_said_of_its_own_cap_is_kept(account):
    account.cap_reached_until = current_moment() + HOUR
    account.save()

    refused = refuse(make_post(account, state=State.FAILED))

    assert refused.next_free_at == whole_minute(account.cap_reached_until)


def test_drafts_in_the_inbox_have_their_own_cap(account):
    sent(account), sent(account)

    retry(make_post(account, state=State.FAILED, mode=Mode.INBOX, privacy_level=""))


def test_a_moment_that_has_passed_is_refused(account):
    refused = refuse(make_post(account, state=State.FAILED), due_at=current_moment() - HOUR)

    assert [problem.code for problem in refused.problems] == ["due_in_past"]


def test_the_creators_of_an_unaudited_app_are_counted(account, settings):
    settings.TIKTOK_APP_MODE = "unaudited"
    for _ in range(UNAUDITED_CREATORS):
        sent(make_account())

    refused = refuse(make_post(account, state=State.FAILED, privacy_level="SELF_ONLY"))

    assert [problem.code for problem in refused.problems] == ["creators_reached"]
    assert refused.next_free_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_cap_holds_when_many_are_retried_at_once(account):
    posts = [make_post(account, state=State.FAILED) for _ in range(6)]

    def click(post):
        try:
            retry(post)
        except PostRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(click, posts))

    assert sum(taken) == 2
