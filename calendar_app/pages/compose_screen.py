"""What the posting screen shows: creators as TikTok describes them now, choices, declarations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.forms import Form
from django.utils.translation import gettext, gettext_lazy

from accounts.approval_rules import ApprovalRule, approval_rule
from accounts.models import TikTokAccount
from calendar_app.forms.compose import ChoicesForm, ComposeForm
from calendar_app.forms.due import FOLDS, DueForm, read_due
from publishing import cap
from publishing.app_mode import current_app_mode
from publishing.consent import declaration_for
from publishing.creators import CreatorUnavailable, look_at_creator
from publishing.models import MediaKind, Mode
from publishing.rules import (
    BRANDED_AUDIENCES,
    BRANDED_NOT_PRIVATE,
    INDICATE_PROMOTION,
    INTERACTIONS,
    PRIVACY_WORDS,
    Problem,
    is_public_account,
    needed_scope,
)
from publishing.slots import next_free_slots
from tiktok.client import MAX_PHOTOS, CreatorInfo

# Where an error's link leads when the field is not one input with its own id.
ANCHORS = {
    "accounts": "account-and-creator",
    "media": "media",
    "photos": "media",
    "mode": "mode",
    "due_fold": "moment",
    "cover_timestamp_ms": "cover",
}
LABELS: dict[str, Any] = {
    "accounts": gettext_lazy("Account"),
    "media": gettext_lazy("Media"),
    "photos": gettext_lazy("Photos"),
    "title": gettext_lazy("Title"),
    "caption": gettext_lazy("Caption"),
    "cover_timestamp_ms": gettext_lazy("Cover"),
    "privacy_level": gettext_lazy("Who can view"),
    "allow_comment": "Allow Comment",
    "allow_duet": "Duet",
    "allow_stitch": "Stitch",
    "discloses_content": "Content Disclosure Setting",
    "is_branded_content": "Branded content",
    "due_date": gettext_lazy("Date"),
    "due_time": gettext_lazy("Time"),
    "due_fold": gettext_lazy("Time"),
}
INTERACTION_LABELS = {"comment": "Allow Comment", "duet": "Duet", "stitch": "Stitch"}
# Where a problem of publishing.rules stands on this form when the names differ.
FIELD_OF_PROBLEM = {"due_at": "due_time", "account": None}


@dataclass(frozen=True)
class Look:
    """An account and TikTok's answer about its creator, or why there is none."""

    account: TikTokAccount
    creator: CreatorInfo | None = None
    problem: CreatorUnavailable | None = None


@dataclass(frozen=True)
class Option:
    """One audience TikTok offers. `is_for_branded`: whether branded content may have it."""

    value: str
    word: str
    is_chosen: bool
    is_for_branded: bool
    is_after_audit: bool


@dataclass(frozen=True)
class Interaction:
    name: str
    label: str
    is_allowed: bool
    is_switched_off: bool


@dataclass(frozen=True)
class Panel:
    """One account's part of the screen: its creator, its choices, its limits."""

    look: Look
    form: ChoicesForm
    kind: str
    pending_drafts: int
    next_slot: datetime | None
    pending_limit: int = cap.PENDING_SHARES

    @property
    def account(self) -> TikTokAccount:
        return self.look.account

    @property
    def creator(self) -> CreatorInfo | None:
        return self.look.creator

    @property
    def approval(self) -> ApprovalRule:
        return approval_rule(self.account)

    @property
    def direct_scope_missing(self) -> str:
        return _scope_missing(self.account, Mode.DIRECT)

    @property
    def inbox_scope_missing(self) -> str:
        return _scope_missing(self.account, Mode.INBOX)

    @property
    def options(self) -> list[Option]:
        """Exactly what TikTok offers, in its order (UX-2b.1); nothing is chosen beforehand."""
        value = self.form["privacy_level"].value()
        is_private_only = current_app_mode().is_private_only
        return [
            Option(
                level,
                str(PRIVACY_WORDS.get(level, level)),
                level == value,
                level in BRANDED_AUDIENCES,
                is_private_only and level != "SELF_ONLY",
            )
            for level in (self.creator.privacy_level_options if self.creator else ())
        ]

    @property
    def interactions(self) -> list[Interaction]:
        return [
            self._interaction(f"allow_{name}", INTERACTION_LABELS[name], f"{name}_disabled")
            for name in INTERACTIONS[MediaKind(self.kind)]
        ]

    def _interaction(self, name: str, label: str, flag: str) -> Interaction:
        is_off = bool(getattr(self.creator, flag))
        return Interaction(name, label, bool(self.form[name].value()) and not is_off, is_off)

    @property
    def is_public(self) -> bool:
        """A public account before TikTok's audit: it can post nothing."""
        if not current_app_mode().is_private_only or self.creator is None:
            return False
        return is_public_account(self.creator)


