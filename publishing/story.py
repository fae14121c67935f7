"""A post's story for people: where it stands in one sentence, and how it came there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy

from accounts.activity import Change, read_changes
from accounts.models import Activity, User
from publishing import retries
from publishing.models import Attempt, JournalLine, MediaKind, Mode, Post, Source, StateChange
from publishing.pulling import is_fetched
from publishing.sending import URL_LIFE
from publishing.states import IN_FLIGHT, State

TITLES = {
    "claimed": gettext_lazy("Its turn came"),
    "creator_checked": gettext_lazy("Creator checked with TikTok"),
    "creator_check_failed": gettext_lazy("Creator could not be checked"),
    "init_intended": gettext_lazy("About to tell TikTok"),
    "initialised": gettext_lazy("TikTok awaits the video"),
    "init_failed": gettext_lazy("TikTok did not take the post"),
    "init_unanswered": gettext_lazy("TikTok may have taken the post"),
    "asked": gettext_lazy("Asked TikTok how far it is"),
    "asking_failed": gettext_lazy("TikTok could not be asked"),
    "chunk_failed": gettext_lazy("Sending was interrupted"),
    "bytes_sent": gettext_lazy("Everything sent"),
    "started_over": gettext_lazy("Sending starts again"),
    "verdict": gettext_lazy("TikTok did not post it"),
    "held": gettext_lazy("Waiting"),
    "named": gettext_lazy("TikTok named the public post"),
    "taken_down": gettext_lazy("No longer public on TikTok"),
    "public_again": gettext_lazy("Public on TikTok again"),
    "imported": gettext_lazy("Imported from a file"),
    "rescheduled": gettext_lazy("Moved to another time"),
    "cancel_requested": gettext_lazy("Cancel asked for"),
    "consent_ended": gettext_lazy("Consent ended"),
    "looked": gettext_lazy("Looked for at TikTok"),
    "approved": gettext_lazy("Approved"),
    "client_answered": gettext_lazy("The client answered"),
}
# What people did that neither a state change nor a line of the journal tells.
DEEDS = {
    "draft_changed": gettext_lazy("Draft changed"),
    "draft_placed": gettext_lazy("Account chosen"),
}
# Where TikTok fetches by itself, nothing is awaited or sent by us.
PULL_TITLES = {"initialised": gettext_lazy("TikTok took the post")}
# What TikTok calls the end of a delivery, and an upload that goes on.
STATUS_WORDS = {
    "PUBLISH_COMPLETE": gettext_lazy("TikTok says it is published"),
    "SEND_TO_USER_INBOX": gettext_lazy("TikTok put it into the creator's inbox"),
}
ASKED = re.compile(r"(?P<code>[A-Z_]+), TikTok has (?P<size_bytes>\d+) bytes\.")
TAKEN = re.compile(r"TikTok took the post as (?P<publish_id>\S+)\.")
_FETCHED_PROCESSING = {
    MediaKind.VIDEO: gettext_lazy("TikTok fetches the video from this site and processes it."),
    MediaKind.PHOTO: gettext_lazy("TikTok fetches the photos from this site and processes them."),
}
BECOMES_VISIBLE = gettext_lazy(
    "It may take a few minutes for the content to be processed and become visible on the profile."
)
_TRIED_AGAIN = frozenset({State.SCHEDULED, State.UPLOADING})
# What `retries.decide` counts, and what only has to pass.
_COUNTED = frozenset({"creator_check_failed", "init_failed"})
_WAITED_FOR = retries.WAITS_A_DAY | {"rate_limit_exceeded"}
# Why it stands still says more than that it does.
NOTE_FIRST = frozenset({State.NEEDS_ATTENTION, State.UNCONFIRMED})
_STANDING = {
    State.DRAFT: gettext_lazy("A draft. Nothing is sent until you schedule it."),
    State.IN_REVIEW: gettext_lazy(
        "Waiting for approval. Once it is given, the post goes out at its time."
    ),
    State.SCHEDULED: gettext_lazy("Scheduled. It goes out by itself at its time."),
    State.UPLOADING: gettext_lazy("Sending to TikTok."),
    State.PROCESSING: gettext_lazy("TikTok has the whole video and is processing it."),
    State.PUBLISHED: gettext_lazy("Published on TikTok."),
    State.IN_INBOX: gettext_lazy(
        "In the creator's TikTok inbox. Open the notification in the TikTok app to finish the post."
    ),
    State.FAILED: gettext_lazy("TikTok did not post this."),
    State.UNCONFIRMED: gettext_lazy(
        "It may be on the profile or not: look there before you post it again."
    ),
    State.NEEDS_ATTENTION: gettext_lazy("Nothing is sent meanwhile."),
    State.CANCELED: gettext_lazy("Canceled. Nothing will be sent."),
}


@dataclass(frozen=True)
class StoryLine:
    """One event. `kind` is "state" or the journal's word; the rest is TikTok's, verbatim."""

    at: datetime
    kind: str
    title: str
    text: str = ""
    state: str = ""
    actor: User | None = None
    code: str = ""
    message: str = ""
    log_id: str = ""
    http_status: int | None = None
    publish_id: str = ""
    size_bytes: int | None = None
    changes: Sequence[Change] = ()

    @property
    def is_trouble(self) -> bool:
        """Whether the code is an error's, not a status on the way to a published post."""
        is_status = self.code in STATUS_WORDS or self.size_bytes is not None
        return bool(self.code) and not is_status

    @property
    def has_details(self) -> bool:
        """Whether there is more for support than the words on top."""
        details = (self.code, self.message, self.log_id, self.http_status, self.publish_id)
        return any(details) or self.size_bytes is not None


