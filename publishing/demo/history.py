"""The past of the demo's posts, written as the engine would have written it then.

Time cannot be replayed, but every writer of the engine takes `now` as an argument: the same
functions make the same rows, only with moments of last week. The caller holds the transaction,
so that no worker ever sees a past post as due.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from publishing import verdict
from publishing.demo.tiktok_side import Delivery
from publishing.journal import add_line, end_attempt
from publishing.models import Attempt, Mode, Outcome, Post
from publishing.rules import PRIVACY_WORDS
from publishing.states import State
from publishing.wording import words_for
from tiktok.client import CreatorInfo, PublishStatus
from tiktok.errors import TikTokError, Unavailable

# TikTok wants parts of at least 5 MB (api-contract.md, 9.1).
PART_BYTES = 5_242_880
ON = timedelta(seconds=1)
DAY = timedelta(hours=24, minutes=3)


@dataclass(frozen=True)
class Past:
    """One scheduled post whose moment has come, and what TikTok offers its creator."""

    post: Post
    creator: CreatorInfo

    @property
    def due_at(self) -> datetime:
        assert self.post.due_at is not None  # noqa: S101 - it was scheduled
        return self.post.due_at


def published(past: Past, delivery: Delivery) -> None:
    """Sent, processed and public (or in the inbox) half a minute after its due time."""
    attempt = begin(past, past.due_at)
    sent_at = send(past, attempt, past.due_at, delivery)
    settle(attempt, delivery, sent_at + 21 * ON)


def published_after_internal(past: Past, delivery: Delivery) -> None:
    """TikTok failed on its side; the second attempt, half a minute later, went through."""
    first = begin(past, past.due_at)
    lost = Delivery(made_publish_id(), made_log_id(), None)
    sent_at = send(past, first, past.due_at, lost)
    failed_at = sent_at + 16 * ON
    verdict.apply_status(first, _failed("internal"), failed_at)
    past.post.refresh_from_db()
    again_at = failed_at + 30 * ON
    attempt = begin(past, again_at)
    settle(attempt, delivery, send(past, attempt, again_at, delivery) + 24 * ON)


def published_after_drop(past: Past, delivery: Delivery) -> None:
    """The connection broke while sending; TikTok was asked how far it got, then it went on."""
    attempt = begin(past, past.due_at)
    tell_tiktok(past, attempt, past.due_at, delivery)
    broke_at = past.due_at + 3 * ON
    drop_line(past.post, attempt, broke_at)
    asked_at = broke_at + 31 * ON
    ask_line(past.post, attempt, asked_at, 0)
    settle(attempt, delivery, all_sent(past, attempt, asked_at + 2 * ON) + 19 * ON)


def failed(past: Past, reason: str) -> None:
    """TikTok took the video and then refused it."""
    attempt = begin(past, past.due_at)
    lost = Delivery(made_publish_id(), made_log_id(), None)
    sent_at = send(past, attempt, past.due_at, lost)
    verdict.apply_status(attempt, _failed(reason), sent_at + 38 * ON)


def unconfirmed(past: Past) -> None:
    """TikTok has every byte and then answered nothing for a day."""
    attempt = begin(past, past.due_at)
    lost = Delivery(made_publish_id(), made_log_id(), None)
    sent_at = send(past, attempt, past.due_at, lost)
    for wait_s in (5, 15, 3600, 40_000):
        error = Unavailable("internal_error", "", log_id=made_log_id(), http_status=500)
        _failed_line(past.post, attempt, "asking_failed", sent_at + wait_s * ON, error)
    verdict.give_up_asking(attempt, sent_at + DAY, "TikTok has said nothing for a day.")


def held_for_audience(past: Past) -> None:
    """The chosen audience was not on offer when the moment came, so nothing was sent."""
    post, at = past.post, past.due_at - 4 * ON
    attempt = claim(post, at)
    options = past.creator.privacy_level_options
    left = ", ".join(str(PRIVACY_WORDS[o]) for o in options if o != post.privacy_level)
    text = (
        f"TikTok does not offer “{PRIVACY_WORDS[post.privacy_level]}” for "
        f"{past.creator.nickname} now. It offers: {left}. Choose again."
    )
    end_attempt(attempt, Outcome.NOT_POSTED, at + ON)
    post.move_to(State.NEEDS_ATTENTION, now=at + ON, reason=text, note=text)


def processing(past: Past, delivery: Delivery, now: datetime) -> None:
    """TikTok has the video; the engine asks again by itself."""
    attempt = begin(past, past.due_at)
    send(past, attempt, past.due_at, delivery)
    Attempt.objects.filter(pk=attempt.pk).update(polls=9, tiktok_status="PROCESSING_UPLOAD")
    Post.objects.filter(pk=past.post.pk).update(next_action_at=now + 40 * ON)


def sending(past: Past, delivery: Delivery, now: datetime) -> None:
    """One part of the video is there; the engine goes on by itself in some minutes."""
    post, attempt = past.post, begin(past, past.due_at)
    tell_tiktok(past, attempt, past.due_at, delivery)
    attempt.upload_url = delivery.upload_url
    attempt.chunk_size_bytes = PART_BYTES
    attempt.bytes_confirmed = delivery.bytes_confirmed
    # Its address lives an hour from the real init, which was a moment ago.
    attempt.initialised_at, attempt.failures = now, 3
    attempt.save()
    for wait_s in (6, 66, 126):
        drop_line(post, attempt, past.due_at + wait_s * ON)
        ask_line(post, attempt, past.due_at + (wait_s + 31) * ON, delivery.bytes_confirmed)
    note = f"{words_for('connection_lost')} Goes on by itself."
    Post.objects.filter(pk=post.pk).update(next_action_at=now + 420 * ON, note=note)


def canceled(post: Post, actor: User, at: datetime) -> None:
    post.move_to(State.CANCELED, now=at, reason="Canceled.", actor=actor)


def begin(past: Past, at: datetime) -> Attempt:
    """Claimed and the creator checked in the seconds before `at`."""
    attempt = claim(past.post, at - 4 * ON)
    checked_at = at - 3.4 * ON
    text = "The creator makes the choices in the TikTok app."
    if past.post.mode == Mode.DIRECT:
        offered = ", ".join(str(PRIVACY_WORDS[o]) for o in past.creator.privacy_level_options)
        text = f"TikTok offers {offered} for {past.creator.nickname}."
    attempt.creator_checked_at = checked_at
    attempt.save(update_fields=["creator_checked_at"])
    add_line(past.post, "creator_checked", checked_at, text, attempt=attempt)
    return attempt


def claim(post: Post, at: datetime) -> Attempt:
    number = post.attempts.count() + 1
    attempt = Attempt.objects.create(post=post, number=number, claimed_at=at)
    add_line(post, "claimed", at, f"Attempt {number}.", attempt=attempt)
    return attempt


def tell_tiktok(past: Past, attempt: Attempt, at: datetime, delivery: Delivery) -> None:
    """The init: intended, then answered."""
    post, intended_at, answered_at = past.post, at + 0.04 * ON, at + 0.5 * ON
    add_line(post, "init_intended", intended_at, attempt=attempt)
    post.move_to(
        State.UPLOADING,
        now=intended_at,
        reason="The due moment has come.",
        next_action_at=at,
        init_at=intended_at,
    )
    attempt.fingerprint = post.fingerprint()
    attempt.init_intended_at, attempt.initialised_at = intended_at, answered_at
    attempt.publish_id, attempt.chunk_size_bytes = delivery.publish_id, post.known_media.size_bytes
    attempt.save()
    text = f"TikTok took the post as {delivery.publish_id}."
    add_line(post, "initialised", answered_at, text, attempt=attempt, log_id=delivery.init_log_id)


def send(past: Past, attempt: Attempt, at: datetime, delivery: Delivery) -> datetime:
    """Init and the whole file; the moment at which TikTok had it."""
    tell_tiktok(past, attempt, at, delivery)
    return all_sent(past, attempt, at + 1.7 * ON)


def all_sent(past: Past, attempt: Attempt, at: datetime) -> datetime:
    post, text = past.post, "TikTok has the whole video."
    attempt.bytes_sent_at, attempt.bytes_confirmed = at, post.known_media.size_bytes
    attempt.save(update_fields=["bytes_sent_at", "bytes_confirmed"])
    add_line(post, "bytes_sent", at, text, attempt=attempt)
    post.move_to(State.PROCESSING, now=at, reason=text, next_action_at=at + 5 * ON)
    return at


def settle(attempt: Attempt, delivery: Delivery, at: datetime) -> None:
    """TikTok's real verdict, at a moment that fits the story."""
    assert delivery.status is not None  # noqa: S101 - only whole deliveries get here
    Attempt.objects.filter(pk=attempt.pk).update(polls=2)
    verdict.apply_status(attempt, delivery.status, at)


def drop_line(post: Post, attempt: Attempt, at: datetime) -> None:
    error = Unavailable("connection_lost", "The connection was closed while sending.")
    _failed_line(post, attempt, "chunk_failed", at, error)


def ask_line(post: Post, attempt: Attempt, at: datetime, bytes_there: int) -> None:
    text = f"PROCESSING_UPLOAD, TikTok has {bytes_there} bytes."
    add_line(post, "asked", at, text, attempt=attempt, log_id=made_log_id())


def _failed_line(post: Post, attempt: Attempt, kind: str, at: datetime, error: TikTokError) -> None:
    text = words_for(error.code, error.message)
    add_line(post, kind, at, text, attempt=attempt, error=error)


def _failed(reason: str) -> PublishStatus:
    return PublishStatus("FAILED", reason, (), None, None, made_log_id())


def made_publish_id() -> str:
    """Looks like TikTok's; belongs to a delivery that only the story knows."""
    return f"v_pub_file~v2-1.{secrets.randbelow(10**18):018d}"


def made_log_id() -> str:
    return f"2026{secrets.token_hex(14).upper()}"
