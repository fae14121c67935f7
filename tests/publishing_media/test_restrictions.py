from dataclasses import replace

import pytest

from publishing.media.probe import VideoFacts
from publishing.media.restrictions import judge_video, media_warnings
from publishing.models import MediaAsset, MediaKind

GOOD = VideoFacts("mp4", "video/mp4", "h264", 5000, 30.0, 1080, 1920, 0, True, 9_000_000)


def test_good_video_has_no_problem() -> None:
    assert judge_video(GOOD) == []


@pytest.mark.parametrize(
    "change",
    [
        {"frame_rate": 23.976},
        {"frame_rate": 23.0},
        {"frame_rate": 60.0},
        {"frame_rate": 60.01},
        {"width_px": 360, "height_px": 4096},
        {"size_bytes": 4_000_000_000},
        {"codec": "hevc"},
        {"codec": "vp8"},
        {"codec": "vp9"},
        {"container": "mov"},
        {"container": "webm"},
    ],
)
def test_edge_of_what_tiktok_takes_is_fine(change: dict[str, object]) -> None:
    assert judge_video(replace(GOOD, **change)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frame_rate": 22.9}, "The video has 22.9 pictures per second; TikTok takes 23 to 60."),
        ({"frame_rate": 60.2}, "The video has 60.2 pictures per second"),
        ({"width_px": 359}, "The picture has 359 × 1920 pixels"),
        ({"height_px": 4097}, "The picture has 1080 × 4097 pixels"),
        ({"size_bytes": 4_000_000_001}, "TikTok takes at most 4 GB"),
        ({"codec": "av1"}, "The picture is encoded as AV1; TikTok takes H.264"),
        ({"container": "matroska"}, "This is a MATROSKA file; TikTok takes MP4, MOV and WebM"),
    ],
)
def test_video_outside_the_bounds_is_refused_in_words(
    change: dict[str, object], words: str
) -> None:
    problems = judge_video(replace(GOOD, **change))  # type: ignore[arg-type]

    assert len(problems) == 1
    assert problems[0].startswith(words) or words in problems[0]


def test_every_problem_is_named_at_once() -> None:
    facts = replace(GOOD, container="matroska", codec="av1", frame_rate=12.0, width_px=100)

    assert len(judge_video(facts)) == 4


def video(duration_ms: int = 3000, has_audio: bool = True) -> MediaAsset:
    return MediaAsset(kind=MediaKind.VIDEO, duration_ms=duration_ms, has_audio=has_audio)


def test_video_of_three_seconds_with_sound_has_no_warning() -> None:
    assert media_warnings(video()) == []


def test_short_video_is_warned_about() -> None:
    (warning,) = media_warnings(video(duration_ms=2900))

    assert warning.startswith("This video lasts 2.9 s.")
    assert "make it longer" in warning


def test_silent_video_is_warned_about() -> None:
    (warning,) = media_warnings(video(has_audio=False))

    assert warning.startswith("This video has no sound.")
    assert "export it with its sound track" in warning


def test_every_warning_is_given_at_once() -> None:
    assert len(media_warnings(video(duration_ms=500, has_audio=False))) == 2


def test_photo_has_neither_length_nor_sound_to_warn_about() -> None:
    assert media_warnings(MediaAsset(kind=MediaKind.PHOTO)) == []
