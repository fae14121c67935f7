from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.bulk import Move, cancel_posts, label_posts, move_posts, unlabel_posts
from publishing.models import Label, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def actor(account):
    return make_member(account.team).user


@pytest.fixture
def label(account):
    return Label.objects.create(team=account.team, name="Spring")


def told(outcomes):
    return {outcome.post.pk: (outcome.is_done, outcome.text) for outcome in outcomes}


def test_each_post_is_moved_to_its_own_moment(account, actor):
    now = current_moment()
    posts = [make_post(account, due_at=now + number * DAY) for number in (1, 2)]

    outcomes = move_posts([Move(post, post.due_at + HOUR) for post in posts], actor, now)

    assert all(outcome.is_done for outcome in outcomes)
    assert [Post.objects.get(pk=post.pk).due_at for post in posts] == [
        now + DAY + HOUR,
        now + 2 * DAY + HOUR,
    ]


def test_a_move_refused_stops_no_other(account, actor):
    now = current_moment()
    first, second = (make_post(account, due_at=now + number * DAY) for number in (1, 2))

    outcomes = told(move_posts([Move(first, now - HOUR), Move(second, now + 3 * DAY)], actor, now))

    assert outcomes[first.pk][0] is False
    assert "has passed" in outcomes[first.pk][1]
    assert outcomes[second.pk] == (True, "")


@pytest.mark.parametrize("distance", [DAY, -DAY])
def test_posts_at_the_cap_move_into_each_others_places(account, actor, distance):
    now = current_moment()
    account.daily_cap = 1
    account.save()
    gap = DAY + timedelta(minutes=2)
    posts = [make_post(account, due_at=now + number * gap) for number in range(2, 6)]

    outcomes = move_posts([Move(post, post.due_at + distance) for post in posts], actor, now)

    assert told(outcomes) == {post.pk: (True, "") for post in posts}


def test_a_post_that_went_out_does_not_move(account, actor):
    now = current_moment()
    post = make_post(account, state=State.PUBLISHED, due_at=now)

    [outcome] = move_posts([Move(post, now + DAY)], actor, now)

    assert outcome.text == "Only drafts and scheduled posts can be moved."


def test_a_draft_moves_too(account, actor):
    now = current_moment()
    draft = make_post(account, state=State.DRAFT, due_at=now + HOUR)

    assert told(move_posts([Move(draft, now + DAY)], actor, now)) == {draft.pk: (True, "")}
    assert Post.objects.get(pk=draft.pk).due_at == now + DAY


def test_a_post_that_began_to_leave_meanwhile_says_so(account, actor):
    now = current_moment()
    post = make_post(account, due_at=now + HOUR)
    Post.objects.filter(pk=post.pk).update(state=State.UPLOADING)

    [outcome] = move_posts([Move(post, now + DAY)], actor, now)

    assert not outcome.is_done
    assert "begun to leave" in outcome.text


def test_canceling_says_for_each_what_happened(account, actor):
    now = current_moment()
    posts = {
        state: make_post(account, state=state)
        for state in (State.SCHEDULED, State.UPLOADING, State.PUBLISHED, State.CANCELED)
    }

    outcomes = told(cancel_posts(posts.values(), actor, now))

    assert outcomes[posts[State.SCHEDULED].pk] == (True, "Canceled.")
    assert "Cancel was asked for" in outcomes[posts[State.UPLOADING].pk][1]
    assert "too late to cancel" in outcomes[posts[State.PUBLISHED].pk][1]
    assert outcomes[posts[State.CANCELED].pk] == (False, "It was canceled before.")


def test_a_label_is_put_on_and_taken_off(account, label):
    now = current_moment()
    post = make_post(account)

    assert told(label_posts([post], label, post.author, now)) == {
        post.pk: (True, "Labeled “Spring”.")
    }
    assert list(post.labels.all()) == [label]
    assert told(label_posts([post], label, post.author, now))[post.pk][0] is False
    assert told(unlabel_posts([post], label, post.author, now))[post.pk][0] is True
    assert list(post.labels.all()) == []
    assert told(unlabel_posts([post], label, post.author, now))[post.pk][0] is False


def test_a_label_ends_no_consent(account, label):
    post = make_post(account)

    label_posts([post], label, post.author, current_moment())

    assert post.consents.filter(voided_at=None).exists()
