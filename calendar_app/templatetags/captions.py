"""Captions as TikTok reads them: how long, what the feed shows, which words it links."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tiktok.captions import TAG, count_utf16
from tiktok.captions import feed_part as part_in_feed

register = template.Library()


@register.filter
def utf16(text: str | None) -> int:
    return count_utf16(_with_plain_breaks(text))


@register.filter
def feed_part(text: str | None) -> str:
    return part_in_feed(_with_plain_breaks(text))


@register.filter
def marked(text: str | None) -> SafeString:
    """The text with its hashtags and mentions in `<b>`."""
    # Split at a group: every second part is one of them.
    parts = enumerate(TAG.split(_with_plain_breaks(text)))
    return format_html_join(
        "", "{}", ((format_html("<b>{}</b>", part) if n % 2 else part,) for n, part in parts)
    )


def _with_plain_breaks(text: str | None) -> str:
    # A refused form comes back with its line breaks as the browser sent them.
    return (text or "").replace("\r\n", "\n")
