"""What a person plans, before it is a post."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import TikTokAccount
from publishing.models import MediaAsset, Mode


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the posting form holds. Every choice starts as nothing chosen; `due_at` is UTC."""

    account: TikTokAccount
    media: MediaAsset
    mode: str = Mode.DIRECT
    caption: str = ""
    privacy_level: str = ""
    allow_comment: bool = False
    allow_duet: bool = False
    allow_stitch: bool = False
    discloses_content: bool = False
    is_your_brand: bool = False
    is_branded_content: bool = False
    is_ai_generated: bool = False
    cover_timestamp_ms: int | None = None
    due_at: datetime | None = None
