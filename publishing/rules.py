"""TikTok's rules for a post, in one place: the form and the publisher ask the same function.

Rule ids (UX-…) are those of TikTok's content-sharing-guidelines as TikTok numbers them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models import AccountStatus, TikTokAccount
from publishing.app_mode import AppMode
from publishing.models import MediaAsset, MediaKind, Mode, Post
from publishing.plan import Plan
from tiktok.captions import (
    MAX_PHOTO_DESCRIPTION_UTF16,
    MAX_PHOTO_TITLE_UTF16,
    MAX_VIDEO_CAPTION_UTF16,
    count_utf16,
)
from tiktok.client import MAX_PHOTOS, CreatorInfo

# Branded content may be public or for friends (UX-3b.1); followers are not named there, and the
# strict reading refuses them.
BRANDED_AUDIENCES = frozenset({"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS"})
INDICATE_PROMOTION = (
    "You need to indicate if your content promotes yourself, a third party, or both."
)
BRANDED_NOT_PRIVATE = "Branded content visibility cannot be set to private."
ONLY_ME_BEFORE_AUDIT = gettext_lazy(
    "TikTok has not audited this app yet and takes posts for “Only me” only. Choose “Only me”."
)
PRIVACY_WORDS = {
    "PUBLIC_TO_EVERYONE": gettext_lazy("Everyone"),
    "MUTUAL_FOLLOW_FRIENDS": gettext_lazy("Friends"),
    "FOLLOWER_OF_CREATOR": gettext_lazy("Followers"),
    "SELF_ONLY": gettext_lazy("Only me"),
}
# A control the creator switched off after the consent is sent as switched off: harmless (SCH-4).
HARMLESS_CHOICES = frozenset({"comment_disabled", "duet_disabled", "stitch_disabled"})
# An account to be reconnected serves as long as its access token lives; the token's keeper knows.
HARMLESS_AT_FIRE = HARMLESS_CHOICES | {"reconnect_needed"}


@dataclass(frozen=True)
class Problem:
    """A rule that does not hold: the form field it belongs to, a fixed code, words for people."""

    field: str
    code: str
    text: str
    account_id: int | None = None


# What can be checked: a plan from the form or a stored post.
Subject = Plan | Post


def has_public_link(post: Post) -> bool:
    """Whether TikTok may ever name the post's own link; of a draft only its creator knows."""
    return post.mode == Mode.INBOX or post.privacy_level == "PUBLIC_TO_EVERYONE"


def check_post(subject: Subject, creator: CreatorInfo | None, app_mode: AppMode) -> list[Problem]:
    """Every rule the post breaks now; an empty list means that it may go out.

    `creator` is TikTok's answer of this moment; None only for the inbox, where the creator
    makes these choices in the app.
    """
    problems = [*_check_account(subject), *_check_media(subject), *_check_texts(subject)]
    problems += [media_deleted(file) for file in subject.files() if file.deleted_at]
    if subject.mode == Mode.INBOX:
        return problems
    problems += _check_disclosure(subject)
    if creator is None:
        text = gettext(
            "TikTok has not said what this creator may choose now. Try again in a moment."
        )
        return [*problems, Problem("account", "creator_unknown", text)]
    problems += _check_privacy(subject, creator)
    if app_mode.is_private_only:
        problems += _check_before_audit(subject, creator)
    problems += _check_interactions(subject, creator)
    problems += _check_duration(subject, creator)
    return problems


def lacks_choices(post: Post) -> bool:
    """Whether a person still has to choose something; what TikTok says of the creator is not asked
    for."""
    if post.account_id is None or post.media_id is None:
        return True
    is_direct = post.mode == Mode.DIRECT
    return is_direct and (not post.privacy_level or bool(_check_disclosure(post)))


def check_at_fire(
    subject: Subject, creator: CreatorInfo | None, app_mode: AppMode
) -> list[Problem]:
    """`check_post` without what is harmless once a person has consented."""
    return [p for p in check_post(subject, creator, app_mode) if p.code not in HARMLESS_AT_FIRE]


