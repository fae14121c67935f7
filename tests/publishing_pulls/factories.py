"""Photos, photo posts and attempts by which TikTok fetches them."""

import hashlib
import secrets
from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.utils.timezone import now as current_moment
from PIL import Image

from accounts.models import TikTokAccount
from publishing.consent import give_consent
from publishing.models import Attempt, MediaAsset, MediaKind, Post, PostPhoto, Source
from publishing.pulling import new_pull_token
from tests.factories import make_account, make_team
from tests.publishing.factories import make_post

_numbers = count(1)
FORMATS = {"image/jpeg": "JPEG", "image/webp": "WEBP"}


def make_photo(
    team: Any = None,
    *,
    content_type: str = "image/jpeg",
    size_px: tuple[int, int] = (90, 160),
    **overrides: Any,
) -> MediaAsset:
    """A photo row and its file: a real picture that no other photo equals."""
    target = BytesIO()
    colour = f"#{secrets.token_hex(3)}"
    Image.new("RGB", size_px, colour).save(target, FORMATS[content_type], exif=_unique_note())
    content = target.getvalue()
    fields: dict[str, Any] = {
        "team": team or make_team(),
        "kind": MediaKind.PHOTO,
        "original_name": f"photo{next(_numbers)}.jpg",
        "content_type": content_type,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "width_px": size_px[0],
        "height_px": size_px[1],
    } | overrides
    asset = MediaAsset(**fields)
    asset.file.save("photo.jpg", ContentFile(content), save=False)
    asset.save()
    return asset


def _unique_note() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = f"photo {next(_numbers)}"
    return exif.tobytes()


def make_photo_post(
    account: TikTokAccount | None = None,
    photos: list[MediaAsset] | None = None,
    *,
    cover: int = 0,
    is_consented: bool = True,
    **overrides: Any,
) -> Post:
    """A scheduled photo post, due now, with its author's consent."""
    account = account or make_account()
    photos = photos or [make_photo(account.team) for _ in range(3)]
    values: dict[str, Any] = {"kind": MediaKind.PHOTO, "title": "Three photos"} | overrides
    post = make_post(account, media=photos[cover], is_consented=False, **values)
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media=photo, position=place) for place, photo in enumerate(photos)
    )
    if is_consented and post.author:
        give_consent(post, post.author, None, current_moment())
    return post


def make_pull(post: Post, **overrides: Any) -> Attempt:
    """An attempt that has told TikTok to fetch the post's files."""
    now = current_moment()
    fields: dict[str, Any] = {
        "number": post.attempts.count() + 1,
        "claimed_at": now,
        "source": Source.PULL_FROM_URL,
        "pull_token": new_pull_token(),
        "init_intended_at": now,
        "fingerprint": post.fingerprint(),
    } | overrides
    return Attempt.objects.create(post=post, **fields)
