from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now as current_moment

from accounts.models import Activity, Role
from publishing.approvals import (
    APPROVED_ALREADY,
    OUT_OF_REACH,
    OWN_CHANGES,
    OWN_POST,
    TOO_SMALL_A_ROLE,
    approvers_of,
    waiting_for,
    why_not_approve,
)
from publishing.approving import (
    CHANGED_SINCE,
    NOT_IN_TIME,
    WAITS_NO_MORE,
    approve_post,
    hold_late,
    request_changes,
)
from publishing.consent import has_valid_consent
from publishing.drafts import save_draft, save_drafts
from publishing.models import Approval, Decision, Notice, NoticeKind, Post
from publishing.models.approval import ApprovalsAreKept
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_post
from publishing.retrying import retry_post
from publishing.scheduling import resubmit_post, schedule_posts
from publishing.states import MoveRefused, State
from publishing.taking_back import cancel_post, reopen_post
from publishing.telling import tell_of_changes
from tests.factories import make_account, make_member
from tests.publishing.approval_posts import CREATOR, hand_in_post, make_team_with_rule
from tests.publishing.changing import change_post
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team():
    return make_team_with_rule()


@pytest.fixture
def author(team):
    return make_member(team, Role.EDITOR)


@pytest.fixture
def approver(team):
    return make_member(team, Role.APPROVER)


@pytest.fixture
def post(team, author, approver):
    return hand_in_post(team, author)


def approve(post, member, **more):
    seen = more.pop("seen", None) or post.fingerprint()
    return approve_post(post, member.user, seen, more.pop("now", current_moment()), **more)


def refusal(post, member, **more):
    with pytest.raises(MoveRefused) as refused:
        approve(post, member, **more)
    return str(refused.value)


def two_steps(post):
    return change_post(post, approvals_needed=2)


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("person_id", flat=True))


def test_with_a_rule_the_posting_screen_hands_in(post, author):
    assert post.state == State.IN_REVIEW
    assert post.next_action_at is None
    assert post.approve_by == post.due_at - timedelta(hours=1)
    assert has_valid_consent(post)
    assert post.consents.get().person == author.user


def test_without_a_rule_it_schedules(author):
    post = hand_in_post(make_team_with_rule(0))

    assert (post.state, post.approvals_needed) == (State.SCHEDULED, 0)


@pytest.mark.parametrize(("of_account", "state"), [(0, State.SCHEDULED), (2, State.IN_REVIEW)])
def test_an_account_may_have_a_rule_of_its_own(team, of_account, state):
    account = make_account(team, approval_steps=of_account)

    assert hand_in_post(team, account=account).state == state


def test_handing_in_keeps_to_the_rules_of_scheduling(team, author):
    make_account(team, daily_cap=1)
    due_at = current_moment() + timedelta(days=1)
    approve(hand_in_post(team, author, due_at=due_at), make_member(team))

    with pytest.raises(PostRefused) as refused:
        hand_in_post(team, author, due_at=due_at)

    assert refused.value.next_free_at


def test_a_moment_that_leaves_no_time_for_approval_is_refused(team):
    with pytest.raises(PostRefused) as refused:
        hand_in_post(team, due_at=current_moment() + timedelta(minutes=59))

    assert [one.code for one in refused.value.problems] == ["no_time_for_approval"]


def test_who_may_approve_is_told_and_the_author_is_not(post, author, approver):
    assert told(NoticeKind.APPROVAL_ASKED) == {approver.user_id}


def test_the_approval_schedules_with_the_authors_consent(post, author, approver):
    done = approve(post, approver)

    assert (done.state, done.next_action_at) == (State.SCHEDULED, post.due_at)
    assert has_valid_consent(done)
    assert done.consents.get().person == author.user
    assert done.approvals.get().person == approver.user
    assert told(NoticeKind.APPROVED) == {author.user_id}
    assert set(Activity.objects.values_list("verb", flat=True)) == {
        "draft_created",
        "post_handed_in",
        "post_approved",
    }


def test_an_approval_given_twice_counts_once(post, approver):
    approve(post, approver)

    again = approve(post, approver)

    assert again.state == State.SCHEDULED
    assert Approval.objects.count() == 1


def test_nobody_approves_their_own(team):
    manager = make_member(team, Role.MANAGER)
    post = hand_in_post(team, manager)

    assert refusal(post, manager) == OWN_POST


def test_whoever_agreed_to_a_colleagues_draft_cannot_approve_it(team, author):
    owner = make_member(team)
    post = change_post(hand_in_post(team, owner), author=author.user)

    assert refusal(post, owner) == OWN_POST


BEFORE = {"caption": "", "media": None, "account": None, "due_at": None}


