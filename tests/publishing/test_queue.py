from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.models import Activity
from publishing.cap import whole_minute
from publishing.consent import has_valid_consent
from publishing.drafts import save_draft
from publishing.models import Post, PostingSlot
from publishing.plan import Plan
from publishing.queue import add_to_queue, move_in_queue, queues_of, remove_from_queue
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_post
from publishing.states import MoveRefused, State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def now():
    return current_moment()


@pytest.fixture
def account():
    # In UTC, so that a slot is where its hour says.
    return make_account(make_team(timezone="UTC"), min_gap_min=10)


@pytest.fixture
def person(account):
    return make_member(account.team).user


@pytest.fixture
def places(account, now):
    """Four slots, an hour apart, from an hour ahead on; they come back each week."""
    start = whole_minute(now) + HOUR
    moments = [start + number * HOUR for number in range(4)]
    for at in moments:
        PostingSlot.objects.create(account=account, weekday=at.weekday(), clock=at.time())
    return moments


def queued(account, at, **values):
    return make_post(account, due_at=at, is_queued=True, **values)


def moments(*posts):
    return [Post.objects.get(pk=post.pk).due_at for post in posts]


def test_the_queue_shows_slots_in_their_order_with_their_posts(account, places, now):
    post = queued(account, places[1])

    [queue] = queues_of([account], now, length=3)

    assert [place.at for place in queue.places] == places[:3]
    assert [place.posts for place in queue.places] == [[], [post], []]
    assert queue.has_more


def test_a_post_stays_in_the_queue_when_its_slot_left_the_plan(account, places, now):
    post = queued(account, places[0])
    PostingSlot.objects.filter(clock=places[0].time()).delete()

    [queue] = queues_of([account], now, length=3)

    assert queue.places[0].posts == [post]
    assert not queue.places[0].is_on_plan
    assert queue.places[1].is_on_plan


def test_the_queue_says_what_keeps_a_place_from_being_used(account, places, now):
    make_post(account, due_at=places[0] + timedelta(minutes=3))

    [queue] = queues_of([account], now, length=2)

    assert [place.reasons for place in queue.places] == [["too_close"], []]


def test_as_many_queries_for_many_accounts(now, django_assert_num_queries):
    team = make_team()
    accounts = [make_account(team) for _ in range(4)]
    for one in accounts:
        PostingSlot.objects.create(account=one, weekday=0, clock=now.time())
        queued(one, now + HOUR)

    with django_assert_num_queries(5):
        queues_of(accounts[:1], now, 5)
    with django_assert_num_queries(5):
        queues_of(accounts, now, 5)


def test_a_draft_saved_at_a_slot_is_in_the_queue_and_elsewhere_is_not(account, places, person, now):
    plan = Plan(account=account, media=make_media(account.team), due_at=places[0])

    on = save_draft(account.team, person, plan, uuid4(), now)
    off = Plan(account=account, media=plan.media, due_at=places[0] + timedelta(minutes=1))
    off = save_draft(account.team, person, off, uuid4(), now)

    assert (on.is_queued, off.is_queued) == (True, False)


def test_rescheduling_to_a_slot_joins_the_queue_and_away_from_it_leaves(
    account, places, person, now
):
    post = make_post(account, due_at=places[0] + timedelta(minutes=30))

    reschedule_post(post, places[1], person, now)
    assert Post.objects.get(pk=post.pk).is_queued
    reschedule_post(post, places[1] + timedelta(minutes=20), person, now)
    assert not Post.objects.get(pk=post.pk).is_queued


def test_two_posts_swap_their_places_and_keep_their_consents(account, places, person, now):
    first, second = queued(account, places[0]), queued(account, places[1])

    move_in_queue(second, places[0], person, now)

    assert moments(first, second) == [places[1], places[0]]
    for post in (first, second):
        post.refresh_from_db()
        assert post.state == State.SCHEDULED
        assert post.next_action_at == post.due_at
        assert post.is_queued
        assert has_valid_consent(post)


@pytest.mark.parametrize(
    ("moved", "to", "expected"),
    [
        (3, 0, [1, 2, 3, 0]),
        (0, 3, [3, 0, 1, 2]),
        (1, 3, [0, 3, 1, 2]),
        (2, 1, [0, 2, 1, 3]),
    ],
)
def test_a_post_dropped_on_another_is_put_between(
    account, places, person, now, moved, to, expected
):
    posts = [queued(account, at) for at in places]

    move_in_queue(posts[moved], places[to], person, now)

    assert moments(*posts) == [places[number] for number in expected]
    assert all(has_valid_consent(Post.objects.get(pk=post.pk)) for post in posts)


def test_free_places_on_the_way_stay_free(account, places, person, now):
    first, third, last = (queued(account, places[number]) for number in (0, 2, 3))

    move_in_queue(last, places[0], person, now)

    assert moments(last, first, third) == [places[0], places[2], places[3]]


def test_posts_in_one_place_make_way_together(account, places, person, now):
    account.__class__.objects.update(min_gap_min=0)
    pair = [queued(account, places[0], state=State.DRAFT) for _ in range(2)]
    last = queued(account, places[1])

    move_in_queue(last, places[0], person, now)

    assert moments(last, *pair) == [places[0], places[1], places[1]]


@pytest.mark.parametrize("state", [State.UPLOADING, State.NEEDS_ATTENTION])
def test_what_can_no_longer_be_moved_keeps_its_place(account, places, person, now, state):
    first, stays = queued(account, places[0]), queued(account, places[1], state=state)
    last = queued(account, places[2])

    move_in_queue(last, places[0], person, now)

    assert moments(last, stays, first) == places[:3]


