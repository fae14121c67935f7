"""Checks what is due within a day, an hour and ten minutes, one post after the other."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext

from publishing.creators import CreatorUnavailable
from publishing.models import NoticeKind, Post
from publishing.preflight.checks import ask_tiktok_ahead, find_problems
from publishing.preflight.moments import AGAIN, AHEAD, next_check_at
from publishing.rules import Problem
from publishing.states import State
from publishing.telling import tell
from publishing.work import Clock

log = logging.getLogger("duecast.preflight")
# A thousand posts of one moment take a while; one thread at a time leaves the others to the ticks.
SWEEP_S = 20.0
_at_it = threading.Lock()


def check_ahead(clock: Clock) -> int:
    """Checks every post whose moment for it has come; returns how many."""
    if not _at_it.acquire(blocking=False):
        return 0
    try:
        began_s, checked = time.monotonic(), 0
        while time.monotonic() - began_s < SWEEP_S and (post := claim_next(clock())):
            check_post_ahead(post, clock())
            checked += 1
        return checked
    finally:
        _at_it.release()


def claim_next(now: datetime) -> Post | None:
    """The next post to check, marked so that another sweep leaves it alone for a while."""
    while True:
        ready = Post.objects.filter(state=State.SCHEDULED, preflight_at__lte=now)
        post = (
            ready.select_related("account", "media", "team").order_by("preflight_at", "pk").first()
        )
        if post is None:
            return None
        mine = Post.objects.filter(pk=post.pk, preflight_at=post.preflight_at)
        if mine.update(preflight_at=now + AGAIN):
            return post


def check_post_ahead(post: Post, now: datetime) -> list[Problem]:
    """Checks one scheduled post and tells people of what is new."""
    due_at = post.next_action_at
    if due_at is None or due_at <= now:
        # The engine has it; it checks for itself.
        Post.objects.filter(pk=post.pk).update(preflight_at=None)
        return []
    try:
        problems = find_problems(post, ask_tiktok_ahead(post, now), now)
    except CreatorUnavailable as unavailable:
        if unavailable.may_pass and due_at - now > AHEAD[-1] + AGAIN:
            log.info("Asked again later: %s", unavailable.text, extra={"post": post.pk})
            return []
        problems = [Problem("account", unavailable.code or "creator_unknown", unavailable.text)]
        _note(post, problems, now, unavailable)
    else:
        _note(post, problems, now)
    return problems


def _note(
    post: Post,
    problems: Sequence[Problem],
    now: datetime,
    answer: CreatorUnavailable | None = None,
) -> None:
    due_at = post.next_action_at or now
    found = [{"code": problem.code, "text": problem.text} for problem in problems]
    # A post moved, sent or canceled meanwhile has nothing to do with what was found.
    still_so = Post.objects.filter(
        pk=post.pk, state=State.SCHEDULED, next_action_at=post.next_action_at
    )
    columns = {
        "preflight_at": next_check_at(due_at, now),
        "preflight_problems": found,
        "preflight_checked_at": now,
        "updated_at": now,
    }
    if not still_so.update(**columns) or not problems:
        return
    codes = "-".join(sorted(problem.code for problem in problems))
    tell(
        post.team,
        NoticeKind.PREFLIGHT,
        gettext("Will not go out as it is, {account}: {post}").format(
            account=post.account, post=post.headline
        ),
        now,
        text=" ".join(problem.text for problem in problems),
        post=post,
        code=answer.code if answer else "",
        log_id=answer.log_id if answer else "",
        key=f"preflight-{post.pk}-{due_at:%Y%m%d%H%M}-{codes}"[:120],
    )
