"""What TikTok may have goes out again only when the person who sends it has looked."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.again import mark_arrived
from publishing.looks import LOOK_COUNTS, LookFirst, lacks_look, note_look
from publishing.models import Outcome, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.scheduling import schedule_posts
from publishing.states import State
from publishing.taking_back import cancel_post, reopen_post
from tests.factories import make_account, make_member
from tests.publishing.factories import make_creator, make_post, make_try

pytestmark = pytest.mark.django_db

AGAIN = [State.SCHEDULED, State.FAILED, State.NEEDS_ATTENTION, State.CANCELED]


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def person(account):
    return make_member(account.team).user


def taken(account, state=State.FAILED, outcome=Outcome.UNCONFIRMED) -> Post:
    """A post with an earlier try that TikTok may have taken."""
    post = make_post(account, state=state)
    make_try(post, outcome)
    return post


def reopened(account, person, **look) -> Post:
    post = taken(account)
    reopen_post(post, person, look.pop("at", current_moment()), has_looked=True)
    return post


def schedule(draft, person, *accounts) -> list[Post]:
    """For the draft's own account when no other is named."""
    now = current_moment()
    plans = [
        Plan(
            account=account,
            media=draft.media,
            caption="Another caption",
            privacy_level="SELF_ONLY",
            due_at=now + timedelta(hours=1),
        )
        for account in accounts or [draft.account]
    ]
    creators = {plan.known_account.pk: make_creator() for plan in plans}
    return schedule_posts(draft.team, person, plans, draft.form_token, creators, now, now)


def refused_codes(draft, person):
    with pytest.raises(PostRefused) as refused:
        schedule(draft, person)

    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("state", AGAIN)
def test_it_becomes_no_draft_without_a_look(account, person, state):
    post = taken(account, state)

    with pytest.raises(LookFirst):
        reopen_post(post, person, current_moment())

    assert Post.objects.get(pk=post.pk).state == state


@pytest.mark.parametrize("state", AGAIN)
def test_after_a_look_it_becomes_a_draft_and_its_story_says_who_looked(account, person, state):
    post = taken(account, state)

    reopen_post(post, person, current_moment(), has_looked=True)

    line = post.journal.get()
    assert post.state == State.DRAFT
    assert (line.kind, line.actor, line.attempt) == ("looked", person, post.attempts.get())


@pytest.mark.parametrize("outcome", [Outcome.PUBLISHED, Outcome.IN_INBOX])
def test_one_that_tiktok_named_late_needs_a_look_too(account, person, outcome):
    with pytest.raises(LookFirst):
        reopen_post(taken(account, State.CANCELED, outcome), person, current_moment())


def test_one_that_was_let_rest_needs_a_look(account, person):
    post = taken(account, State.UNCONFIRMED)
    cancel_post(post, person, current_moment())

    with pytest.raises(LookFirst):
        reopen_post(post, person, current_moment())


def test_one_that_tiktok_did_not_take_needs_none(account, person):
    post = taken(account, outcome=Outcome.NOT_POSTED)

    reopen_post(post, person, current_moment())

    [post] = schedule(post, person)
    assert post.state == State.SCHEDULED


def test_who_looked_schedules(account, person):
    [post] = schedule(reopened(account, person), person)

    assert (post.state, post.caption) == (State.SCHEDULED, "Another caption")


def test_a_draft_is_not_scheduled_without_a_look(account, person):
    draft = taken(account, State.DRAFT)

    assert refused_codes(draft, person) == ["look_first"]
    draft.refresh_from_db()
    assert (draft.state, draft.consents.filter(voided_at=None).count()) == (State.DRAFT, 1)


def test_a_colleagues_look_is_not_ones_own(account, person):
    draft, colleague = reopened(account, person), make_member(account.team).user

    assert refused_codes(draft, colleague) == ["look_first"]


def test_a_look_of_yesterday_does_not_count(account, person):
    draft = reopened(account, person, at=current_moment() - LOOK_COUNTS)

    assert refused_codes(draft, person) == ["look_first"]


def test_a_look_before_another_such_try_does_not_count(account, person):
    draft = reopened(account, person)
    make_try(draft)

    assert refused_codes(draft, person) == ["look_first"]


def test_a_look_at_the_draft_counts(account, person):
    draft = taken(account, State.DRAFT)

    note_look(draft, person, current_moment())

    assert not lacks_look(draft, person, current_moment())
    [post] = schedule(draft, person)
    assert post.state == State.SCHEDULED


def test_for_another_account_it_is_another_post(account, person):
    draft, other = reopened(account, person), make_account(account.team)

    [post] = schedule(draft, person, other)

    draft.refresh_from_db()
    assert (post.state, draft.state) == (State.SCHEDULED, State.CANCELED)
    assert not post.attempts.exists()


def test_of_several_accounts_only_the_one_in_question_is_named(account, person):
    draft, other = taken(account, State.DRAFT), make_account(account.team)

    with pytest.raises(PostRefused) as refused:
        schedule(draft, person, account, other)

    [problem] = refused.value.problems
    assert problem.account_id == account.pk
    assert not Post.objects.filter(account=other).exists()


def test_a_scheduled_post_that_was_found_is_published_and_not_sent(account, person):
    post = taken(account, State.SCHEDULED)
    Post.objects.filter(pk=post.pk).update(lease_token="held")

    mark_arrived(post, person, current_moment())

    post.refresh_from_db()
    assert (post.state, post.next_action_at, post.lease_token) == (State.PUBLISHED, None, "")
