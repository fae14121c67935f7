"""Asking TikTok what became of a post whose bytes it has, until there is a verdict."""

from publishing import leases, sending, verdict
from publishing.limits import Endpoint
from publishing.models import Attempt
from publishing.work import Clock, Work, ask_tiktok, begin, settling
from tiktok.client import App, fetch_status
from tiktok.errors import TikTokError


def follow_up(post_id: int, token: str, app: App, clock: Clock) -> str:
    """Asks once; returns TikTok's word, for the log."""
    work = begin(post_id, token, app, clock)
    if work is None:
        return "taken by another worker"
    attempt = work.post.attempts.filter(ended_at=None).first()
    if attempt is None:
        leases.release(work.lease, next_action_at=None)
        return "no open attempt"
    attempt.post = work.post
    with settling(work):
        _ask(work, attempt)
    return attempt.tiktok_status or "no answer"


def _ask(work: Work, attempt: Attempt) -> None:
    try:
        status = ask_tiktok(
            work,
            Endpoint.STATUS,
            lambda token: fetch_status(work.app, token, attempt.publish_id),
        )
    except TikTokError as error:
        sending.answer_missing(work, attempt, error)
    now = work.clock()
    leases.hold(work.lease, now)
    if verdict.apply_status(attempt, status, now):
        return
    at = verdict.poll_again_at(attempt, now)
    if at is None:
        verdict.give_up_asking(attempt, now, "TikTok has said nothing for a day.")
        return
    Attempt.objects.filter(pk=attempt.pk).update(polls=attempt.polls + 1)
    leases.release(work.lease, next_action_at=at)