def edit_and_hand_in(team, author, editor, **changes):
    """A draft of the author's that the editor changed, and that the author handed in."""
    account, now, token = make_account(team), current_moment(), uuid4()
    plan = Plan(
        account=account,
        media=make_media(team),
        caption="Autumn menu #cafe",
        privacy_level="PUBLIC_TO_EVERYONE",
        due_at=now + timedelta(days=1),
    )
    before = replace(plan, **{name: BEFORE[name] for name in changes})
    save_draft(team, author.user, before, token, now)
    edited = replace(plan, **changes)
    save_drafts(team, editor.user, [edited], token, now, current_moment())
    creators = {edited.account.pk: CREATOR}
    [post] = schedule_posts(
        team, author.user, [edited], token, creators, now, seen_at=current_moment()
    )
    return post


@pytest.mark.parametrize("name", ["caption", "media", "account"])
def test_whoever_changed_a_draft_cannot_approve_it(team, author, approver, name):
    manager = make_member(team, Role.MANAGER)
    values = {
        "caption": "Winter menu #cafe",
        "media": make_media(team),
        "account": make_account(team),
    }
    post = edit_and_hand_in(team, author, manager, **{name: values[name]})

    assert refusal(post, manager) == OWN_POST
    assert list(waiting_for(manager)) == []
    assert [one.user_id for one in approvers_of(post)] == [approver.user_id]
    assert approve(post, approver).state == State.SCHEDULED


def test_a_draft_given_another_time_is_not_ones_own(team, author):
    manager = make_member(team, Role.MANAGER)
    later = current_moment() + timedelta(days=2)
    post = edit_and_hand_in(team, author, manager, due_at=later)

    assert list(waiting_for(manager)) == [post]
    assert approve(post, manager).state == State.SCHEDULED


def test_somebody_elses_edit_is_ones_own_to_nobody_else(team, author):
    edit_and_hand_in(team, author, make_member(team, Role.MANAGER), caption="Winter menu")
    manager = make_member(team, Role.MANAGER)

    assert waiting_for(manager).count() == 1


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_a_role_that_approves_nothing_is_refused(post, team, role):
    assert refusal(post, make_member(team, role)) == TOO_SMALL_A_ROLE


def test_the_role_of_the_moment_counts(post, approver):
    approver.__class__.objects.filter(pk=approver.pk).update(role=Role.VIEWER)

    assert refusal(post, approver) == TOO_SMALL_A_ROLE


def test_an_account_out_of_reach_cannot_be_approved(post, approver):
    type(post.account).objects.filter(pk=post.account_id).update(is_limited=True)

    assert refusal(post, approver) == OUT_OF_REACH
    assert list(waiting_for(approver)) == []


def test_strangers_approve_nothing(post):
    assert refusal(post, make_member(role=Role.OWNER)) == TOO_SMALL_A_ROLE


def test_what_was_seen_is_what_is_approved(post, approver):
    changed = change_post(post, caption="Something else")

    assert refusal(changed, approver, seen=post.fingerprint()) == CHANGED_SINCE
    assert Approval.objects.count() == 0


def test_two_in_order_are_two_people(post, approver, team):
    post = two_steps(post)
    second = make_member(team, Role.MANAGER)

    first = approve(post, approver)
    assert first.state == State.IN_REVIEW
    assert [one.user_id for one in approvers_of(first)] == [second.user_id]
    # A second press of the first one's button changes nothing.
    assert approve(post, approver).state == State.IN_REVIEW
    done = approve(post, second)

    assert done.state == State.SCHEDULED
    assert [(one.step, one.person) for one in done.approvals.all()] == [
        (1, approver.user),
        (2, second.user),
    ]


