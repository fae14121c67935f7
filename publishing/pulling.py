"""Letting TikTok fetch the media from this site: addresses, and what a lost answer means.

Content Posting API, media-transfer-guide (PULL_FROM_URL) and photo-post. TikTok has no second
step to hold back: once it has the call, it fetches and posts by itself. A call whose answer is
lost may therefore have posted, and is never repeated by itself.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from publishing import journal, leases, verdict
from publishing.models import Attempt, MediaAsset, MediaKind, Post, Source
from publishing.plan import source_of
from publishing.states import State
from publishing.work import Settled, Work
from tiktok.client import InitResult
from tiktok.errors import Refused, TikTokError, Unavailable

# The one prefix of this site to verify at TikTok under URL properties.
PULL_PATH = "/pull/"
# How long TikTok downloads one video at most (media-transfer-guide); a photo takes seconds.
DOWNLOAD_LIMIT = timedelta(hours=1)
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
}


def is_fetched(post: Post) -> bool:
    """Whether TikTok fetches the media of this try, or would of the next one."""
    attempt = post.attempts.filter(ended_at=None).first()
    return (attempt.source if attempt else source_of(post)) == Source.PULL_FROM_URL


def new_pull_token() -> str:
    return secrets.token_urlsafe(32)


def suffix_of(file: MediaAsset) -> str:
    return SUFFIXES.get(file.content_type, "")


def pull_urls(site_url: str, token: str, files: Sequence[MediaAsset]) -> tuple[str, ...]:
    """One address per file, in order, under the one prefix of the site."""
    return tuple(
        f"{site_url}{PULL_PATH}{token}/{number}{suffix_of(file)}"
        for number, file in enumerate(files)
    )


def find_pulled(token: str, number: int, now: datetime, margin_s: float) -> MediaAsset | None:
    """The file behind an address, from its post's init until `margin_s` after the verdict.

    None as soon as the post is no longer what somebody agreed to.
    """
    open_or_recent = Q(ended_at=None) | Q(ended_at__gt=now - timedelta(seconds=margin_s))
    attempts = Attempt.objects.filter(
        open_or_recent, pull_token=token, init_intended_at__isnull=False
    )
    attempt = attempts.exclude(pull_token="").select_related("post__account", "post__media").first()
    if attempt is None or attempt.post.fingerprint() != attempt.fingerprint:
        return None
    files = attempt.post.files()
    return files[number] if number < len(files) else None


def fetching_lasts(attempt: Attempt, margin_s: float) -> timedelta:
    """How long after the attempt's end TikTok may still be fetching: until its addresses are dead,
    and for a download that began before that, TikTok's own limit."""
    margin = timedelta(seconds=margin_s)
    return margin if attempt.post.kind == MediaKind.PHOTO else margin + DOWNLOAD_LIMIT


def is_unanswered(attempt: Attempt) -> bool:
    """Whether TikTok may have been told of the post, and nobody knows its answer."""
    return bool(
        attempt.source == Source.PULL_FROM_URL
        and attempt.init_intended_at
        and not attempt.publish_id
    )


def may_have_posted(error: TikTokError) -> bool:
    """Only a documented refusal, or a connection that was never made, means no."""
    if isinstance(error, Unavailable):
        return error.effect_possible
    return isinstance(error, Refused) and not error.is_documented


def leave_unconfirmed(
    work: Work, attempt: Attempt, text: str, error: TikTokError | None = None
) -> NoReturn:
    """TikTok may have the post: a person looks before anything is sent again."""
    now = work.clock()
    reason = text + " " + gettext("TikTok may have posted it all the same.")
    with transaction.atomic():
        if error is not None:
            journal.write(work.lease, attempt, "init_unanswered", now, text, error=error)
        leases.hold(work.lease, now)
        verdict.give_up_asking(attempt, now, reason)
    raise Settled


def hand_over(work: Work, attempt: Attempt, result: InitResult) -> None:
    """TikTok took the post and fetches the media; from here on only its verdict counts."""
    now = work.clock()
    with transaction.atomic():
        journal.write(
            work.lease,
            attempt,
            "initialised",
            now,
            f"TikTok took the post as {result.publish_id}.",
            log_id=result.log_id,
            publish_id=result.publish_id,
            initialised_at=now,
            failures=0,
        )
        post = Post.objects.get(pk=work.post.pk)
        if post.kind == MediaKind.PHOTO:
            text = gettext("TikTok fetches the photos from this site.")
        else:
            text = gettext("TikTok fetches the video from this site.")
        too_late = gettext("The cancel came too late.")
        post.move_to(
            State.PROCESSING,
            now=now,
            reason=f"{text} {too_late}" if post.cancel_requested_at else text,
            next_action_at=now + timedelta(seconds=settings.POLL_BASE_S),
            leases_lost=0,
            **leases.FREE,
        )
