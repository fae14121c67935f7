"""The dead-man's switch: owners are told when the scheduler falls silent, and when it works again.

Beat sends all other news, and here Beat may be what is dead. So the web processes look
(calendar_app/watching.py), and the mail leaves from there. However many of them look at a time,
each person is told once: the notice has a key, and the mail is marked before it is sent.
"""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, ngettext

from accounts.models import Team
from accounts.permissions import is_first_team
from publishing import pulse
from publishing.models import Notice, NoticeKind, Post, Pulse, PulseName
from publishing.states import State
from publishing.telling import tell

log = logging.getLogger("duecast.silence")
WENT_OUT_LATE = (State.UPLOADING, State.PROCESSING, State.PUBLISHED, State.IN_INBOX)


def look(now: datetime, silent_s: float) -> None:
    """Tells of a silence that has lasted `silent_s`, or of the end of one that was told."""
    found = pulse.beats()
    told = found.get(PulseName.SILENCE)
    tick = found.get(PulseName.TICK)
    if since := pulse.silent_since(found, now, silent_s):
        if told is None or told.at != since:
            _tell_of_silence(since, now)
        _mail(_key(since), now)
    elif told and tick and tick.at > told.at:
        _tell_of_return(told, tick.at, now)


def _key(since: datetime) -> str:
    return f"silent-{since.isoformat()}"


def _tell_of_silence(since: datetime, now: datetime) -> None:
    log.error("The scheduler has been silent since %s", since.isoformat())
    for team in Team.objects.all():
        tell(
            team,
            NoticeKind.SCHEDULER_SILENT,
            gettext("Nothing has been published since {moment}: the scheduler is silent").format(
                moment=_moment(since, team)
            ),
            now,
            text=_what_to_do(team, now),
            key=_key(since),
        )
    pulse.beat(PulseName.SILENCE, since)


def _what_to_do(team: Team, now: datetime) -> str:
    waiting = Post.objects.filter(team=team, state=State.SCHEDULED, due_at__lte=now).count()
    due = ngettext(
        "{count} post of your team is due and waits.",
        "{count} posts of your team are due and wait.",
        waiting,
    ).format(count=waiting)
    lines = [
        due if waiting else gettext("No post of your team is due yet."),
        gettext("None is lost: they go out, late, as soon as the scheduler works again."),
    ]
    if is_first_team(team.pk):
        page = f"{settings.SITE_URL}/operations/"
        words = gettext("See whether the processes beat and clock run, and start them again: {url}")
        lines.append(words.format(url=page))
    else:
        lines.append(gettext("The people who run this site have been told."))
    return "\n\n".join(lines)


def _tell_of_return(told: Pulse, ticked_at: datetime, now: datetime) -> None:
    # Several look at once: the one that takes the row away tells.
    if not Pulse.objects.filter(name=PulseName.SILENCE, at=told.at).delete()[0]:
        return
    for team in Team.objects.all():
        tell(
            team,
            NoticeKind.SCHEDULER_SILENT,
            gettext("The scheduler works again since {moment}").format(
                moment=_moment(ticked_at, team)
            ),
            now,
            text=_what_it_cost(team, told.at, now),
            key=f"again-{told.at.isoformat()}",
            is_mailed=False,
        )


def _what_it_cost(team: Team, since: datetime, now: datetime) -> str:
    due = Post.objects.filter(team=team, due_at__gt=since, due_at__lte=now)
    late = due.filter(state__in=WENT_OUT_LATE).count()
    waiting = due.filter(state=State.SCHEDULED).count()
    if not late and not waiting:
        return gettext("No post of your team was due meanwhile.")
    words = gettext("Due meanwhile in your team: {late} sent late, {waiting} still waiting.")
    return words.format(late=late, waiting=waiting)


def _mail(key: str, now: datetime) -> None:
    waiting = Notice.objects.filter(key=key, by_mail=True, mailed_at=None)
    for notice in waiting.select_related("person"):
        mark = Notice.objects.filter(pk=notice.pk)
        if not mark.filter(mailed_at=None).update(mailed_at=now):
            continue
        subject = f"[{settings.PRODUCT_NAME}] {notice.headline}"
        try:
            send_mail(subject, notice.text, None, [notice.person.email])
        except OSError as error:
            log.warning("Cannot mail that the scheduler is silent, will try again: %s", error)
            mark.update(mailed_at=None)


def _moment(at: datetime, team: Team) -> str:
    local = at.astimezone(ZoneInfo(team.timezone))
    return f"{format_date(local, 'D d M, H:i')} {local:%Z}"
