"""Holds the rest when several accounts get the same answer within minutes.

One account's trouble is its own. The same answer to three of them, and nothing that came through
between, means TikTok, the app or this server: whatever goes out next would only fail too. The rest
of the lane waits, one post (the canary) tries at growing intervals, and the first that comes
through lets all of them go. TikTok's daily number of creators per app is held at its first word.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from publishing.app_mode import first_place_frees_at, has_posted_in_last_day
from publishing.models import Breaker, NoticeKind, Post
from publishing.plan import source_of
from publishing.states import State
from publishing.telling import tell
from publishing.wording import words_for

log = logging.getLogger("duecast.breaker")
ACCOUNTS = 3
WITHIN = timedelta(minutes=5)
FIRST_PROBE = timedelta(minutes=1)
LONGEST_PROBE = timedelta(minutes=15)
# A canary that dies without a word stands in nobody's way after this.
CANARY_LIFE = timedelta(minutes=10)
ACTIVE_USER_CAP = "reached_active_user_cap"
# What concerns one creator, one text or one file says nothing about the others.
OF_ONE_ACCOUNT = frozenset(
    {
        "access_token_invalid",
        "app_version_check_failed",
        "auth_removed",
        "duration_check_failed",
        "file_format_check_failed",
        "frame_rate_check_failed",
        "invalid_publish_id",
        "picture_size_check_failed",
        "privacy_level_option_mismatch",
        "publish_cancelled",
        "rate_limit_exceeded",
        "scope_not_authorized",
        "scope_permission_missed",
        "spam_risk",
        "spam_risk_text",
        "spam_risk_too_many_pending_share",
        "spam_risk_too_many_posts",
        "spam_risk_user_banned_from_posting",
        "token_not_authorized_for_specified_publish_id",
    }
)


# As text: every post asks it three times, and as good as always there is nothing.
_TROUBLE = "SELECT 1 FROM publishing_breaker WHERE failures <> '{}' LIMIT 1"


class Stage(StrEnum):
    """What TikTok's answer was about: the call that tells it of a post, or the post's end."""

    INIT = "init"
    VERDICT = "verdict"


class Wait(NamedTuple):
    """Until when a post waits, for what, and behind which breaker."""

    at: datetime
    note: str
    breaker_id: int


def wait_of(post: Post, now: datetime) -> Wait | None:
    """Why this post must not go out yet; None when it may, perhaps as the canary."""
    if _is_quiet():
        return None
    lanes = [post.mode, *(_lane(post, stage) for stage in Stage)]
    for breaker in Breaker.objects.filter(opened_at__isnull=False, lane__in=lanes):
        if breaker.code == ACTIVE_USER_CAP and has_posted_in_last_day(post.known_account, now):
            # TikTok counts creators: who has posted today goes on posting.
            continue
        if not _is_canary(breaker, post, now):
            return Wait(_next_look(breaker, now), _note(breaker), breaker.pk)
    return None


def _is_quiet() -> bool:
    """Whether no failure of the last posts is remembered; a breaker that holds has some."""
    with connection.cursor() as cursor:
        cursor.execute(_TROUBLE)
        return cursor.fetchone() is None


def _next_look(breaker: Breaker, now: datetime) -> datetime:
    """Success wakes all that wait and a canary that failed tries again itself, so until then the
    others need not look; hundreds that did would keep the canary waiting."""
    if breaker.probe_at and breaker.probe_at > now:
        return breaker.probe_at
    return max(breaker.canary_until or now, now + timedelta(seconds=1))


def note_failure(post: Post, stage: Stage, code: str, now: datetime) -> Wait | None:
    """Counts what TikTok answered; the post's wait when that holds its lane.

    The caller is inside a transaction and may hold the post's row.
    """
    if code in OF_ONE_ACCOUNT:
        return None
    lane = post.mode if code == ACTIVE_USER_CAP else _lane(post, stage)
    Breaker.objects.get_or_create(code=code, lane=lane)
    breaker = Breaker.objects.select_for_update().get(code=code, lane=lane)
    breaker.failures = _recent(breaker.failures, now) | {str(post.account_id): now.isoformat()}
    is_news = breaker.opened_at is None
    if is_news and len(breaker.failures) < ACCOUNTS and code != ACTIVE_USER_CAP:
        breaker.save()
        return None
    if is_news or breaker.canary_id in {None, post.pk}:
        breaker.probes = 0 if is_news else breaker.probes + 1
        breaker.opened_at = breaker.opened_at or now
        breaker.probe_at = _next_probe(breaker, now)
        breaker.canary_id = breaker.canary_until = None
    breaker.save()
    if is_news:
        log.warning("%s is held", breaker)
    tell_of(breaker, post, now)
    return Wait(breaker.probe_at or now, _note(breaker), breaker.pk)


def note_success(post: Post, stage: Stage) -> None:
    """Something of this lane came through: the count starts again and whoever waits may go.

    Not to be called inside a transaction that holds a post: it writes those that wait.
    """
    if _is_quiet():
        return
    # Who has posted today goes on under the app's daily number, which says nothing for others.
    ours = Q(lane=_lane(post, stage)) | Q(lane=post.mode, canary_id=post.pk)
    closed = list(Breaker.objects.filter(ours).exclude(failures={}).values_list("pk", flat=True))
    if not closed:
        return
    Breaker.objects.filter(pk__in=closed).update(
        opened_at=None, failures={}, probes=0, probe_at=None, canary_id=None, canary_until=None
    )
    # Back to their own moments: what is too late by now waits for a person.
    waiting = Post.objects.filter(held_by__in=closed, state=State.SCHEDULED)
    waiting.update(next_action_at=F("due_at"), held_by=None, note="")


def give_place(post: Post) -> None:
    """The canary waits for something else: another post may try.

    The caller is inside a transaction and may hold the post's row.
    """
    for breaker in Breaker.objects.filter(canary_id=post.pk):
        Breaker.objects.filter(pk=breaker.pk).update(canary_id=None, canary_until=None)
        # After it: whoever holds another post's row may wait for ours.
        transaction.on_commit(partial(_wake_the_next, breaker.pk, post.pk))


def _wake_the_next(breaker_id: int, canary_id: int) -> None:
    waiting = Post.objects.filter(held_by=breaker_id, state=State.SCHEDULED, lease_token="")
    first = waiting.exclude(pk=canary_id).order_by("due_at", "pk").values_list("pk", flat=True)[:1]
    Post.objects.filter(pk__in=list(first)).update(next_action_at=F("due_at"))


def _lane(post: Post, stage: Stage) -> str:
    return f"{post.mode} {source_of(post)} {stage}"


def _is_canary(breaker: Breaker, post: Post, now: datetime) -> bool:
    free = Q(canary_id=None) | Q(canary_id=post.pk) | Q(canary_until__lt=now)
    rows = Breaker.objects.filter(free, pk=breaker.pk, opened_at__isnull=False, probe_at__lte=now)
    return bool(rows.update(canary_id=post.pk, canary_until=now + CANARY_LIFE))


def _recent(failures: Mapping[str, str], now: datetime) -> dict[str, str]:
    return {
        account: at for account, at in failures.items() if now - datetime.fromisoformat(at) < WITHIN
    }


def _next_probe(breaker: Breaker, now: datetime) -> datetime:
    if breaker.code == ACTIVE_USER_CAP:
        return first_place_frees_at(now)
    return now + min(FIRST_PROBE * 2**breaker.probes, LONGEST_PROBE)


def _note(breaker: Breaker) -> str:
    words = words_for(breaker.code)
    if breaker.code == ACTIVE_USER_CAP:
        return gettext("Held: {why} It goes out by itself when the day's window frees.").format(
            why=words
        )
    return gettext(
        "Held: several accounts got the same answer. {why} One post tries it again soon, and the "
        "others follow when it comes through."
    ).format(why=words)


def tell_of(breaker: Breaker, post: Post, now: datetime) -> None:
    """Tells the post's team that its posts wait, once for each time."""
    opened = f"{breaker.opened_at:%Y%m%d%H%M%S}" if breaker.opened_at else ""
    tell(
        post.team,
        NoticeKind.HELD,
        gettext("Posting is held: the app’s creators of the day")
        if breaker.code == ACTIVE_USER_CAP
        else gettext("Posting is held: several accounts got the same answer from TikTok"),
        now,
        text=_note(breaker),
        code=breaker.code,
        key=f"breaker-{breaker.pk}-{opened}",
    )
