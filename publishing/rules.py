"""TikTok's rules for a post, in one place: the form and the publisher ask the same function.

Rule ids (UX-…) are those of TikTok's content-sharing-guidelines as TikTok numbers them.
"""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import AccountStatus
from publishing.models import Mode, Post
from publishing.plan import Plan
from tiktok.captions import MAX_VIDEO_CAPTION_UTF16, count_utf16
from tiktok.client import CreatorInfo

# Branded content may be public or for friends (UX-3b.1); followers are not named there, and the
# strict reading refuses them.
BRANDED_AUDIENCES = frozenset({"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS"})
INDICATE_PROMOTION = (
    "You need to indicate if your content promotes yourself, a third party, or both."
)
BRANDED_NOT_PRIVATE = "Branded content visibility cannot be set to private."
PRIVACY_WORDS = {
    "PUBLIC_TO_EVERYONE": "Everyone",
    "MUTUAL_FOLLOW_FRIENDS": "Friends",
    "FOLLOWER_OF_CREATOR": "Followers",
    "SELF_ONLY": "Only me",
}
# A control the creator switched off after the consent is sent as switched off: harmless (SCH-4).
# An account to be reconnected serves as long as its access token lives; the token's keeper knows.
HARMLESS_AT_FIRE = frozenset(
    {"comment_disabled", "duet_disabled", "stitch_disabled", "reconnect_needed"}
)


@dataclass(frozen=True)
class Problem:
    """A rule that does not hold: the form field it belongs to, a fixed code, words for people."""

    field: str
    code: str
    text: str


# What can be checked: a plan from the form or a stored post.
Subject = Plan | Post


def check_post(subject: Subject, creator: CreatorInfo | None) -> list[Problem]:
    """Every rule the post breaks now; an empty list means that it may go out.

    `creator` is TikTok's answer of this moment; None only for the inbox, where the creator
    makes these choices in the app.
    """
    problems = [*_check_account(subject), *_check_cover(subject)]
    if subject.mode == Mode.INBOX:
        return problems
    problems += _check_caption(subject.caption)
    problems += _check_disclosure(subject)
    if creator is None:
        text = "TikTok has not said what this creator may choose now. Try again in a moment."
        return [*problems, Problem("account", "creator_unknown", text)]
    problems += _check_privacy(subject, creator)
    problems += _check_interactions(subject, creator)
    problems += _check_duration(subject, creator)
    return problems


def check_at_fire(subject: Subject, creator: CreatorInfo | None) -> list[Problem]:
    """`check_post` without what is harmless once a person has consented."""
    return [p for p in check_post(subject, creator) if p.code not in HARMLESS_AT_FIRE]


def needed_scope(mode: str) -> str:
    return "video.upload" if mode == Mode.INBOX else "video.publish"


def _check_account(subject: Subject) -> list[Problem]:
    account = subject.account
    if account.status == AccountStatus.DISCONNECTED:
        text = f"{account} is disconnected. Connect it again on the Accounts page."
        return [Problem("account", "account_disconnected", text)]
    if account.status == AccountStatus.RECONNECT_NEEDED:
        text = f"{account} must be connected again: {account.status_reason}"
        return [Problem("account", "reconnect_needed", text)]
    scope = needed_scope(subject.mode)
    if scope not in account.scopes:
        text = (
            f"{account} did not grant the permission {scope}, which this kind of post needs. "
            "Connect the account again and leave that permission ticked."
        )
        return [Problem("account", "scope_missing", text)]
    return []


def _check_cover(subject: Subject) -> list[Problem]:
    cover_ms, duration_ms = subject.cover_timestamp_ms, subject.media.duration_ms
    if cover_ms is not None and duration_ms is not None and cover_ms > duration_ms:
        text = "The cover lies after the end of the video. Choose an earlier frame."
        return [Problem("cover_timestamp_ms", "cover_after_end", text)]
    return []


def _check_caption(caption: str) -> list[Problem]:
    length = count_utf16(caption)
    if length <= MAX_VIDEO_CAPTION_UTF16:
        return []
    text = (
        f"The caption has {length} characters as TikTok counts them; "
        f"{MAX_VIDEO_CAPTION_UTF16} are allowed."
    )
    return [Problem("caption", "caption_too_long", text)]


def _check_disclosure(subject: Subject) -> list[Problem]:
    chosen = subject.is_your_brand or subject.is_branded_content
    if subject.discloses_content and not chosen:
        return [Problem("discloses_content", "disclosure_without_kind", INDICATE_PROMOTION)]
    if chosen and not subject.discloses_content:
        text = "Switch the Content Disclosure Setting on, or untick both boxes."
        return [Problem("discloses_content", "kind_without_disclosure", text)]
    if subject.is_branded_content and subject.privacy_level not in {"", *BRANDED_AUDIENCES}:
        return [Problem("privacy_level", "branded_not_private", BRANDED_NOT_PRIVATE)]
    return []


def _check_privacy(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    level = subject.privacy_level
    if not level:
        text = "Choose who can view this post."
        return [Problem("privacy_level", "privacy_not_chosen", text)]
    if level not in creator.privacy_level_options:
        offered = ", ".join(PRIVACY_WORDS.get(o, o) for o in creator.privacy_level_options)
        text = (
            f"TikTok does not offer “{PRIVACY_WORDS.get(level, level)}” for "
            f"{creator.nickname} now. It offers: {offered}. Choose again."
        )
        return [Problem("privacy_level", "privacy_not_offered", text)]
    return []


def _check_interactions(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    controls = [
        ("allow_comment", "comment_disabled", "comments"),
        ("allow_duet", "duet_disabled", "duets"),
        ("allow_stitch", "stitch_disabled", "stitches"),
    ]
    return [
        Problem(
            field,
            code,
            f"{creator.nickname} has switched {words} off in TikTok, so they cannot be allowed.",
        )
        for field, code, words in controls
        if getattr(subject, field) and getattr(creator, code)
    ]


def _check_duration(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    length_s, limit_s = subject.media.duration_s, creator.max_video_post_duration_s
    if length_s <= limit_s:
        return []
    text = (
        f"The video is {length_s:.1f} s long; {creator.nickname} may post up to {limit_s} s. "
        "Use a shorter cut."
    )
    return [Problem("media", "video_too_long", text)]


def check_due(due_at: datetime | None, now: datetime) -> list[Problem]:
    """Whether a person may choose this moment: a due time cannot lie in the past."""
    if due_at is None:
        return [Problem("due_at", "no_due_time", "Choose when the post should go out.")]
    if due_at < now:
        text = "This moment has passed. Choose a later one, or post now."
        return [Problem("due_at", "due_in_past", text)]
    return []