def check_draft(subject: Subject) -> list[Problem]:
    """What of the content breaks a rule whatever is chosen later; a draft may lack anything."""
    media = _check_media(subject) if subject.files() else []
    return [*media, *_check_texts(subject)]


def needed_scope(mode: str) -> str:
    return "video.upload" if mode == Mode.INBOX else "video.publish"


def _check_account(subject: Subject) -> list[Problem]:
    account = subject.account
    if account is None:
        return [Problem("account", "no_account", gettext("Choose the account that posts."))]
    if account.status == AccountStatus.DISCONNECTED:
        text = gettext("{account} is disconnected. Connect it again on the Accounts page.")
        return [Problem("account", "account_disconnected", text.format(account=account))]
    if account.status == AccountStatus.RECONNECT_NEEDED:
        text = gettext("{account} must be connected again: {reason}").format(
            account=account, reason=account.status_reason
        )
        return [Problem("account", "reconnect_needed", text)]
    return _check_scope(account, subject.mode)


def _check_scope(account: TikTokAccount, mode: str) -> list[Problem]:
    scope = needed_scope(mode)
    if scope in account.scopes:
        return []
    text = gettext(
        "{account} did not grant the permission {scope}, which this kind of post needs. "
        "Connect the account again and leave that permission ticked."
    ).format(account=account, scope=scope)
    return [Problem("account", "scope_missing", text)]


def _check_media(subject: Subject) -> list[Problem]:
    if subject.kind == MediaKind.PHOTO:
        return _check_photos(subject)
    media, cover_ms = subject.media, subject.cover_timestamp_ms
    if media is None:
        return [Problem("media", "no_media", gettext("Choose a video."))]
    if cover_ms is not None and media.duration_ms is not None and cover_ms > media.duration_ms:
        text = gettext("The cover lies after the end of the video. Choose an earlier frame.")
        return [Problem("cover_timestamp_ms", "cover_after_end", text)]
    return []


def media_deleted(media: MediaAsset) -> Problem:
    text = gettext("“{file}” was deleted from the media library. Choose another file.")
    return Problem("media", "media_deleted", text.format(file=media))


def _check_photos(subject: Subject) -> list[Problem]:
    count = len(subject.files())
    if not count or subject.media is None:
        return [Problem("media", "no_media", gettext("Choose at least one photo."))]
    if count > MAX_PHOTOS:
        text = ngettext(
            "These are {count} photos; TikTok takes up to {limit} in a post. Remove some.",
            "These are {count} photos; TikTok takes up to {limit} in a post. Remove some.",
            count,
        ).format(count=count, limit=MAX_PHOTOS)
        return [Problem("media", "too_many_photos", text)]
    return []


_TITLE_TOO_LONG = gettext_lazy(
    "The title has {count} characters as TikTok counts them; {limit} are allowed."
)
_DESCRIPTION_TOO_LONG = gettext_lazy(
    "The description has {count} characters as TikTok counts them; {limit} are allowed."
)
_CAPTION_TOO_LONG = gettext_lazy(
    "The caption has {count} characters as TikTok counts them; {limit} are allowed."
)


def _check_texts(subject: Subject) -> list[Problem]:
    if subject.kind == MediaKind.PHOTO:
        checks = [
            ("title", _TITLE_TOO_LONG, subject.title, MAX_PHOTO_TITLE_UTF16),
            ("caption", _DESCRIPTION_TOO_LONG, subject.caption, MAX_PHOTO_DESCRIPTION_UTF16),
        ]
    elif subject.mode == Mode.INBOX:
        # TikTok takes no caption with an inbox video.
        checks = []
    else:
        checks = [("caption", _CAPTION_TOO_LONG, subject.caption, MAX_VIDEO_CAPTION_UTF16)]
    return [
        Problem(
            field,
            f"{field}_too_long",
            words.format(count=count_utf16(text), limit=limit),
        )
        for field, words, text, limit in checks
        if count_utf16(text) > limit
    ]


