"""How TikTok counts text: in UTF-16 code units, so an emoji is mostly 2.

Sources: content-posting-api-reference-direct-post, content-posting-api-reference-photo-post.
"""

MAX_VIDEO_CAPTION_UTF16 = 2200
MAX_PHOTO_TITLE_UTF16 = 90
MAX_PHOTO_DESCRIPTION_UTF16 = 4000


def count_utf16(text: str) -> int:
    """The length of `text` as TikTok counts it."""
    # surrogatepass: a browser can send half an emoji, and a count must not fail on it.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
