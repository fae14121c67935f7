"""How large and how long a file is, and what it is, in words."""

from django import template

from publishing.media.restrictions import CODECS
from publishing.models import MediaAsset

register = template.Library()

FORMATS = {
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "image/jpeg": "JPEG",
    "image/webp": "WebP",
}


@register.filter
def size_words(size_bytes: int) -> str:
    """ "84 kB", "4.2 MB", "2.50 GB": steps of 1000, as quotas and TikTok's limits count."""
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1e3:.0f} kB"
    if size_bytes < 1_000_000_000:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e9:.2f} GB"


@register.filter
def length_words(media: MediaAsset) -> str:
    """ "7.5 s" or "2 min 05 s"."""
    if media.duration_s < 60:
        return f"{media.duration_s:.1f} s"
    minutes, seconds = divmod(round(media.duration_s), 60)
    return f"{minutes} min {seconds:02} s"


@register.filter
def format_words(media: MediaAsset) -> str:
    """ "MP4, H.264" or "JPEG"."""
    container = FORMATS.get(media.content_type, media.content_type)
    codec = CODECS.get(media.codec, media.codec.upper())
    return f"{container}, {codec}" if codec else container
