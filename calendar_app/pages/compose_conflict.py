"""Two versions of one form, in words: what somebody else wrote, and what this page holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from accounts.models import User
from accounts.zones import moment_words
from calendar_app.forms.compose import new_form_token
from calendar_app.pages.post_choices import cover_words, privacy_word
from publishing.conflicts import Conflict, Difference
from publishing.models import MediaKind, Mode

WORDS: dict[str, Any] = {
    "accounts": gettext_lazy("Accounts"),
    "kind": gettext_lazy("Kind"),
    "mode": gettext_lazy("Goes to"),
    "title": gettext_lazy("Title"),
    "caption": gettext_lazy("Caption"),
    "media": gettext_lazy("Video or cover"),
    "photos": gettext_lazy("Photos"),
    "cover_timestamp_ms": gettext_lazy("Cover"),
    "due_at": gettext_lazy("Date and time"),
    "labels": gettext_lazy("Labels"),
    "privacy_level": gettext_lazy("Who can view"),
    "allow_comment": "Allow Comment",
    "allow_duet": "Duet",
    "allow_stitch": "Stitch",
    "discloses_content": "Content Disclosure Setting",
    "is_your_brand": "Your brand",
    "is_branded_content": "Branded content",
    "is_ai_generated": gettext_lazy("AI-generated content"),
    "auto_add_music": gettext_lazy("Add music"),
}
CHOICE_WORDS = {
    **dict(Mode.choices),
    **dict(MediaKind.choices),
}
NOTHING = gettext_lazy("Nothing")


@dataclass(frozen=True)
class ConflictRow:
    """One field; `is_text` when it is to be copied from."""

    field: str
    theirs: str
    mine: str
    is_text: bool


def settle_conflict(data: QueryDict) -> None:
    """What a person chose between the two versions, as the form itself would say it.

    "keep" overwrites exactly the version that was shown; "anew" leaves it alone.
    """
    if data.get("action") == "keep":
        data["seen_at"] = data.get("conflict_at", "")
    elif data.get("action") == "anew":
        data["form_token"], data["seen_at"] = new_form_token(), ""


def conflict_context(
    conflict: Conflict, form_token: UUID, person: User, zone: ZoneInfo, now: datetime
) -> dict[str, Any]:
    return {
        "conflict": conflict,
        "conflict_rows": [_row(one, zone, now) for one in conflict.differences],
        "conflict_who": "" if conflict.who in (None, person) else str(conflict.who),
        "is_own_conflict": conflict.who == person,
        "theirs_url": reverse("post", args=[conflict.sent.pk])
        if conflict.sent
        else f"{reverse('compose')}?draft={form_token}",
    }


def _row(one: Difference, zone: ZoneInfo, now: datetime) -> ConflictRow:
    field = f"{WORDS[one.name]}, {one.account}" if one.account else str(WORDS[one.name])
    theirs, mine = (_words(one.name, value, zone, now) for value in (one.theirs, one.mine))
    return ConflictRow(field, theirs, mine, one.name in {"title", "caption"})


def _words(name: str, value: Any, zone: ZoneInfo, now: datetime) -> str:
    if isinstance(value, bool):
        return gettext("On") if value else gettext("Off")
    if isinstance(value, datetime):
        return moment_words(value.astimezone(zone), now)
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value) or str(NOTHING)
    if name == "cover_timestamp_ms":
        return cover_words(value)
    if name == "privacy_level":
        return privacy_word(value) or gettext("Not chosen yet")
    return str(CHOICE_WORDS.get(value, "") or value or NOTHING)
