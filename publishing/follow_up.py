"""Asking TikTok what became of a post whose bytes it has, until there is a verdict."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from accounts.refresh import ReconnectNeeded, TokenBusy
from publishing import journal, leases, sending, verdict
from publishing.limits import Endpoint
from publishing.models import Attempt, Outcome, Post
from publishing.states import State
from publishing.work import Clock, Settled, Work, ask_tiktok, begin, settling
from tiktok.client import App, fetch_status
from tiktok.errors import TikTokError


def follow_up(post_id: int, token: str, app: App, clock: Clock) -> str:
    """Asks once; returns TikTok's word, for the log."""
    work = begin(post_id, token, app, clock)
    if work is None:
        return "taken by another worker"
    attempt = work.post.attempts.filter(ended_at=None).first()
    with settling(work):
        if attempt is None:
            lose_track(work)
            return "no open attempt"
        attempt.post = work.post
        _ask(work, attempt)
    return (attempt and attempt.tiktok_status) or "no answer"


def lose_track(work: Work) -> None:
    """Nobody can ask any more: unconfirmed, so that a person looks."""
    now = work.clock()
    reason = gettext("TikTok could not be asked what became of it. Look at the profile.")
    with transaction.atomic():
        leases.hold(work.lease, now)
        post = Post.objects.get(pk=work.post.pk)
        for attempt in post.attempts.filter(ended_at=None):
            journal.end_attempt(attempt, Outcome.UNCONFIRMED, now)
        if not verdict.taken_tries(post).exists():
            _note_unknown_try(post, now)
        post.move_to(State.UNCONFIRMED, now=now, reason=reason, note=reason, **leases.FREE)


def _note_unknown_try(post: Post, now: datetime) -> None:
    """Whatever becomes of the post, a person looks before it is sent again."""
    Attempt.objects.create(
        post=post,
        number=post.attempts.count() + 1,
        claimed_at=post.init_at or now,
        init_intended_at=post.init_at,
        ended_at=now,
        outcome=Outcome.UNCONFIRMED,
    )


def _ask(work: Work, attempt: Attempt) -> None:
    try:
        status = ask_tiktok(
            work,
            Endpoint.STATUS,
            lambda token: fetch_status(work.app, token, attempt.publish_id),
        )
    except TikTokError as error:
        sending.answer_missing(work, attempt, error)
    except (ReconnectNeeded, TokenBusy):
        if verdict.poll_again_at(attempt, work.clock()) is None:
            lose_track(work)
            raise Settled from None
        raise
    now = work.clock()
    if verdict.apply_status(attempt, status, now, work.lease):
        return
    at = verdict.poll_again_at(attempt, now)
    if at is None:
        verdict.give_up_asking(attempt, now, gettext("TikTok has said nothing for a day."))
        return
    Attempt.objects.filter(pk=attempt.pk).update(polls=attempt.polls + 1)
    leases.release(work.lease, next_action_at=at)
