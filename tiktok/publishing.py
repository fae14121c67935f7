"""Content Posting: starting a post, asking about it, cancelling it.

TikTok has no idempotency key. After an Unavailable with `effect_possible`, a video by
FileSource may be started again, since nothing is posted without its bytes; a pull or photo
post may already be on its way and must not be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tiktok.app import App
from tiktok.chunks import ChunkPlan
from tiktok.replies import call

MAX_PHOTOS = 35


@dataclass(frozen=True, kw_only=True)
class VideoPostInfo:
    """TikTok's names. The choices of a person have no default; no `title` is no caption."""

    privacy_level: str
    disable_comment: bool
    disable_duet: bool
    disable_stitch: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool
    title: str = ""
    is_aigc: bool = False
    video_cover_timestamp_ms: int | None = None


@dataclass(frozen=True)
class FileSource:
    """Bytes we will send. Sizes are in bytes and follow `plan_chunks`."""

    video_size: int
    chunk_size: int
    total_chunk_count: int

    @classmethod
    def from_plan(cls, plan: ChunkPlan) -> "FileSource":
        return cls(plan.size_bytes, plan.chunk_size, plan.total_chunk_count)


@dataclass(frozen=True)
class PullSource:
    """An https address under a verified property that TikTok will read within an hour."""

    video_url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PhotoDirectInfo:
    """What only a photo post that goes public by itself needs."""

    privacy_level: str
    disable_comment: bool
    auto_add_music: bool
    brand_content_toggle: bool
    brand_organic_toggle: bool


@dataclass(frozen=True, kw_only=True)
class PhotoPost:
    """1 to 35 public addresses. With `direct` it is posted, without it goes to the inbox."""

    photo_images: tuple[str, ...] = field(repr=False)
    photo_cover_index: int
    direct: PhotoDirectInfo | None
    title: str = ""
    description: str = ""
    is_aigc: bool = False


@dataclass(frozen=True)
class InitResult:
    """`upload_url` is its own credential, lives an hour, and is None for a pull."""

    publish_id: str
    upload_url: str | None = field(repr=False)
    log_id: str


@dataclass(frozen=True)
class PublishStatus:
    """`status` and `fail_reason` are kept as TikTok spells them, known or not.

    `public_post_ids` stays empty until a public post is through moderation, and for others.
    """

    status: str
    fail_reason: str
    public_post_ids: tuple[str, ...]
    uploaded_bytes: int | None
    downloaded_bytes: int | None
    log_id: str


def init_video(
    app: App, access_token: str, post_info: VideoPostInfo, source: FileSource | PullSource
) -> InitResult:
    """Starts a direct video post. Allowed 6 times a minute and token.

    Source: content-posting-api-reference-direct-post.
    """
    body = {"post_info": _video_post_info(post_info), "source_info": _source_info(source)}
    return _init_from(app, "/v2/post/publish/video/init/", access_token, body, source)


def init_inbox_video(app: App, access_token: str, source: FileSource | PullSource) -> InitResult:
    """Starts a video for the creator's inbox; no caption or choice travels with it.

    Allowed 6 times a minute and token. Source: content-posting-api-reference-upload-video.
    """
    body = {"source_info": _source_info(source)}
    return _init_from(app, "/v2/post/publish/inbox/video/init/", access_token, body, source)


def init_photos(app: App, access_token: str, post: PhotoPost) -> InitResult:
    """Starts a photo post. There is nothing to send afterwards: TikTok pulls the photos.

    Allowed 6 times a minute and token. Source: content-posting-api-reference-photo-post.
    """
    path = "/v2/post/publish/content/init/"
    reply = call(app, path, access_token, body=_photo_body(post), secrets=post.photo_images)
    return InitResult(reply.text("publish_id"), None, reply.log_id)


def fetch_status(app: App, access_token: str, publish_id: str) -> PublishStatus:
    """Where the post is. Allowed 30 times a minute and token.

    Source: content-posting-api-reference-get-video-status.
    """
    body = {"publish_id": publish_id}
    reply = call(app, "/v2/post/publish/status/fetch/", access_token, body=body)
    # The first spelling is TikTok's.
    ids = reply.texts("publicaly_available_post_id") or reply.texts("publicly_available_post_id")
    return PublishStatus(
        status=reply.text("status"),
        fail_reason=reply.optional_text("fail_reason"),
        public_post_ids=ids,
        uploaded_bytes=reply.optional_integer("uploaded_bytes"),
        downloaded_bytes=reply.optional_integer("downloaded_bytes"),
        log_id=reply.log_id,
    )


def cancel_publish(app: App, access_token: str, publish_id: str) -> None:
    """Stops a pull still in progress. Source: content-posting-api-media-transfer-guide."""
    call(
        app,
        "/v2/post/publish/cancel/",
        access_token,
        body={"publish_id": publish_id},
        needs_data=False,
    )


def _init_from(
    app: App,
    path: str,
    access_token: str,
    body: Mapping[str, object],
    source: FileSource | PullSource,
) -> InitResult:
    # Whoever has the address of a pull gets the file.
    secrets = (source.video_url,) if isinstance(source, PullSource) else ()
    reply = call(app, path, access_token, body=body, secrets=secrets)
    upload_url = reply.text("upload_url") if isinstance(source, FileSource) else None
    return InitResult(reply.text("publish_id"), upload_url, reply.log_id)


def _video_post_info(info: VideoPostInfo) -> dict[str, object]:
    fields: dict[str, object] = {
        "privacy_level": info.privacy_level,
        "disable_comment": info.disable_comment,
        "disable_duet": info.disable_duet,
        "disable_stitch": info.disable_stitch,
        "brand_content_toggle": info.brand_content_toggle,
        "brand_organic_toggle": info.brand_organic_toggle,
        "is_aigc": info.is_aigc,
    }
    if info.title:
        fields["title"] = info.title
    if info.video_cover_timestamp_ms is not None:
        fields["video_cover_timestamp_ms"] = info.video_cover_timestamp_ms
    return fields


def _source_info(source: FileSource | PullSource) -> dict[str, object]:
    if isinstance(source, PullSource):
        return {"source": "PULL_FROM_URL", "video_url": source.video_url}
    return {
        "source": "FILE_UPLOAD",
        "video_size": source.video_size,
        "chunk_size": source.chunk_size,
        "total_chunk_count": source.total_chunk_count,
    }


def _photo_body(post: PhotoPost) -> dict[str, object]:
    body: dict[str, object] = {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST" if post.direct else "MEDIA_UPLOAD",
        "post_info": _photo_post_info(post),
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_images": list(post.photo_images),
            "photo_cover_index": post.photo_cover_index,
        },
    }
    # New in August 2026: apps on the older schema might refuse a field they do not know.
    if post.is_aigc:
        body["is_aigc"] = True
    return body


def _photo_post_info(post: PhotoPost) -> dict[str, object]:
    fields: dict[str, object] = {}
    if post.title:
        fields["title"] = post.title
    if post.description:
        fields["description"] = post.description
    if post.direct:
        fields["privacy_level"] = post.direct.privacy_level
        fields["disable_comment"] = post.direct.disable_comment
        fields["auto_add_music"] = post.direct.auto_add_music
        fields["brand_content_toggle"] = post.direct.brand_content_toggle
        fields["brand_organic_toggle"] = post.direct.brand_organic_toggle
    return fields
