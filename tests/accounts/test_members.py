"""A team always keeps an active owner, and nobody reaches above their own role."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.invitations import InviteRefused, invite, open_invitations
from accounts.leaving import LeavingRefused, delete_person
from accounts.limits import limit_account
from accounts.members import (
    MemberRefused,
    change_role,
    hand_over,
    leave_team,
    remove_member,
)
from accounts.models import Activity, Membership, Role
from accounts.reach import accounts_within_reach
from tests.factories import make_account, make_member, make_team, make_user

pytestmark = pytest.mark.django_db
NOW = current_moment()
NO_OWNERS = [role for role in Role.values if role != Role.OWNER]


@pytest.fixture
def team():
    return make_team(name="Bakery")


@pytest.fixture
def owner(team):
    return make_member(team, Role.OWNER, user=make_user(name="Mara", email="mara@example.com"))


@pytest.fixture
def manager(team):
    return make_member(team, Role.MANAGER)


def role_of(member):
    return Membership.objects.values_list("role", flat=True).filter(pk=member.pk).first()


def last_line(verb):
    row = Activity.objects.get(verb=verb)
    return (row.actor_name, row.subject, row.old, row.new)


@pytest.mark.parametrize("role", Role.values)
def test_an_owner_gives_every_role(owner, team, role):
    member = make_member(team, Role.VIEWER)

    change_role(member, role, owner.user, NOW)

    assert role_of(member) == role


def test_a_changed_role_is_kept_with_who_and_what(owner, team):
    member = make_member(team, Role.VIEWER)

    change_role(member, Role.EDITOR, owner.user, NOW)

    assert last_line("role_changed") == ("Mara", member.user.email, "Viewer", "Editor")


def test_the_same_role_again_changes_nothing(owner, team):
    change_role(make_member(team, Role.VIEWER), Role.VIEWER, owner.user, NOW)

    assert not Activity.objects.exists()


@pytest.mark.parametrize("role", NO_OWNERS)
def test_the_last_owner_keeps_the_role(owner, role):
    with pytest.raises(MemberRefused, match="Mara is the only owner of Bakery"):
        change_role(owner, role, owner.user, NOW)

    assert role_of(owner) == Role.OWNER


@pytest.mark.parametrize(
    "end", [lambda one: leave_team(one, NOW), lambda one: remove_member(one, one.user, NOW)]
)
def test_the_last_owner_stays(owner, manager, end):
    with pytest.raises(MemberRefused, match="only owner"):
        end(owner)

    assert role_of(owner) == Role.OWNER


def test_an_owner_who_cannot_sign_in_is_none(owner, team):
    make_member(team, Role.OWNER, user=make_user(is_active=False))

    with pytest.raises(MemberRefused, match="only owner"):
        leave_team(owner, NOW)


def test_an_owner_of_another_team_is_none(owner):
    make_member(role=Role.OWNER)

    with pytest.raises(MemberRefused, match="only owner"):
        leave_team(owner, NOW)


def test_one_of_two_owners_may_go(owner, team):
    make_member(team, Role.OWNER)

    leave_team(owner, NOW)

    assert role_of(owner) is None
    assert last_line("member_left") == ("Mara", "", "Owner", "")


@pytest.mark.parametrize(
    "act",
    [
        lambda owner, manager: change_role(owner, Role.VIEWER, manager.user, NOW),
        lambda owner, manager: remove_member(owner, manager.user, NOW),
        lambda owner, manager: change_role(manager, Role.OWNER, manager.user, NOW),
        lambda owner, manager: hand_over(manager, manager.user, NOW),
        lambda owner, manager: hand_over(owner, manager.user, NOW),
    ],
)
def test_a_manager_has_no_hand_in_owners(owner, manager, team, act):
    make_member(team, Role.OWNER)

    with pytest.raises(MemberRefused, match="Only an owner"):
        act(owner, manager)

    assert (role_of(owner), role_of(manager)) == (Role.OWNER, Role.MANAGER)


@pytest.mark.parametrize("role", NO_OWNERS)
def test_a_manager_removes_everybody_else(manager, owner, team, role):
    member = make_member(team, role)

    remove_member(member, manager.user, NOW)

    assert role_of(member) is None
    assert last_line("member_removed")[1:] == (member.user.email, Role(role).label, "")


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
def test_the_others_change_nobody(team, owner, role):
    member, other = make_member(team, role), make_member(team, Role.VIEWER)

    with pytest.raises(MemberRefused):
        change_role(other, Role.EDITOR, member.user, NOW)
    with pytest.raises(MemberRefused):
        remove_member(other, member.user, NOW)

    assert role_of(other) == Role.VIEWER


def test_a_role_lost_a_moment_ago_is_used_no_more(owner, manager, team):
    member = make_member(team, Role.VIEWER)
    change_role(manager, Role.VIEWER, owner.user, NOW)

    with pytest.raises(MemberRefused, match="no longer"):
        change_role(member, Role.EDITOR, manager.user, NOW)


def test_somebody_who_is_gone_cannot_be_changed(owner, manager):
    remove_member(manager, owner.user, NOW)

    with pytest.raises(MemberRefused, match="no longer in the team"):
        change_role(manager, Role.EDITOR, owner.user, NOW)


def test_a_team_is_handed_over(owner, team):
    editor = make_member(team, Role.EDITOR)

    hand_over(editor, owner.user, NOW)

    assert (role_of(editor), role_of(owner)) == (Role.OWNER, Role.MANAGER)
    assert last_line("team_handed_over") == ("Mara", editor.user.email, "Editor", "Owner")


def test_it_is_not_handed_to_somebody_who_cannot_sign_in(owner, team):
    away = make_member(team, Role.EDITOR, user=make_user(is_active=False))

    with pytest.raises(MemberRefused, match="cannot sign in"):
        hand_over(away, owner.user, NOW)

    assert role_of(owner) == Role.OWNER


def test_invitations_of_somebody_removed_end(owner, manager, team):
    invite(team, "second-self@example.com", Role.MANAGER, manager.user, NOW)
    invite(team, "jonas@example.com", Role.EDITOR, owner.user, NOW)

    remove_member(manager, owner.user, NOW)

    assert [one.email for one in open_invitations(team)] == ["jonas@example.com"]


def test_invitations_above_a_lowered_role_end(owner, team):
    second = make_member(team, Role.OWNER)
    invite(team, "high@example.com", Role.OWNER, second.user, NOW)
    invite(team, "low@example.com", Role.EDITOR, second.user, NOW)

    change_role(second, Role.MANAGER, owner.user, NOW)

    assert [one.email for one in open_invitations(team)] == ["low@example.com"]


@pytest.mark.parametrize("role", Role.values)
def test_an_owner_invites_to_every_role(owner, team, role):
    invitation, _ = invite(team, "jonas@example.com", role, owner.user, NOW)

    assert invitation.role == role
    assert last_line("invitation_made") == ("Mara", "jonas@example.com", "", Role(role).label)


def test_a_manager_invites_no_owner(manager, team):
    with pytest.raises(InviteRefused, match="Only an owner"):
        invite(team, "jonas@example.com", Role.OWNER, manager.user, NOW)


def test_nor_replaces_the_invitation_of_one(owner, manager, team):
    invite(team, "jonas@example.com", Role.OWNER, owner.user, NOW)

    with pytest.raises(InviteRefused, match="Only an owner"):
        invite(team, "jonas@example.com", Role.VIEWER, manager.user, NOW)

    assert open_invitations(team).get().role == Role.OWNER


def test_a_limit_outlives_those_it_names(owner, team):
    named = make_member(team, Role.EDITOR)
    account = make_account(team)
    limit_account(account, [named], owner.user, NOW)

    remove_member(named, owner.user, NOW)

    account.refresh_from_db()
    assert account.is_limited
    assert not account.allowed_members.exists()
    assert not accounts_within_reach(make_member(team, Role.EDITOR))


def test_the_history_forgets_who_deletes_their_account(owner, team):
    named = make_member(team, Role.EDITOR)
    limit_account(make_account(team), [named], owner.user, NOW)
    change_role(named, Role.APPROVER, owner.user, NOW)
    leaving_as_owner = make_member(team, Role.OWNER)
    invite(team, "jonas@example.com", Role.EDITOR, leaving_as_owner.user, NOW)

    delete_person(named.user, NOW)
    delete_person(leaving_as_owner.user, NOW)

    rows = {row.verb: row for row in Activity.objects.all()}
    assert rows["role_changed"].subject == ""
    assert rows["account_limited"].new == ""
    assert rows["invitation_made"].actor_name == ""
    assert rows["role_changed"].actor_name == "Mara"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "go",
    [
        lambda one: leave_team(one, NOW),
        lambda one: change_role(one, Role.EDITOR, one.user, NOW),
        lambda one: delete_person(one.user, NOW),
    ],
)
def test_of_all_owners_at_once_one_stays(go):
    team = make_team()
    owners = [make_member(team, Role.OWNER) for _ in range(4)]
    together = Barrier(4)

    def try_to_go(owner):
        together.wait(30)
        try:
            go(owner)
        except (MemberRefused, LeavingRefused):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        gone = list(pool.map(try_to_go, owners))

    assert sum(gone) == 3
    assert Membership.objects.filter(team=team, role=Role.OWNER).count() == 1
