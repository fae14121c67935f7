from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Activity
from publishing.models import Post
from publishing.moving import move_post, nearest_moment
from publishing.refusals import PostRefused
from publishing.states import MoveRefused, State
from tests.factories import make_account
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def move(post, due_at):
    move_post(post, due_at, post.author, NOW)


def stored(post):
    return Post.objects.get(pk=post.pk).due_at


def test_a_scheduled_post_moves_and_its_consent_stays():
    post = make_post(due_at=NOW + HOUR)

    move(post, NOW + 2 * HOUR)

    moved = Post.objects.get(pk=post.pk)
    assert (moved.due_at, moved.next_action_at) == (NOW + 2 * HOUR, NOW + 2 * HOUR)
    assert moved.consents.filter(voided_at=None).exists()


def test_a_draft_moves_and_stays_a_draft():
    draft = make_post(state=State.DRAFT, due_at=NOW + HOUR)

    move(draft, NOW + 2 * HOUR)

    moved = Post.objects.get(pk=draft.pk)
    assert (moved.state, moved.due_at, moved.next_action_at) == (
        State.DRAFT,
        NOW + 2 * HOUR,
        None,
    )


def test_the_drafts_of_one_form_move_together():
    draft = make_post(state=State.DRAFT, due_at=NOW + HOUR)
    other = make_account(draft.team)
    sibling = make_post(other, state=State.DRAFT, due_at=NOW + HOUR, form_token=draft.form_token)

    move(draft, NOW + 2 * HOUR)

    assert stored(sibling) == NOW + 2 * HOUR


def test_a_draft_may_lose_its_date_and_a_scheduled_post_may_not():
    draft, post = make_post(state=State.DRAFT), make_post(due_at=NOW + HOUR)

    move(draft, None)
    with pytest.raises(MoveRefused):
        move(post, None)

    assert stored(draft) is None
    assert stored(post) == NOW + HOUR


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED])
def test_nothing_moves_into_the_past(state):
    post = make_post(state=state, due_at=NOW + HOUR)

    with pytest.raises(PostRefused):
        move(post, NOW - HOUR)

    assert stored(post) == NOW + HOUR


def test_what_waits_for_approval_moves_within_its_time():
    post = make_post(state=State.IN_REVIEW, due_at=NOW + 5 * HOUR)
    Post.objects.update(approvals_needed=1, approve_by=NOW + 3 * HOUR)
    post.refresh_from_db()

    move(post, NOW + 4 * HOUR)
    with pytest.raises(PostRefused) as refused:
        move(post, NOW + HOUR)

    assert [problem.code for problem in refused.value.problems] == ["no_time_for_approval"]
    assert stored(post) == NOW + 4 * HOUR
    assert nearest_moment(post, NOW + HOUR, NOW) == NOW + 2 * HOUR + timedelta(minutes=13)


def test_a_moved_draft_says_who_moved_it():
    draft = make_post(state=State.DRAFT, due_at=NOW + HOUR)

    move(draft, NOW + 2 * HOUR)

    assert Post.objects.get(pk=draft.pk).edited_by == draft.author
    assert Activity.objects.get(verb="post_rescheduled").post_id == draft.pk


@pytest.mark.parametrize("state", [State.PUBLISHED, State.UPLOADING, State.FAILED])
def test_what_left_or_failed_stays(state):
    post = make_post(state=state, due_at=NOW + HOUR)

    with pytest.raises(MoveRefused):
        move(post, NOW + 2 * HOUR)

    assert stored(post) == NOW + HOUR


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED])
def test_soon_is_offered_instead_of_the_past(state):
    post = make_post(state=state, due_at=NOW + HOUR)

    assert nearest_moment(post, NOW - HOUR, NOW) == NOW + timedelta(minutes=13)


def test_a_free_moment_is_offered_instead_of_a_full_one():
    account = make_account(daily_cap=1)
    make_post(account, due_at=NOW + HOUR)
    post = make_post(account, due_at=NOW + 50 * HOUR)

    assert nearest_moment(post, NOW - HOUR, NOW) == NOW + 25 * HOUR + timedelta(minutes=1)
