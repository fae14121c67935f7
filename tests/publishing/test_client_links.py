from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import Activity, Role
from publishing.approvals import approvers_of, waiting_for
from publishing.approving import approve_post
from publishing.client_links import (
    ANSWERS_PER_HOUR,
    CHANGED_SINCE,
    ONLY_COMMENTS,
    TOO_LATE,
    TOO_MANY,
    answer_by_client,
    find_client_link,
    make_client_link,
    media_of_link,
    open_links,
    posts_of_link,
    revoke_client_link,
    waiting_of_account,
)
from publishing.models import Approval, ClientLink, Decision, Notice, NoticeKind
from publishing.states import MoveRefused, State
from tests.factories import make_account, make_member
from tests.publishing.approval_posts import hand_in_post, make_team_with_rule
from tests.publishing.changing import change_post
from tests.publishing.factories import make_media, make_post
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team_with_rule(client_counts=True)


@pytest.fixture
def author(team):
    return make_member(team, Role.EDITOR)


@pytest.fixture
def manager(team):
    return make_member(team, Role.MANAGER)


@pytest.fixture
def post(team, author):
    return hand_in_post(team, author)


def make_link(post, member, **more):
    link, _ = make_client_link([post], member, "Cafe Nord", 7, current_moment(), **more)
    return link


def answer(link, post, decision=Decision.APPROVED, comment="", seen="", now=None):
    seen = seen or post.fingerprint()
    answer_by_client(link, post, decision, "Kim", comment, seen, now or current_moment())
    post.refresh_from_db()
    return post.approvals.last()


def test_the_token_is_kept_nowhere(post, manager):
    link, token = make_client_link([post], manager, "Cafe Nord", 7, current_moment())

    assert len(token) == 43
    assert token not in repr(ClientLink.objects.values())
    assert find_client_link(token, current_moment()) == link


def test_a_link_ends(post, manager):
    link, token = make_client_link([post], manager, "Cafe Nord", 7, current_moment())

    assert find_client_link(token, link.expires_at) is None
    assert revoke_client_link(link, manager.user, current_moment())
    assert find_client_link(token, current_moment()) is None
    assert not revoke_client_link(link, manager.user, current_moment())
    assert find_client_link("x" * 43, current_moment()) is None


def test_an_approval_that_counts_schedules_with_the_authors_consent(post, author, manager):
    given = answer(make_link(post, manager), post)

    assert post.state == State.SCHEDULED
    assert (given.step, given.person, given.person_name) == (1, None, "Kim")
    assert post.consents.get().person == author.user
    assert Activity.objects.filter(verb="post_approved", actor=None, actor_name="Kim").exists()


def test_pressed_twice_it_counts_once(post, manager):
    link = make_link(post, manager)

    for _ in range(2):
        answer(link, post)

    assert Approval.objects.count() == 1


def test_without_the_rule_it_is_only_shown(post, team, author, manager):
    type(team).objects.update(client_counts=False)

    given = answer(make_link(post, manager), post)

    assert (post.state, given.step) == (State.IN_REVIEW, None)
    told = Notice.objects.filter(kind=NoticeKind.CLIENT_ANSWERED)
    assert set(told.values_list("person_id", flat=True)) == {author.user_id, manager.user_id}


def test_nobody_approves_their_own_by_a_link_to_themself(team):
    manager = make_member(team, Role.MANAGER)
    post = hand_in_post(team, manager)

    given = answer(make_link(post, manager), post)

    assert (post.state, given.step) == (State.IN_REVIEW, None)


def test_an_editors_link_approves_nothing(post, author):
    other = make_member(author.team, Role.EDITOR)

    assert answer(make_link(post, other), post).step is None


def test_a_maker_who_lost_the_role_vouches_for_nobody(post, manager):
    link = make_link(post, manager)
    type(manager).objects.filter(pk=manager.pk).update(role=Role.EDITOR)

    assert answer(link, post).step is None


def test_one_link_gives_one_of_two_approvals(post, manager):
    post = change_post(post, approvals_needed=2)
    link = make_link(post, manager)

    for _ in range(2):
        answer(link, post)

    assert post.state == State.IN_REVIEW
    assert Approval.objects.count() == 1


def test_who_gave_the_first_approval_gets_no_second_by_a_link(post, manager):
    post = change_post(post, approvals_needed=2)
    link = make_link(post, manager)
    approve_post(post, manager.user, post.fingerprint(), current_moment())

    given = answer(link, post)

    assert (post.state, given.step) == (State.IN_REVIEW, None)


def test_whose_link_brought_the_first_approval_gives_no_second(post, team, manager):
    post = change_post(post, approvals_needed=2)
    other = make_member(team, Role.MANAGER)
    answer(make_link(post, manager), post)

    with pytest.raises(MoveRefused, match="somebody else"):
        approve_post(post, manager.user, post.fingerprint(), current_moment())

    assert list(waiting_for(manager)) == []
    assert [one.user_id for one in approvers_of(post)] == [other.user_id]