def waiting(account, at, before):
    post = queued(account, at, state=State.IN_REVIEW)
    Post.objects.filter(pk=post.pk).update(approvals_needed=1, approve_by=at - before)
    return Post.objects.get(pk=post.pk)


def test_the_time_for_an_approval_moves_along(account, places, person, now):
    first, post = waiting(account, places[2], HOUR), queued(account, places[3])

    move_in_queue(post, places[2], person, now)

    first.refresh_from_db()
    assert (first.state, first.due_at, first.approve_by) == (
        State.IN_REVIEW,
        places[3],
        places[2],
    )


def test_nothing_moves_where_no_time_is_left_for_an_approval(account, places, person, now):
    post, late = queued(account, places[0]), waiting(account, places[3], 3 * HOUR)

    with pytest.raises(PostRefused, match="Choose a later time"):
        move_in_queue(post, places[3], person, now)

    assert moments(post, late) == [places[0], places[3]]


def test_a_slot_that_has_passed_takes_no_draft(account, places, person, now):
    draft = queued(account, places[0], state=State.DRAFT)

    with pytest.raises(PostRefused):
        move_in_queue(draft, places[0] - timedelta(weeks=1), person, now)

    assert moments(draft) == [places[0]]


def test_a_post_moves_to_a_free_place(account, places, person, now):
    post = queued(account, places[0])

    move_in_queue(post, places[2], person, now)

    assert moments(post) == [places[2]]
    [line] = Activity.objects.filter(verb="queue_moved")
    assert (line.actor, line.post_id) == (person, post.pk)


def test_a_draft_and_a_scheduled_post_swap(account, places, person, now):
    draft = queued(account, places[0], state=State.DRAFT)
    post = queued(account, places[1])

    move_in_queue(post, places[0], person, now)

    assert moments(draft, post) == [places[1], places[0]]
    draft.refresh_from_db()
    assert (draft.state, draft.is_queued, draft.next_action_at) == (State.DRAFT, True, None)


def test_nothing_moves_when_one_has_begun_to_leave(account, places, person, now):
    leaving = queued(account, places[0], state=State.UPLOADING)
    post = queued(account, places[1])

    with pytest.raises(MoveRefused, match="begun to leave"):
        move_in_queue(post, places[0], person, now)

    assert moments(leaving, post) == [places[0], places[1]]


def test_nothing_moves_where_the_gap_is_in_the_way(account, places, person, now):
    make_post(account, due_at=places[2] + timedelta(minutes=5))
    first = queued(account, places[0])

    with pytest.raises(PostRefused) as refused:
        move_in_queue(first, places[2], person, now)

    assert refused.value.problems[0].code == "too_close"
    assert moments(first) == [places[0]]


def test_a_moment_outside_the_plan_is_refused(account, places, person, now):
    post = queued(account, places[0])

    with pytest.raises(MoveRefused, match="not in the plan"):
        move_in_queue(post, places[1] + timedelta(minutes=7), person, now)


def test_a_draft_is_added_to_the_next_free_slot(account, places, person, now):
    queued(account, places[0])
    draft = make_post(account, state=State.DRAFT, is_consented=False)

    at = add_to_queue(draft, person, now)

    draft.refresh_from_db()
    assert at == places[1]
    assert (draft.due_at, draft.is_queued, draft.state) == (at, True, State.DRAFT)


def test_only_a_draft_with_a_plan_is_added(account, places, person, now):
    elsewhere = make_post(make_account(account.team), state=State.DRAFT, is_consented=False)

    with pytest.raises(MoveRefused, match="no free slot"):
        add_to_queue(elsewhere, person, now)
    with pytest.raises(MoveRefused, match="Only drafts"):
        add_to_queue(make_post(account, due_at=now + HOUR / 2), person, now)


def test_removing_makes_a_draft_without_a_time(account, places, person, now):
    post, later = queued(account, places[0]), queued(account, places[1])

    remove_from_queue(post, person, now, shuffles=False)

    post.refresh_from_db()
    assert (post.state, post.due_at, post.is_queued) == (State.DRAFT, None, False)
    assert moments(later) == [places[1]]


def test_removing_with_shuffle_moves_the_later_ones_up(account, places, person, now):
    post = queued(account, places[0])
    draft = queued(account, places[1], state=State.DRAFT)
    last = queued(account, places[3])

    remove_from_queue(post, person, now, shuffles=True)

    assert moments(draft, last) == [places[0], places[1]]


def test_nothing_is_removed_when_a_later_one_cannot_move(account, places, person, now):
    post, second = queued(account, places[0]), queued(account, places[1])
    queued(account, places[2], state=State.PROCESSING)

    with pytest.raises(MoveRefused):
        remove_from_queue(post, person, now, shuffles=True)

    post.refresh_from_db()
    assert (post.state, post.due_at) == (State.SCHEDULED, places[0])
    assert moments(second) == [places[1]]


def test_the_place_of_a_post_that_shares_it_is_not_given_away(account, places, person, now):
    post = queued(account, places[0], state=State.DRAFT)
    beside, later = queued(account, places[0]), queued(account, places[1])

    remove_from_queue(post, person, now, shuffles=True)

    assert moments(beside, later) == [places[0], places[1]]


def test_a_post_in_review_is_not_taken_out(account, places, person, now):
    post = queued(account, places[0], state=State.IN_REVIEW)

    with pytest.raises(MoveRefused, match="approval"):
        remove_from_queue(post, person, now, shuffles=False)


@pytest.mark.django_db(transaction=True)
def test_moves_at_once_leave_one_post_in_each_place(account, places, person, now):
    posts = [queued(account, at) for at in places]

    def move(number):
        try:
            move_in_queue(posts[number % 4], places[(number + 1) % 4], person, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(move, range(8)))

    assert sorted(moments(*posts)) == places
