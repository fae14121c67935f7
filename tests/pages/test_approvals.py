from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.approving import hold_late
from publishing.client_links import answer_by_client, make_client_link
from publishing.models import Approval, Decision, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.approval_posts import hand_in_post
from tests.publishing.changing import change_post


@pytest.fixture
def team(team):
    team.approval_steps = 1
    team.save()
    return team


@pytest.fixture
def author(team):
    return make_member(team, Role.EDITOR, user=None)


@pytest.fixture
def post(team, author):
    return hand_in_post(team, author)


@pytest.fixture
def approver(team, signed_in):
    return signed_in(make_member(team, Role.APPROVER))


def page_of(client, name, *args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def approve(client, post, **data):
    data = {"seen": post.fingerprint()} | data
    return client.post(reverse("post_approve", args=[post.pk]), data)


def state_of(post):
    return Post.objects.get(pk=post.pk).state


def test_an_approver_finds_it_in_the_list_and_in_the_menu(post, approver):
    page = page_of(approver, "approvals")

    assert post.caption in page
    assert "waiting for you" in page
    assert "For you to approve" in page


def test_the_author_sees_it_wait_for_others(post, author, signed_in):
    page = page_of(signed_in(author), "approvals")

    assert "Waiting for approval" in page
    assert "For you to approve" not in page
    assert "waiting for you" not in page


def test_an_empty_list_says_so(approver):
    assert "Nothing waits for you." in page_of(approver, "approvals")


def test_strangers_see_nothing_of_it(post, stranger):
    assert post.caption not in page_of(stranger, "approvals")


def test_the_list_takes_the_same_queries_for_many(
    team, author, approver, django_assert_max_num_queries
):
    for _ in range(6):
        hand_in_post(team, author)

    with django_assert_max_num_queries(16):
        page_of(approver, "approvals")


def test_who_may_not_approve_is_offered_nothing(post, author, signed_in):
    page = page_of(signed_in(author), "post", post.pk)

    assert 'id="act-approve"' not in page
    assert "Withdraw and edit" in page
    assert "Reschedule" in page


def test_the_page_says_who_is_to_approve_until_when(post, approver, team):
    name = str(team.memberships.get(role=Role.APPROVER).user)

    page = page_of(approver, "post", post.pk)

    assert f"waits for {name}" in page
    assert "To be given until" in page
    assert 'id="act-approve"' in page


def test_approving_schedules(post, approver):
    response = approve(approver, post)

    assert response.status_code == 302
    assert state_of(post) == State.SCHEDULED
    assert "Approved by" in page_of(approver, "post", post.pk)


def test_approving_what_was_not_seen_is_refused(post, approver):
    response = approver.post(reverse("post_approve", args=[post.pk]), {"seen": "x"}, follow=True)

    assert "changed after you opened it" in unescape(response.content.decode())
    assert state_of(post) == State.IN_REVIEW


def test_the_author_is_refused_with_words(post, team, signed_in):
    manager = make_member(team, Role.MANAGER)
    own = hand_in_post(team, manager)

    response = signed_in(manager).post(
        reverse("post_approve", args=[own.pk]), {"seen": own.fingerprint()}, follow=True
    )

    assert "somebody else must approve it" in response.content.decode()
    assert state_of(own) == State.IN_REVIEW


def test_a_cap_reached_meanwhile_offers_the_next_free_moment(post, team, author, signed_in):
    type(post.account).objects.update(daily_cap=1)
    second = hand_in_post(team, author, due_at=post.due_at)
    manager = signed_in(make_member(team, Role.MANAGER))
    approve(manager, post)

    response = approve(manager, second)

    page = unescape(response.content.decode())
    assert "Not approved yet" in page
    assert state_of(second) == State.IN_REVIEW
    due_at = page.split('name="due_at" value="')[1].split('"')[0]
    approve(manager, second, due_at=due_at)
    assert state_of(second) == State.SCHEDULED


def test_an_unreadable_moment_is_refused(post, approver):
    approve(approver, post, due_at="soon")

    assert state_of(post) == State.IN_REVIEW


def test_changes_come_back_with_the_comment(post, approver, author, signed_in):
    url = reverse("post_request_changes", args=[post.pk])

    approver.post(url, {"comment": "Please name the café."})

    assert state_of(post) == State.DRAFT
    page = page_of(signed_in(author), "post", post.pk)
    assert "“Please name the café.”" in page
    assert "asked for changes" in page


def test_changes_to_an_own_post_are_no_answer(team, signed_in):
    manager = make_member(team, Role.MANAGER)
    own, client = hand_in_post(team, manager), signed_in(manager)
    page = page_of(client, "post", own.pk)
    assert 'id="act-changes"' not in page
    assert "Withdraw and edit" in page

    response = client.post(
        reverse("post_request_changes", args=[own.pk]), {"comment": "Shorter."}, follow=True
    )

    assert "withdraw it to change it" in response.content.decode()
    assert state_of(own) == State.IN_REVIEW


def test_changes_without_words_are_asked_again(post, approver):
    response = approver.post(reverse("post_request_changes", args=[post.pk]), {"comment": " "})

    assert response.status_code == 422
    assert "Say what should be changed." in response.content.decode()
    assert state_of(post) == State.IN_REVIEW


def test_a_held_post_is_handed_in_again(post, author, signed_in):
    hold_late(post.approve_by)
    client = signed_in(author)
    page = page_of(client, "post", post.pk)
    assert 'id="act-hand-in"' in page
    assert 'id="act-retry"' not in page
    later = current_moment() + timedelta(days=3)

    client.post(
        reverse("post_hand_in", args=[post.pk]),
        {"due_date": f"{later:%Y-%m-%d}", "due_time": "12:00"},
    )

    assert state_of(post) == State.IN_REVIEW


def test_a_held_post_needs_a_time_with_room_for_approval(post, author, signed_in):
    hold_late(post.approve_by)

    response = signed_in(author).post(
        reverse("post_hand_in", args=[post.pk]), {"due_date": "2020-01-01", "due_time": "12:00"}
    )

    assert response.status_code == 422
    assert "has passed" in response.content.decode()


@pytest.mark.parametrize("name", ["post_approve", "post_request_changes", "post_hand_in"])
class TestDoors:
    def test_only_posts(self, name, post, approver):
        assert approver.get(reverse(name, args=[post.pk])).status_code == 405

    def test_anonymous_people_sign_in(self, name, post, client):
        response = client.post(reverse(name, args=[post.pk]))

        assert response.url.startswith(reverse("account_login"))

    def test_strangers_find_nothing(self, name, post, stranger):
        assert stranger.post(reverse(name, args=[post.pk])).status_code == 404

    def test_viewers_are_told(self, name, post, viewer):
        assert viewer.post(reverse(name, args=[post.pk])).status_code == 403

    def test_out_of_reach_is_nothing(self, name, post, team, signed_in):
        role = Role.EDITOR if name == "post_hand_in" else Role.APPROVER
        type(post.account).objects.update(is_limited=True)

        client = signed_in(make_member(team, role))

        assert client.post(reverse(name, args=[post.pk]), {"comment": "x"}).status_code == 404


class TestRules:
    @pytest.fixture
    def owner(self, team, signed_in):
        return signed_in(make_member(team))

    def save(self, client, **data):
        data = {"steps": "2", "before_min": "120"} | data
        return client.post(reverse("approval_rules"), data)

    def test_they_are_shown(self, owner, team):
        page = page_of(owner, "approval_rules")

        assert "One person approves it" in page
        assert "Approval rules" in page_of(owner, "team")

    def test_they_are_kept(self, owner, team):
        account = make_account(team)

        self.save(
            owner,
            client_counts="on",
            **{f"steps-{account.pk}": "0", f"before_min-{account.pk}": ""},
        )

        team.refresh_from_db()
        account.refresh_from_db()
        assert (team.approval_steps, team.approve_before_min, team.client_counts) == (2, 120, True)
        assert (account.approval_steps, account.approve_before_min) == (0, None)
        assert set(team.activities.values_list("verb", "subject")) == {
            ("approval_rules_changed", "all accounts"),
            ("approval_rules_changed", ""),
        }

    def test_nothing_changed_is_no_news(self, owner, team):
        self.save(owner, steps="1", before_min="60")

        assert not team.activities.exists()

    def test_what_is_no_rule_is_refused(self, owner, team):
        response = self.save(owner, steps="3")

        assert response.status_code == 422
        team.refresh_from_db()
        assert team.approval_steps == 1

    def test_another_teams_account_is_not_changed(self, owner, team):
        other = make_account()

        self.save(owner, **{f"steps-{other.pk}": "2"})

        other.refresh_from_db()
        assert other.approval_steps is None

    @pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
    def test_small_roles_are_told(self, team, signed_in, role):
        client = signed_in(make_member(team, role))

        assert client.get(reverse("approval_rules")).status_code == 403
        assert self.save(client).status_code == 403

    def test_anonymous_people_sign_in(self, client):
        assert client.get(reverse("approval_rules")).status_code == 302


class TestLinks:
    @pytest.fixture
    def manager(self, team, signed_in):
        return signed_in(make_member(team, Role.MANAGER))

    def make(self, client, post, **data):
        data = {
            "client_name": "Café Nord",
            "posts": "this",
            "days": "7",
            "may_approve": "on",
        } | data
        return client.post(reverse("client_link_make", args=[post.pk]), data, follow=True)

    def test_it_is_shown_once(self, post, manager):
        response = self.make(manager, post)

        page = response.content.decode()
        assert "/review/" in page
        [link] = post.client_links.all()
        again = page_of(manager, "client_link", link.pk)
        assert "/review/" not in again
        assert "kept nowhere" in again

    def test_it_is_listed_and_revoked(self, post, manager):
        self.make(manager, post)
        [link] = post.client_links.all()
        assert "Café Nord" in page_of(manager, "approvals")
        assert "by a link until" in page_of(manager, "post", post.pk)

        manager.post(reverse("client_link_revoke", args=[link.pk]))

        link.refresh_from_db()
        assert link.revoked_at
        assert "Links that clients have" not in page_of(manager, "approvals")

    def test_all_that_wait_of_the_account(self, post, team, author, manager):
        second = hand_in_post(team, author)

        self.make(manager, post, posts="waiting")

        [link] = post.client_links.all()
        assert set(link.posts.all()) == {post, second}

    def test_it_needs_a_name(self, post, manager):
        response = self.make(manager, post, client_name="")

        assert response.status_code == 422
        assert not post.client_links.exists()

    def test_doors(self, post, team, viewer, stranger, client, signed_in):
        url = reverse("client_link_make", args=[post.pk])

        assert viewer.get(url).status_code == 403
        assert stranger.get(url).status_code == 404
        assert client.get(url).status_code == 302
        type(post.account).objects.update(is_limited=True)
        assert signed_in(make_member(team, Role.EDITOR)).get(url).status_code == 404

    def test_doors_of_a_link(self, post, manager, viewer, stranger, client):
        self.make(manager, post)
        [link] = post.client_links.all()
        url = reverse("client_link_revoke", args=[link.pk])

        assert manager.get(url).status_code == 405
        assert viewer.post(url).status_code == 403
        assert stranger.post(url).status_code == 404
        assert stranger.get(reverse("client_link", args=[link.pk])).status_code == 404
        assert client.post(url).status_code == 302


def test_two_approvals_are_asked_for_one_after_the_other(post, approver, team, signed_in):
    post = change_post(post, approvals_needed=2)
    approve(approver, post)
    page = page_of(approver, "post", post.pk)
    assert "Approval 2 of 2" in page
    assert "somebody else" in page

    approve(signed_in(make_member(team, Role.MANAGER)), post)

    assert state_of(post) == State.SCHEDULED
    assert Approval.objects.count() == 2


def test_a_clients_approval_names_who_made_the_link(post, team, signed_in):
    team.client_counts = True
    team.save()
    manager = make_member(team, Role.MANAGER)
    link, _ = make_client_link([post], manager, "Café Nord", 7, current_moment())
    seen = post.fingerprint()
    answer_by_client(link, post, Decision.APPROVED, "Kim", "", seen, current_moment())

    page = page_of(signed_in(manager), "post", post.pk)

    assert "Approved by Kim" in page
    assert f"by a link of {manager.user}" in page
