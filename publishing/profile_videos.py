"""The creator's public videos, shown to whoever has to decide whether a post is there already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext

from accounts.models import TikTokAccount
from accounts.refresh import ReconnectNeeded, TokenBusy, usable_access_token
from accounts.tiktok_app import VIDEO_LIST_SCOPE, tiktok_app
from publishing import exchanges
from publishing.limits import Endpoint, NoPlace, place_for
from publishing.models import Attempt, MediaKind, Post
from publishing.wording import words_for
from tiktok.client import App, Video, fetch_recent_videos
from tiktok.errors import TikTokError
from tiktok.exchanges import hearing

# tiktok-api-v2-video-object; covers are left out, their address is TikTok's.
FIELDS = ("id", "create_time", "share_url", "video_description", "title", "duration")
NEAR = timedelta(hours=1)
# Shorter texts than this begin alike by chance; TikTok tells 150 characters.
ALIKE_FROM = 12


class ProfileUnavailable(Exception):
    """The videos cannot be shown: why, in words, with TikTok's code and log id."""

    def __init__(self, text: str, code: str = "", log_id: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.log_id = log_id


@dataclass(frozen=True)
class ProfileVideo:
    """`share_url` is "" when TikTok's is no web address; `known_as` is the post that it is."""

    id: str
    created_at: datetime | None
    duration_s: int | None
    text: str
    share_url: str
    looks_like: bool
    known_as: Post | None


def may_list(account: TikTokAccount) -> bool:
    return VIDEO_LIST_SCOPE in account.scopes


def look_at_profile(post: Post, now: datetime) -> list[ProfileVideo]:
    """The newest public videos, newest first. Raises ProfileUnavailable.

    Must not run inside a transaction: it asks TikTok.
    """
    videos = _ask(post, post.known_account, now)
    tries = list(post.attempts.exclude(init_intended_at=None))
    posts = Post.objects.filter(
        account=post.account_id, public_post_id__in=[video.id for video in videos]
    )
    known = {one.public_post_id: one for one in posts.exclude(pk=post.pk)}
    return [_shown(video, post, tries, known.get(video.id)) for video in videos]


def _ask(post: Post, account: TikTokAccount, now: datetime) -> Sequence[Video]:
    app = tiktok_app()
    try:
        token = usable_access_token(app, account, now)
        with place_for(account, Endpoint.VIDEO_LIST, is_firing=False):
            return _fetch(app, token, post)
    except NoPlace as full:
        wait_s = max(1, round((full.frees_at - now).total_seconds()))
        text = gettext("TikTok allows 600 such questions a minute. Try again in {seconds} s.")
        raise ProfileUnavailable(text.format(seconds=wait_s)) from full
    except TokenBusy as busy:
        raise ProfileUnavailable(
            gettext("This account's sign-in is being renewed. Try again in a few seconds.")
        ) from busy
    except ReconnectNeeded as dead:
        text = gettext("{account} must be connected again: {reason}")
        raise ProfileUnavailable(text.format(account=account, reason=dead)) from dead
    except TikTokError as error:
        raise ProfileUnavailable(
            words_for(error.code, error.message), error.code, error.log_id
        ) from error


def _fetch(app: App, token: str, post: Post) -> Sequence[Video]:
    with hearing() as heard:
        try:
            return fetch_recent_videos(app, token, fields=FIELDS, max_count=20).videos
        finally:
            exchanges.keep(post.pk, heard)


def _shown(
    video: Video, post: Post, tries: Sequence[Attempt], known_as: Post | None
) -> ProfileVideo:
    created_at = _moment(video.created_s)
    texts = (video.description, video.title)
    looks_like = known_as is None and (
        any(_alike(ours, theirs) for ours in _texts(post) for theirs in texts)
        or any(_is_near(created_at, attempt) for attempt in tries)
    )
    return ProfileVideo(
        id=video.id,
        created_at=created_at,
        duration_s=video.duration_s,
        text=video.description or video.title,
        share_url=video.share_url if video.share_url.startswith(("https://", "http://")) else "",
        looks_like=looks_like,
        known_as=known_as,
    )


def _moment(seconds: int | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None


def _texts(post: Post) -> tuple[str, ...]:
    """For a photo post TikTok's pages do not say which of its texts becomes the description."""
    return (post.caption, post.title) if post.kind == MediaKind.PHOTO else (post.caption,)


def _alike(ours: str, theirs: str) -> bool:
    """Whether they are equal, or one goes on where the other was cut off."""
    ours, theirs = (" ".join(text.split()).rstrip("…") for text in (ours, theirs))
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) < ALIKE_FROM:
        return bool(shorter) and shorter == longer
    return longer.startswith(shorter)


def _is_near(created_at: datetime | None, attempt: Attempt) -> bool:
    began_at = attempt.init_intended_at
    if created_at is None or began_at is None:
        return False
    return began_at - NEAR <= created_at <= (attempt.bytes_sent_at or began_at) + NEAR
