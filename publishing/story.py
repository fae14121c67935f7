"""A post's story for people: where it stands in one sentence, and how it came there."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from publishing.models import Attempt, JournalLine, Post, StateChange
from publishing.states import State

TITLES = {
    "claimed": "Taken up by a worker",
    "creator_checked": "Creator checked with TikTok",
    "creator_check_failed": "Creator could not be checked",
    "init_intended": "About to tell TikTok",
    "initialised": "TikTok knows of the post",
    "init_failed": "TikTok did not take the post",
    "asked": "Asked TikTok how far it is",
    "asking_failed": "TikTok could not be asked",
    "chunk_failed": "Sending was interrupted",
    "bytes_sent": "Everything sent",
    "started_over": "Sending starts again",
    "verdict": "TikTok's verdict",
    "held": "Waiting",
    "rescheduled": "Moved to another time",
    "cancel_requested": "Cancel asked for",
}
_STANDING = {
    State.DRAFT: "A draft. Nothing is sent until you schedule it.",
    State.IN_REVIEW: "Waiting for approval.",
    State.SCHEDULED: "Scheduled. It goes out by itself at its time.",
    State.UPLOADING: "Sending to TikTok.",
    State.PROCESSING: (
        "TikTok has the whole video and is processing it. It may take a few minutes for the "
        "content to be processed and become visible on the profile."
    ),
    State.PUBLISHED: "Published on TikTok.",
    State.IN_INBOX: (
        "In the creator's TikTok inbox. Open the notification in the TikTok app to finish the post."
    ),
    State.FAILED: "TikTok did not post this.",
    State.UNCONFIRMED: (
        "TikTok may or may not have posted this. Look at the profile before you post it again."
    ),
    State.NEEDS_ATTENTION: "Waiting for you; nothing is sent meanwhile.",
    State.CANCELED: "Canceled. Nothing will be sent.",
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


def story_of(post: Post) -> list[StoryLine]:
    """Every state change and journal line, oldest first."""
    changes = [_of_change(c) for c in post.state_changes.select_related("actor")]
    lines = [_of_line(line) for line in post.journal.select_related("actor")]
    created = StoryLine(post.created_at, "created", "Created", actor=post.author)
    return sorted([created, *changes, *lines], key=lambda line: line.at)


def standing_of(post: Post) -> str:
    """One sentence: where the post stands and what happens next by itself."""
    sentence = _STANDING[State(post.state)]
    if post.state == State.UPLOADING:
        return f"Sending to TikTok, {percent_sent(post)} %. {post.note}".strip()
    return f"{sentence} {post.note}".strip() if post.note else sentence


def percent_sent(post: Post) -> int:
    """How much of the file TikTok has confirmed, 0 to 100."""
    attempt = Attempt.objects.filter(post=post, ended_at=None).first()
    if attempt is None or not post.media.size_bytes:
        return 0
    return min(100, attempt.bytes_confirmed * 100 // post.media.size_bytes)


def _of_change(change: StateChange) -> StoryLine:
    title = State(change.new).label
    return StoryLine(change.at, "state", title, change.reason, change.new, change.actor)


def _of_line(line: JournalLine) -> StoryLine:
    return StoryLine(
        line.at,
        line.kind,
        TITLES.get(line.kind, line.kind),
        line.text,
        actor=line.actor,
        code=line.code,
        message=line.message,
        log_id=line.log_id,
        http_status=line.http_status,
    )
