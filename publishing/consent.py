"""Express consent: what a person saw and confirmed before anything may be sent to TikTok.

The strings are TikTok's own (content-sharing-guidelines); ux-rule ids S1 and S2.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from publishing.models import Consent, Mode, Post
from tiktok.client import CreatorInfo

MUSIC_USAGE = {
    "Music Usage Confirmation": "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
}
BRANDED_CONTENT = {
    "Branded Content Policy": "https://www.tiktok.com/legal/page/global/bc-policy/en"
}


@dataclass(frozen=True)
class Declaration:
    """A sentence, the links inside it by their words, and the version of its wording."""

    text: str
    links: dict[str, str]
    version: str


STANDARD = Declaration(
    "By posting, you agree to TikTok's Music Usage Confirmation", MUSIC_USAGE, "S1 2026-09"
)
BRANDED = Declaration(
    "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation.",
    BRANDED_CONTENT | MUSIC_USAGE,
    "S2 2026-09",
)


# In inbox mode TikTok's app asks the creator for every choice and agreement.
INBOX = Declaration("", {}, "inbox")


def declaration_for(mode: str, is_branded: bool) -> Declaration:
    """S2 as soon as the content is branded content, S1 otherwise (ux-rule UX-4)."""
    if mode == Mode.INBOX:
        return INBOX
    return BRANDED if is_branded else STANDARD


def give_consent(post: Post, person: User, creator: CreatorInfo | None, now: datetime) -> Consent:
    """Records that `person` confirmed the post as it is; `creator` is what TikTok offered."""
    account = post.account
    if account is None:
        raise ValueError("Nobody can agree to a post without an account.")
    declaration = declaration_for(post.mode, post.is_branded_content)
    return Consent.objects.create(
        post=post,
        person=person,
        person_email=person.email,
        given_at=now,
        open_id=account.open_id,
        nickname_shown=creator.nickname if creator else account.nickname,
        declaration=declaration.text,
        declaration_links=declaration.links,
        declaration_version=declaration.version,
        options_offered=_options(creator),
        choices=post.choices(),
        media_sha256s=[file.sha256 for file in post.files()],
        title_sha256=_sha256(post.title) if post.title else "",
        caption_sha256=_sha256(post.caption),
        fingerprint=post.fingerprint(),
    )


def valid_consent(post: Post) -> Consent | None:
    """The consent to exactly this content with exactly these choices, if there is one."""
    return post.consents.filter(voided_at=None, fingerprint=post.fingerprint()).last()


def void_consents(post: Post, reason: str, now: datetime) -> int:
    """Voids every consent that no longer fits the post; returns how many."""
    stale = post.consents.filter(voided_at=None).exclude(fingerprint=post.fingerprint())
    return stale.update(voided_at=now, voided_reason=reason)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _options(creator: CreatorInfo | None) -> dict[str, object]:
    if creator is None:
        return {}
    return {
        "privacy_level_options": list(creator.privacy_level_options),
        "comment_disabled": creator.comment_disabled,
        "duet_disabled": creator.duet_disabled,
        "stitch_disabled": creator.stitch_disabled,
        "max_video_post_duration_sec": creator.max_video_post_duration_s,
    }
