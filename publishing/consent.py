"""Express consent: what a person saw and confirmed before anything may be sent to TikTok.

The strings are TikTok's own (content-sharing-guidelines); ux-rule ids S1 and S2.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy, gettext_noop, ngettext

from accounts.models import User
from publishing.journal import add_line
from publishing.models import Consent, MediaKind, Mode, Post
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

    def parts(self) -> list[tuple[str, str]]:
        """The sentence in pieces of (text, link), in order; plain pieces have an empty link."""
        pieces, rest = [], self.text
        # A database may keep the links in another order than the sentence has them.
        for words in sorted(self.links, key=self.text.find):
            before, _, rest = rest.partition(words)
            pieces += [(before, ""), (words, self.links[words])]
        return [piece for piece in [*pieces, (rest, "")] if piece[0]]


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

# What a person calls the choices of `Post.choices`; the cover is compared for itself.
CHOICE_WORDS = {
    "mode": gettext_lazy("the mode"),
    "privacy_level": gettext_lazy("the audience"),
    "allow_comment": gettext_lazy("the interactions"),
    "allow_duet": gettext_lazy("the interactions"),
    "allow_stitch": gettext_lazy("the interactions"),
    "discloses_content": gettext_lazy("the disclosure"),
    "is_your_brand": gettext_lazy("the disclosure"),
    "is_branded_content": gettext_lazy("the disclosure"),
    "is_ai_generated": gettext_lazy("the AI label"),
    "auto_add_music": gettext_lazy("the music"),
}
ANYTHING = gettext_lazy("the content or the choices")
# Kept as its translation: `why_no_consent` knows it by that, too.
REOPENED = gettext_noop("The post was reopened as a draft.")
# A line of the post's story.
CONSENT_ENDED = "consent_ended"


@dataclass(frozen=True)
class Content:
    """What somebody agreed to, or what a post holds: as far as the two can be compared."""

    open_id: str
    media_sha256s: Sequence[str]
    title_sha256: str
    caption_sha256: str
    choices: Mapping[str, object]

    @property
    def cover(self) -> object:
        """The cover photo's hash, or the frame's place in the video in ms (None: the first)."""
        index = self.choices.get("photo_cover_index")
        if isinstance(index, int) and index < len(self.media_sha256s):
            return self.media_sha256s[index]
        return self.choices.get("cover_timestamp_ms")


def content_of(post: Post) -> Content:
    title = post.title if post.kind == MediaKind.PHOTO else ""
    return Content(
        open_id=post.account.open_id if post.account else "",
        media_sha256s=[file.sha256 for file in post.files()],
        title_sha256=_sha256(title) if title else "",
        caption_sha256=_sha256(post.caption),
        choices=post.choices(),
    )


def content_agreed_to(consent: Consent) -> Content:
    return Content(
        open_id=consent.open_id,
        media_sha256s=consent.media_sha256s,
        title_sha256=consent.title_sha256,
        caption_sha256=consent.caption_sha256,
        choices=consent.choices,
    )


def what_changed(agreed: Content, present: Content) -> list[str]:
    """What a person would call the differences, each once; empty when there are none."""
    changed = [_changed_media(agreed, present)]
    changed += [
        words
        for name, words in (
            ("open_id", gettext("the account")),
            ("title_sha256", gettext("the title")),
            ("caption_sha256", gettext("the caption")),
            ("cover", gettext("the cover")),
        )
        if getattr(agreed, name) != getattr(present, name)
    ]
    # A video has choices that photos lack; the media have changed then.
    shared = agreed.choices.keys() & present.choices.keys()
    changed += [
        str(words)
        for name, words in CHOICE_WORDS.items()
        if name in shared and agreed.choices[name] != present.choices[name]
    ]
    return [words for words in dict.fromkeys(changed) if words]


def changed_since(consent: Consent, post: Post) -> list[str]:
    """`what_changed` between a record and the post as it is now."""
    if post.account and post.account.deleted_at:
        # Its ids are gone on purpose; the content of such a post can no longer change.
        return []
    changed = what_changed(content_agreed_to(consent), content_of(post))
    return changed or ([str(ANYTHING)] if consent.fingerprint != post.fingerprint() else [])


def changed_words(changed: Sequence[str]) -> str:
    """ "The caption and the audience were changed." """
    *others, last = changed
    if last == ANYTHING:
        return gettext("The content or the choices were changed.")
    things = last
    if others:
        things = gettext("{others} and {last}").format(others=", ".join(others), last=last)
    text = ngettext("{things} was changed.", "{things} were changed.", len(changed))
    text = text.format(things=things)
    return f"{text[:1].upper()}{text[1:]}"


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
    content = content_of(post)
    return Consent.objects.create(
        post=post,
        person=person,
        person_email=person.email,
        given_at=now,
        open_id=content.open_id,
        nickname_shown=creator.nickname if creator else account.nickname,
        declaration=declaration.text,
        declaration_links=declaration.links,
        declaration_version=declaration.version,
        options_offered=_options(creator),
        choices=content.choices,
        media_sha256s=content.media_sha256s,
        title_sha256=content.title_sha256,
        caption_sha256=content.caption_sha256,
        fingerprint=post.fingerprint(),
    )


def has_valid_consent(post: Post) -> bool:
    """Whether somebody agreed to exactly this content with exactly these choices."""
    return post.consents.filter(voided_at=None, fingerprint=post.fingerprint()).exists()


def void_consents(post: Post, actor: User, now: datetime) -> int:
    """Voids every consent that no longer fits the post and tells its story what was changed.

    Returns how many were voided.
    """
    ended = 0
    for consent in post.consents.filter(voided_at=None).exclude(fingerprint=post.fingerprint()):
        reason = changed_words(changed_since(consent, post))
        ended += post.consents.filter(pk=consent.pk).void(reason, now)
    latest = post.consents.last()
    changed = changed_since(latest, post) if latest else []
    if latest and changed:
        # Without a name: people who leave take theirs along.
        text = gettext("The consent no longer counts: {reasons}.")
        text = text.format(reasons=_as_clauses(changed_words(changed)))
        lines = post.journal.filter(kind=CONSENT_ENDED, at__gte=latest.given_at)
        if not lines.filter(text=text).exists():
            add_line(post, CONSENT_ENDED, now, text, actor=actor)
    return ended


def why_no_consent(post: Post) -> str:
    """Why the latest consent does not cover the post as it is, in one sentence; "" when it does,
    and when nobody has agreed yet."""
    latest = post.consents.select_related("person").last()
    if latest is None:
        return ""
    changed = changed_since(latest, post)
    reopened = gettext(REOPENED)
    reasons = [reopened] if latest.voided_reason in (REOPENED, reopened) else []
    if changed:
        reasons.append(changed_words(changed))
    elif latest.voided_reason and not reasons:
        reasons.append(latest.voided_reason)
    if not reasons:
        return ""
    text = gettext("The consent of {person} no longer counts: {reasons}.")
    return text.format(person=latest.who, reasons=_as_clauses(*reasons))


def _as_clauses(first: str, *others: str) -> str:
    """One sentence or two, as another one ends with them."""
    first, *rest = (f"{one[:1].lower()}{one[1:].removesuffix('.')}" for one in (first, *others))
    return gettext("{first}, and {second}").format(first=first, second=rest[0]) if rest else first


def _changed_media(agreed: Content, present: Content) -> str:
    before, after = list(agreed.media_sha256s), list(present.media_sha256s)
    if before == after:
        return ""
    if sorted(before) == sorted(after):
        return gettext("the order of the photos")
    return gettext("the media")


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
