"""The vitals judged: one row a part, with what it means and what to do."""

import platform
import sqlite3
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import celery
import django
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from accounts.models import AccountStatus, Membership
from calendar_app.templatetags.media_facts import size_words
from calendar_app.vitals import SHARES, Vitals
from publishing.figures import NEED_SOMEONE
from publishing.models import PulseName
from publishing.states import State
from publishing.wording import words_for

# The tick comes every TICK_S and deliveries' sign every 30 s; two may be missed.
TICKS_MISSED = 5
DELIVERIES_QUIET_S = 100
OVERDUE_WARNING_S = 60
OVERDUE_BAD_S = 300
LONG_QUEUE = 100
# What the product promises (docs/performance.md has what it keeps).
PROMISED_LATENESS_S = 1.0


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Row:
    """`at` and `url` are shown after `text`; `hint` says what to do, or what it means."""

    name: str
    level: Level
    text: str
    at: datetime | None = None
    hint: str = ""
    url: str = ""
    url_word: str = ""


def rows(vitals: Vitals, membership: Membership) -> list[Row]:
    """Every part's row. Posts of other teams are counted, not named."""
    judges: list[Callable[[Vitals], Row]] = [
        _scheduler,
        _deliveries,
        lambda vitals: _overdue(vitals, membership),
        _lateness,
        _attention,
        _held,
        _accounts,
        _queues,
        _disk,
    ]
    return [judge(vitals) for judge in judges]


