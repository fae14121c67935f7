"""Owners hear once that the scheduler is silent, and once that it works again."""

import socketserver
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts.models import Role
from publishing.models import Notice, NoticeChoice, NoticeKind, Pulse, PulseName
from publishing.pulse import beat
from publishing.silence import look
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.beside import beside
from tests.publishing.factories import make_post

__all__ = ["beside"]
pytestmark = pytest.mark.django_db

STOPPED = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
NOW = STOPPED + timedelta(minutes=5)
SILENT_S = 180


@pytest.fixture
def team():
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def owner(team):
    return make_member(team, Role.OWNER).user


@pytest.fixture
def stopped(db):
    beat(PulseName.TICK, STOPPED)


def test_owners_are_told_in_the_app(owner, stopped):
    look(NOW, SILENT_S)

    notice = Notice.objects.get(person=owner)
    assert notice.kind == NoticeKind.SCHEDULER_SILENT
    assert "since Thu 26 Nov, 13:00 CET: the scheduler is silent" in notice.headline


def test_owners_are_mailed_at_once(owner, stopped):
    look(NOW, SILENT_S)

    [message] = mail.outbox
    assert message.to == [owner.email]
    assert "the scheduler is silent" in message.subject
    assert Notice.objects.get().mailed_at == NOW


def test_editors_are_not_told(team, owner, stopped):
    editor = make_member(team, Role.EDITOR).user

    look(NOW, SILENT_S)

    assert not Notice.objects.filter(person=editor).exists()


def test_nobody_is_told_while_it_ticks(owner):
    beat(PulseName.TICK, NOW - timedelta(seconds=100))

    look(NOW, SILENT_S)

    assert not Notice.objects.exists()


def test_one_silence_is_told_once(owner, stopped):
    for minutes in range(3):
        look(NOW + timedelta(minutes=minutes), SILENT_S)

    assert (Notice.objects.count(), len(mail.outbox)) == (1, 1)


def test_the_next_silence_is_told_again(owner, stopped):
    look(NOW, SILENT_S)
    beat(PulseName.TICK, NOW)

    look(NOW + timedelta(minutes=5), SILENT_S)

    assert len(mail.outbox) == 2


def test_who_wants_no_mail_gets_none(team, owner, stopped):
    NoticeChoice.objects.create(
        person=owner, team=team, kind=NoticeKind.SCHEDULER_SILENT, in_app=True, by_mail=False
    )

    look(NOW, SILENT_S)

    assert Notice.objects.exists()
    assert not mail.outbox


def test_the_mail_counts_what_waits(team, owner, stopped):
    make_post(make_account(team), due_at=STOPPED + timedelta(minutes=1))

    look(NOW, SILENT_S)

    assert "1 post of your team is due and waits." in mail.outbox[0].body


def test_only_those_who_run_the_site_are_sent_to_its_processes(owner, stopped):
    stranger = make_member(make_team(), Role.OWNER).user

    look(NOW, SILENT_S)

    assert "/operations/" in Notice.objects.get(person=owner).text
    assert "/operations/" not in Notice.objects.get(person=stranger).text


def test_a_mail_that_could_not_leave_leaves_later(owner, stopped, settings):
    with socketserver.TCPServer(("127.0.0.1", 0), None) as nobody:
        settings.EMAIL_PORT = nobody.server_address[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    look(NOW, SILENT_S)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    look(NOW + timedelta(seconds=30), SILENT_S)

    assert len(mail.outbox) == 1


def test_that_it_works_again_is_told_in_the_app_only(owner, stopped):
    look(NOW, SILENT_S)
    beat(PulseName.TICK, NOW)

    look(NOW + timedelta(seconds=30), SILENT_S)

    notice = Notice.objects.first()
    assert notice.headline == "The scheduler works again since Thu 26 Nov, 13:05 CET"
    assert (notice.in_app, notice.by_mail, len(mail.outbox)) == (True, False, 1)


def test_that_it_works_again_is_told_once(owner, stopped):
    look(NOW, SILENT_S)
    beat(PulseName.TICK, NOW)

    for seconds in (30, 60):
        look(NOW + timedelta(seconds=seconds), SILENT_S)

    assert Notice.objects.count() == 2


def test_what_the_silence_cost_is_told(team, owner, stopped):
    account = make_account(team)
    make_post(account, due_at=STOPPED + timedelta(minutes=1), state=State.PUBLISHED)
    make_post(account, due_at=STOPPED + timedelta(minutes=2))
    make_post(account, due_at=STOPPED - timedelta(minutes=2), state=State.PUBLISHED)
    look(NOW, SILENT_S)
    beat(PulseName.TICK, NOW)

    look(NOW + timedelta(seconds=30), SILENT_S)

    text = Notice.objects.first().text
    assert text == "Due meanwhile in your team: 1 sent late, 1 still waiting."


def test_a_new_start_alone_is_no_return(owner, stopped):
    look(NOW, SILENT_S)
    beat(PulseName.PREPARED, NOW)

    look(NOW + timedelta(seconds=30), SILENT_S)

    assert Notice.objects.count() == 1
    assert Pulse.objects.filter(name=PulseName.SILENCE).exists()


class AnotherLooksMeanwhile(EmailBackend):
    """While the first mail leaves, another process looks too."""

    def send_messages(self, messages):
        is_first = not mail.outbox
        sent = super().send_messages(messages)
        if is_first:
            look(NOW, SILENT_S)
        return sent


def test_a_mail_that_another_process_has_sent_is_not_sent_again(team, owner, stopped, settings):
    other = make_member(team, Role.OWNER).user
    settings.EMAIL_BACKEND = f"{__name__}.AnotherLooksMeanwhile"

    look(NOW, SILENT_S)

    assert sorted(message.to[0] for message in mail.outbox) == sorted([owner.email, other.email])


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_the_same_time_tell_once(owner, stopped, beside):
    start = threading.Barrier(2)

    def watch():
        start.wait()
        look(NOW, SILENT_S)

    for watching in [beside(watch), beside(watch)]:
        watching.result()

    assert (Notice.objects.count(), len(mail.outbox)) == (1, 1)
