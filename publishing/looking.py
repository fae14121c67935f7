"""Asking TikTok about a post that has arrived: its public id, and whether a draft was finished.

Both come late and sometimes never (get-video-status), so a few looks within a day have to do.
Nothing waits for them, and no answer makes the post anything worse than it is.
"""

import logging

from accounts.refresh import ReconnectNeeded, TokenBusy
from publishing import leases, verdict
from publishing.claims import MAX_LEASES_LOST
from publishing.leases import LeaseLost
from publishing.limits import Endpoint, NoPlace
from publishing.models import Attempt, Outcome, Post
from publishing.retries import next_look_at
from publishing.work import Clock, Work, ask_tiktok, begin
from tiktok.client import App, fetch_status
from tiktok.errors import Refused, TikTokError

log = logging.getLogger("duecast.looking")


def look(post_id: int, token: str, app: App, clock: Clock) -> str:
    """Asks once; returns the post's public id, for the log."""
    work = begin(post_id, token, app, clock)
    if work is None:
        return "taken by another worker"
    try:
        _look(work)
    except LeaseLost as lost:
        log.info("%s", lost, extra={"post": post_id})
    finally:
        work.record_calls()
    return Post.objects.values_list("public_post_id", flat=True).get(pk=post_id) or "no id"


def _look(work: Work) -> None:
    attempts = work.post.attempts.filter(outcome__in=(Outcome.PUBLISHED, Outcome.IN_INBOX))
    attempt = attempts.exclude(publish_id="").last()
    if attempt is None or work.post.leases_lost >= MAX_LEASES_LOST:
        leases.release(work.lease, next_action_at=None)
        return
    try:
        _ask(work, attempt)
    except NoPlace as full:
        leases.release(work.lease, next_action_at=full.frees_at)
    except (TikTokError, ReconnectNeeded, TokenBusy) as error:
        log.info("No look at an arrived post: %s", error, extra={"post": work.post.pk})
        is_final = isinstance(error, Refused) and error.is_documented
        _look_again(work, is_over=is_final)


def _ask(work: Work, attempt: Attempt) -> None:
    status = ask_tiktok(
        work, Endpoint.STATUS, lambda token: fetch_status(work.app, token, attempt.publish_id)
    )
    verdict.apply_status(attempt, status, work.clock(), work.lease)
    is_found = Post.objects.filter(pk=work.post.pk).exclude(public_post_id="").exists()
    _look_again(work, is_over=is_found)


def _look_again(work: Work, *, is_over: bool) -> None:
    now = work.clock()
    at = None if is_over else next_look_at(work.post.published_at or now, now)
    leases.release(work.lease, next_action_at=at)