def test_the_database_keeps_two_steps_apart(post, approver):
    post = two_steps(post)
    approve(post, approver)
    copy = {"person": approver.user, "person_name": "A", "fingerprint": post.fingerprint()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Approval(post=post, step=2, decision=Decision.APPROVED, at=current_moment(), **copy).save()


def at_once(actions):
    """Each in a thread of its own; what they raised, None for those that did not."""

    def run(action):
        try:
            action()
        except (MoveRefused, PostRefused) as refused:
            return refused
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_two_approvers_at_once_give_one_approval(post, team, approver):
    people = [approver, *(make_member(team, Role.MANAGER) for _ in range(3))]

    refused = at_once([lambda member=member: approve(post, member) for member in people])

    post.refresh_from_db()
    assert post.state == State.SCHEDULED
    assert sum(one is None for one in refused) == 1
    assert post.approvals.count() == 1
    assert post.state_changes.filter(new=State.SCHEDULED).count() == 1


def test_two_approvers_at_once_give_both_steps(post, team, approver):
    post = two_steps(post)
    people = [approver, make_member(team, Role.MANAGER)]

    refused = at_once([lambda member=member: approve(post, member) for member in people * 2])

    post.refresh_from_db()
    assert refused == [None] * 4
    assert post.state == State.SCHEDULED
    assert {one.step for one in post.approvals.all()} == {1, 2}
    assert {one.person for one in post.approvals.all()} == {one.user for one in people}


def test_an_approval_and_a_withdrawal_at_once_end_in_one_of_both(post, author, approver):
    stale = Post.objects.get(pk=post.pk)

    refused = at_once(
        [
            lambda: approve(post, approver),
            lambda: reopen_post(stale, author.user, current_moment()),
        ]
    )

    post.refresh_from_db()
    if post.state == State.SCHEDULED:
        assert has_valid_consent(post)
        assert post.approvals.filter(ended_at=None).exists()
    else:
        assert post.state == State.DRAFT
        assert not has_valid_consent(post)
        assert not post.approvals.filter(ended_at=None).exists()
    assert sum(one is None for one in refused) >= 1


def test_changes_are_requested_with_a_comment(post, author, approver):
    request_changes(post, approver.user, "Please name the café.", current_moment())

    post.refresh_from_db()
    assert post.state == State.DRAFT
    assert "Please name the café." in post.note
    assert not has_valid_consent(post)
    answer = post.approvals.get()
    assert (answer.decision, answer.comment) == (
        Decision.CHANGES_REQUESTED,
        "Please name the café.",
    )
    assert told(NoticeKind.CHANGES_REQUESTED) == {author.user_id}


def test_changes_asked_for_twice_are_one_request(post, approver):
    for _ in range(2):
        request_changes(post, approver.user, "Shorter.", current_moment())

    assert post.approvals.count() == 1


def test_nobody_requests_changes_to_their_own(team):
    manager = make_member(team, Role.MANAGER)
    post = hand_in_post(team, manager)

    with pytest.raises(MoveRefused, match=str(OWN_CHANGES)):
        request_changes(post, manager.user, "Shorter.", current_moment())

    post.refresh_from_db()
    assert post.state == State.IN_REVIEW
    assert has_valid_consent(post)


def test_changes_need_words(post, approver):
    with pytest.raises(MoveRefused, match="Say what should be changed"):
        request_changes(post, approver.user, "  ", current_moment())


def test_changes_end_the_first_of_two_approvals(post, team, approver):
    post = two_steps(post)
    approve(post, approver)

    request_changes(post, make_member(team).user, "Shorter.", current_moment())

    first = post.approvals.get(step=1)
    assert first.ended_at
    assert first.ended_reason == "Changes were requested."


def test_editing_after_approval_voids_it(post, author, approver):
    done = approve(post, approver)

    reopen_post(done, author.user, current_moment())

    assert post.approvals.get().ended_at
    assert post.approvals.get().person == approver.user


def test_moving_an_approved_post_keeps_the_approval(post, author, approver):
    done = approve(post, approver)

    reschedule_post(done, done.due_at + timedelta(days=1), author.user, current_moment())

    done.refresh_from_db()
    assert (done.state, done.next_action_at) == (State.SCHEDULED, done.due_at)
    assert post.approvals.filter(ended_at=None).count() == 1


def test_moving_a_waiting_post_moves_its_deadline(post, author):
    due_at = post.due_at + timedelta(days=2)

    reschedule_post(post, due_at, author.user, current_moment())

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.IN_REVIEW, None)
    assert post.approve_by == due_at - timedelta(hours=1)


def test_a_waiting_post_moves_to_no_moment_without_time_for_approval(post, author):
    with pytest.raises(PostRefused, match="Choose a later time"):
        reschedule_post(
            post, current_moment() + timedelta(minutes=30), author.user, current_moment()
        )


def test_a_waiting_post_keeps_to_the_cap_when_it_is_moved(post, team, author, approver):
    type(post.account).objects.update(daily_cap=1)
    other = approve(hand_in_post(team, author, due_at=post.due_at + timedelta(days=3)), approver)

    post = Post.objects.get(pk=post.pk)
    with pytest.raises(PostRefused) as refused:
        reschedule_post(post, other.due_at, author.user, current_moment())

    assert refused.value.next_free_at


