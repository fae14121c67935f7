"""What people read when a file is refused: what is wrong, and what to do."""

EXPORT_AGAIN = "Export it as MP4 with H.264 and upload it again."
PROBE_WORDS = {
    "empty": "This file is empty. Export the video again, then upload it.",
    "not_a_video": f"This file is not a video that Duecast can read. {EXPORT_AGAIN}",
    "no_picture": (
        "This file has sound but no moving picture. Choose the video, not its sound track."
    ),
    "undecodable": f"The picture in this video cannot be read. {EXPORT_AGAIN}",
    "unreadable": f"This video is damaged and cannot be read. {EXPORT_AGAIN}",
    "too_heavy": f"Reading this video takes more memory than Duecast allows. {EXPORT_AGAIN}",
    "too_slow": f"Reading this video takes longer than Duecast allows. {EXPORT_AGAIN}",
    "crashed": f"This video could not be read: it is damaged or very unusual. {EXPORT_AGAIN}",
}
SAVE_AGAIN = "Save it as JPEG and upload it again."
PHOTO_WORDS = {
    "empty": "This file is empty. Save the photo again, then upload it.",
    "not_a_photo": (
        "This file is not a photo that Duecast can read (JPEG, WebP, PNG or HEIC), or only a part "
        f"of one. {SAVE_AGAIN}"
    ),
    "damaged": f"This photo is damaged or incomplete and cannot be read. {SAVE_AGAIN}",
    "moves": f"This picture moves; TikTok takes still photos. {SAVE_AGAIN}",
    "hdr": (
        "This photo is stored as HDR, whose brightness would be lost in what TikTok takes. "
        f"{SAVE_AGAIN}"
    ),
    "too_heavy": f"Reading this photo takes more memory than Duecast allows. {SAVE_AGAIN}",
    "too_slow": f"Reading this photo takes longer than Duecast allows. {SAVE_AGAIN}",
    "crashed": f"This photo could not be read: it is damaged or very unusual. {SAVE_AGAIN}",
}


def probe_words(code: str, duration_s: float = 0) -> str:
    """The sentences for one reason why a file could not be measured."""
    if code != "truncated":
        return PROBE_WORDS.get(code, PROBE_WORDS["crashed"])
    return (
        f"This video is incomplete: it should last {duration_s:.1f} s, but its end is missing. "
        "Copy or export it again, then upload it."
    )


def photo_words(code: str, largest_pixels: int) -> str:
    """The sentences for one reason why a file did not become a photo."""
    if code != "too_many_pixels":
        return PHOTO_WORDS.get(code, PHOTO_WORDS["crashed"])
    return (
        f"This photo has more than {largest_pixels // 1_000_000} million pixels. Make it smaller "
        "and upload it again."
    )
