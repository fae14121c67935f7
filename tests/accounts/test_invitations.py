import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.invitations import (
    InvitationGone,
    InviteRefused,
    accept_invitation,
    find_invitation,
    invite,
    open_invitations,
    revoke,
)
from accounts.models import Activity, Invitation, Membership, OutboxMail, Role
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected


@pytest.fixture
def now():
    return current_moment()


@pytest.fixture
def owner():
    return make_member()


@pytest.fixture
def invited(owner, now):
    return invite(owner.team, "New@Example.com", Role.EDITOR, owner.user, now)


def test_the_token_finds_the_invitation(invited, now):
    invitation, token = invited

    assert find_invitation(token, now) == invitation


def test_another_token_finds_none(invited, now):
    assert find_invitation("x" * 43, now) is None


def test_the_token_itself_is_not_kept(invited):
    invitation, token = invited

    assert len(token) >= 43
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())


def test_it_ends_after_fourteen_days(invited, now):
    _, token = invited

    assert find_invitation(token, now + timedelta(days=14) - timedelta(seconds=1))
    assert find_invitation(token, now + timedelta(days=14)) is None


def test_the_mail_has_the_link(invited, settings):
    _, token = invited

    assert mail.outbox[0].to == ["new@example.com"]
    assert f"{settings.SITE_URL}/invitation/?token={token}" in mail.outbox[0].body


def test_without_a_mail_server_the_mail_waits_in_the_outbox(owner, now, settings):
    settings.EMAIL_BACKEND = "accounts.outbox.OutboxBackend"

    _, token = invite(owner.team, "new@example.com", Role.VIEWER, owner.user, now)

    kept = OutboxMail.objects.get()
    assert kept.recipients == "new@example.com"
    assert token in kept.body


def test_a_mail_that_cannot_be_sent_leaves_no_invitation(owner, now, settings):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenBackend"

    with pytest.raises(InviteRefused, match="mail server"):
        invite(owner.team, "new@example.com", Role.VIEWER, owner.user, now)

    assert not Invitation.objects.exists()
    assert not Activity.objects.exists()


def test_a_line_break_in_a_name_adds_no_header(owner, now):
    owner.team.name = "Bakery\nBcc: everyone@example.com"

    invite(owner.team, "new@example.com", Role.VIEWER, owner.user, now)

    assert "\n" not in mail.outbox[0].subject


def test_somebody_in_the_team_is_not_invited(owner, now):
    with pytest.raises(InviteRefused, match="already in this team"):
        invite(owner.team, owner.user.email.upper(), Role.VIEWER, owner.user, now)


def test_a_second_invitation_ends_the_first(invited, owner, now):
    _, first = invited

    _, second = invite(owner.team, "new@example.com", Role.VIEWER, owner.user, now)

    assert find_invitation(first, now) is None
    assert find_invitation(second, now)
    assert open_invitations(owner.team).count() == 1


def test_a_revoked_invitation_ends(invited, owner, now):
    invitation, token = invited

    assert revoke(invitation, owner.user, now)
    assert find_invitation(token, now) is None


def test_accepting_brings_the_person_in_with_the_role(invited, now):
    invitation, _ = invited
    user = make_user()

    accept_invitation(invitation, user, now)

    assert Membership.objects.get(user=user, team=invitation.team).role == Role.EDITOR


def test_an_accepted_invitation_serves_nobody_else(invited, now):
    invitation, token = invited
    accept_invitation(invitation, make_user(), now)

    with pytest.raises(InvitationGone):
        accept_invitation(invitation, make_user(), now)

    assert find_invitation(token, now) is None


def test_an_accepted_invitation_cannot_be_revoked(invited, owner, now):
    invitation, _ = invited
    accept_invitation(invitation, make_user(), now)

    assert not revoke(invitation, owner.user, now)


def test_an_expired_or_revoked_invitation_cannot_be_accepted(invited, now):
    invitation, _ = invited

    with pytest.raises(InvitationGone):
        accept_invitation(invitation, make_user(), now + timedelta(days=14))


def test_an_invitation_does_not_change_the_role_of_a_member(invited, owner, now):
    invitation, _ = invited

    accept_invitation(invitation, owner.user, now)

    owner.refresh_from_db()
    assert owner.role == Role.OWNER


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_uses_the_invitation(invited, now):
    invitation, _ = invited
    users = [make_user() for _ in range(6)]
    together = Barrier(6)

    def accept(user):
        together.wait(30)
        try:
            return accept_invitation(invitation, user, now)
        except InvitationGone:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        joined = list(filter(None, pool.map(accept, users)))

    assert len(joined) == 1
