"""Sending a video's bytes to TikTok, from wherever TikTok already has it.

Content Posting API, media-transfer-guide: chunks strictly in order, the upload URL lives an hour.
No database connection is held while bytes are on their way.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext, gettext_lazy

from publishing import journal, leases, retries, verdict
from publishing.limits import Endpoint
from publishing.line import MEASURED_FROM_BYTES, PACE
from publishing.models import Attempt, MediaAsset, Outcome, Post
from publishing.retries import Course, Decision
from publishing.states import State
from publishing.wording import words_for
from publishing.work import Hold, Settled, Unfit, Work, ask_tiktok
from tiktok.client import ChunkPlan, fetch_status, upload_chunk
from tiktok.errors import (
    Refused,
    TikTokError,
    Unavailable,
    UploadError,
    UploadOffsetMismatch,
)
from tiktok.exchanges import hearing

URL_LIFE = timedelta(hours=1)
# The answer to a chunk after which others are awaited.
PARTIAL = 206
CONFIRM_EVERY = timedelta(seconds=1)
# Five attempts that all lost their upload address are no accident.
MAX_ATTEMPTS = 5
MAX_OFFSET_CORRECTIONS = 3
FILE_GONE = gettext_lazy("The media file is no longer on this server. Upload it again.")


class DeadlinePassed(Unavailable):
    """The upload took longer than its task may."""


def find_offset(work: Work, attempt: Attempt) -> int:
    """Asks TikTok before anything is sent again; returns the byte to go on from.

    A verdict, a complete file or a dead upload address settles the stay instead.
    """
    try:
        status = ask_tiktok(
            work,
            Endpoint.STATUS,
            lambda token: fetch_status(work.app, token, attempt.publish_id),
        )
    except TikTokError as error:
        answer_missing(work, attempt, error)
    now = work.clock()
    text = f"{status.status}, TikTok has {status.uploaded_bytes or 0} bytes."
    journal.write(work.lease, attempt, "asked", now, text, log_id=status.log_id)
    if verdict.apply_status(attempt, status, now):
        raise Settled
    offset, size_bytes = status.uploaded_bytes, _size_told(work, attempt)
    if offset is not None and size_bytes is not None and offset >= size_bytes:
        _all_sent(work, attempt)
        raise Settled
    obstacle = _obstacle(work, attempt, now)
    if obstacle and (offset is None or size_bytes is None):
        # The bytes may all be there: only counting them makes a second init safe.
        text = gettext("It does not say how much of the video it has.")
        unknown = Unavailable("progress_unknown", text)
        answer_missing(work, attempt, unknown)
    stop_if_canceled(work, attempt)
    if obstacle:
        _start_over(work, attempt, obstacle)
    return offset or 0


def _size_told(work: Work, attempt: Attempt) -> int | None:
    """The size of the file that TikTok was told of; None when nobody knows it any more."""
    post = work.post
    if post.fingerprint() == attempt.fingerprint:
        return post.known_media.size_bytes
    consent = post.consents.filter(fingerprint=attempt.fingerprint).last()
    digests = consent.media_sha256s if consent else []
    media = MediaAsset.objects.filter(team=post.team_id, sha256__in=digests).first()
    return media.size_bytes if media else None


def _obstacle(work: Work, attempt: Attempt, now: datetime) -> str:
    """Why the upload cannot go on, "" when it can."""
    if work.post.fingerprint() != attempt.fingerprint:
        return gettext("The content was changed after the upload had begun.")
    if not _address(attempt) or now - (attempt.initialised_at or now) >= URL_LIFE:
        return gettext("The upload address no longer works, and bytes are missing.")
    return ""


def _address(attempt: Attempt) -> str:
    """The upload address; "" also when TOKEN_KEYS lacks the key it was encrypted with."""
    try:
        return attempt.upload_url
    except InvalidToken:
        return ""


def send_from(work: Work, attempt: Attempt, offset: int) -> None:
    """Sends what is missing from `offset` on, then waits for TikTok's verdict."""
    work.record_calls()
    for _ in range(MAX_OFFSET_CORRECTIONS):
        try:
            with _media_file(work) as file:
                _send_chunks(work, attempt, file, offset)
            _all_sent(work, attempt)
            return
        except UploadOffsetMismatch as mismatch:
            if mismatch.uploaded_bytes is None or mismatch.uploaded_bytes == offset:
                _chunk_failed(work, attempt, mismatch)
            offset = mismatch.uploaded_bytes or 0
        except TikTokError as error:
            _chunk_failed(work, attempt, error)
    at = work.clock() + timedelta(seconds=settings.RETRY_BASE_S)
    raise Hold(at, gettext("Finding the right offset."))