def story_of(post: Post) -> list[StoryLine]:
    """Every state change, journal line and change of the draft, oldest first; none repeats the
    words before it."""
    changes = [_of_change(c) for c in post.state_changes.select_related("actor")]
    lines = [_of_line(line) for line in post.journal.select_related("actor", "attempt")]
    deeds = Activity.objects.filter(post_id=post.pk, verb__in=DEEDS).order_by("at", "id")
    done = [_of_deed(row) for row in deeds.select_related("actor")]
    created = StoryLine(post.created_at, "created", gettext("Created"), actor=post.author)
    # What led to a new state stands before it when both have the same moment.
    ordered = sorted([created, *done, *lines, *changes], key=lambda line: line.at)
    return [
        replace(line, text="") if line.text == before.text else line
        for before, line in pairwise([created, *ordered])
    ]


def standing_of(post: Post) -> str:
    """One sentence: where the post stands and what happens next by itself."""
    sentence = _sentence_of(post)
    if post.state == State.PROCESSING and post.mode == Mode.DIRECT:
        sentence = f"{sentence} {BECOMES_VISIBLE}"
    if post.state in NOTE_FIRST:
        return f"{post.note} {sentence}".strip()
    return f"{sentence} {post.note}".strip()


def _sentence_of(post: Post) -> str:
    state = State(post.state)
    if state in IN_FLIGHT and is_fetched(post):
        if state == State.UPLOADING:
            return gettext("Telling TikTok of the post.")
        return str(_FETCHED_PROCESSING[MediaKind(post.kind)])
    if state == State.UPLOADING:
        return gettext("Sending to TikTok, {percent} %.").format(percent=percent_sent(post))
    return str(_STANDING[state])


