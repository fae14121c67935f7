"""What the posting screen shows: the creator as TikTok describes it now, choices, declarations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form

from accounts.models import TikTokAccount
from calendar_app.forms.due import FOLDS, DueForm, read_due
from publishing.consent import Declaration, declaration_for
from publishing.creators import CreatorUnavailable, look_at_creator
from publishing.models import Mode
from publishing.rules import (
    BRANDED_AUDIENCES,
    BRANDED_NOT_PRIVATE,
    INDICATE_PROMOTION,
    PRIVACY_WORDS,
)
from tiktok.captions import MAX_VIDEO_CAPTION_UTF16, count_utf16
from tiktok.client import CreatorInfo

# Where an error's link leads when the field is not one input with its own id.
ANCHORS = {
    "account": "account-and-creator",
    "media": "video",
    "mode": "mode",
    "privacy_level": "who-can-view",
    "due_fold": "moment",
}
LABELS = {
    "account": "Account",
    "media": "Video",
    "caption": "Caption",
    "privacy_level": "Who can view",
    "allow_comment": "Allow Comment",
    "allow_duet": "Duet",
    "allow_stitch": "Stitch",
    "discloses_content": "Content Disclosure Setting",
    "due_date": "Date",
    "due_time": "Time",
    "due_fold": "Time",
}


@dataclass(frozen=True)
class Look:
    """An account and TikTok's answer about its creator, or why there is none."""

    account: TikTokAccount
    creator: CreatorInfo | None
    problem: CreatorUnavailable | None = None


@dataclass(frozen=True)
class Option:
    """One audience TikTok offers. `is_for_branded`: whether branded content may have it."""

    value: str
    word: str
    is_chosen: bool
    is_for_branded: bool


@dataclass(frozen=True)
class Interaction:
    name: str
    label: str
    is_allowed: bool
    is_switched_off: bool


def take_a_look(account: TikTokAccount, now: datetime) -> Look:
    try:
        return Look(account, look_at_creator(account, now))
    except CreatorUnavailable as problem:
        return Look(account, None, problem)


def chosen(form: Form, name: str) -> Any:
    """The object that a field of the form names, if it names a valid one."""
    value = form[name].value()
    try:
        return form.fields[name].clean(value) if value else None
    except ValidationError:
        return None


def privacy_options(form: Form, creator: CreatorInfo) -> list[Option]:
    """Exactly what TikTok offers, in its order (UX-2b.1); nothing is chosen beforehand."""
    value = form["privacy_level"].value()
    return [
        Option(level, PRIVACY_WORDS.get(level, level), level == value, level in BRANDED_AUDIENCES)
        for level in creator.privacy_level_options
    ]


def interactions(form: Form, creator: CreatorInfo) -> list[Interaction]:
    controls = [
        ("allow_comment", "Allow Comment", creator.comment_disabled),
        ("allow_duet", "Duet", creator.duet_disabled),
        ("allow_stitch", "Stitch", creator.stitch_disabled),
    ]
    return [
        Interaction(name, label, bool(form[name].value()) and not is_off, is_off)
        for name, label, is_off in controls
    ]


def creator_context(form: Form, look: Look | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "form": form,
        "look": look,
        "branded_not_private": BRANDED_NOT_PRIVATE,
    }
    if look and look.creator:
        context["privacy_options"] = privacy_options(form, look.creator)
        context["interactions"] = interactions(form, look.creator)
    return context


def declaration_parts(declaration: Declaration) -> list[tuple[str, str]]:
    """The sentence in pieces of (text, link), in order; plain pieces have an empty link."""
    parts, rest = [], declaration.text
    for words, url in declaration.links.items():
        before, _, rest = rest.partition(words)
        parts += [(before, ""), (words, url)]
    return [*parts, (rest, "")]


def moment_context(form: DueForm, now: datetime) -> dict[str, Any]:
    """What stands beside the date and time fields: the moment they mean, or what to choose."""
    due_at, two_moments = read_due(form)
    folds = zip(FOLDS, two_moments, strict=False)
    return {
        "form": form,
        "due_at": due_at,
        "due_is_past": due_at is not None and due_at < now,
        "folds": list(folds),
        "chosen_fold": form["due_fold"].value(),
    }


def error_summary(form: Form) -> list[dict[str, str]]:
    """Every error once, with the place on the page that its link leads to."""
    return [
        {
            "anchor": ANCHORS.get(name, f"id_{name}") if name != "__all__" else "",
            "label": LABELS.get(name, ""),
            "text": str(text),
        }
        for name, errors in form.errors.items()
        for text in errors
    ]


def caption_length(form: Form) -> int:
    return count_utf16((form["caption"].value() or "").replace("\r\n", "\n"))


def fixed_words() -> dict[str, Any]:
    return {
        "declaration": declaration_parts(declaration_for(Mode.DIRECT, is_branded=False)),
        "branded_declaration": declaration_parts(declaration_for(Mode.DIRECT, is_branded=True)),
        "indicate_promotion": INDICATE_PROMOTION,
        "max_caption_utf16": MAX_VIDEO_CAPTION_UTF16,
    }
