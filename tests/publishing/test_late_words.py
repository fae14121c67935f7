"""A verdict in any order, at any time, any number of times: one reducer."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import Attempt, Outcome, Post
from publishing.states import State
from publishing.verdict import apply_status
from tests.publishing.factories import make_post
from tiktok.client import PublishStatus

pytestmark = pytest.mark.django_db

NOW = current_moment()
COMPLETE, INBOX, FAILED = "PUBLISH_COMPLETE", "SEND_TO_USER_INBOX", "FAILED"


def make_attempt(post: Post, outcome: str = "", number: int = 1, **overrides) -> Attempt:
    fields = {
        "claimed_at": NOW,
        "init_intended_at": NOW - timedelta(hours=2),
        "publish_id": f"v_pub~{number}",
        "outcome": outcome,
        "ended_at": NOW if outcome else None,
    }
    return Attempt.objects.create(post=post, number=number, **fields | overrides)


def say(attempt: Attempt, status: str, *ids: str, reason: str = "") -> bool:
    told = PublishStatus(status, reason, ids, None, None, "")
    return apply_status(attempt, told, current_moment())


def stands(attempt: Attempt) -> tuple[str, str]:
    attempt.refresh_from_db()
    return Post.objects.get(pk=attempt.post_id).state, attempt.outcome


def test_an_unconfirmed_post_that_tiktok_names_complete_is_published():
    attempt = make_attempt(make_post(state=State.UNCONFIRMED), Outcome.UNCONFIRMED)

    say(attempt, COMPLETE, "7602997517160123666")

    assert stands(attempt) == (State.PUBLISHED, Outcome.PUBLISHED)
    post = Post.objects.get()
    assert post.public_post_id == "7602997517160123666"
    assert post.init_at == attempt.init_intended_at


def test_an_unconfirmed_draft_that_reached_the_inbox_is_there():
    attempt = make_attempt(make_post(state=State.UNCONFIRMED, mode="inbox"), Outcome.UNCONFIRMED)

    say(attempt, INBOX)

    assert stands(attempt) == (State.IN_INBOX, Outcome.IN_INBOX)


@pytest.mark.parametrize("reason", ["spam_risk", "internal", "spam_risk_too_many_posts"])
def test_an_unconfirmed_post_that_tiktok_failed_is_failed_and_not_sent_again(reason):
    attempt = make_attempt(make_post(state=State.UNCONFIRMED), Outcome.UNCONFIRMED)

    say(attempt, FAILED, reason=reason)

    post = Post.objects.get()
    assert stands(attempt) == (State.FAILED, Outcome.NOT_POSTED)
    assert (attempt.fail_reason, post.next_action_at, post.init_at) == (reason, None, None)
    assert post.note


def test_one_failed_attempt_says_nothing_of_another_that_may_have_posted():
    post = make_post(state=State.UNCONFIRMED)
    first = make_attempt(post, Outcome.UNCONFIRMED)
    make_attempt(post, Outcome.UNCONFIRMED, 2)

    say(first, FAILED, reason="internal")

    assert stands(first) == (State.UNCONFIRMED, Outcome.NOT_POSTED)


def test_one_failed_attempt_says_nothing_of_another_that_was_published():
    post = make_post(state=State.UNCONFIRMED)
    make_attempt(post, Outcome.PUBLISHED)
    second = make_attempt(post, Outcome.UNCONFIRMED, 2)

    say(second, FAILED, reason="internal")

    assert stands(second) == (State.UNCONFIRMED, Outcome.NOT_POSTED)


def test_a_draft_that_the_creator_has_finished_is_published():
    attempt = make_attempt(make_post(state=State.IN_INBOX, mode="inbox"), Outcome.IN_INBOX)

    say(attempt, COMPLETE)

    assert stands(attempt) == (State.PUBLISHED, Outcome.PUBLISHED)


def test_delivered_after_complete_changes_nothing():
    attempt = make_attempt(make_post(state=State.PROCESSING, mode="inbox"))
    say(attempt, COMPLETE)

    say(attempt, INBOX)

    assert stands(attempt) == (State.PUBLISHED, Outcome.PUBLISHED)


@pytest.mark.parametrize("late", [FAILED, INBOX, COMPLETE, "PROCESSING_UPLOAD"])
def test_a_published_post_stays_published(late):
    attempt = make_attempt(make_post(state=State.PROCESSING))
    say(attempt, COMPLETE, "1")
    lines = attempt.post.journal.count()

    say(attempt, late, "2", reason="spam_risk")

    assert stands(attempt) == (State.PUBLISHED, Outcome.PUBLISHED)
    assert Post.objects.get().public_post_id == "1"
    assert attempt.post.journal.count() == lines


def test_a_public_id_that_comes_later_is_kept():
    attempt = make_attempt(make_post(state=State.PROCESSING))
    say(attempt, COMPLETE)

    say(attempt, COMPLETE, "7602997517160123666")

    assert Post.objects.get().public_post_id == "7602997517160123666"


@pytest.mark.parametrize("status", [COMPLETE, INBOX, FAILED])
def test_an_attempt_proven_not_posted_is_not_revived(status):
    post = make_post(state=State.FAILED)
    attempt = make_attempt(post, Outcome.NOT_POSTED)

    say(attempt, status, reason="internal")

    assert stands(attempt) == (State.FAILED, Outcome.NOT_POSTED)
    assert not post.journal.exists()


@pytest.mark.parametrize("state", [State.SCHEDULED, State.NEEDS_ATTENTION, State.FAILED])
def test_what_a_person_sent_again_is_held_once_the_first_try_is_found_published(state):
    post = make_post(privacy_level="SELF_ONLY")
    first = make_attempt(post, Outcome.UNCONFIRMED)
    second = make_attempt(post, number=2, publish_id="", init_intended_at=None)
    Post.objects.update(state=state, lease_token="held", init_at=None)

    say(first, COMPLETE)

    post.refresh_from_db()
    assert stands(first) == (State.PUBLISHED, Outcome.PUBLISHED)
    assert stands(second)[1] == Outcome.NOT_POSTED
    assert (post.lease_token, post.next_action_at) == ("", None)
    assert post.init_at == first.init_intended_at


def test_while_a_later_try_is_under_way_people_are_told_and_it_goes_on():
    post = make_post(state=State.UPLOADING)
    first = make_attempt(post, Outcome.UNCONFIRMED)
    second = make_attempt(post, number=2)

    say(first, COMPLETE)

    assert stands(first) == (State.UPLOADING, Outcome.PUBLISHED)
    assert stands(second)[1] == ""
    assert post.journal.get().text == COMPLETE


@pytest.mark.parametrize("state", [State.CANCELED, State.DRAFT])
def test_what_a_person_put_aside_stays_so_with_a_line_in_its_story(state):
    post = make_post(state=state)
    attempt = make_attempt(post, Outcome.UNCONFIRMED)

    say(attempt, COMPLETE)

    assert stands(attempt) == (state, Outcome.PUBLISHED)
    assert post.journal.get().text == COMPLETE


def test_a_held_post_whose_upload_turns_out_complete_is_published():
    attempt = make_attempt(make_post(state=State.NEEDS_ATTENTION))

    say(attempt, COMPLETE)

    assert stands(attempt) == (State.PUBLISHED, Outcome.PUBLISHED)


def test_a_held_post_whose_upload_failed_waits_for_its_person_still():
    post = make_post(state=State.NEEDS_ATTENTION, note="Why.")
    attempt = make_attempt(post)

    say(attempt, FAILED, reason="internal")

    post.refresh_from_db()
    assert stands(attempt) == (State.NEEDS_ATTENTION, Outcome.NOT_POSTED)
    assert (post.note, post.next_action_at) == ("Why.", None)


def test_a_post_planned_anew_is_not_sent_early_by_an_old_failure():
    next_week = current_moment() + timedelta(days=7)
    post = make_post(due_at=next_week)
    attempt = make_attempt(post)

    say(attempt, FAILED, reason="internal")

    post.refresh_from_db()
    assert stands(attempt) == (State.SCHEDULED, Outcome.NOT_POSTED)
    assert post.next_action_at == next_week
