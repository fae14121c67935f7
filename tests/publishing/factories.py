"""Posts and media for tests; the media rows stand for small files that are really there."""

import hashlib
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils.timezone import now as current_moment
from PIL import Image

from accounts.models import TikTokAccount
from publishing.consent import give_consent
from publishing.models import Attempt, MediaAsset, MediaKind, Outcome, Post
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tiktok.client import CreatorInfo

_numbers = count(1)
FTYP = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"


def make_media(team: Any = None, *, size_bytes: int = 4096, **overrides: Any) -> MediaAsset:
    """A video row and its file: a plausible MP4 head, then unique filling."""
    number = next(_numbers)
    content = (FTYP + number.to_bytes(8, "big") * (size_bytes // 8 + 1))[:size_bytes]
    fields: dict[str, Any] = {
        "team": team or make_team(),
        "kind": MediaKind.VIDEO,
        "original_name": f"video{number}.mp4",
        "content_type": "video/mp4",
        "size_bytes": size_bytes,
        "sha256": hashlib.sha256(content).hexdigest(),
        "width_px": 720,
        "height_px": 1280,
        "duration_ms": 5000,
        "codec": "h264",
        "frame_rate": 30.0,
    } | overrides
    asset = MediaAsset(**fields)
    asset.file.save("video.mp4", ContentFile(content), save=False)
    asset.save()
    return asset


def make_photo(team: Any = None, **overrides: Any) -> MediaAsset:
    """A photo row and its file, a small JPEG like no other."""
    number = next(_numbers)
    drawn = BytesIO()
    colour = (number * 40 % 256, 120, 80)
    Image.new("RGB", (90, 160), colour).save(drawn, "JPEG", comment=f"photo {number}")
    content = drawn.getvalue()
    fields: dict[str, Any] = {
        "team": team or make_team(),
        "kind": MediaKind.PHOTO,
        "original_name": f"photo{number}.jpg",
        "content_type": "image/jpeg",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "width_px": 90,
        "height_px": 160,
    } | overrides
    asset = MediaAsset(**fields)
    asset.file.save("photo.jpg", ContentFile(content), save=False)
    asset.poster.save("poster.jpg", ContentFile(content), save=False)
    asset.save()
    return asset


def make_creator(**overrides: Any) -> CreatorInfo:
    """What TikTok says of a creator who may post publicly, up to a minute."""
    fields: dict[str, Any] = {
        "nickname": "Ada",
        "username": "ada",
        "avatar_url": "",
        "privacy_level_options": ("PUBLIC_TO_EVERYONE", "SELF_ONLY"),
        "comment_disabled": False,
        "duet_disabled": True,
        "stitch_disabled": True,
        "max_video_post_duration_s": 60,
    }
    return CreatorInfo(**fields | overrides)


def make_post(
    account: TikTokAccount | None = None,
    *,
    due_at: datetime | None = None,
    is_consented: bool = True,
    now: datetime | None = None,
    **overrides: Any,
) -> Post:
    """A scheduled post, due now, with its author's consent."""
    now = now or current_moment()
    account = account or make_account()
    media = overrides.pop("media", None) or make_media(account.team)
    author = overrides.pop("author", None) or make_member(account.team).user
    state = overrides.pop("state", State.SCHEDULED)
    fields: dict[str, Any] = {
        "team": account.team,
        "account": account,
        "author": author,
        "media": media,
        "form_token": uuid4(),
        "caption": f"Caption {next(_numbers)} #duecast",
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "due_at": due_at or now,
    } | overrides
    if state == State.IN_REVIEW:
        fields = {"approvals_needed": 1, "approve_by": fields["due_at"]} | fields
    post = Post.objects.create(**fields)
    if is_consented:
        give_consent(post, author, None, now)
    if state != State.DRAFT:
        waits = {State.SCHEDULED, State.UPLOADING, State.PROCESSING}
        fields = {"state": state, "next_action_at": fields["due_at"] if state in waits else None}
        Post.objects.filter(pk=post.pk).update(**fields)
        post.refresh_from_db()
    return post


def make_try(
    post: Post, outcome: Outcome = Outcome.UNCONFIRMED, ago: timedelta = timedelta(hours=2)
) -> Attempt:
    """A try that ended so; its init left `ago`."""
    at = current_moment() - ago
    return Attempt.objects.create(
        post=post,
        number=post.attempts.count() + 1,
        claimed_at=at,
        init_intended_at=at,
        ended_at=at,
        outcome=outcome,
    )


def days(number: float) -> timedelta:
    return timedelta(days=number)
