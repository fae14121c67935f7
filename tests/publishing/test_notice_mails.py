"""Notices by mail: one mail for all that waits, at a person's own pace."""

import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import override_settings

from accounts.models import OutboxMail, Role
from publishing import notice_mails
from publishing.models import MailPace, Notice, NoticeKind, NoticePace
from publishing.notice_mails import mail_notices
from publishing.states import State
from publishing.telling import tell, tell_of_changes
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def later(**lengths: float) -> datetime:
    return NOW + timedelta(**lengths)


class RefusingServer:
    """An SMTP server on a real socket that turns everybody away until told otherwise."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.greeting = b"421 4.3.2 Try again later, secret-word\r\n"
        self.rcpt = b"250 OK\r\n"
        self.calls = 0
        self.letters: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines) -> None:
        connection.sendall(self.greeting)
        if not self.greeting.startswith(b"220"):
            return
        for line in lines:
            word = line[:4].upper()
            if word == b"DATA":
                connection.sendall(b"354 Go on\r\n")
                self.letters.append(b"".join(iter(lines.readline, b".\r\n")).decode())
            answer = self.rcpt if word == b"RCPT" else b"250 OK\r\n"
            connection.sendall(answer)
            if word == b"QUIT":
                return


@pytest.fixture
def server(settings) -> Iterator[RefusingServer]:
    refusing = RefusingServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", refusing.port
    yield refusing
    refusing.socket.close()


@pytest.fixture
def member():
    team = make_team(name="Bakery", timezone="Europe/Berlin")
    return make_member(team, Role.EDITOR)


def tell_failure(member, at=NOW, **options):
    headline = options.pop("headline", "Not posted on Maple: Fresh bread")
    tell(member.team, NoticeKind.FAILED, headline, at, **options)


def letters():
    return [(one.to, one.subject, str(one.body)) for one in mail.outbox]


def pace(member, chosen, **columns):
    NoticePace.objects.create(person=member.user, team=member.team, pace=chosen, **columns)


@pytest.mark.parametrize("seconds", [0, 59])
def test_a_fresh_notice_waits_for_what_belongs_to_it(member, seconds):
    tell_failure(member)

    assert mail_notices(later(seconds=seconds)) == 0


def test_a_single_notice_has_its_own_subject_link_and_zone(member, settings):
    post = make_post(make_account(member.team), author=member.user)
    tell_failure(member, text="It was risky.", post=post, code="spam_risk", log_id="2026LOG")

    assert mail_notices(later(minutes=1)) == 1

    [(to, subject, body)] = letters()
    assert to == [member.user.email]
    assert subject == "[Duecast] Not posted on Maple: Fresh bread"
    assert "Thu 26 Nov, 13:00 CET" in body
    assert "TikTok’s code spam_risk, log id 2026LOG" in body
    assert f"{settings.SITE_URL}/posts/{post.pk}/" in body


def test_the_persons_own_zone_wins(member):
    member.user.timezone = "Asia/Tokyo"
    member.user.save()
    tell_failure(member)

    mail_notices(later(minutes=1))

    assert "Thu 26 Nov, 21:00 JST" in letters()[0][2]


def test_a_mail_says_where_to_choose(member, settings):
    tell_failure(member)

    mail_notices(later(minutes=1))

    link = f"{settings.SITE_URL}/notices/choices/"
    assert link in letters()[0][2]
    assert mail.outbox[0].extra_headers["List-Unsubscribe"] == f"<{link}>"


def test_a_caption_of_several_lines_makes_one_subject(member):
    tell_failure(member, headline="Not posted on Maple: Fresh\nbread\r\nBcc: all@example.com")

    mail_notices(later(minutes=1))

    subject = letters()[0][1]
    assert subject == "[Duecast] Not posted on Maple: Fresh bread Bcc: all@example.com"


def test_several_notices_become_one_mail_grouped_by_kind(member):
    account = make_account(member.team)
    posts = [make_post(account, author=member.user) for _ in range(3)]
    tell_failure(member, headline="First failed", post=posts[0])
    tell(member.team, NoticeKind.UNCONFIRMED, "Maybe there", NOW, post=posts[1])
    tell_failure(member, headline="Second failed", post=posts[2])

    assert mail_notices(later(minutes=1)) == 1

    [(_, subject, body)] = letters()
    assert subject == "3 posts need you on Duecast"
    order = ["Post failed\n", "First failed", "Second failed", "Post unconfirmed\n", "Maybe there"]
    assert sorted(order, key=body.index) == order


def test_a_mixed_mail_counts_what_needs_nobody_apart(member):
    post = make_post(make_account(member.team), author=member.user)
    tell_failure(member, post=post)
    tell(member.team, NoticeKind.RECONNECT_NEEDED, "Connect Maple again", NOW)

    mail_notices(later(minutes=1))

    assert letters()[0][1] == "1 post needs you on Duecast, and 1 more notice"


def test_500_failures_become_one_mail_of_twenty(member):
    account = make_account(member.team)
    post = make_post(account, author=member.user)
    for number in range(500):
        at = later(seconds=number * 0.1)
        tell_failure(member, at, headline=f"Failure no. {number:03}.", post=post)

    assert mail_notices(later(minutes=1)) == 1
    assert mail_notices(later(minutes=2)) == 0

    body = letters()[0][2]
    assert body.count("Failure no.") == 20
    assert "and 480 more" in body
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_a_second_mail_waits_a_quarter_of_an_hour(member):
    tell_failure(member)
    mail_notices(later(minutes=1))
    tell_failure(member, later(minutes=2))

    assert mail_notices(later(minutes=15)) == 0
    assert mail_notices(later(minutes=16)) == 1


def test_hourly_means_an_hour(member):
    pace(member, MailPace.HOURLY, last_mail_at=NOW)
    tell_failure(member)

    assert mail_notices(later(minutes=59)) == 0
    assert mail_notices(later(minutes=60)) == 1


def test_daily_waits_for_eight_in_the_persons_zone(member):
    pace(member, MailPace.DAILY)
    tell_failure(member)

    assert mail_notices(datetime(2026, 11, 27, 6, 59, tzinfo=UTC)) == 0
    assert mail_notices(datetime(2026, 11, 27, 7, 0, tzinfo=UTC)) == 1


def test_daily_means_one_mail_a_day(member):
    pace(member, MailPace.DAILY)
    tell_failure(member)
    mail_notices(datetime(2026, 11, 27, 7, 0, tzinfo=UTC))
    tell_failure(member, datetime(2026, 11, 27, 6, 59, 50, tzinfo=UTC))

    assert mail_notices(datetime(2026, 11, 27, 20, 0, tzinfo=UTC)) == 0
    assert mail_notices(datetime(2026, 11, 28, 7, 0, tzinfo=UTC)) == 1


def test_what_was_read_in_the_app_is_not_mailed(member):
    tell_failure(member)
    Notice.objects.update(read_at=later(seconds=10))

    assert mail_notices(later(minutes=1)) == 0


def test_a_notice_for_the_app_only_is_not_mailed(member):
    tell(member.team, NoticeKind.PUBLISHED, "Published", NOW)

    assert mail_notices(later(minutes=5)) == 0


def test_whoever_left_the_team_hears_no_more(member):
    tell_failure(member)
    member.delete()

    assert mail_notices(later(minutes=1)) == 0
    assert not Notice.objects.filter(by_mail=True).exists()


def test_teams_are_mailed_apart(member):
    other = make_member(make_team(name="Studio"), user=member.user)
    tell_failure(member)
    tell_failure(other)

    assert mail_notices(later(minutes=1)) == 2


def test_of_two_sweeps_at_once_the_first_mails(member, monkeypatch):
    tell_failure(member)
    real_claim = notice_mails._claim

    def claim_after_another(*args):
        assert real_claim(*args)
        return real_claim(*args)

    monkeypatch.setattr(notice_mails, "_claim", claim_after_another)

    assert mail_notices(later(minutes=1)) == 0
    assert mail.outbox == []


def test_a_sweep_that_comes_second_keeps_the_pace(member, monkeypatch):
    tell_failure(member)
    real_claim = notice_mails._claim

    def claim_after_another_sweep(*args):
        monkeypatch.setattr(notice_mails, "_claim", real_claim)
        mail_notices(later(minutes=1))
        tell_failure(member)
        return real_claim(*args)

    monkeypatch.setattr(notice_mails, "_claim", claim_after_another_sweep)

    assert mail_notices(later(minutes=1)) == 0
    assert len(mail.outbox) == 1


def test_while_one_sweep_sends_another_leaves_the_person_alone(member):
    pace(member, MailPace.AT_ONCE, rests_until=later(minutes=10))
    tell_failure(member)

    assert mail_notices(later(minutes=9)) == 0
    assert mail_notices(later(minutes=10)) == 1


@override_settings(EMAIL_BACKEND="accounts.outbox.OutboxBackend")
def test_without_a_mail_server_mails_wait_in_the_outbox(member):
    tell_failure(member)

    mail_notices(later(minutes=1))

    assert OutboxMail.objects.get().recipients == member.user.email


class TestAServerThatRefuses:
    def test_nothing_is_lost_and_nothing_said_twice(self, member, server):
        tell_failure(member)

        assert mail_notices(later(minutes=1)) == 0
        server.greeting = b"220 welcome\r\n"
        assert mail_notices(later(minutes=2)) == 1
        assert mail_notices(later(minutes=30)) == 0

        [letter] = server.letters
        assert "Not posted on Maple" in letter

    def test_each_failure_doubles_the_rest(self, member, server):
        tell_failure(member)

        for minute in range(1, 16):
            mail_notices(later(minutes=minute))

        # At 1, 2, 4 and 8 minutes; the next one is due at 16.
        assert server.calls == 4

    def test_the_rest_never_exceeds_an_hour(self, member, server):
        tell_failure(member)
        pace(member, MailPace.AT_ONCE, failures=900)

        mail_notices(later(minutes=1))

        assert NoticePace.objects.get().rests_until == later(minutes=61)

    def test_one_refusal_ends_the_sweep(self, member, server):
        make_member(member.team)
        tell_failure(member)

        mail_notices(later(minutes=1))

        assert server.calls == 1

    def test_one_bad_address_keeps_nobody_else_waiting(self, member, server):
        make_member(member.team)
        server.greeting, server.rcpt = b"220 welcome\r\n", b"550 No such person\r\n"
        tell_failure(member)

        mail_notices(later(minutes=1))

        assert server.calls == 2

    def test_the_log_does_not_quote_the_server(self, member, server, caplog):
        tell_failure(member)

        with caplog.at_level(logging.WARNING, "duecast.mail"):
            mail_notices(later(minutes=1))

        assert "SMTPConnectError 421" in caplog.text
        assert "secret-word" not in caplog.text
        assert member.user.email not in caplog.text

    def test_a_server_that_is_gone_is_tried_again(self, member, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        tell_failure(member)

        assert mail_notices(later(minutes=1)) == 0
        assert NoticePace.objects.get().rests_until == later(minutes=2)
        assert Notice.objects.filter(mailed_at=None).exists()


def test_a_post_that_failed_is_told_and_mailed(member):
    post = make_post(make_account(member.team), author=member.user, state=State.UPLOADING)
    post.move_to(State.FAILED, now=NOW, reason="TikTok said so.")
    tell_of_changes()

    mail_notices(later(minutes=1))

    assert "TikTok said so." in letters()[0][2]
