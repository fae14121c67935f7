"""How large and how long a file is, and what it is, in words."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

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
        return gettext("{size} kB").format(size=f"{size_bytes / 1e3:.0f}")
    if size_bytes < 1_000_000_000:
        return gettext("{size} MB").format(size=number_format(f"{size_bytes / 1e6:.1f}"))
    return gettext("{size} GB").format(size=number_format(f"{size_bytes / 1e9:.2f}"))


@register.filter
def length_words(media: MediaAsset) -> str:
    """ "7.5 s" or "2 min 05 s"."""
    if media.duration_s < 60:
        return gettext("{seconds} s").format(seconds=number_format(f"{media.duration_s:.1f}"))
    minutes, seconds = divmod(round(media.duration_s), 60)
    return gettext("{minutes} min {seconds} s").format(minutes=minutes, seconds=f"{seconds:02}")


@register.filter
def format_words(media: MediaAsset) -> str:
    """ "MP4, H.264" or "JPEG"."""
    container = FORMATS.get(media.content_type, media.content_type)
    codec = CODECS.get(media.codec, media.codec.upper())
    return f"{container}, {codec}" if codec else container