def test_a_cap_reached_meanwhile_is_told_with_the_next_free_moment(post, team, author, approver):
    type(post.account).objects.update(daily_cap=1)
    second = hand_in_post(team, author, due_at=post.due_at)
    approve(post, approver)

    with pytest.raises(PostRefused) as refused:
        approve(second, approver)

    second.refresh_from_db()
    assert (second.state, second.approvals.count()) == (State.IN_REVIEW, 0)
    manager = make_member(team, Role.MANAGER)
    done = approve(second, manager, due_at=refused.value.next_free_at)
    assert (done.state, done.due_at) == (State.SCHEDULED, refused.value.next_free_at)


def test_who_does_not_plan_approves_for_no_other_moment(post, approver):
    done = approve(post, approver, due_at=post.due_at + timedelta(days=1))

    assert done.due_at == post.due_at


def test_what_is_not_approved_in_time_is_held(post, author, approver):
    hold_late(post.approve_by - timedelta(seconds=1))
    post.refresh_from_db()
    assert post.state == State.IN_REVIEW

    assert hold_late(post.approve_by) == 1

    post.refresh_from_db()
    assert (post.state, post.note) == (State.NEEDS_ATTENTION, NOT_IN_TIME)
    tell_of_changes()
    assert told(NoticeKind.APPROVAL_LATE) == {author.user_id, approver.user_id}


def test_an_approval_after_the_deadline_is_refused(post, approver):
    assert refusal(post, approver, now=post.approve_by) == NOT_IN_TIME


def test_a_held_post_does_not_go_out_by_retrying(post, author):
    hold_late(post.approve_by)
    post.refresh_from_db()

    with pytest.raises(MoveRefused, match="needs approval"):
        retry_post(post, author.user, current_moment())


def test_a_held_post_is_handed_in_again_for_a_later_time(post, author, approver):
    hold_late(post.approve_by)
    post.refresh_from_db()

    resubmit_post(post, post.due_at + timedelta(days=1), author.user, current_moment())

    post.refresh_from_db()
    assert post.state == State.IN_REVIEW
    assert approve(post, approver).state == State.SCHEDULED


def test_a_held_post_ends_the_first_of_two_approvals(post, author, approver):
    post = two_steps(post)
    approve(post, approver)

    hold_late(post.approve_by)

    assert post.approvals.get().ended_at


def test_whoever_hands_it_in_again_cannot_approve_it(post, team):
    manager = make_member(team, Role.MANAGER)
    hold_late(post.approve_by)
    post.refresh_from_db()
    resubmit_post(post, post.due_at + timedelta(days=1), manager.user, current_moment())
    post.refresh_from_db()

    assert refusal(post, manager) == OWN_POST
    assert list(waiting_for(manager)) == []


def test_a_rule_ended_since_lets_a_held_post_go(post, author, team):
    hold_late(post.approve_by)
    post.refresh_from_db()
    type(team).objects.update(approval_steps=0)

    retry_post(post, author.user, current_moment())

    assert (post.state, post.approvals_needed) == (State.SCHEDULED, 0)


def test_a_rule_made_later_leaves_what_is_scheduled_alone(simulator, connect, run_until):
    post = make_post(connect())
    type(post.team).objects.update(approval_steps=1)

    run_until(post, State.PROCESSING, State.PUBLISHED)


def test_what_waits_for_approval_is_never_sent(post):
    change_post(post, due_at=current_moment(), approve_by=current_moment())

    assert step(seconds_later=10**6) == 0


def test_the_last_transaction_sends_nothing_unapproved(simulator, connect, run_until):
    # Somebody who writes into the database gets no further than the engine's own check.
    post = change_post(make_post(connect()), approvals_needed=1)

    run_until(post, State.NEEDS_ATTENTION)

    assert "has not been approved" in post.note
    assert not simulator.posts()


def test_an_approved_post_goes_out(simulator, connect, run_until, author, team, approver):
    account = connect(team)
    post = approve(hand_in_post(team, author, account=account), approver)
    change_post(post, due_at=current_moment(), next_action_at=current_moment())

    run_until(post, State.PUBLISHED)


def test_a_canceled_post_cannot_be_approved(post, author, approver):
    cancel_post(post, author.user, current_moment())

    assert refusal(post, approver) == WAITS_NO_MORE


def test_answers_are_only_added(post, approver):
    approve(post, approver)
    answer = post.approvals.get()

    for change in (
        answer.save,
        answer.delete,
        post.approvals.all().delete,
        lambda: post.approvals.update(comment="x"),
    ):
        with pytest.raises(ApprovalsAreKept):
            change()


def test_my_list_holds_what_i_may_approve(post, team, author, approver):
    second = two_steps(hand_in_post(team, author))
    assert set(waiting_for(approver)) == {post, second}
    assert list(waiting_for(author)) == []

    approve(second, approver)

    assert list(waiting_for(approver)) == [post]
    assert why_not_approve(second, approver) == APPROVED_ALREADY
