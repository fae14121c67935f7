"""How TikTok reads text: it counts UTF-16 code units (an emoji is mostly 2) and knows the words
that begin with # or @.

Sources: content-posting-api-reference-direct-post, content-posting-api-reference-photo-post.
"""

import re

MAX_VIDEO_CAPTION_UTF16 = 2200
MAX_PHOTO_TITLE_UTF16 = 90
MAX_PHOTO_DESCRIPTION_UTF16 = 4000

# About what the feed shows of a caption before "more"; TikTok documents no number.
FEED_UTF16 = 150
FEED_LINES = 3

# A hashtag or a mention: delimited by spaces or newlines, so "a#b" is none.
TAG = re.compile(r"(?<![^ \n])([#@][^ \n]+)")


def count_utf16(text: str) -> int:
    """The length of `text` as TikTok counts it."""
    # surrogatepass: a browser can send half an emoji, and a count must not fail on it.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def feed_part(text: str) -> str:
    """What the feed shows of a caption before "more"; all of it when it is short.

    It ends between two words where it can. static/js/caption.js cuts at the same place.
    """
    lines = text.split("\n")[:FEED_LINES]
    part = _first_units("\n".join(lines), FEED_UTF16)
    if len(part) < len(text) and text[len(part)] not in " \n":
        space = max(part.rfind(" "), part.rfind("\n"))
        if count_utf16(part[: space + 1]) > FEED_UTF16 // 2:
            part = part[:space]
    part = part.rstrip(" \n")
    return text if part == text.rstrip(" \n") else part


def _first_units(text: str, count: int) -> str:
    """The first `count` UTF-16 code units, less half an emoji at the end."""
    part = text.encode("utf-16-le", "surrogatepass")[: 2 * count]
    first = part.decode("utf-16-le", "surrogatepass")
    return first if text.startswith(first) else first[:-1]
