"""One worker's stay on one post: its lease, its clock, its calls, and how the stay may end."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.refresh import (
    ReconnectNeeded,
    TokenBusy,
    replace_rejected_token,
    usable_access_token,
)
from publishing import breaker, exchanges, journal, leases, verdict
from publishing.leases import Lease, LeaseLost
from publishing.limits import Endpoint, NoPlace, place_for
from publishing.models import Attempt, Breaker, Outcome, Post, Source
from publishing.preflight.moments import check_anew
from publishing.states import State
from publishing.telling import tell_of_move
from tiktok.client import App
from tiktok.errors import AccessTokenInvalid
from tiktok.exchanges import Exchange, hearing

log = logging.getLogger("duecast.work")
Clock = Callable[[], datetime]
T = TypeVar("T")

NO_CONSENT = gettext_lazy("Nobody has agreed to exactly this content with exactly these choices.")
UPLOAD_HAD_BEGUN = gettext_lazy(
    "The upload had begun, so TikTok may have the video: look at the profile before you post it "
    "anew. Retry asks TikTok first."
)
_LIMIT_WORDS = {
    Endpoint.INIT: gettext_lazy(
        "Waits for TikTok's limit of 6 new posts a minute for this account."
    ),
    Endpoint.CREATOR_INFO: gettext_lazy(
        "Waits for TikTok's limit of 20 creator questions a minute."
    ),
    Endpoint.STATUS: gettext_lazy("Waits for TikTok's limit of 30 status questions a minute."),
}


@dataclass(frozen=True)
class Work:
    """`claimed_with` is the lease token of the message that brought us here; `heard` are the calls
    that are not recorded yet."""

    lease: Lease
    claimed_with: str
    post: Post
    app: App
    clock: Clock
    heard: list[Exchange] = field(default_factory=list)

    def record_calls(self) -> None:
        """Only where a call's answer is in the journal already: nothing stands between the two."""
        exchanges.keep(self.post.pk, self.heard)
        self.heard.clear()


class Settled(Exception):
    """The row already says where the post stands; nothing more to do in this stay."""


class Hold(Exception):
    """The post waits until `at`; `note` tells people for what.

    With `is_news` they are told besides: it will not go out anywhere near its due moment.
    `held_by` is the breaker it waits behind.
    """

    def __init__(
        self, at: datetime, note: str, *, is_news: bool = False, held_by: int | None = None
    ) -> None:
        super().__init__(note)
        self.at = at
        self.note = note
        self.is_news = is_news
        self.held_by = held_by


class Unfit(Exception):
    """A rule no longer holds: a person has to decide, and nothing was sent to TikTok."""


def begin(post_id: int, token: str, app: App, clock: Clock) -> Work | None:
    """Starts a stay on a claimed post; None when the claim is no longer the row's."""
    lease = leases.take(post_id, token, clock(), settings.LEASE_S)
    if lease is None:
        return None
    post = Post.objects.select_related("account", "media").get(pk=post_id)
    return Work(lease, token, post, app, clock)


@contextmanager
def settling(work: Work) -> Iterator[None]:
    """Turns every way a stay can stop into what the row says afterwards."""
    try:
        with _waits_as_holds(work):
            yield
    except Settled:
        pass
    except LeaseLost as lost:
        log.info("%s", lost, extra={"post": work.post.pk})
    except Hold as hold:
        _hold(work, hold)
    except (Unfit, ReconnectNeeded) as problem:
        _ask_person(work, str(problem))
    finally:
        work.record_calls()


def ask_tiktok(work: Work, endpoint: Endpoint, call: Callable[[str], T]) -> T:
    """`call(access_token)` inside TikTok's rate window.

    A token that TikTok rejects is replaced once and the call repeated once.
    """
    account = work.post.known_account
    token = usable_access_token(work.app, account, work.clock())
    try:
        with place_for(account, endpoint), _heard_by(work):
            return call(token)
    except AccessTokenInvalid:
        token = replace_rejected_token(work.app, account, token, work.clock())
        with place_for(account, endpoint), _heard_by(work):
            return call(token)


@contextmanager
def _heard_by(work: Work) -> Iterator[None]:
    with hearing() as heard:
        try:
            yield
        finally:
            work.heard.extend(heard)


@contextmanager
def _waits_as_holds(work: Work) -> Iterator[None]:
    try:
        yield
    except NoPlace as full:
        raise Hold(full.frees_at, str(_LIMIT_WORDS[full.endpoint])) from full
    except TokenBusy as busy:
        note = gettext("Waits a moment while the account's sign-in is renewed.")
        raise Hold(busy.retry_at, note) from busy


def _hold(work: Work, hold: Hold) -> None:
    now = work.clock()
    # What held the creator check in the seconds before may end before the post's own moment.
    at = max(hold.at, work.post.due_at or hold.at)
    try:
        with transaction.atomic():
            leases.release(
                work.lease,
                next_action_at=at,
                note=hold.note,
                held_by=hold.held_by,
                **check_anew(at, now),
            )
            breaker.give_place(work.post)
            if hold.note != work.post.note:
                journal.add_line(work.post, "held", now, hold.note)
            if hold.is_news:
                tell_of_move(work.post, hold.at, hold.note, now)
            if hold.held_by:
                breaker.tell_of(Breaker.objects.get(pk=hold.held_by), work.post, now)
    except LeaseLost as lost:
        log.info("%s", lost, extra={"post": work.post.pk})


def _ask_person(work: Work, text: str) -> None:
    now = work.clock()
    try:
        with transaction.atomic():
            leases.hold(work.lease, now)
            post = Post.objects.get(pk=work.post.pk)
            if post.state == State.PROCESSING:
                # TikTok has the bytes; only the question has to wait.
                at = now + timedelta(minutes=15)
                leases.release(work.lease, next_action_at=at, note=text)
                return
            if unanswered := _unanswered_pull(post):
                reason = text + " " + gettext("TikTok may have posted it all the same.")
                verdict.give_up_asking(unanswered, now, reason)
                return
            breaker.give_place(post)
            _close_unsent_attempt(post, now)
            if post.attempts.filter(ended_at=None).exists():
                text = f"{text} {UPLOAD_HAD_BEGUN}"
            post.move_to(
                State.NEEDS_ATTENTION,
                now=now,
                reason=text,
                note=text,
                init_at=None,
                leases_lost=0,
                **leases.FREE,
            )
    except LeaseLost as lost:
        log.info("%s", lost, extra={"post": work.post.pk})


def _unanswered_pull(post: Post) -> Attempt | None:
    """An attempt that told TikTok to fetch and post, and never read its answer."""
    return Attempt.objects.filter(
        post=post,
        ended_at=None,
        source=Source.PULL_FROM_URL,
        init_intended_at__isnull=False,
        publish_id="",
    ).first()


def _close_unsent_attempt(post: Post, now: datetime) -> None:
    """An attempt without a publish_id has sent nothing; one with it can be resumed later."""
    for attempt in Attempt.objects.filter(post=post, ended_at=None, publish_id=""):
        journal.end_attempt(attempt, Outcome.NOT_POSTED, now)
