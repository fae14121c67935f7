"""What a person may do about a post, which of it fits its problem, and where TikTok shows it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import AccountStatus
from publishing.approvals import lacks_approval, steps_still_needed
from publishing.consent import has_valid_consent
from publishing.looks import must_look
from publishing.models import MediaKind, Post, PostingSlot
from publishing.rescheduling import MOVABLE
from publishing.retrying import RETRYABLE
from publishing.rules import needed_scope
from publishing.states import State, may_move
from publishing.taking_back import REOPENABLE
from publishing.wording import NOT_AUDITED, way_out

RECONNECT_CODES = frozenset(
    {"access_token_invalid", "scope_not_authorized", "scope_permission_missed", "auth_removed"}
)
CONSENT_ENDED = gettext_lazy(
    "It is a draft again, and the consent no longer counts. Confirm the post anew when it is ready."
)
# Sending the same again would end the same way.
CHANGE_CODES = frozenset(
    {
        "spam_risk",
        "spam_risk_text",
        "privacy_level_option_mismatch",
        "invalid_param",
        "invalid_params",
        "file_format_check_failed",
        "duration_check_failed",
        "frame_rate_check_failed",
        "picture_size_check_failed",
    }
)


def offered_actions(found: Post) -> set[str]:
    """The actions that make sense now; the functions behind the buttons decide again."""
    is_draft = found.state == State.DRAFT
    is_retryable = found.state in RETRYABLE
    looks_first = must_look(found)
    can_cancel = may_move(found.state, State.CANCELED) and not found.cancel_requested_at
    offered = {
        "proceed": is_draft,
        "discard": is_draft,
        "queue": is_draft and found.due_at is None and _has_plan(found),
        "cancel": can_cancel and not is_draft and found.state != State.UNCONFIRMED,
        "let_it_rest": found.state == State.UNCONFIRMED,
        "move": found.state in MOVABLE,
        "hand_in": must_hand_in(found),
        "retry": is_retryable
        and not looks_first
        and not lacks_files(found)
        and not lacks_approval(found, steps_still_needed(found)),
        "post_again": is_retryable and looks_first,
        "reopen": found.state in REOPENABLE,
        "look_first": looks_first,
        "reconnect": first_action(found) == "reconnect",
        "duplicate": True,
    }
    return {name for name, makes_sense in offered.items() if makes_sense}


def _has_plan(found: Post) -> bool:
    return PostingSlot.objects.filter(account=found.account_id).exists()


def copied_content(found: Post) -> dict[str, Any]:
    """What another post takes over from this one: its content, as a posting form begins with it.

    Media are ids of the post's own team. Account, time and every choice TikTok wants from a
    person's hand are left out (SCH-1), and so is the consent.
    """
    return {
        "kind": found.kind,
        "media": found.media_id,
        "photos": [file.pk for file in found.files()] if found.kind == MediaKind.PHOTO else [],
        "title": found.title,
        "caption": found.caption,
        "cover": found.media_id,
        "cover_timestamp_ms": found.cover_timestamp_ms,
        "labels": [label.pk for label in found.labels.all()],
    }


def first_action(found: Post) -> str:
    """The action that fits the problem: "reconnect", "hand_in", "reopen" or "retry"; "" without a
    problem."""
    if found.state not in {State.FAILED, State.NEEDS_ATTENTION}:
        return ""
    if _needs_connecting(found):
        return "reconnect"
    if must_hand_in(found):
        return "hand_in"
    return "reopen" if _needs_changing(found) else "retry"


def must_hand_in(found: Post) -> bool:
    """Whether it is held for want of an approval, and could be handed in again as it is."""
    return (
        found.state == State.NEEDS_ATTENTION
        and lacks_approval(found, steps_still_needed(found))
        and has_valid_consent(found)
        and not must_look(found)
    )


def lacks_files(found: Post) -> bool:
    """Whether what it was made of was deleted; only a post that needs nothing more can lose it."""
    return any(file.deleted_at for file in found.files())


def steps_on(found: Post) -> list[str]:
    """What leads on from TikTok's last answer, step by step; empty where the words say it all."""
    if found.state not in {State.FAILED, State.NEEDS_ATTENTION}:
        return []
    return way_out(_last_code(found), is_only_me=found.privacy_level == "SELF_ONLY")


def _needs_connecting(found: Post) -> bool:
    account = found.known_account
    if account.status != AccountStatus.CONNECTED or needed_scope(found.mode) not in account.scopes:
        return True
    return _last_code(found) in RECONNECT_CODES and not _connected_since(found)


def _needs_changing(found: Post) -> bool:
    if not has_valid_consent(found) or lacks_files(found):
        return True
    code = _last_code(found)
    if code == NOT_AUDITED:
        return found.privacy_level != "SELF_ONLY"
    if code:
        return code in CHANGE_CODES
    # Our own rules stopped it before TikTok was asked; a pause for want of a sign-in ends with one.
    return not _connected_since(found)


def _last_code(found: Post) -> str:
    """What TikTok answered in the last attempt; "" when it answered no error."""
    line = found.journal.exclude(kind="held").last()
    return line.code if line else ""


def _connected_since(found: Post) -> bool:
    stuck = found.state_changes.last()
    return stuck is not None and found.known_account.connected_at > stuck.at


@dataclass(frozen=True)
class OnTikTok:
    """Where people see the post and its creator; "" for what has no address."""

    profile_url: str
    post_url: str


def on_tiktok(found: Post) -> OnTikTok:
    username = found.account.username if found.account else ""
    if not username:
        return OnTikTok("", "")
    path = f"@{username}"
    number = found.public_post_id
    # TikTok gives the number alone; the rest of the address is convention (get-video-status).
    post_url = _address(f"{path}/{found.kind}/{number}") if number else ""
    return OnTikTok(_address(path), post_url)


def _address(path: str) -> str:
    if settings.SIMULATOR_IS_BUILT_IN:
        return reverse("simulator", args=[path])
    if settings.SIMULATOR_IN_USE:
        return f"{settings.TIKTOK_API_URL}/{path}"
    return f"https://www.tiktok.com/{path}"