def _media_file(work: Work) -> BinaryIO:
    try:
        return find_file(work.post.known_media).open("rb")
    except OSError as error:
        raise Unfit(FILE_GONE) from error


def find_file(media: MediaAsset) -> Path:
    """Where the file is. Raises Unfit when it is not what was uploaded."""
    path = Path(media.file.path)
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise Unfit(FILE_GONE) from error
    if size_bytes != media.size_bytes:
        raise Unfit(
            gettext("The media file is not what it was when it was uploaded. Upload it again.")
        )
    return path


def remaining(plan: ChunkPlan, offset: int) -> Iterator[tuple[int, int]]:
    """The plan's ranges that TikTok does not have yet; the first may begin inside a chunk."""
    for first, last in plan.ranges():
        if last >= offset:
            yield max(first, offset), last


def _send_chunks(work: Work, attempt: Attempt, file: BinaryIO, offset: int) -> None:
    size_bytes = work.post.known_media.size_bytes
    plan = _plan_of(attempt, size_bytes)
    pulse = _Pulse(work)
    confirmed_at: datetime | None = None
    for first, last in remaining(plan, offset):
        if last == size_bytes - 1:
            asked_at = work.clock()
            stop_if_canceled(work, attempt)
            pulse.renewed_at = asked_at
        else:
            pulse.keep_lease()
        connection.close()
        with _heard_if_telling(work):
            answer = upload_chunk(
                work.app,
                attempt.upload_url,
                file,
                first,
                last,
                size_bytes,
                work.post.known_media.content_type,
                pulse.on_progress,
            )
        answered_at = work.clock()
        confirmed = answer.uploaded_bytes or last + 1
        pulse.measure(attempt, last + 1 - offset)
        if answer.is_complete:
            return
        # Once a second is enough: whoever goes on asks TikTok first, the line is for people.
        if confirmed_at is None or answered_at - confirmed_at >= CONFIRM_EVERY:
            journal.confirm_bytes(work.lease, attempt, confirmed, answered_at)
            confirmed_at = pulse.renewed_at = answered_at


@contextmanager
def _heard_if_telling(work: Work) -> Iterator[None]:
    """Hundreds of chunks that TikTok simply took tell nobody anything."""
    with hearing() as heard:
        try:
            yield
        finally:
            work.heard.extend(call for call in heard if call.http_status != PARTIAL)


