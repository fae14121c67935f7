"""Photos as TikTok takes them: JPEG or WebP, upright, small enough, without the camera's notes."""

from dataclasses import dataclass
from io import BytesIO

from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps, UnidentifiedImageError

# "1080p" is all TikTok says; a 1254 px square was refused (api-contract.md, section 15).
SHORT_SIDE_PX, LONG_SIDE_PX = 1080, 1920
LARGEST_PIXELS = 60_000_000
POSTER_BOUNDS_PX = (360, 640)
PHOTO_SUFFIXES = {"image/jpeg": ".jpg", "image/webp": ".webp"}
READABLE = ("JPEG", "WEBP", "PNG")
TOO_LARGE = (
    f"This photo has more than {LARGEST_PIXELS // 1_000_000} million pixels. Make it smaller and "
    "upload it again."
)
EXPORT_AGAIN = "Save it as JPEG and upload it again."


@dataclass(frozen=True)
class Photo:
    """A photo ready to be kept, and its small picture (JPEG)."""

    content: bytes
    content_type: str
    width_px: int
    height_px: int
    poster: bytes


def develop_photo(uploaded_file: "UploadedFile[bytes]") -> Photo | str:
    """The photo in TikTok's bounds, or one sentence that says why not."""
    try:
        with Image.open(uploaded_file, formats=READABLE) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                return TOO_LARGE
            if getattr(picture, "is_animated", False):
                return f"This picture moves; TikTok takes still photos. {EXPORT_AGAIN}"
            return _develop(picture)
    except UnidentifiedImageError:
        return f"This file is not a photo that TikTok takes (JPEG, WebP or PNG). {EXPORT_AGAIN}"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    except (OSError, ValueError, SyntaxError):
        # What Pillow raises for a file that begins well and breaks off.
        return f"This photo is damaged and cannot be read. {EXPORT_AGAIN}"


def _develop(picture: Image.Image) -> Photo:
    is_webp = picture.format == "WEBP"
    upright = _flatten(ImageOps.exif_transpose(picture))
    is_tall = upright.height >= upright.width
    bounds = (SHORT_SIDE_PX, LONG_SIDE_PX) if is_tall else (LONG_SIDE_PX, SHORT_SIDE_PX)
    upright.thumbnail(bounds, Image.Resampling.LANCZOS)
    content = _encode(upright, "WEBP" if is_webp else "JPEG")
    small = upright.copy()
    small.thumbnail(POSTER_BOUNDS_PX, Image.Resampling.LANCZOS)
    content_type = "image/webp" if is_webp else "image/jpeg"
    return Photo(content, content_type, *upright.size, _encode(small, "JPEG"))


def _flatten(picture: Image.Image) -> Image.Image:
    """RGB on white; a copy that carries no metadata."""
    seen = picture.convert("RGBA")
    flat = Image.new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen.getchannel("A"))
    return flat


def _encode(picture: Image.Image, file_format: str) -> bytes:
    target = BytesIO()
    picture.save(target, file_format, quality=88)
    return target.getvalue()