def _check_disclosure(subject: Subject) -> list[Problem]:
    chosen = subject.is_your_brand or subject.is_branded_content
    if subject.discloses_content and not chosen:
        return [Problem("discloses_content", "disclosure_without_kind", INDICATE_PROMOTION)]
    if chosen and not subject.discloses_content:
        text = gettext("Switch the Content Disclosure Setting on, or untick both boxes.")
        return [Problem("discloses_content", "kind_without_disclosure", text)]
    if subject.is_branded_content and subject.privacy_level not in {"", *BRANDED_AUDIENCES}:
        return [Problem("privacy_level", "branded_not_private", BRANDED_NOT_PRIVATE)]
    return []


def _check_privacy(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    level = subject.privacy_level
    if not level:
        text = gettext("Choose who can view this post.")
        return [Problem("privacy_level", "privacy_not_chosen", text)]
    if level not in creator.privacy_level_options:
        offered = ", ".join(str(PRIVACY_WORDS.get(o, o)) for o in creator.privacy_level_options)
        text = gettext(
            "TikTok does not offer “{audience}” for {account} now. It offers: {offered}. "
            "Choose again."
        ).format(
            audience=PRIVACY_WORDS.get(level, level), account=creator.nickname, offered=offered
        )
        return [Problem("privacy_level", "privacy_not_offered", text)]
    return []


def _check_before_audit(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    """What TikTok takes from a client that it has not audited: "Only me", on a private account."""
    problems = []
    if subject.privacy_level not in {"", "SELF_ONLY"}:
        problems.append(Problem("privacy_level", "not_audited", str(ONLY_ME_BEFORE_AUDIT)))
    if is_public_account(creator):
        text = gettext(
            "{account} is a public account. Until TikTok has audited this app, it takes posts for "
            "private accounts only. In the TikTok app switch on Settings and privacy → Privacy → "
            "Private account, then open this page again."
        ).format(account=creator.nickname)
        problems.append(Problem("account", "account_is_public", text))
    return problems


def is_public_account(creator: CreatorInfo) -> bool:
    """TikTok offers "Everyone" to public accounts only."""
    return "PUBLIC_TO_EVERYONE" in creator.privacy_level_options


# Photos know comments only (UX-2c.3).
INTERACTIONS = {
    MediaKind.VIDEO: ("comment", "duet", "stitch"),
    MediaKind.PHOTO: ("comment",),
}
_SWITCHED_OFF = {
    "comment": gettext_lazy(
        "{account} has switched comments off in TikTok, so they cannot be allowed."
    ),
    "duet": gettext_lazy("{account} has switched duets off in TikTok, so they cannot be allowed."),
    "stitch": gettext_lazy(
        "{account} has switched stitches off in TikTok, so they cannot be allowed."
    ),
}


def _check_interactions(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    controls = [
        (f"allow_{name}", f"{name}_disabled", _SWITCHED_OFF[name])
        for name in INTERACTIONS[MediaKind(subject.kind)]
    ]
    return [
        Problem(
            field,
            code,
            words.format(account=creator.nickname),
        )
        for field, code, words in controls
        if getattr(subject, field) and getattr(creator, code)
    ]


def _check_duration(subject: Subject, creator: CreatorInfo) -> list[Problem]:
    if subject.kind == MediaKind.PHOTO or subject.media is None:
        return []
    length_s, limit_s = subject.media.duration_s, creator.max_video_post_duration_s
    if length_s <= limit_s:
        return []
    text = gettext(
        "The video is {length} s long; {account} may post up to {limit} s. Use a shorter cut."
    ).format(length=number_format(round(length_s, 1), 1), account=creator.nickname, limit=limit_s)
    return [Problem("media", "video_too_long", text)]


def check_due(due_at: datetime | None, now: datetime) -> list[Problem]:
    """Whether a person may choose this moment: a due time cannot lie in the past."""
    if due_at is None:
        return [Problem("due_at", "no_due_time", gettext("Choose when the post should go out."))]
    if due_at < now:
        text = gettext("This moment has passed. Choose a later one, or post now.")
        return [Problem("due_at", "due_in_past", text)]
    return []
