"""What an error means for the post: one pure decision.

A failure that may pass gets a moment; one that a person can mend waits for that person; a proven
refusal ends the post. Whether a second init is safe is decided by the journal, not here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from tiktok.errors import RateLimited, Unavailable

MAX_FAILURES = 10
MAX_WAIT_S = 900.0
# rate_limit_exceeded: one-minute sliding windows, and TikTok documents no Retry-After.
RATE_LIMIT_WAIT_S = 61.0
DAY_WAIT = timedelta(hours=24, minutes=1)

# Codes and fail_reasons that a person can mend; the post waits, and nothing is sent meanwhile.
NEEDS_PERSON = frozenset(
    {
        "spam_risk_user_banned_from_posting",
        "unaudited_client_can_only_post_to_private_accounts",
        "url_ownership_unverified",
        "privacy_level_option_mismatch",
        "scope_not_authorized",
        "scope_permission_missed",
        "app_version_check_failed",
        "access_token_invalid",
        "spam_risk_too_many_pending_share",
        "auth_removed",
        "spam_risk_text",
        "file_format_check_failed",
        "duration_check_failed",
        "frame_rate_check_failed",
        "picture_size_check_failed",
    }
)
# The creator's cap and the app's daily number of creators: the window has to pass.
WAITS_A_DAY = frozenset({"spam_risk_too_many_posts", "reached_active_user_cap"})
# After a post has arrived: moderation takes a minute mostly, sometimes hours.
LOOKS = tuple(timedelta(seconds=wait_s) for wait_s in (30, 120, 600, 3600, 21_600, 86_400))
# fail_reasons after which a new init is right.
PASSING_FAIL_REASONS = frozenset({"internal", "video_pull_failed", "photo_pull_failed"})


class Course(Enum):
    """What happens to the post next."""

    RETRY = auto()
    ASK_PERSON = auto()
    FAIL = auto()


@dataclass(frozen=True)
class Decision:
    """`held_by` is the breaker that the post waits behind (publishing/breaker.py)."""

    course: Course
    at: datetime | None = None
    held_by: int | None = None


def next_attempt_at(
    error: Exception, failures: int, now: datetime, base_s: float
) -> datetime | None:
    """When to try the call again, or None to give up.

    `failures` counts the one that just happened, so it starts at 1. A rate limit with
    `retry_after_s` wins over our own table.
    """
    if isinstance(error, RateLimited):
        return now + timedelta(seconds=max(RATE_LIMIT_WAIT_S, error.retry_after_s or 0))
    if not isinstance(error, Unavailable) or failures >= MAX_FAILURES:
        return None
    return now + timedelta(seconds=min(base_s * 2 ** (failures - 1), MAX_WAIT_S))


def decide(error: Exception, code: str, failures: int, now: datetime, base_s: float) -> Decision:
    """The course after a call that failed with `error`, whose code is `code`."""
    moment = next_attempt_at(error, failures, now, base_s)
    if moment is not None:
        return Decision(Course.RETRY, moment)
    if isinstance(error, Unavailable):
        return Decision(Course.ASK_PERSON)
    return decide_refusal(code, now)


def decide_refusal(code: str, now: datetime) -> Decision:
    """The course after TikTok's final no, be it an error code or a documented one."""
    if code in WAITS_A_DAY:
        return Decision(Course.RETRY, now + DAY_WAIT)
    return Decision(Course.ASK_PERSON if code in NEEDS_PERSON else Course.FAIL)


def decide_fail_reason(reason: str, attempts: int, now: datetime, base_s: float) -> Decision:
    """The course after status FAILED. Unknown reasons are final."""
    if reason in PASSING_FAIL_REASONS and attempts < MAX_FAILURES:
        wait_s = min(base_s * 2 ** (attempts - 1), MAX_WAIT_S)
        return Decision(Course.RETRY, now + timedelta(seconds=wait_s))
    return decide_refusal(reason, now)


def next_poll_at(polls: int, since: datetime, now: datetime, base_s: float) -> datetime | None:
    """When to ask for the verdict again; None once a day has passed since `since`.

    5 s, 10, 20, 40, then every 60 s for 15 min, then every 15 min (with a base of 5 s);
    `polls` counts the questions asked so far.
    """
    if now - since >= timedelta(hours=24):
        return None
    steps = [1, 2, 4, 8]
    if polls < len(steps):
        return now + timedelta(seconds=base_s * steps[polls])
    is_early = now - since < timedelta(seconds=base_s * 180)
    return now + timedelta(seconds=base_s * (12 if is_early else 180))


def next_look_at(since: datetime, now: datetime) -> datetime | None:
    """When to look next at a post that arrived at `since`; None once a day has passed.

    A look that was missed is left out. One begun a little early counts as made.
    """
    moments = (since + wait for wait in LOOKS)
    return next((moment for moment in moments if moment > now + timedelta(seconds=1)), None)