def versions() -> list[tuple[str, str]]:
    """What runs here, as label and text; asks the database."""
    project: dict[str, Any] = tomllib.loads(
        (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    return [
        ("Duecast", project["version"]),
        (gettext("Database"), _database()),
        (gettext("Broker"), "Redis" if settings.BROKER_IS_REDIS else gettext("a file in DATA_DIR")),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Celery", celery.__version__),
    ]


def _database() -> str:
    if settings.DATABASE_IS_SQLITE:
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


def _scheduler(vitals: Vitals) -> Row:
    name = gettext("Scheduler")
    tick = vitals.beats.get(PulseName.TICK)
    if vitals.silent_since or not vitals.beats:
        hint = gettext(
            "Nothing is published. See whether beat and the clock worker run; start them again."
        )
        at = tick.at if tick else None
        text = gettext("Last tick") if at else gettext("Never ran")
        return Row(name, Level.BAD, text, at, hint)
    if tick is None:
        hint = gettext("It was started a moment ago.")
        return Row(name, Level.WARNING, gettext("Has not ticked yet"), hint=hint)
    is_late = (vitals.age_s(PulseName.TICK) or 0) > settings.TICK_S * TICKS_MISSED
    level = Level.WARNING if is_late else Level.GOOD
    hint = gettext("It took {milliseconds} ms.").format(milliseconds=tick.duration_ms)
    return Row(name, level, gettext("Last tick"), tick.at, hint)


def _deliveries(vitals: Vitals) -> Row:
    name = gettext("Deliveries")
    beat = vitals.beats.get(PulseName.DELIVERIES)
    at = beat.at if beat else None
    text = gettext("The worker took a message") if beat else gettext("No sign of the worker yet")
    quiet_s = vitals.age_s(PulseName.DELIVERIES if beat else PulseName.PREPARED)
    if quiet_s is not None and quiet_s > DELIVERIES_QUIET_S:
        level, hint = _why_quiet(vitals)
        return Row(name, level, text, at, hint)
    if beat:
        return Row(name, Level.GOOD, text, at)
    hint = gettext("It comes within a minute of the start.")
    return Row(name, Level.WARNING, text, hint=hint)


def _why_quiet(vitals: Vitals) -> tuple[Level, str]:
    if vitals.silent_since:
        # Beat sends the message that the worker answers to.
        return Level.WARNING, gettext("Unknown while the scheduler is silent.")
    if sending := vitals.posts[State.UPLOADING]:
        hint = ngettext(
            "{count} post is being sent: all its threads may be busy (DELIVERY_THREADS).",
            "{count} posts are being sent: all its threads may be busy (DELIVERY_THREADS).",
            sending,
        )
        return Level.WARNING, hint.format(count=sending)
    return Level.BAD, gettext("See whether the deliveries worker runs; start it again.")


def _overdue(vitals: Vitals, membership: Membership) -> Row:
    name = gettext("Oldest overdue post")
    post = vitals.overdue
    if post is None:
        return Row(name, Level.GOOD, gettext("No post is overdue"))
    seconds = vitals.overdue_s
    level = Level.WARNING if seconds >= OVERDUE_WARNING_S else Level.GOOD
    level = Level.BAD if seconds >= OVERDUE_BAD_S else level
    is_own = post.team_id == membership.team_id
    words = ngettext(
        "{count} post is due and not begun; the oldest was due",
        "{count} posts are due and not begun; the oldest was due",
        vitals.posts_due,
    )
    return Row(
        name,
        level,
        words.format(count=vitals.posts_due),
        post.due_at,
        post.note if is_own else gettext("It belongs to another team."),
        reverse("post", args=[post.pk]) if is_own else "",
        post.headline if is_own else "",
    )


def _lateness(vitals: Vitals) -> Row:
    name = gettext("Lateness, 24 hours")
    if not vitals.lateness:
        return Row(name, Level.GOOD, gettext("No post went out in the last 24 hours"))
    half, most, nearly_all = (vitals.lateness_at(share) or 0.0 for share in SHARES)
    level = Level.GOOD if most <= PROMISED_LATENESS_S else Level.WARNING
    number = len(vitals.lateness)
    text = gettext("Half within {half}, 95 % within {most}, 99 % within {nearly_all}")
    hint = ngettext(
        "From the due moment to TikTok’s call, {count} post; waits that TikTok’s limits demand "
        "count.",
        "From the due moment to TikTok’s call, {count} posts; waits that TikTok’s limits demand "
        "count.",
        number,
    )
    return Row(
        name,
        level,
        text.format(half=_seconds(half), most=_seconds(most), nearly_all=_seconds(nearly_all)),
        hint=hint.format(count=number),
    )


def _attention(vitals: Vitals) -> Row:
    counted = [(state, vitals.posts[state]) for state in NEED_SOMEONE if vitals.posts[state]]
    words = ", ".join(
        gettext("{state}: {number}").format(state=state.label, number=number)
        for state, number in counted
    )
    level = Level.WARNING if counted else Level.GOOD
    return Row(gettext("Posts that need someone"), level, words or gettext("None"))


def _held(vitals: Vitals) -> Row:
    name = gettext("Held for several accounts")
    if not vitals.breakers:
        return Row(name, Level.GOOD, gettext("Nothing"))
    oldest = vitals.breakers[0]
    waiting = sum(one.waiting for one in vitals.breakers)  # type: ignore[attr-defined]
    codes = ", ".join(sorted({one.code for one in vitals.breakers}))
    words = ngettext(
        "TikTok answers {codes}; {count} post is waiting, one tries it again",
        "TikTok answers {codes}; {count} posts are waiting, one tries it again",
        waiting,
    ).format(codes=codes, count=waiting)
    return Row(name, Level.WARNING, words, oldest.probe_at, words_for(oldest.code))


def _accounts(vitals: Vitals) -> Row:
    lost = vitals.accounts[AccountStatus.RECONNECT_NEEDED]
    failing = vitals.failing_refreshes
    connected = vitals.accounts[AccountStatus.CONNECTED]
    words = [ngettext("{count} connected", "{count} connected", connected).format(count=connected)]
    if lost:
        again = ngettext("{count} to be connected again", "{count} to be connected again", lost)
        words.append(again.format(count=lost))
    if failing:
        failed = ngettext(
            "{count} whose token could not be refreshed last time",
            "{count} whose token could not be refreshed last time",
            failing,
        )
        words.append(failed.format(count=failing))
    level = Level.WARNING if lost or failing else Level.GOOD
    return Row(gettext("TikTok accounts"), level, ", ".join(words))


def _queues(vitals: Vitals) -> Row:
    name = gettext("Broker")
    if vitals.queues is None:
        hint = gettext("No worker gets anything to do. Start it again; nothing due is lost.")
        return Row(name, Level.BAD, gettext("Does not answer"), hint=hint)
    words = ", ".join(
        gettext("{number} in {queue}").format(number=number, queue=queue)
        for queue, number in vitals.queues.items()
    )
    is_long = max(vitals.queues.values()) > LONG_QUEUE
    level = Level.WARNING if is_long else Level.GOOD
    hint = gettext("The workers do not keep up, or do not run.") if is_long else ""
    return Row(name, level, gettext("Messages that wait: {queues}").format(queues=words), hint=hint)


def _disk(vitals: Vitals) -> Row:
    name = gettext("Disk")
    disk = vitals.disk
    if not disk.is_writable:
        return Row(
            name, Level.BAD, gettext("DATA_DIR cannot be written to"), hint=str(settings.DATA_DIR)
        )
    level = Level.WARNING if disk.free_bytes < 2 * settings.MIN_FREE_BYTES else Level.GOOD
    level = Level.BAD if disk.free_bytes < settings.MIN_FREE_BYTES else level
    text = gettext("{free} of {total} free").format(
        free=size_words(disk.free_bytes), total=size_words(disk.total_bytes)
    )
    hint = gettext("At least {size} wanted.").format(size=size_words(settings.MIN_FREE_BYTES))
    hint = "" if level == Level.GOOD else hint
    return Row(name, level, text, hint=hint)


def _seconds(value: float) -> str:
    if value < 60:
        return gettext("{seconds} s").format(seconds=number_format(f"{value:.2f}"))
    return gettext("{minutes} min").format(minutes=f"{value / 60:.0f}")
