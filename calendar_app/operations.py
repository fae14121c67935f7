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
        ("Database", _database()),
        ("Broker", "Redis" if settings.BROKER_IS_REDIS else "a file in DATA_DIR"),
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
    name = "Scheduler"
    tick = vitals.beats.get(PulseName.TICK)
    if vitals.silent_since or not vitals.beats:
        hint = "Nothing is published. See whether beat and the clock worker run; start them again."
        at = tick.at if tick else None
        return Row(name, Level.BAD, "Last tick" if at else "Never ran", at, hint)
    if tick is None:
        return Row(name, Level.WARNING, "Has not ticked yet", hint="It was started a moment ago.")
    is_late = (vitals.age_s(PulseName.TICK) or 0) > settings.TICK_S * TICKS_MISSED
    level = Level.WARNING if is_late else Level.GOOD
    return Row(name, level, "Last tick", tick.at, f"It took {tick.duration_ms} ms.")


def _deliveries(vitals: Vitals) -> Row:
    name = "Deliveries"
    beat = vitals.beats.get(PulseName.DELIVERIES)
    at = beat.at if beat else None
    text = "The worker took a message" if beat else "No sign of the worker yet"
    quiet_s = vitals.age_s(PulseName.DELIVERIES if beat else PulseName.PREPARED)
    if quiet_s is not None and quiet_s > DELIVERIES_QUIET_S:
        level, hint = _why_quiet(vitals)
        return Row(name, level, text, at, hint)
    if beat:
        return Row(name, Level.GOOD, text, at)
    return Row(name, Level.WARNING, text, hint="It comes within a minute of the start.")


def _why_quiet(vitals: Vitals) -> tuple[Level, str]:
    if vitals.silent_since:
        # Beat sends the message that the worker answers to.
        return Level.WARNING, "Unknown while the scheduler is silent."
    if sending := vitals.posts[State.UPLOADING]:
        hint = f"{_posts(sending)} being sent: all its threads may be busy (DELIVERY_THREADS)."
        return Level.WARNING, hint
    return Level.BAD, "See whether the deliveries worker runs; start it again."


def _overdue(vitals: Vitals, membership: Membership) -> Row:
    name = "Oldest overdue post"
    post = vitals.overdue
    if post is None:
        return Row(name, Level.GOOD, "No post is overdue")
    seconds = vitals.overdue_s
    level = Level.WARNING if seconds >= OVERDUE_WARNING_S else Level.GOOD
    level = Level.BAD if seconds >= OVERDUE_BAD_S else level
    is_own = post.team_id == membership.team_id
    return Row(
        name,
        level,
        f"{_posts(vitals.posts_due)} due and not begun; the oldest was due",
        post.due_at,
        post.note if is_own else "It belongs to another team.",
        reverse("post", args=[post.pk]) if is_own else "",
        post.headline if is_own else "",
    )


def _lateness(vitals: Vitals) -> Row:
    name = "Lateness, 24 hours"
    if not vitals.lateness:
        return Row(name, Level.GOOD, "No post went out in the last 24 hours")
    half, most, nearly_all = (vitals.lateness_at(share) or 0.0 for share in SHARES)
    level = Level.GOOD if most <= PROMISED_LATENESS_S else Level.WARNING
    number = len(vitals.lateness)
    return Row(
        name,
        level,
        f"Half within {_seconds(half)}, 95 % within {_seconds(most)}, "
        f"99 % within {_seconds(nearly_all)}",
        hint=f"From the due moment to TikTok’s call, {number} post{'s' if number != 1 else ''}; "
        "waits that TikTok’s limits demand count.",
    )


def _attention(vitals: Vitals) -> Row:
    counted = [(state, vitals.posts[state]) for state in NEED_SOMEONE if vitals.posts[state]]
    words = ", ".join(f"{state.label}: {number}" for state, number in counted)
    level = Level.WARNING if counted else Level.GOOD
    return Row("Posts that need someone", level, words or "None")


def _held(vitals: Vitals) -> Row:
    name = "Held for several accounts"
    if not vitals.breakers:
        return Row(name, Level.GOOD, "Nothing")
    oldest = vitals.breakers[0]
    waiting = sum(one.waiting for one in vitals.breakers)  # type: ignore[attr-defined]
    codes = ", ".join(sorted({one.code for one in vitals.breakers}))
    words = f"TikTok answers {codes}; {_posts(waiting)} waiting, one tries it again"
    return Row(name, Level.WARNING, words, oldest.probe_at, words_for(oldest.code))


def _accounts(vitals: Vitals) -> Row:
    lost = vitals.accounts[AccountStatus.RECONNECT_NEEDED]
    failing = vitals.failing_refreshes
    words = [f"{vitals.accounts[AccountStatus.CONNECTED]} connected"]
    words += [f"{lost} to be connected again"] if lost else []
    words += [f"{failing} whose token could not be refreshed last time"] if failing else []
    level = Level.WARNING if lost or failing else Level.GOOD
    return Row("TikTok accounts", level, ", ".join(words))


def _queues(vitals: Vitals) -> Row:
    name = "Broker"
    if vitals.queues is None:
        hint = "No worker gets anything to do. Start it again; nothing due is lost."
        return Row(name, Level.BAD, "Does not answer", hint=hint)
    words = ", ".join(f"{number} in {queue}" for queue, number in vitals.queues.items())
    is_long = max(vitals.queues.values()) > LONG_QUEUE
    level = Level.WARNING if is_long else Level.GOOD
    hint = "The workers do not keep up, or do not run." if is_long else ""
    return Row(name, level, f"Messages that wait: {words}", hint=hint)


def _disk(vitals: Vitals) -> Row:
    name = "Disk"
    disk = vitals.disk
    if not disk.is_writable:
        return Row(name, Level.BAD, "DATA_DIR cannot be written to", hint=str(settings.DATA_DIR))
    level = Level.WARNING if disk.free_bytes < 2 * settings.MIN_FREE_BYTES else Level.GOOD
    level = Level.BAD if disk.free_bytes < settings.MIN_FREE_BYTES else level
    text = f"{size_words(disk.free_bytes)} of {size_words(disk.total_bytes)} free"
    hint = "" if level == Level.GOOD else f"At least {size_words(settings.MIN_FREE_BYTES)} wanted."
    return Row(name, level, text, hint=hint)


def _posts(number: int) -> str:
    return "1 post is" if number == 1 else f"{number} posts are"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 60 else f"{value / 60:.0f} min"
