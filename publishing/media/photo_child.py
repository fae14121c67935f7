"""Develops one photo; run by `photos.py` as a process of its own, never imported by the web.

    python -I limited.py LIMITS photo_child.py SOURCE PHOTO POSTER BOUNDS

It opens files made by strangers with large C libraries, so it runs within limits, imports nothing
of ours and prints one JSON object: {"photo": {...}} or {"refused": code}. BOUNDS is the JSON of
`Bounds`.
"""

import contextlib
import json
import struct
import sys
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError
from pillow_heif import register_heif_opener

READABLE = ("JPEG", "WEBP", "PNG", "HEIF")
POSTER_BOUNDS_PX = (360, 640)
POSTER_QUALITY = 82
# High, and every pixel its own colour: TikTok encodes the photo once more.
JPEG_OPTIONS = {"quality": 92, "subsampling": "4:4:4", "optimize": True}
WEBP_OPTIONS = {"quality": 92}
# Brightness by PQ or HLG (ITU-T H.273, table 3): read as usual it would look flat and grey.
HDR_TRANSFERS = (16, 18)
# EXIF 2.3, table 4: where the first row and column of the picture are.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises for EXIF that no camera wrote; such a photo is taken as it lies.
BROKEN_EXIF = (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error)


class Refused(Exception):
    """The file cannot be developed; `code` is one of the keys of `PHOTO_WORDS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Bounds:
    """How many pixels may be unpacked, and how long the sides of the kept photo may be."""

    largest_pixels: int
    short_side_px: int
    long_side_px: int


def develop(source: str, photo: str, poster: str, bounds: Bounds) -> dict[str, Any]:
    """The type and the sides of the photo, written with its poster. Raises Refused."""
    with Image.open(source, formats=READABLE) as picture:
        check(picture, bounds)
        is_webp = picture.format == "WEBP"
        flat = flatten(keep_colours(turn_upright(scale_down(picture, bounds))))
    if is_webp:
        flat.save(photo, "WEBP", **WEBP_OPTIONS)
    else:
        flat.save(photo, "JPEG", **JPEG_OPTIONS)
    width_px, height_px = flat.size
    flat.thumbnail(POSTER_BOUNDS_PX, Image.Resampling.LANCZOS)
    flat.save(poster, "JPEG", quality=POSTER_QUALITY, optimize=True)
    content_type = "image/webp" if is_webp else "image/jpeg"
    return {"content_type": content_type, "width_px": width_px, "height_px": height_px}


def check(picture: Image.Image, bounds: Bounds) -> None:
    """Refuse, before it is unpacked, what cannot become one still photo in its own colours."""
    if picture.width * picture.height > bounds.largest_pixels:
        raise Refused("too_many_pixels")
    if moves(picture):
        raise Refused("moves")
    if picture.info.get("nclx_profile", {}).get("transfer_characteristics") in HDR_TRANSFERS:
        raise Refused("hdr")


def moves(picture: Image.Image) -> bool:
    """Whether it is an animation; several pictures in one file alone are none.

    Phones put a map of depth or brightness beside a JPEG or HEIC, cameras a small second copy.
    """
    if picture.format in ("PNG", "WEBP"):
        return bool(getattr(picture, "is_animated", False))
    return str(getattr(picture, "custom_mimetype", "")).endswith("-sequence")


def scale_down(picture: Image.Image, bounds: Bounds) -> Image.Image:
    """The picture within the bounds, in a mode that scales well.

    Nothing else comes first: on a small picture the other steps cost little memory and time.
    """
    plain = spread(picture)
    sides = (bounds.short_side_px, bounds.long_side_px)
    plain.thumbnail(sides if plain.height >= plain.width else sides[::-1], Image.Resampling.LANCZOS)
    return plain


def spread(picture: Image.Image) -> Image.Image:
    """Without palette and with 8 bits a channel; JPEGs stay packed, to be read at a fraction."""
    if picture.has_transparency_data:
        return picture if picture.mode == "RGBA" else picture.convert("RGBA")
    if picture.mode.startswith("I;16"):
        # A plain convert() cuts off at 255.
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def turn_upright(picture: Image.Image) -> Image.Image:
    method = TURNS.get(read_orientation(picture))
    return picture if method is None else picture.transpose(method)


def read_orientation(picture: Image.Image) -> Any:
    # Not ImageOps.exif_transpose: it writes the EXIF anew, which fails for that of many cameras.
    with contextlib.suppress(*BROKEN_EXIF):
        return picture.getexif().get(ExifTags.Base.Orientation)
    return None


def keep_colours(picture: Image.Image) -> Image.Image:
    """The picture in sRGB, which is what a file without a colour profile means."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            "RGBA" if picture.mode == "RGBA" else "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        # Broken, or for another kind of picture: viewers ignore such a profile too.
        return picture
    return converted or picture


def flatten(picture: Image.Image) -> Image.Image:
    """RGB on white: a picture of its own, which carries no metadata."""
    flat = Image.new("RGB", picture.size, "white")
    if picture.mode == "RGBA":
        flat.paste(picture, mask=picture.getchannel("A"))
    else:
        flat.paste(picture.convert("RGB"))
    return flat


def answer(source: str, photo: str, poster: str, bounds: Bounds) -> dict[str, Any]:
    try:
        return {"photo": develop(source, photo, poster, bounds)}
    except Refused as refused:
        return {"refused": refused.code}
    except UnidentifiedImageError:
        return {"refused": "not_a_photo"}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "too_many_pixels"}
    except MemoryError:
        return {"refused": "too_heavy"}
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError):
        # What Pillow and its HEIF reader raise for a file that begins well and breaks off.
        return {"refused": "damaged"}


def main(source: str, photo: str, poster: str, bounds: str) -> None:
    # Of what lies beside the picture, such as a depth map, nothing is opened.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
    sys.stdout.write(json.dumps(answer(source, photo, poster, Bounds(**json.loads(bounds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
