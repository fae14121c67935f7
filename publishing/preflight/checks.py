"""What would stop a post at its due moment, asked while there is time to act.

The rules are the publisher's own (`rules`, `cap`, `consent`), and TikTok is asked about the
creator. No answer of here is used at fire time, where everything is asked again.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from publishing import cap
from publishing.app_mode import UNAUDITED_CREATORS, current_app_mode, next_fitting, planned_uses
from publishing.consent import valid_consent, why_no_consent
from publishing.creators import ask_creator, check_sign_in
from publishing.media.room import RESERVE_BYTES
from publishing.media.storage import hash_file
from publishing.models import Mode, Post, Source
from publishing.plan import source_of
from publishing.preflight.moments import AHEAD
from publishing.public_address import check_public_address, look_at_address
from publishing.rules import HARMLESS_CHOICES, Problem, check_post
from publishing.sending import find_file
from publishing.work import NO_CONSENT, Unfit
from tiktok.client import CreatorInfo


def find_problems(post: Post, creator: CreatorInfo | None, now: datetime) -> list[Problem]:
    """Everything that stands in the way of this scheduled post, as far as is known now.

    `creator` is what `ask_tiktok_ahead` gave a moment ago.
    """
    is_last_look = _time_left(post, now) <= AHEAD[-1]
    rules = check_post(post, creator, current_app_mode())
    return [
        *(problem for problem in rules if problem.code not in HARMLESS_CHOICES),
        *_check_sign_in_lasts(post),
        *_check_consent(post),
        *_check_files(post, reads_all=not is_last_look),
        *_check_address(post),
        *_check_limits(post),
        *_check_disk(),
    ]


def ask_tiktok_ahead(post: Post, now: datetime) -> CreatorInfo | None:
    """The creator's choices; None for the inbox, whose sign-in alone is tried.

    Raises CreatorUnavailable.
    """
    if post.mode == Mode.INBOX:
        check_sign_in(post.known_account, now)
        return None
    return ask_creator(post.known_account, now)


def _time_left(post: Post, now: datetime) -> timedelta:
    return (post.next_action_at or now) - now


def _check_sign_in_lasts(post: Post) -> Iterator[Problem]:
    account = post.known_account
    ends_at = account.refresh_expires_at
    if ends_at and post.next_action_at and ends_at <= post.next_action_at:
        text = f"TikTok's sign-in for {account} ends before the post is due. Connect it again."
        yield Problem("account", "sign_in_ends", text)


def _check_consent(post: Post) -> Iterator[Problem]:
    if valid_consent(post) is None:
        yield Problem("form_token", "no_consent", why_no_consent(post) or NO_CONSENT)


def _check_files(post: Post, *, reads_all: bool) -> Iterator[Problem]:
    for media in post.files():
        if media.deleted_at:
            continue
        try:
            path = find_file(media)
        except Unfit as unfit:
            yield Problem("media", "media_lost", f"“{media}”: {unfit}")
            continue
        if reads_all and hash_file(path) != media.sha256:
            text = f"“{media}” was damaged on this server since it was uploaded. Upload it again."
            yield Problem("media", "media_damaged", text)


def _check_address(post: Post) -> list[Problem]:
    if source_of(post) != Source.PULL_FROM_URL:
        return []
    look_at_address()
    return check_public_address()


def _check_limits(post: Post) -> Iterator[Problem]:
    account, due_at = post.known_account, post.next_action_at
    if due_at is None:
        return
    moments = cap.counted_moments(account, due_at, post.mode, leave_out=post.pk)
    if cap.free_from(account, moments, due_at, post.mode, cap.SENT_WINDOW) > due_at:
        limit = cap.limit_of(account, post.mode)
        what = "posts" if post.mode == Mode.DIRECT else "drafts in its TikTok inbox"
        text = f"{account} will have reached {limit} {what} in 24 hours; this post would move."
        yield Problem("due_at", "cap_reached", text)
    if post.mode == Mode.DIRECT and current_app_mode().is_private_only:
        uses = planned_uses(due_at, leave_out=post.pk)
        if next_fitting(uses, due_at, account.pk) > due_at:
            text = (
                f"{UNAUDITED_CREATORS} other creators will have posted within 24 hours, and TikTok "
                "takes no more before it has audited this app; this post would move."
            )
            yield Problem("due_at", "creators_reached", text)


def _check_disk() -> Iterator[Problem]:
    free_bytes = shutil.disk_usage(settings.DATA_DIR).free
    if free_bytes < RESERVE_BYTES:
        text = f"The server's disk has only {free_bytes / 1e6:.0f} MB left; posting may fail."
        yield Problem("media", "disk_low", text)
