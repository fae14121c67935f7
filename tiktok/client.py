"""Everything that can be asked of TikTok, in one place to import from."""

from tiktok.app import App
from tiktok.chunks import ChunkPlan, plan_chunks
from tiktok.oauth import (
    TokenGrant,
    authorize_link,
    code_challenge,
    exchange_code,
    new_code_verifier,
    refresh_token,
    revoke_token,
)
from tiktok.publishing import (
    FileSource,
    InitResult,
    PhotoDirectInfo,
    PhotoPost,
    PublishStatus,
    PullSource,
    VideoPostInfo,
    cancel_publish,
    fetch_status,
    init_inbox_video,
    init_photos,
    init_video,
)
from tiktok.reads import (
    CreatorInfo,
    UserInfo,
    Video,
    VideoPage,
    fetch_creator_info,
    fetch_recent_videos,
    fetch_user_info,
)
from tiktok.uploads import ChunkAnswer, FileSlice, check_upload_url, upload_chunk

__all__ = [
    "App",
    "ChunkAnswer",
    "ChunkPlan",
    "CreatorInfo",
    "FileSlice",
    "FileSource",
    "InitResult",
    "PhotoDirectInfo",
    "PhotoPost",
    "PublishStatus",
    "PullSource",
    "TokenGrant",
    "UserInfo",
    "Video",
    "VideoPage",
    "VideoPostInfo",
    "authorize_link",
    "cancel_publish",
    "check_upload_url",
    "code_challenge",
    "exchange_code",
    "fetch_creator_info",
    "fetch_recent_videos",
    "fetch_status",
    "fetch_user_info",
    "init_inbox_video",
    "init_photos",
    "init_video",
    "new_code_verifier",
    "plan_chunks",
    "refresh_token",
    "revoke_token",
    "upload_chunk",
]
