"""What was chosen for a post, in TikTok's words: for its facts, its preview and its consents."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from calendar_app.templatetags.player_time import player_time
from publishing.models import Mode, Post
from publishing.rules import PRIVACY_WORDS

Rows = list[tuple[str, str]]

# What TikTok writes at a post: content-sharing-guidelines (UX-3a), direct-post (`is_aigc`).
PROMOTIONAL, PAID = "Promotional content", "Paid partnership"
AI_LABEL = "Creator labeled as AI-generated"
INTERACTION_WORDS = {"allow_comment": "Comment", "allow_duet": "Duet", "allow_stitch": "Stitch"}
SWITCHED_OFF_WORDS = {
    "comment_disabled": "Comment",
    "duet_disabled": "Duet",
    "stitch_disabled": "Stitch",
}


def choice_rows(choices: Mapping[str, Any], files: int) -> Rows:
    """`Post.choices`, or what a consent kept of them, as labels and values.

    `files` is how many photos or videos there are.
    """
    if choices["mode"] == Mode.INBOX:
        return [(gettext("Goes to"), gettext("The TikTok inbox")), *_cover_rows(choices, files)]
    return [
        (gettext("Goes to"), gettext("The profile")),
        (
            gettext("Who can view"),
            privacy_word(choices["privacy_level"]) or gettext("Not chosen yet"),
        ),
        (gettext("Allowed"), allowed_words(choices)),
        (gettext("Disclosure"), disclosure_words(choices)),
        (gettext("AI label"), AI_LABEL if choices["is_ai_generated"] else gettext("Off")),
        *_cover_rows(choices, files),
        *_music_rows(choices),
    ]


def offered_rows(options: Mapping[str, Any]) -> Rows:
    """What TikTok said about the creator when somebody agreed; empty for the inbox."""
    if not options:
        return []
    levels = [privacy_word(level) for level in options["privacy_level_options"]]
    switched_off = [word for name, word in SWITCHED_OFF_WORDS.items() if options[name]]
    return [
        (gettext("Who can view"), ", ".join(levels)),
        (gettext("Switched off in TikTok"), ", ".join(switched_off) or gettext("Nothing")),
        (gettext("Longest video"), f"{options['max_video_post_duration_sec']} s"),
    ]


def phone_labels(post: Post) -> list[str]:
    """What TikTok will write under the post's caption."""
    if post.mode == Mode.INBOX:
        return []
    labels = [_brand_label(post.choices()), AI_LABEL if post.is_ai_generated else ""]
    return [label for label in labels if label]


def privacy_word(level: str) -> str:
    return str(PRIVACY_WORDS.get(level, level))


def allowed_words(choices: Mapping[str, Any]) -> str:
    allowed = [word for name, word in INTERACTION_WORDS.items() if choices.get(name)]
    return ", ".join(allowed) or gettext("Nothing")


def disclosure_words(choices: Mapping[str, Any]) -> str:
    kinds = {"is_your_brand": "Your brand", "is_branded_content": "Branded content"}
    chosen = [word for name, word in kinds.items() if choices[name]]
    if not chosen:
        is_on = choices["discloses_content"]
        return gettext("On, nothing chosen yet") if is_on else gettext("Off")
    text = gettext("{chosen}: labeled as '{label}'")
    return text.format(chosen=", ".join(chosen), label=_brand_label(choices))


def _brand_label(choices: Mapping[str, Any]) -> str:
    if choices["is_branded_content"]:
        return PAID
    return PROMOTIONAL if choices["is_your_brand"] else ""


def _cover_rows(choices: Mapping[str, Any], files: int) -> Rows:
    index = choices.get("photo_cover_index")
    # TikTok takes no cover with an inbox video.
    is_inbox_video = index is None and choices["mode"] == Mode.INBOX
    if not files or is_inbox_video:
        return []
    if index is not None:
        words = gettext("Photo {number} of {count}").format(number=index + 1, count=files)
        return [(gettext("Cover"), words)]
    return [(gettext("Cover"), cover_words(choices.get("cover_timestamp_ms")))]


def cover_words(timestamp_ms: int | None) -> str:
    if timestamp_ms is None:
        return gettext("First frame")
    return gettext("Frame at {time}").format(time=player_time(timestamp_ms))


def _music_rows(choices: Mapping[str, Any]) -> Rows:
    if "auto_add_music" not in choices:
        return []
    adds = choices["auto_add_music"]
    words = gettext("TikTok adds recommended music") if adds else gettext("TikTok adds none")
    return [(gettext("Music"), words)]
