"""What TikTok tells about a creator: profile, posting choices, public videos."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tiktok.app import App
from tiktok.replies import Reply, call

VIDEO_FIELDS = (
    "id",
    "create_time",
    "cover_image_url",
    "share_url",
    "video_description",
    "title",
    "duration",
    "height",
    "width",
    "like_count",
    "comment_count",
    "share_count",
    "view_count",
)
MAX_VIDEOS_PER_CALL = 20


@dataclass(frozen=True)
class UserInfo:
    """A field that was not asked for, or not granted, is ""."""

    open_id: str
    union_id: str
    display_name: str
    avatar_url: str = field(repr=False)
    username: str


@dataclass(frozen=True)
class CreatorInfo:
    """What the creator may choose now. `avatar_url` is valid for 2 hours."""

    nickname: str
    username: str
    avatar_url: str = field(repr=False)
    privacy_level_options: tuple[str, ...]
    comment_disabled: bool
    duet_disabled: bool
    stitch_disabled: bool
    max_video_post_duration_s: int


@dataclass(frozen=True)
class Video:
    """A public video. `created_s` is Unix seconds; `cover_image_url` is valid for 6 hours."""

    id: str
    created_s: int | None
    title: str
    description: str
    share_url: str
    cover_image_url: str = field(repr=False)
    duration_s: int | None
    height_px: int | None
    width_px: int | None
    like_count: int | None
    comment_count: int | None
    share_count: int | None
    view_count: int | None


@dataclass(frozen=True)
class VideoPage:
    """Newest first. `next_cursor_ms` goes into the next call while `has_more`."""

    videos: tuple[Video, ...]
    next_cursor_ms: int | None
    has_more: bool


def fetch_user_info(app: App, access_token: str, fields: Iterable[str]) -> UserInfo:
    """The profile, of it only `fields` (TikTok's names). Source: tiktok-api-v2-get-user-info."""
    asked = tuple(fields)
    params = {"fields": ",".join(asked)}
    reply = call(app, "/v2/user/info/", access_token, params=params, method="GET")
    user = reply.inner("user")
    return UserInfo(
        open_id=user.text("open_id") if "open_id" in asked else "",
        union_id=user.optional_text("union_id"),
        display_name=user.optional_text("display_name"),
        avatar_url=user.optional_text("avatar_url"),
        username=user.optional_text("username"),
    )


def fetch_creator_info(app: App, access_token: str) -> CreatorInfo:
    """The creator's choices at this moment, to be asked each time they are shown.

    Raises CreatorCannotPost over a cap or when banned. Allowed 20 times a minute and token.
    Source: content-posting-api-reference-query-creator-info.
    """
    reply = call(app, "/v2/post/publish/creator_info/query/", access_token)
    return CreatorInfo(
        nickname=reply.optional_text("creator_nickname"),
        username=reply.optional_text("creator_username"),
        avatar_url=reply.optional_text("creator_avatar_url"),
        privacy_level_options=reply.required_texts("privacy_level_options"),
        comment_disabled=reply.flag("comment_disabled"),
        duet_disabled=reply.flag("duet_disabled"),
        stitch_disabled=reply.flag("stitch_disabled"),
        max_video_post_duration_s=reply.integer("max_video_post_duration_sec"),
    )


def fetch_recent_videos(
    app: App,
    access_token: str,
    *,
    fields: Iterable[str] = VIDEO_FIELDS,
    max_count: int = 10,
    cursor_ms: int | None = None,
) -> VideoPage:
    """The creator's public videos before `cursor_ms` (Unix milliseconds), newest first.

    At most 20 at a time. Source: tiktok-api-v2-video-list.
    """
    body: dict[str, object] = {"max_count": min(max_count, MAX_VIDEOS_PER_CALL)}
    if cursor_ms is not None:
        body["cursor"] = cursor_ms
    params = {"fields": ",".join(fields)}
    reply = call(app, "/v2/video/list/", access_token, params=params, body=body)
    videos = tuple(_video(video) for video in reply.inners("videos"))
    return VideoPage(videos, reply.optional_integer("cursor"), reply.flag("has_more"))


def _video(reply: Reply) -> Video:
    return Video(
        id=reply.number_or_text("id"),
        created_s=reply.optional_integer("create_time"),
        title=reply.optional_text("title"),
        description=reply.optional_text("video_description"),
        share_url=reply.optional_text("share_url"),
        cover_image_url=reply.optional_text("cover_image_url"),
        duration_s=reply.optional_integer("duration"),
        height_px=reply.optional_integer("height"),
        width_px=reply.optional_integer("width"),
        like_count=reply.optional_integer("like_count"),
        comment_count=reply.optional_integer("comment_count"),
        share_count=reply.optional_integer("share_count"),
        view_count=reply.optional_integer("view_count"),
    )
