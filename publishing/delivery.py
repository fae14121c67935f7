"""Bringing one post to TikTok: check the creator, intend the init, init, send the bytes.

A tick leases the post, `prepare` asks TikTok about the creator in the seconds before the due
moment, `deliver` starts at that moment; where the moment has come already, `prepare` delivers. Both
can be killed after any line and begun again: the attempt's journal says where to go on.
"""

import time
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from accounts.profiles import note_names
from publishing import breaker, journal, leases, pulling, retries, sending, verdict
from publishing.app_mode import (
    current_app_mode,
)
from publishing.breaker import Stage
from publishing.consent import has_valid_consent
from publishing.inits import init_call
from publishing.intent import intend, keep_cap, keep_in_line
from publishing.leases import Lease
from publishing.limits import Endpoint
from publishing.line import why_too_slow
from publishing.models import Attempt, Mode, Outcome, Post, Source
from publishing.plan import source_of
from publishing.pulling import new_pull_token
from publishing.retries import Course, Decision
from publishing.rules import PRIVACY_WORDS, check_at_fire
from publishing.states import State
from publishing.wording import length_words, words_for
from publishing.work import (
    NO_CONSENT,
    Clock,
    Hold,
    Settled,
    Unfit,
    Work,
    ask_tiktok,
    begin,
    settling,
)
from tiktok.client import (
    App,
    ChunkPlan,
    CreatorInfo,
    FileSource,
    InitResult,
    PullSource,
    check_upload_url,
    fetch_creator_info,
    plan_chunks,
)
from tiktok.errors import AccessTokenInvalid, TikTokError

# An ETA may fire some milliseconds early, and init never leaves before the due moment.
EARLY_S = 0.25


def prepare(post_id: int, token: str, app: App, clock: Clock) -> tuple[Lease, datetime] | None:
    """Checks the creator ahead of the due moment, and delivers when that has come already.

    Returns the lease and the moment for `deliver`, or None when nothing is left for it.
    """
    work = begin(post_id, token, app, clock)
    if work is None:
        return None
    with settling(work):
        due_at = work.post.next_action_at or clock()
        if due_at <= clock():
            # Another message would only wait behind those of all the others that are due.
            _deliver(work)
            return None
        attempt = _open_attempt(work)
        if not attempt.publish_id:
            _check_creator(work, attempt)
        leases.hand_on(work.lease)
        return work.lease, due_at
    return None


def deliver(post_id: int, token: str, app: App, clock: Clock) -> str:
    """Sends the post from wherever its journal stands; returns its state, for the log."""
    work = begin(post_id, token, app, clock)
    if work is None:
        return "taken by another worker"
    with settling(work):
        _deliver(work)
    return Post.objects.values_list("state", flat=True).get(pk=post_id)


def _deliver(work: Work) -> None:
    _refuse_overdue(work)
    attempt = _open_attempt(work)
    if attempt.source == Source.PULL_FROM_URL:
        _init_pull(work, attempt)
    else:
        sending.send_from(work, attempt, _begin_upload(work, attempt))


def _refuse_overdue(work: Work) -> None:
    """After an outage nobody may want yesterday's post at three in the morning."""
    post = work.post
    if post.state != State.SCHEDULED or post.next_action_at is None:
        return
    late = work.clock() - post.next_action_at
    if late > timedelta(seconds=settings.OVERDUE_S):
        text = gettext(
            "Its time passed {length} ago while nothing was sent from here. Press Retry to send it "
            "now, or edit it for another time."
        )
        raise Unfit(text.format(length=length_words(late)))


def _open_attempt(work: Work) -> Attempt:
    """The attempt to go on with, or the next one."""
    attempts = list(work.post.attempts.all())
    number = len(attempts) + 1
    attempt = next((one for one in attempts if one.ended_at is None), None)
    if attempt is None:
        return _new_attempt(work, number, outdated=None)
    attempt.post = work.post
    if pulling.is_unanswered(attempt):
        pulling.leave_unconfirmed(work, attempt, gettext("The answer to the last call was lost."))
    # One that TikTok knows of is resumed or started over, whatever the post has become.
    if attempt.publish_id or attempt.source == source_of(work.post):
        return attempt
    return _new_attempt(work, number, outdated=attempt)


