import pytest
from django.utils.timezone import now as current_moment

from accounts.invitations import invite
from accounts.leaving import LeavingRefused, delete_person, teams_resting_on
from accounts.models import Invitation, Membership, OutboxMail, Role, Team, User
from tests.factories import make_member, make_team, make_user

pytestmark = pytest.mark.django_db


def test_an_editor_goes_with_their_membership():
    member = make_member(role=Role.EDITOR)

    delete_person(member.user, current_moment())

    assert not User.objects.exists()
    assert not Membership.objects.exists()


def test_the_team_stays():
    member = make_member(role=Role.EDITOR)

    delete_person(member.user, current_moment())

    assert Team.objects.get() == member.team


def test_the_last_owner_is_refused_and_stays():
    member = make_member(make_team(name="Bakery"))
    make_member(member.team, Role.EDITOR)

    with pytest.raises(LeavingRefused, match="only owner of Bakery"):
        delete_person(member.user, current_moment())

    assert Membership.objects.filter(pk=member.pk).exists()


def test_one_of_two_owners_may_go():
    member = make_member()
    make_member(member.team)

    delete_person(member.user, current_moment())

    assert Membership.objects.count() == 1


def test_an_owner_who_cannot_sign_in_is_no_other_owner():
    member = make_member()
    make_member(member.team, user=make_user(is_active=False))

    assert teams_resting_on(member.user) == [member.team]


def test_owners_of_one_team_do_not_count_for_another():
    member = make_member()
    make_member(make_team(), user=make_member().user)

    assert teams_resting_on(member.user) == [member.team]


def test_mails_to_the_person_go():
    person = make_user(email="mara@example.com")
    OutboxMail.objects.create(subject="Hi", sender="x", recipients="mara@example.com", body="")
    OutboxMail.objects.create(subject="Hi", sender="x", recipients="tom@example.com", body="")

    delete_person(person, current_moment())

    assert OutboxMail.objects.get().recipients == "tom@example.com"


def test_invitations_to_the_person_go():
    owner = make_member()
    person = make_user(email="mara@example.com")
    for email in ("mara@example.com", "tom@example.com"):
        invite(owner.team, email, Role.EDITOR, owner.user, current_moment())

    delete_person(person, current_moment())

    assert Invitation.objects.get().email == "tom@example.com"


def test_invitations_the_person_made_go_while_nobody_used_them():
    owner = make_member()
    second = make_member(owner.team)
    invite(owner.team, "again@example.com", Role.OWNER, second.user, current_moment())
    invite(owner.team, "tom@example.com", Role.EDITOR, owner.user, current_moment())

    delete_person(second.user, current_moment())

    assert Invitation.objects.get().email == "tom@example.com"
