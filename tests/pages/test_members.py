import pytest
from django.urls import reverse

from accounts.models import Activity, Membership, Role
from tests.factories import make_account, make_member, make_team, make_user
from tests.pages.posting import words_of
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner_member(team):
    return make_member(team, Role.OWNER, user=make_user(name="Mara"))


@pytest.fixture
def owner(owner_member, signed_in):
    return signed_in(owner_member)


@pytest.fixture
def manager(team, signed_in):
    return signed_in(make_member(team, Role.MANAGER))


@pytest.fixture
def jonas(team):
    return make_member(team, Role.EDITOR, user=make_user(name="Jonas"))


def give(client, member, role):
    return client.post(reverse("member_role", args=[member.pk]), {"role": role})


def remove(client, member):
    return client.post(reverse("member_remove", args=[member.pk]))


def hand_over(client, member):
    return client.post(reverse("member_hand_over", args=[member.pk]))


def role_of(member):
    return Membership.objects.values_list("role", flat=True).filter(pk=member.pk).first()


def page_of(client):
    return words_of(client.get(reverse("team")))


def test_an_owner_changes_a_role(owner, jonas):
    response = give(owner, jonas, Role.APPROVER)

    assert response.url == reverse("team")
    assert role_of(jonas) == Role.APPROVER


def test_an_unknown_role_is_explained_at_its_row(owner, jonas):
    response = give(owner, jonas, "boss")

    assert response.status_code == 422
    assert f'id="member-{jonas.pk}-role_error"' in words_of(response)


def test_a_manager_is_offered_no_ownership(manager, jonas):
    response = give(manager, jonas, Role.OWNER)

    assert response.status_code == 422
    assert "You cannot give this role" in words_of(response)
    assert role_of(jonas) == Role.EDITOR


def test_a_manager_changes_no_owner(manager, owner_member):
    assert give(manager, owner_member, Role.VIEWER).status_code == 403
    assert remove(manager, owner_member).status_code == 403
    assert role_of(owner_member) == Role.OWNER


def test_an_editor_changes_nobody(editor, jonas):
    assert give(editor, jonas, Role.VIEWER).status_code == 403
    assert remove(editor, jonas).status_code == 403
    assert reverse("member_role", args=[jonas.pk]) not in page_of(editor)


def test_strangers_learn_of_no_member(stranger, jonas):
    for answer in (give(stranger, jonas, Role.VIEWER), remove(stranger, jonas)):
        assert answer.status_code == 404
    assert hand_over(stranger, jonas).status_code == 404


def test_changing_a_role_is_not_a_link(owner, jonas):
    assert owner.get(reverse("member_role", args=[jonas.pk])).status_code == 405


@pytest.mark.parametrize("name", ["member_role", "member_remove", "member_hand_over"])
def test_anonymous_people_sign_in_first(client, jonas, name):
    response = client.post(reverse(name, args=[jonas.pk]))

    assert response.url.startswith(reverse("account_login"))


def test_removing_asks_first(owner, jonas):
    response = owner.get(reverse("member_remove", args=[jonas.pk]))

    assert "Remove Jonas from" in words_of(response)
    assert role_of(jonas)


def test_somebody_removed_has_no_access_at_once(owner, jonas, team, signed_in):
    post = make_post(make_account(team), author=jonas.user)
    browser = signed_in(jonas)
    assert browser.get(reverse("post", args=[post.pk])).status_code == 200

    remove(owner, jonas)

    assert browser.get(reverse("post", args=[post.pk])).status_code == 403
    assert browser.get(reverse("calendar")).status_code == 403


def test_with_another_team_they_work_on_there(owner, jonas, team, signed_in):
    post = make_post(make_account(team), author=jonas.user)
    other = make_member(make_team(name="Studio"), Role.EDITOR, user=jonas.user)
    browser = signed_in(jonas)
    browser.post(reverse("team_switch"), {"team": team.pk})

    remove(owner, jonas)

    assert str(other.team) in words_of(browser.get(reverse("calendar")))
    assert browser.get(reverse("post", args=[post.pk])).status_code == 404


def test_their_posts_stay(owner, jonas, team):
    post = make_post(make_account(team), author=jonas.user)

    remove(owner, jonas)

    post.refresh_from_db()
    assert (post.state, post.author) == ("scheduled", jonas.user)


def test_a_viewer_leaves(team, signed_in):
    member = make_member(team, Role.VIEWER)
    browser = signed_in(member)

    response = remove(browser, member)

    assert response.url == reverse("home")
    assert role_of(member) is None
    assert Activity.objects.get().verb == "member_left"


def test_the_last_owner_is_told_why_not(owner, owner_member):
    response = remove(owner, owner_member)

    assert response.status_code == 409
    assert "Mara is the only owner" in words_of(response)
    assert role_of(owner_member) == Role.OWNER


def test_the_last_owners_role_stays_with_words_at_its_row(owner, owner_member):
    response = give(owner, owner_member, Role.EDITOR)

    assert response.status_code == 422
    assert "Mara is the only owner" in words_of(response)


def test_an_owner_hands_the_team_over(owner, owner_member, jonas):
    assert "Hand" in words_of(owner.get(reverse("member_hand_over", args=[jonas.pk])))

    hand_over(owner, jonas)

    assert (role_of(jonas), role_of(owner_member)) == (Role.OWNER, Role.MANAGER)


def test_nobody_hands_it_to_themselves(owner, owner_member):
    assert hand_over(owner, owner_member).status_code == 409


def test_a_manager_has_nothing_to_hand_over(manager, jonas):
    assert hand_over(manager, jonas).status_code == 403
    assert "Hand over" not in page_of(manager)


def test_what_concerns_another_team_of_mine_follows_my_role_there(jonas, team, signed_in):
    """Owner of the current team, viewer of the other."""
    person = make_member(role=Role.OWNER).user
    make_member(team, Role.VIEWER, user=person)

    browser = signed_in(person.memberships.first())

    assert give(browser, jonas, Role.VIEWER).status_code == 403


def test_a_manager_takes_no_owners_invitation_back(owner, manager, team):
    owner.post(reverse("team_invite"), {"email": "new@example.com", "role": Role.OWNER})
    invitation = team.invitations.get()

    assert manager.post(reverse("team_revoke", args=[invitation.pk])).status_code == 403
    assert team.invitations.exists()


def test_a_manager_invites_but_no_owner(manager, team):
    for role in Role.values:
        manager.post(reverse("team_invite"), {"email": f"{role}@example.com", "role": role})

    roles = set(team.invitations.values_list("role", flat=True))
    assert roles == set(Role.values) - {Role.OWNER}


def test_more_members_cost_no_more_queries(owner, team, jonas, django_assert_max_num_queries):
    with django_assert_max_num_queries(100) as few:
        page_of(owner)
    for role in Role.values:
        make_member(team, role)

    with django_assert_max_num_queries(len(few)):
        page_of(owner)