def _new_attempt(work: Work, number: int, outdated: Attempt | None) -> Attempt:
    post = work.post
    with transaction.atomic():
        leases.hold(work.lease, work.clock())
        now = work.clock()
        if outdated is not None:
            journal.end_attempt(outdated, Outcome.NOT_POSTED, now)
        attempt = Attempt.objects.create(
            post=post, number=number, claimed_at=now, source=source_of(post)
        )
        text = gettext("Attempt {number}.").format(number=number)
        journal.add_line(post, "claimed", now, text, attempt=attempt)
    return attempt


def _check_creator(work: Work, attempt: Attempt) -> None:
    """Asks TikTok whether exactly this may go out now; a rule that no longer holds stops it."""
    keep_in_line(work.post, work.clock())
    # What we have counted ourselves TikTok need not refuse; the intent counts again, under a lock.
    due_at = max(work.clock(), work.post.next_action_at or work.clock())
    keep_cap(work.post, work.post.known_account, due_at)
    creator = _ask_creator(work, attempt) if work.post.mode == Mode.DIRECT else None
    problems = check_at_fire(work.post, creator, current_app_mode())
    if problems:
        raise Unfit(" ".join(problem.text for problem in problems))
    if attempt.source == Source.FILE_UPLOAD and (slow := why_too_slow(work.post, work.clock())):
        raise Unfit(slow)
    journal.write(
        work.lease,
        attempt,
        "creator_checked",
        work.clock(),
        _offer(creator),
        creator_checked_at=work.clock(),
        creator_checked_lease=work.lease.token,
    )


def _ask_creator(work: Work, attempt: Attempt) -> CreatorInfo:
    try:
        creator = ask_tiktok(
            work, Endpoint.CREATOR_INFO, lambda token: fetch_creator_info(work.app, token)
        )
    except TikTokError as error:
        _call_failed(work, attempt, "creator_check_failed", error)
    note_names(work.post.known_account, creator)
    return creator


def _offer(creator: CreatorInfo | None) -> str:
    if creator is None:
        return gettext("The creator makes the choices in the TikTok app.")
    offered = ", ".join(str(PRIVACY_WORDS.get(o, o)) for o in creator.privacy_level_options)
    text = gettext("TikTok offers {offered} for {account}.")
    return text.format(offered=offered, account=creator.nickname)


def _begin_upload(work: Work, attempt: Attempt) -> int:
    """The byte to send from; TikTok knows of the post afterwards."""
    if attempt.publish_id:
        _take_up_again(work, attempt)
        return sending.find_offset(work, attempt)
    _make_ready(work, attempt)
    plan = plan_chunks(work.post.known_media.size_bytes, settings.UPLOAD_CHUNK_BYTES)
    try:
        result = ask_tiktok(
            work, Endpoint.INIT, lambda token: _intend_and_init(work, attempt, token, plan)
        )
        upload_url = check_upload_url(work.app, result.upload_url or "")
    except TikTokError as error:
        # Without bytes nothing is posted, so even an init whose answer was lost may be repeated.
        _call_failed(work, attempt, "init_failed", error)
    attempt.upload_url = upload_url
    journal.write(
        work.lease,
        attempt,
        "initialised",
        work.clock(),
        f"TikTok took the post as {result.publish_id}.",
        log_id=result.log_id,
        publish_id=result.publish_id,
        upload_url_encrypted=attempt.upload_url_encrypted,
        chunk_size_bytes=plan.chunk_size,
        initialised_at=work.clock(),
    )
    breaker.note_success(work.post, Stage.INIT)
    return 0