def percent_sent(post: Post) -> int | None:
    """How much of the file TikTok has confirmed, 0 to 100; None when nothing is sent by us."""
    if is_fetched(post):
        return None
    attempt = Attempt.objects.filter(post=post, ended_at=None).first()
    if attempt is None or not post.known_media.size_bytes:
        return 0
    return min(100, attempt.bytes_confirmed * 100 // post.known_media.size_bytes)


@dataclass(frozen=True)
class Retrying:
    """The next try by itself. `tries` is how many there are, None where nothing counts them;
    `address_until` is how long an upload that began can go on."""

    at: datetime
    code: str
    number: int = 0
    tries: int | None = None
    address_until: datetime | None = None


def next_try(post: Post) -> Retrying | None:
    """What the post waits for after a failure; None when it waits for nothing of the kind."""
    attempt = post.attempts.last()
    if post.state not in _TRIED_AGAIN or post.next_action_at is None or attempt is None:
        return None
    trouble = attempt.lines.last()
    change = post.state_changes.last()
    # A person who sent it on its way since has begun anew.
    if trouble is None or not trouble.code or (change and change.at > trouble.at):
        return None
    if attempt.ended_at:
        return _next_attempt(attempt, trouble.code, post.next_action_at)
    return _next_call(attempt, trouble, post.next_action_at)


def _next_attempt(attempt: Attempt, code: str, at: datetime) -> Retrying | None:
    if code not in retries.PASSING_FAIL_REASONS or attempt.number >= retries.MAX_FAILURES:
        return None
    return Retrying(at, code, attempt.number + 1, retries.MAX_FAILURES)


def _next_call(attempt: Attempt, trouble: JournalLine, at: datetime) -> Retrying:
    if trouble.kind == "chunk_failed" and attempt.initialised_at:
        return Retrying(at, trouble.code, address_until=attempt.initialised_at + URL_LIFE)
    is_counted = trouble.kind in _COUNTED and trouble.code not in _WAITED_FOR
    tries = retries.MAX_FAILURES if is_counted else None
    return Retrying(at, trouble.code, attempt.failures + 1, tries)


def with_tiktok_since(post: Post) -> datetime | None:
    """Since when TikTok has had everything and has not said what becomes of it."""
    if post.state != State.PROCESSING:
        return None
    attempt = post.attempts.filter(ended_at=None).last()
    return (attempt.bytes_sent_at or attempt.initialised_at) if attempt else None


def link_wanted_until(post: Post) -> datetime | None:
    """Until when the public link of a published post is looked for; None when it is not."""
    if post.state != State.PUBLISHED or post.public_post_id or not post.next_action_at:
        return None
    return post.published_at + retries.LOOKS[-1] if post.published_at else None


def lasting_words(lasts: timedelta) -> str:
    """ "12 min", "2 h 5 min"."""
    hours, minutes = divmod(int(lasts.total_seconds()) // 60, 60)
    if hours:
        return gettext("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    if not minutes:
        return gettext("less than a minute")
    return gettext("{minutes} min").format(minutes=minutes)


def _of_change(change: StateChange) -> StoryLine:
    title = str(State(change.new).label)
    # The line of TikTok's answer stands beside it and says this in plain words.
    text = "" if change.reason.startswith("TikTok says ") else change.reason
    return StoryLine(change.at, "state", title, text, change.new, change.actor)


def _of_deed(row: Activity) -> StoryLine:
    title = str(DEEDS[row.verb])
    return StoryLine(row.at, row.verb, title, actor=row.actor, changes=read_changes(row))


def _of_line(line: JournalLine) -> StoryLine:
    is_pull = line.attempt is not None and line.attempt.source == Source.PULL_FROM_URL
    titles = TITLES | PULL_TITLES if is_pull else TITLES
    told = StoryLine(
        line.at,
        line.kind,
        str(titles.get(line.kind, line.kind)),
        line.text,
        actor=line.actor,
        code=line.code,
        message=line.message,
        log_id=line.log_id,
        http_status=line.http_status,
    )
    return _in_plain_words(told)


def _in_plain_words(line: StoryLine) -> StoryLine:
    """The line with TikTok's codes, numbers and byte counts moved out of its words."""
    if line.text in STATUS_WORDS:
        return replace(line, title=str(STATUS_WORDS[line.text]), text="", code=line.text)
    if asked := ASKED.fullmatch(line.text):
        size_bytes = int(asked["size_bytes"])
        title = gettext("TikTok has none of it so far")
        if size_bytes:
            amount = number_format(round(size_bytes / 1e6, 1), 1)
            title = gettext("TikTok has {amount} MB of it so far").format(amount=amount)
        return replace(line, title=title, text="", code=asked["code"], size_bytes=size_bytes)
    if taken := TAKEN.fullmatch(line.text):
        return replace(line, text="", publish_id=taken["publish_id"])
    return replace(line, text=line.text.removeprefix("FAILED: "))
