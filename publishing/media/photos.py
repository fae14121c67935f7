"""Photos as TikTok takes them: JPEG or WebP, upright, small enough, without the camera's notes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publishing.media.child import ChildFailed, Limits, ask_child, has_shape
from publishing.media.restrictions import LARGEST_PHOTO_BYTES, PHOTO_SIDES_PX
from publishing.media.words import photo_words

CHILD = Path(__file__).with_name("photo_child.py")
CONTENT_TYPES = ("image/jpeg", "image/webp")
# Phones take 50 million; what says more is a mistake or a bomb.
LARGEST_PIXELS = 60_000_000
# The largest WebP with transparency needs 1.2 GB of addresses, a 48 megapixel HEIC half of that.
LIMITS = Limits(memory_bytes=1_400_000_000, output_bytes=LARGEST_PHOTO_BYTES)


@dataclass(frozen=True)
class Photo:
    """What was kept of a photo."""

    content_type: str
    width_px: int
    height_px: int


class DevelopFailed(Exception):
    """No photo came of the file. `reason` is one or two sentences for the person."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.reason = photo_words(code, LARGEST_PIXELS)
        super().__init__(self.reason)


def develop_photo(source: Path, photo: Path, poster: Path, limits: Limits = LIMITS) -> Photo:
    """Write the photo of the file at `source` to `photo`, and a JPEG of at most 360 x 640 px.

    WebP stays WebP, everything else becomes JPEG; the colours are sRGB and no metadata is left.
    Raises DevelopFailed, whatever the child process met on the way.
    """
    if source.stat().st_size == 0:
        raise DevelopFailed("empty")
    bounds = {
        "largest_pixels": LARGEST_PIXELS,
        "short_side_px": PHOTO_SIDES_PX[0],
        "long_side_px": PHOTO_SIDES_PX[1],
    }
    arguments = [*(str(path.absolute()) for path in (source, photo, poster)), json.dumps(bounds)]
    try:
        answer = ask_child(CHILD, arguments, limits)
    except ChildFailed as failure:
        raise DevelopFailed(failure.code) from failure
    if has_shape(answer, {"refused": str}):
        raise DevelopFailed(answer["refused"])
    if not _is_photo(answer):
        raise DevelopFailed("crashed")
    return Photo(**answer["photo"])


def name_suffix(source: Path) -> str:
    """How the name of the kept photo ends; a courtesy, as what it is says the row."""
    with source.open("rb") as file:
        head = file.read(12)
    return ".webp" if head[:4] == b"RIFF" and head[8:] == b"WEBP" else ".jpg"


def _is_photo(answer: Any) -> bool:
    kinds = {"content_type": str, "width_px": int, "height_px": int}
    if not has_shape(answer, {"photo": dict}) or not has_shape(answer["photo"], kinds):
        return False
    photo = Photo(**answer["photo"])
    short, long = sorted((photo.width_px, photo.height_px))
    is_inside = 0 < short <= PHOTO_SIDES_PX[0] and long <= PHOTO_SIDES_PX[1]
    return is_inside and photo.content_type in CONTENT_TYPES