def take_a_look(account: TikTokAccount, now: datetime) -> Look:
    try:
        return Look(account, look_at_creator(account, now))
    except CreatorUnavailable as problem:
        return Look(account, problem=problem)


def take_looks(accounts: Iterable[TikTokAccount], mode: str, now: datetime) -> list[Look]:
    """TikTok's answer per account; the inbox needs none, the creator chooses in the app."""
    if mode == Mode.INBOX:
        return [Look(account) for account in accounts]
    return [take_a_look(account, now) for account in accounts]


def make_panels(
    looks: Sequence[Look], forms: Sequence[ChoicesForm], kind: str, mode: str, now: datetime
) -> list[Panel]:
    accounts = [look.account for look in looks]
    prefetch_related_objects(accounts, "team")
    slots = next_free_slots(accounts, now, mode)
    return [
        Panel(look, form, kind, _pending_drafts(look.account, now), slots.get(look.account.pk))
        for look, form in zip(looks, forms, strict=True)
    ]


def _scope_missing(account: TikTokAccount, mode: str) -> str:
    scope = needed_scope(mode)
    return "" if scope in account.scopes else scope


def _pending_drafts(account: TikTokAccount, now: datetime) -> int:
    return len(cap.sent_moments(account, now, Mode.INBOX))


def chosen(form: Form, name: str) -> Any:
    """What a field of the form names, if it is valid."""
    value = form[name].value()
    try:
        return form.fields[name].clean(value) if value else None
    except ValidationError:
        return None


def chosen_accounts(form: ComposeForm) -> list[TikTokAccount]:
    """The valid ones among those that the form names, in a stable order."""
    known = {str(account.pk): account for account in form.fields["accounts"].queryset}  # type: ignore[attr-defined]
    wanted = {str(value) for value in form["accounts"].value() or ()}
    return [account for pk, account in known.items() if pk in wanted]


def chosen_photos(form: ComposeForm) -> list[Any]:
    """The valid ones among the photos that the form names, in its order."""
    wanted = [str(value) for value in form["photos"].value() or () if str(value).isdigit()]
    known = {str(photo.pk): photo for photo in form.fields["photos"].queryset.filter(pk__in=wanted)}  # type: ignore[attr-defined]
    return [known[pk] for pk in dict.fromkeys(wanted) if pk in known]


def place_problems(
    form: ComposeForm, choices: Sequence[ChoicesForm], problems: Iterable[Problem]
) -> None:
    """Puts every problem beside its field; what concerns the content of all accounts, once."""
    panels = {one.account.pk: one for one in choices}
    for problem in problems:
        name = FIELD_OF_PROBLEM.get(problem.field, problem.field)
        panel = panels.get(problem.account_id or 0)
        if panel is not None and (name is None or name in panel.fields):
            panel.add_error(name, problem.text)
        elif problem.text not in form.errors.get(name or "__all__", []):
            form.add_error(name if name in form.fields else None, problem.text)


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


def error_summary(form: Form, choices: Sequence[ChoicesForm] = ()) -> list[dict[str, str]]:
    """Every error once, with the place on the page that its link leads to."""
    rows = [
        {
            "anchor": ANCHORS.get(name, f"id_{name}") if name != "__all__" else "",
            "label": str(LABELS.get(name, "")),
            "text": str(text),
        }
        for name, errors in form.errors.items()
        for text in errors
    ]
    for one in choices:
        names = f"{one.account}: " if len(choices) > 1 else ""
        rows += [
            {
                "anchor": f"id_{one.add_prefix(name)}"
                if name != "__all__"
                else f"panel-{one.account.pk}",
                "label": names + str(LABELS.get(name) or gettext("Account")),
                "text": str(text),
            }
            for name, errors in one.errors.items()
            for text in errors
        ]
    return rows


def fixed_words() -> dict[str, Any]:
    return {
        "declaration": declaration_for(Mode.DIRECT, is_branded=False).parts(),
        "branded_declaration": declaration_for(Mode.DIRECT, is_branded=True).parts(),
        "indicate_promotion": INDICATE_PROMOTION,
        "branded_not_private": BRANDED_NOT_PRIVATE,
        "max_photos": MAX_PHOTOS,
    }


def offers_inbox() -> bool:
    return bool(settings.TIKTOK_OFFERS_INBOX)
