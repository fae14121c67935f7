"""What a person plans, before it is a post."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import TikTokAccount
from publishing.models import Label, MediaAsset, MediaKind, Mode, Post, Source


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the posting form holds for one account. Every choice starts as nothing chosen.

    `media` is the video, or the photo that is the cover; `photos` are in their order; `due_at` is
    UTC. Only a draft may lack account or media.
    """

    account: TikTokAccount | None
    media: MediaAsset | None
    photos: tuple[MediaAsset, ...] = ()
    kind: str = MediaKind.VIDEO
    mode: str = Mode.DIRECT
    title: str = ""
    caption: str = ""
    privacy_level: str = ""
    allow_comment: bool = False
    allow_duet: bool = False
    allow_stitch: bool = False
    discloses_content: bool = False
    is_your_brand: bool = False
    is_branded_content: bool = False
    is_ai_generated: bool = False
    auto_add_music: bool = False
    cover_timestamp_ms: int | None = None
    due_at: datetime | None = None
    # The team's own order; TikTok gets none of it, and no consent hangs on it.
    labels: tuple[Label, ...] = ()

    def files(self) -> list[MediaAsset]:
        """The media in the order in which TikTok gets it."""
        if self.kind == MediaKind.PHOTO:
            return list(self.photos)
        return [self.media] if self.media else []

    @property
    def known_account(self) -> TikTokAccount:
        if self.account is None:
            raise ValueError("This plan has no account yet.")
        return self.account

    @property
    def known_media(self) -> MediaAsset:
        if self.media is None:
            raise ValueError("This plan has no media yet.")
        return self.media


def source_of(subject: Plan | Post) -> str:
    """TikTok takes photos from our address only; for videos it is a setting."""
    is_photo = subject.kind == MediaKind.PHOTO
    return Source.PULL_FROM_URL if is_photo else settings.VIDEO_SOURCE
