import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now as current_moment

from accounts.activity import note_activity
from accounts.invitations import accept_invitation, invite, revoke
from accounts.leaving import delete_person
from accounts.models import Activity, Invitation, Role
from accounts.verification import add_verification, remove_verification
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return current_moment()


@pytest.fixture
def row(now):
    member = make_member()
    return note_activity(member.team_id, member.user, "post_rescheduled", now, post_id=7)


def test_a_row_keeps_the_name_that_the_actor_had(row):
    name = row.actor_name

    row.actor.delete()

    kept = Activity.objects.get()
    assert (kept.actor, kept.actor_name, kept.post_id) == (None, name, 7)


def test_a_verb_without_words_is_refused(now):
    with pytest.raises(ValueError, match="no verb"):
        note_activity(make_member().team_id, None, "vanished", now)


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "post_canceled"},
        {"old": "never"},
        {"new": "always"},
        {"post_id": 8},
        {"account_id": 8},
        {"actor_name": "Somebody Else"},
        {"subject": "Something else"},
    ],
)
def test_the_database_refuses_to_change_a_row(row, change):
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=row.pk).update(**change)


def test_nobody_is_given_what_another_did(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=row.pk).update(actor=make_user())


def test_a_row_cannot_be_deleted_alone(row):
    with pytest.raises(TypeError):
        row.delete()
    with pytest.raises(TypeError):
        Activity.objects.all().delete()


def test_rows_go_with_their_team(row):
    row.team.delete()

    assert not Activity.objects.exists()


def test_who_deletes_their_account_leaves_no_name(now):
    owner, leaver = make_member(), make_user(email="leaver@example.com", name="Lea Ver")
    invitation, _ = invite(owner.team, leaver.email, Role.EDITOR, owner.user, now)
    accept_invitation(invitation, leaver, now)
    note_activity(owner.team_id, leaver, "media_uploaded", now, subject="clip.mp4")

    delete_person(leaver, now)

    rows = Activity.objects.order_by("id").values_list("verb", "actor_name", "subject")
    assert list(rows) == [
        ("invitation_made", str(owner.user), ""),
        ("invitation_accepted", "", ""),
        ("media_uploaded", "", "clip.mp4"),
        ("person_deleted", "", ""),
    ]


def test_invitations_are_told_without_their_tokens(now):
    owner = make_member()
    invitation, token = invite(owner.team, "new@example.com", Role.VIEWER, owner.user, now)
    digest = Invitation.objects.get().token_sha256

    revoke(invitation, owner.user, now)
    revoke(invitation, owner.user, now)

    made, revoked = Activity.objects.order_by("id")
    assert (made.verb, made.subject, made.new) == ("invitation_made", "new@example.com", "Viewer")
    assert (revoked.verb, revoked.subject) == ("invitation_revoked", "new@example.com")
    words = " ".join(str(value) for row in Activity.objects.values() for value in row.values())
    assert token not in words
    assert digest not in words


def test_verification_files_are_told_without_their_tokens(now):
    owner = make_member()

    file = add_verification("AbCdEf123456", owner, now)
    add_verification("AbCdEf123456", owner, now)
    remove_verification(file, owner, now)

    rows = Activity.objects.order_by("id").values_list("verb", "subject", "new")
    assert list(rows) == [("verification_added", "", ""), ("verification_removed", "", "")]