def _init_pull(work: Work, attempt: Attempt) -> None:
    """One call, after which TikTok fetches the media and posts it by itself."""
    _make_ready(work, attempt)
    for file in work.post.files():
        sending.find_file(file)
    try:
        result = ask_tiktok(
            work, Endpoint.INIT, lambda token: _intend_and_init_pull(work, attempt, token)
        )
    except TikTokError as error:
        if pulling.may_have_posted(error):
            pulling.leave_unconfirmed(work, attempt, words_for(error.code, error.message), error)
        # A proven no: the next init is a first one again.
        _call_failed(work, attempt, "init_failed", error, init_intended_at=None)
    pulling.hand_over(work, attempt, result)
    breaker.note_success(work.post, Stage.INIT)


def _make_ready(work: Work, attempt: Attempt) -> None:
    """The last looks before TikTok hears of the post, and the wait for its moment."""
    if work.post.cancel_requested_at:
        sending.stop_if_canceled(work, attempt)
    if attempt.creator_checked_lease != work.claimed_with:
        _check_creator(work, attempt)
    _await_due(work)


def _take_up_again(work: Work, attempt: Attempt) -> None:
    """A person sent the post on its way again after its upload had begun: from here on TikTok may
    get the whole video, so it counts as being sent once more."""
    if work.post.state == State.UPLOADING:
        return
    _await_due(work)
    now = work.clock()
    with transaction.atomic():
        leases.hold(work.lease, now)
        post = Post.objects.select_related("account", "media").get(pk=work.post.pk)
        if not has_valid_consent(post):
            raise Unfit(NO_CONSENT)
        post.move_to(
            State.UPLOADING,
            now=now,
            reason=gettext("Goes on with the upload that had begun."),
            next_action_at=post.next_action_at,
            init_at=attempt.init_intended_at,
        )


def _await_due(work: Work) -> None:
    due_at = work.post.next_action_at or work.clock()
    early_s = (due_at - work.clock()).total_seconds()
    if early_s > EARLY_S:
        raise Hold(due_at, "")
    if early_s > 0:
        time.sleep(early_s)


def _intend_and_init(work: Work, attempt: Attempt, token: str, plan: ChunkPlan) -> InitResult:
    post = intend(work, attempt)
    return init_call(work.app, token, post, FileSource.from_plan(plan), ())


def _intend_and_init_pull(work: Work, attempt: Attempt, token: str) -> InitResult:
    post = intend(work, attempt, pull_token=new_pull_token())
    urls = pulling.pull_urls(settings.SITE_URL, attempt.pull_token, post.files())
    # Whoever slept since the intent was written finds the attempt given up, and says nothing.
    leases.hold(work.lease, work.clock())
    try:
        return init_call(work.app, token, post, PullSource(urls[0]), urls)
    except AccessTokenInvalid:
        # A proven no, whatever becomes of the sign-in: the next init is a first one again.
        journal.take_back_init(work.lease, attempt, work.clock())
        raise


def _call_failed(
    work: Work, attempt: Attempt, kind: str, error: TikTokError, **columns: Any
) -> NoReturn:
    """Journals a failed call before any byte was sent and takes the course it decides."""
    now = work.clock()
    failures = attempt.failures + 1
    text = words_for(error.code, error.message)
    decision = retries.decide(error, error.code, failures, now, settings.RETRY_BASE_S)
    with transaction.atomic():
        columns |= {"failures": failures}
        wait = breaker.note_failure(work.post, Stage.INIT, error.code, now)
        if wait is not None:
            decision = Decision(Course.RETRY, wait.at, wait.breaker_id)
        journal.write(work.lease, attempt, kind, now, text, error=error, **columns)
        if decision.course != Course.RETRY:
            journal.end_attempt(attempt, Outcome.NOT_POSTED, now)
        verdict.follow(Post.objects.get(pk=work.post.pk), decision, error.code, text, now)
    raise Settled