def test_two_links_of_one_member_give_one_approval(post, manager):
    post = change_post(post, approvals_needed=2)

    given = [answer(make_link(post, manager), post).step for _ in range(2)]

    assert (post.state, given) == (State.IN_REVIEW, [1, None])


def test_links_of_two_members_give_both_approvals(post, team, manager):
    post = change_post(post, approvals_needed=2)
    answer(make_link(post, manager), post)

    given = answer(make_link(post, make_member(team, Role.APPROVER)), post)

    assert (post.state, given.step) == (State.SCHEDULED, 2)


def test_changes_count_through_a_link_of_who_gave_the_first_approval(post, manager):
    post = change_post(post, approvals_needed=2)
    approve_post(post, manager.user, post.fingerprint(), current_moment())

    answer(make_link(post, manager), post, Decision.CHANGES_REQUESTED, "Warmer, please.")

    assert post.state == State.DRAFT


def test_a_link_of_who_sees_the_account_no_more_approves_nothing(post, team):
    link = make_link(post, make_member(team, Role.APPROVER))
    type(post.account).objects.update(is_limited=True)

    assert answer(link, post).step is None


def test_a_link_of_who_may_not_sign_in_any_more_approves_nothing(post, manager):
    link = make_link(post, manager)
    type(manager.user).objects.filter(pk=manager.user_id).update(is_active=False)

    assert answer(link, post).step is None


def test_changes_that_count_bring_it_back_to_its_author(post, author, manager):
    answer(make_link(post, manager), post, Decision.CHANGES_REQUESTED, "Warmer, please.")

    assert post.state == State.DRAFT
    assert "Warmer, please." in post.note
    told = Notice.objects.filter(kind=NoticeKind.CHANGES_REQUESTED)
    assert [one.person for one in told] == [author.user]


def test_a_comment_moves_nothing(post, manager):
    given = answer(make_link(post, manager), post, Decision.COMMENTED, "Lovely.")

    assert (post.state, given.comment) == (State.IN_REVIEW, "Lovely.")
    assert Activity.objects.filter(verb="client_commented", new="Lovely.").exists()


def test_a_link_for_comments_approves_nothing(post, manager):
    with pytest.raises(MoveRefused, match=str(ONLY_COMMENTS)):
        answer(make_link(post, manager, may_approve=False), post)


def test_what_was_seen_is_what_is_answered(post, manager):
    with pytest.raises(MoveRefused) as refused:
        answer(make_link(post, manager), post, seen="0" * 64)

    assert str(refused.value) == CHANGED_SINCE


def test_what_is_on_its_way_can_no_longer_be_answered(post, manager):
    link = make_link(post, manager)
    post = change_post(post, state=State.PROCESSING)

    with pytest.raises(MoveRefused, match=str(TOO_LATE)):
        answer(link, post)


def test_answers_are_limited_by_the_hour(post, manager):
    link = make_link(post, manager)
    for number in range(ANSWERS_PER_HOUR):
        answer(link, post, Decision.COMMENTED, f"{number}")

    with pytest.raises(MoveRefused) as refused:
        answer(link, post, Decision.COMMENTED, "one more")

    assert str(refused.value) == TOO_MANY


def test_an_approval_whose_moment_is_taken_is_kept_and_told(post, team, manager):
    type(post.account).objects.update(daily_cap=1)
    make_post(post.account, due_at=post.due_at, author=manager.user)

    given = answer(make_link(post, manager), post)

    assert (post.state, given.decision, given.step) == (State.IN_REVIEW, Decision.APPROVED, None)
    notice = Notice.objects.filter(kind=NoticeKind.CLIENT_ANSWERED).first()
    assert "It was not scheduled." in notice.text


def test_it_opens_its_posts_and_their_files_only(post, team, manager):
    photos = make_photo_post(post.account)
    link, _ = make_client_link([post, photos], manager, "Cafe", 7, current_moment())
    other = make_media(team)

    assert set(posts_of_link(link)) == {post, photos}
    assert media_of_link(link, post.media_id) == post.media
    assert all(media_of_link(link, file.pk) == file for file in photos.files())
    assert media_of_link(link, other.pk) is None


def test_a_canceled_post_shows_nothing_more(post, manager):
    link = make_link(post, manager)
    change_post(post, state=State.CANCELED)

    assert not posts_of_link(link)
    assert media_of_link(link, post.media_id) is None


def test_the_posts_of_an_account_that_wait(team, author, manager, post):
    second = hand_in_post(team, author)
    hand_in_post(team, author, account=make_account(team))

    assert list(waiting_of_account(manager, post)) == [post, second]


def test_links_to_posts_out_of_reach_are_not_listed(post, author, manager):
    make_link(post, manager)
    type(post.account).objects.filter(pk=post.account_id).update(is_limited=True)

    assert len(open_links(manager, current_moment())) == 1
    assert not open_links(author, current_moment())
    assert not open_links(manager, current_moment() + timedelta(days=8))
