"""TikTok's media restrictions, as far as the file alone decides (api-contract.md, section 15).

The length is checked later: its limit is the creator's own.
"""

from django.utils.translation import gettext

from publishing.media.probe import CONTENT_TYPES, VideoFacts
from publishing.models import MediaAsset, MediaKind

CODECS = {"h264": "H.264", "hevc": "H.265", "vp8": "VP8", "vp9": "VP9"}
FRAME_RATES = (23, 60)
SIDES_PX = (360, 4096)
# "4 GB" without saying which: the smaller reading is right under both.
LARGEST_VIDEO_BYTES = 4_000_000_000
LARGEST_PHOTO_BYTES = 20_000_000
# "1080p" is all TikTok says of photos; a 1254 px square was refused. Short side, long side.
PHOTO_SIDES_PX = (1080, 1920)
# TikTok documents no shortest length; this one is what other integrators report.
SHORTEST_SAFE_VIDEO_S = 3


def judge_video(facts: VideoFacts) -> list[str]:
    """Why TikTok would refuse this video, in plain words with what to do; often empty."""
    problems = (_container(facts), _codec(facts), _frame_rate(facts), _sides(facts))
    return [problem for problem in (*problems, judge_size(facts.size_bytes)) if problem]


def media_warnings(media: MediaAsset) -> list[str]:
    """What TikTok may take badly but does not forbid, in plain words with what to do."""
    if media.kind != MediaKind.VIDEO:
        return []
    return [warning for warning in (_length(media), _sound(media)) if warning]


def judge_size(size_bytes: int) -> str:
    if size_bytes <= LARGEST_VIDEO_BYTES:
        return ""
    return gettext(
        "This file has {size} GB; TikTok takes at most 4 GB. Export it with a lower bit rate or "
        "cut it shorter."
    ).format(size=f"{size_bytes / 1e9:.2f}")


def _container(facts: VideoFacts) -> str:
    if facts.container in CONTENT_TYPES:
        return ""
    return gettext(
        "This is a {format} file; TikTok takes MP4, MOV and WebM. Export it as MP4."
    ).format(format=facts.container.upper())


def _codec(facts: VideoFacts) -> str:
    if facts.codec in CODECS:
        return ""
    return gettext(
        "The picture is encoded as {codec}; TikTok takes H.264, H.265, VP8 and VP9. "
        "Export it with H.264."
    ).format(codec=facts.codec.upper())


def _frame_rate(facts: VideoFacts) -> str:
    low, high = FRAME_RATES
    # Phones vary: the average of a recording at 60 is often 60.01.
    if low <= round(facts.frame_rate, 1) <= high:
        return ""
    return gettext(
        "The video has {rate} pictures per second; TikTok takes {low} to {high}. Export it with 30."
    ).format(rate=f"{facts.frame_rate:.3g}", low=low, high=high)


def _sides(facts: VideoFacts) -> str:
    low, high = SIDES_PX
    if low <= min(facts.width_px, facts.height_px) and max(facts.width_px, facts.height_px) <= high:
        return ""
    return gettext(
        "The picture has {width} × {height} pixels; TikTok takes {low} to {high} on each side. "
        "Export it with 1080 × 1920."
    ).format(width=facts.width_px, height=facts.height_px, low=low, high=high)


def _length(media: MediaAsset) -> str:
    if media.duration_s >= SHORTEST_SAFE_VIDEO_S:
        return ""
    return gettext(
        "This video lasts {length} s. TikTok names no shortest length, but others report that it "
        "refuses videos under {shortest} s. To be safe, make it longer and upload it again."
    ).format(length=f"{media.duration_s:.1f}", shortest=SHORTEST_SAFE_VIDEO_S)


def _sound(media: MediaAsset) -> str:
    if media.has_audio:
        return ""
    return gettext(
        "This video has no sound. If it should have some, export it with its sound track and "
        "upload it again."
    )
