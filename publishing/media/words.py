"""What people read when a file is refused: what is wrong, and what to do."""

from django.utils.translation import gettext, gettext_lazy

PROBE_WORDS = {
    "empty": gettext_lazy("This file is empty. Export the video again, then upload it."),
    "not_a_video": gettext_lazy(
        "This file is not a video that Duecast can read. Export it as MP4 with H.264 and upload it "
        "again."
    ),
    "no_picture": gettext_lazy(
        "This file has sound but no moving picture. Choose the video, not its sound track."
    ),
    "undecodable": gettext_lazy(
        "The picture in this video cannot be read. Export it as MP4 with H.264 and upload it again."
    ),
    "unreadable": gettext_lazy(
        "This video is damaged and cannot be read. Export it as MP4 with H.264 and upload it again."
    ),
    "too_heavy": gettext_lazy(
        "Reading this video takes more memory than Duecast allows. Export it as MP4 with H.264 and "
        "upload it again."
    ),
    "too_slow": gettext_lazy(
        "Reading this video takes longer than Duecast allows. Export it as MP4 with H.264 and "
        "upload it again."
    ),
    "crashed": gettext_lazy(
        "This video could not be read: it is damaged or very unusual. Export it as MP4 with H.264 "
        "and upload it again."
    ),
}
PHOTO_WORDS = {
    "empty": gettext_lazy("This file is empty. Save the photo again, then upload it."),
    "not_a_photo": gettext_lazy(
        "This file is not a photo that Duecast can read (JPEG, WebP, PNG or HEIC), or only a part "
        "of one. Save it as JPEG and upload it again."
    ),
    "damaged": gettext_lazy(
        "This photo is damaged or incomplete and cannot be read. Save it as JPEG and upload it "
        "again."
    ),
    "moves": gettext_lazy(
        "This picture moves; TikTok takes still photos. Save it as JPEG and upload it again."
    ),
    "hdr": gettext_lazy(
        "This photo is stored as HDR, whose brightness would be lost in what TikTok takes. "
        "Save it as JPEG and upload it again."
    ),
    "too_heavy": gettext_lazy(
        "Reading this photo takes more memory than Duecast allows. Save it as JPEG and upload it "
        "again."
    ),
    "too_slow": gettext_lazy(
        "Reading this photo takes longer than Duecast allows. Save it as JPEG and upload it again."
    ),
    "crashed": gettext_lazy(
        "This photo could not be read: it is damaged or very unusual. Save it as JPEG and upload "
        "it again."
    ),
}


def probe_words(code: str, duration_s: float = 0) -> str:
    """The sentences for one reason why a file could not be measured."""
    if code != "truncated":
        return str(PROBE_WORDS.get(code, PROBE_WORDS["crashed"]))
    return gettext(
        "This video is incomplete: it should last {length} s, but its end is missing. "
        "Copy or export it again, then upload it."
    ).format(length=f"{duration_s:.1f}")


def photo_words(code: str, largest_pixels: int) -> str:
    """The sentences for one reason why a file did not become a photo."""
    if code != "too_many_pixels":
        return str(PHOTO_WORDS.get(code, PHOTO_WORDS["crashed"]))
    return gettext(
        "This photo has more than {millions} million pixels. Make it smaller and upload it again."
    ).format(millions=largest_pixels // 1_000_000)
