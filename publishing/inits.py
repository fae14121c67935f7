"""A post in TikTok's own words: the one call with which a post begins."""

from collections.abc import Sequence

from publishing.models import MediaKind, Mode, Post
from publishing.plan import Plan
from tiktok.client import (
    App,
    FileSource,
    InitResult,
    PhotoDirectInfo,
    PhotoPost,
    PullSource,
    VideoPostInfo,
    init_inbox_video,
    init_photos,
    init_video,
)


def init_call(
    app: App,
    access_token: str,
    post: Post,
    source: FileSource | PullSource,
    photo_urls: Sequence[str],
) -> InitResult:
    """Tells TikTok of the post. Raises TikTokError.

    `source` is a video's; `photo_urls` are a photo post's, in order.
    """
    if post.kind == MediaKind.PHOTO:
        return init_photos(app, access_token, photo_post(post, photo_urls))
    if post.mode == Mode.INBOX:
        return init_inbox_video(app, access_token, source)
    return init_video(app, access_token, video_post_info(post), source)


def video_post_info(post: Plan | Post) -> VideoPostInfo:
    # On the screen people allow; on the wire TikTok is told what to disable.
    return VideoPostInfo(
        title=post.caption,
        privacy_level=post.privacy_level,
        disable_comment=not post.allow_comment,
        disable_duet=not post.allow_duet,
        disable_stitch=not post.allow_stitch,
        brand_content_toggle=post.is_branded_content,
        brand_organic_toggle=post.is_your_brand,
        is_aigc=post.is_ai_generated,
        video_cover_timestamp_ms=post.cover_timestamp_ms,
    )


def photo_post(post: Post, photo_urls: Sequence[str]) -> PhotoPost:
    is_direct = post.mode == Mode.DIRECT
    return PhotoPost(
        photo_images=tuple(photo_urls),
        photo_cover_index=post.photo_cover_index,
        direct=_photo_direct_info(post) if is_direct else None,
        title=post.title,
        description=post.caption,
        is_aigc=post.is_ai_generated and is_direct,
    )


def _photo_direct_info(post: Post) -> PhotoDirectInfo:
    return PhotoDirectInfo(
        privacy_level=post.privacy_level,
        disable_comment=not post.allow_comment,
        auto_add_music=post.auto_add_music,
        brand_content_toggle=post.is_branded_content,
        brand_organic_toggle=post.is_your_brand,
    )
