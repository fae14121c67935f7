"""Notices by mail: one mail to a person for all that waits, at the pace they chose.

A mail that the server refuses loses nothing: its notices wait on, and the next try comes later
each time.
"""

import logging
import smtplib
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from accounts.models import Membership
from accounts.zones import shown_zone
from publishing.models import MailPace, Notice, NoticePace
from publishing.notice_letters import letter
from publishing.reach import within_reach
from publishing.wishes import pace_of

log = logging.getLogger("duecast.mail")

# What belongs together comes in one mail, and who is looking at the app needs none.
QUIET = timedelta(minutes=1)
GAPS = {MailPace.AT_ONCE: timedelta(minutes=15), MailPace.HOURLY: timedelta(hours=1)}
DAILY_HOUR = 8
# Longer than a server can take over one mail.
CLAIM = timedelta(minutes=10)
FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)
# The next sweep goes on: one that lasted would hold a thread that ticks need.
SWEEP_S = 20


def mail_notices(now: datetime) -> int:
    """Mails what has waited long enough; returns how many mails went out."""
    ends_at = time.monotonic() + SWEEP_S
    sent = 0
    for member, oldest_at in _waiting_members(now):
        pace = pace_of(member)
        if not is_due(pace, oldest_at, member, now) or not _claim(pace, now):
            continue
        try:
            sent += _mail_to(member, pace, now)
        except smtplib.SMTPRecipientsRefused as error:
            # About this address alone: the others' mails go on.
            _rest(pace, error, now)
        except OSError as error:
            # smtplib's errors are OSErrors too. A server that is down is down for everybody.
            _rest(pace, error, now)
            break
        if time.monotonic() > ends_at:
            break
    return sent


def is_due(pace: NoticePace, oldest_at: datetime, member: Membership, now: datetime) -> bool:
    """Whether a mail about notices since `oldest_at` may go out now."""
    if pace.rests_until and pace.rests_until > now:
        return False
    if pace.pace == MailPace.DAILY:
        since = _last_daily_hour(member, now)
        return oldest_at < since and (pace.last_mail_at is None or pace.last_mail_at < since)
    gap = GAPS[MailPace(pace.pace)]
    return pace.last_mail_at is None or pace.last_mail_at + gap <= now


def _last_daily_hour(member: Membership, now: datetime) -> datetime:
    local = now.astimezone(shown_zone(member))
    today = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return today if today <= local else today - timedelta(days=1)


def _unmailed() -> QuerySet[Notice]:
    """What was read in the app is told already."""
    return Notice.objects.filter(by_mail=True, mailed_at=None, read_at=None)


def _waiting_members(now: datetime) -> Iterator[tuple[Membership, datetime]]:
    """Who has waited for a mail, with the moment of their oldest notice, the longest first."""
    groups = _unmailed().order_by().values("person", "team").annotate(oldest_at=Min("at"))
    for group in groups.filter(oldest_at__lte=now - QUIET).order_by("oldest_at"):
        members = Membership.objects.filter(
            user=group["person"], team=group["team"], user__is_active=True
        )
        if member := members.select_related("user", "team").first():
            yield member, group["oldest_at"]
        else:
            # Nobody's news any more: whoever left the team hears nothing of it.
            _unmailed().filter(person=group["person"], team=group["team"]).update(by_mail=False)


def _claim(pace: NoticePace, now: datetime) -> bool:
    """Of two sweeps at once, the one that turns the row mails."""
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    mine = NoticePace.objects.filter(rested, pk=pace.pk, last_mail_at=pace.last_mail_at)
    return bool(mine.update(rests_until=now + CLAIM))


def _mail_to(member: Membership, pace: NoticePace, now: datetime) -> bool:
    waiting = _unmailed().filter(person=member.user_id, team=member.team_id)
    # An account may have been limited since: what is outside the member's reach is told no more.
    waiting.exclude(pk__in=waiting.filter(within_reach(member)).values("pk")).update(by_mail=False)
    notices = list(waiting.order_by("at", "id"))
    if notices:
        letter(member, notices, now).send()
    last_mail_at = now if notices else pace.last_mail_at
    with transaction.atomic():
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(mailed_at=now)
        NoticePace.objects.filter(pk=pace.pk).update(
            last_mail_at=last_mail_at, rests_until=None, failures=0
        )
    return bool(notices)


def _rest(pace: NoticePace, error: OSError, now: datetime) -> None:
    rest = min(FIRST_REST * 2 ** min(pace.failures, 10), LONGEST_REST)
    NoticePace.objects.filter(pk=pace.pk).update(
        rests_until=now + rest, failures=min(pace.failures + 1, 1000)
    )
    # The server's own words may quote the address or the sign-in.
    log.warning(
        "A mail with notices was not taken (%s %s), tried again in %d min",
        type(error).__name__,
        getattr(error, "smtp_code", ""),
        rest.total_seconds() // 60,
        extra={"team": pace.team_id},
    )