def _plan_of(attempt: Attempt, size_bytes: int) -> ChunkPlan:
    """The plan TikTok was told at init, whatever the setting says by now."""
    chunk_size = attempt.chunk_size_bytes or size_bytes
    return ChunkPlan(size_bytes, chunk_size, max(1, size_bytes // chunk_size))


class _Pulse:
    """Renews the lease by progress and keeps the deadline, over all chunks of one stay.

    requests' timeouts are per socket operation, so this is the only clock over the whole body.
    Nobody can take a lease over before it ends, so one renewed a moment ago needs no asking; a
    worker that slept asks before it sends another byte. By the wall clock: a sleeping machine
    stops the other one.
    """

    def __init__(self, work: Work) -> None:
        self.work = work
        self.began_s = time.monotonic()
        self.renewed_at: datetime | None = None
        self.handed_bytes = 0

    def on_progress(self, chunk_bytes: int) -> None:
        """`chunk_bytes` of the chunk under way have been read; the last of them leave next."""
        begins = chunk_bytes <= self.handed_bytes
        step_bytes = chunk_bytes if begins else chunk_bytes - self.handed_bytes
        self.handed_bytes = chunk_bytes
        self._keep_going()
        if settings.UPLOAD_LIMIT_BYTES_PER_S:
            self._keep_pace(step_bytes, settings.UPLOAD_LIMIT_BYTES_PER_S)

    def _keep_pace(self, size_bytes: int, bytes_per_s: int) -> None:
        """In short steps, so that neither the lease nor the deadline is slept over."""
        ready_at_s = time.monotonic() + PACE.take(size_bytes, bytes_per_s, time.monotonic())
        while (left_s := ready_at_s - time.monotonic()) > 0:
            time.sleep(min(left_s, 1))
            self._keep_going()

    def _keep_going(self) -> None:
        if time.monotonic() - self.began_s > settings.UPLOAD_DEADLINE_S:
            raise DeadlinePassed("deadline_passed", gettext("The upload took too long."))
        self.keep_lease()

    def measure(self, attempt: Attempt, sent_bytes: int) -> None:
        """Kept with the journal's next line about this upload."""
        if sent_bytes >= MEASURED_FROM_BYTES:
            lasted_s = max(time.monotonic() - self.began_s, 0.001)
            attempt.upload_bytes_per_s = max(1, int(sent_bytes / lasted_s))

    def keep_lease(self) -> None:
        now = self.work.clock()
        if self.renewed_at and timedelta() <= now - self.renewed_at < self._fresh:
            return
        leases.hold(self.work.lease, now)
        connection.close()
        self.renewed_at = now

    @property
    def _fresh(self) -> timedelta:
        return timedelta(seconds=self.work.lease.length_s / 6)


def stop_if_canceled(work: Work, attempt: Attempt) -> None:
    """The last chance: without the last chunk nothing is posted."""
    now = work.clock()
    if leases.hold_unless_canceled(work.lease, now):
        return
    with transaction.atomic():
        post = leases.lock(work.lease)
        journal.end_attempt(attempt, Outcome.NOT_POSTED, now)
        reason = gettext("Canceled before the last part was sent; nothing was posted.")
        post.move_to(State.CANCELED, now=now, reason=reason, init_at=None, **leases.FREE)
    raise Settled


def _all_sent(work: Work, attempt: Attempt) -> None:
    now = work.clock()
    text = gettext("TikTok has the whole video.")
    too_late = gettext("The cancel came too late.")
    with transaction.atomic():
        post = leases.lock(work.lease)
        journal.note(
            attempt,
            "bytes_sent",
            now,
            text,
            bytes_sent_at=now,
            bytes_confirmed=work.post.known_media.size_bytes,
            upload_bytes_per_s=attempt.upload_bytes_per_s,
            failures=0,
        )
        post.move_to(
            State.PROCESSING,
            now=now,
            reason=f"{text} {too_late}" if post.cancel_requested_at else text,
            next_action_at=now + timedelta(seconds=settings.POLL_BASE_S),
            leases_lost=0,
            **leases.FREE,
        )


def _chunk_failed(work: Work, attempt: Attempt, error: TikTokError) -> None:
    """The stay ends; the next one asks TikTok how far it got before it sends again.

    403 and 404 are no reason to start again: the last byte may have arrived and its answer not.
    """
    now = work.clock()
    failures = attempt.failures + 1
    columns: dict[str, Any] = {
        "failures": failures,
        "upload_bytes_per_s": attempt.upload_bytes_per_s,
    }
    at = now
    if isinstance(error, UploadError):
        columns["upload_url_encrypted"] = ""
    else:
        wait_s = min(settings.RETRY_BASE_S * 2 ** (failures - 1), retries.MAX_WAIT_S)
        at = now + timedelta(seconds=wait_s)
    text = words_for(error.code, error.message)
    note = text + " " + gettext("Goes on by itself.")
    with transaction.atomic():
        journal.write(work.lease, attempt, "chunk_failed", now, text, error=error, **columns)
        leases.release(work.lease, next_action_at=at, note=note)
    raise Settled


def _start_over(work: Work, attempt: Attempt, text: str) -> None:
    """A new init is safe: TikTok has fewer bytes than the file, and no way to get the rest."""
    now = work.clock()
    is_hopeless = attempt.number % MAX_ATTEMPTS == 0
    course = Decision(Course.ASK_PERSON) if is_hopeless else Decision(Course.RETRY, now)
    with transaction.atomic():
        journal.write(work.lease, attempt, "started_over", now, text)
        journal.end_attempt(attempt, Outcome.NOT_POSTED, now)
        verdict.follow(Post.objects.get(pk=work.post.pk), course, "", text, now)
    raise Settled


def answer_missing(work: Work, attempt: Attempt, error: TikTokError) -> NoReturn:
    """Nobody can say how far TikTok got: keep asking for a day, then it is unconfirmed."""
    now = work.clock()
    text = words_for(error.code, error.message)
    at: datetime | None = None
    if not (isinstance(error, Refused) and error.is_documented):
        at = verdict.poll_again_at(attempt, now)
    with transaction.atomic():
        journal.write(
            work.lease, attempt, "asking_failed", now, text, error=error, polls=attempt.polls + 1
        )
        if at is None:
            reason = gettext("Nobody can tell whether it was posted.") + " " + text
            verdict.give_up_asking(attempt, now, reason)
        else:
            note = text + " " + gettext("Asked again by itself.")
            leases.release(work.lease, next_action_at=at, note=note)
    raise Settled
