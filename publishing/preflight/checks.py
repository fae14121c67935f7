"""What would stop a post at its due moment, asked while there is time to act.

The rules are the publisher's own (`rules`, `cap`, `consent`), and TikTok is asked about the
creator. No answer of here is used at fire time, where everything is asked again.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext, ngettext

from publishing import cap
from publishing.app_mode import UNAUDITED_CREATORS, current_app_mode, next_fitting, planned_uses
from publishing.approvals import NOT_APPROVED, lacks_approval
from publishing.consent import has_valid_consent, why_no_consent
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
        *_check_approval(post),
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
        text = gettext(
            "TikTok's sign-in for {account} ends before the post is due. Connect it again."
        ).format(account=account)
        yield Problem("account", "sign_in_ends", text)


def _check_consent(post: Post) -> Iterator[Problem]:
    if not has_valid_consent(post):
        yield Problem("form_token", "no_consent", why_no_consent(post) or str(NO_CONSENT))


def _check_approval(post: Post) -> Iterator[Problem]:
    if lacks_approval(post, post.approvals_needed):
        yield Problem("form_token", "not_approved", str(NOT_APPROVED))


def _check_files(post: Post, *, reads_all: bool) -> Iterator[Problem]:
    for media in post.files():
        if media.deleted_at:
            continue
        try:
            path = find_file(media)
        except Unfit as unfit:
            text = gettext("“{file}”: {problem}").format(file=media, problem=unfit)
            yield Problem("media", "media_lost", text)
            continue
        if reads_all and hash_file(path) != media.sha256:
            text = gettext(
                "“{file}” was damaged on this server since it was uploaded. Upload it again."
            ).format(file=media)
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
        words = (
            ngettext(
                "{account} will have reached {limit} post in 24 hours; this post would move.",
                "{account} will have reached {limit} posts in 24 hours; this post would move.",
                limit,
            )
            if post.mode == Mode.DIRECT
            else ngettext(
                "{account} will have reached {limit} draft in its TikTok inbox in 24 hours; this "
                "post would move.",
                "{account} will have reached {limit} drafts in its TikTok inbox in 24 hours; this "
                "post would move.",
                limit,
            )
        )
        yield Problem("due_at", "cap_reached", words.format(account=account, limit=limit))
    if post.mode == Mode.DIRECT and current_app_mode().is_private_only:
        uses = planned_uses(due_at, leave_out=[post.pk])
        if next_fitting(uses, due_at, account.pk) > due_at:
            text = gettext(
                "{limit} other creators will have posted within 24 hours, and TikTok takes no more "
                "before it has audited this app; this post would move."
            ).format(limit=UNAUDITED_CREATORS)
            yield Problem("due_at", "creators_reached", text)


def _check_disk() -> Iterator[Problem]:
    free_bytes = shutil.disk_usage(settings.DATA_DIR).free
    if free_bytes < RESERVE_BYTES:
        text = gettext("The server's disk has only {size} MB left; posting may fail.").format(
            size=f"{free_bytes / 1e6:.0f}"
        )
        yield Problem("media", "disk_low", text)
