from pathlib import Path

import pytest
from PIL import Image

from publishing.media.child import Limits
from publishing.media.probe import LIMITS, ProbeFailed, probe_video
from tests import media_samples


def refusal_of(path: Path, limits: Limits = LIMITS) -> ProbeFailed:
    with pytest.raises(ProbeFailed) as caught:
        probe_video(path, limits=limits)
    return caught.value


def test_plain_mp4_is_measured(tmp_path: Path) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4", seconds=2, frame_rate=30)

    facts = probe_video(path)

    assert (facts.container, facts.content_type, facts.codec) == ("mp4", "video/mp4", "h264")
    assert (facts.width_px, facts.height_px, facts.rotation_degrees) == (360, 640, 0)
    assert facts.duration_ms == pytest.approx(2000, abs=60)
    assert facts.frame_rate == pytest.approx(30)
    assert facts.has_audio
    assert facts.size_bytes == path.stat().st_size


def test_phone_video_is_measured_as_displayed(tmp_path: Path) -> None:
    facts = probe_video(media_samples.make_rotated_mov(tmp_path / "phone.mov"))

    assert (facts.width_px, facts.height_px, facts.rotation_degrees) == (360, 640, 270)


def test_upside_down_video_keeps_its_sides(tmp_path: Path) -> None:
    path = media_samples.make_rotated_mov(tmp_path / "phone.mov", rotation_degrees=180)

    facts = probe_video(path)

    assert (facts.width_px, facts.height_px, facts.rotation_degrees) == (640, 360, 180)


def test_poster_of_a_phone_video_stands_upright(tmp_path: Path) -> None:
    path = media_samples.make_rotated_mov(tmp_path / "phone.mov")

    probe_video(path, tmp_path / "poster.jpg")

    # The red upper half of the lying picture is on the left once it is turned anticlockwise.
    with Image.open(tmp_path / "poster.jpg") as poster:
        assert poster.size == (360, 640)
        left, right = poster.getpixel((20, 320)), poster.getpixel((340, 320))
    assert left[0] > 100 > left[2]
    assert right[2] > 100 > right[0]


def test_poster_of_a_large_video_is_small(tmp_path: Path) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4", width_px=1280, height_px=720)

    probe_video(path, tmp_path / "poster.jpg")

    with Image.open(tmp_path / "poster.jpg") as poster:
        assert poster.size == (360, 203)


@pytest.mark.parametrize(
    ("make", "container", "content_type", "codec"),
    [
        (media_samples.make_rotated_mov, "mov", "video/quicktime", "h264"),
        (media_samples.make_hevc, "mp4", "video/mp4", "hevc"),
        (media_samples.make_webm, "webm", "video/webm", "vp9"),
    ],
)
def test_type_comes_from_the_content(
    tmp_path: Path, make: object, container: str, content_type: str, codec: str
) -> None:
    # The name claims something else on purpose.
    path = make(tmp_path / "claims.mp4")  # type: ignore[operator]

    facts = probe_video(path)

    assert (facts.container, facts.content_type, facts.codec) == (container, content_type, codec)


def test_matroska_is_not_taken_for_webm(tmp_path: Path) -> None:
    path = media_samples.make_mp4(tmp_path / "a.webm", container_format="matroska")

    facts = probe_video(path)

    assert (facts.container, facts.content_type) == ("matroska", "")


def test_silent_video_has_no_audio(tmp_path: Path) -> None:
    facts = probe_video(media_samples.make_mp4(tmp_path / "a.mp4", audio_codec=None))

    assert not facts.has_audio


def test_recording_without_a_stated_length_is_measured(tmp_path: Path) -> None:
    path = media_samples.make_live_webm(tmp_path / "recording.webm", seconds=2)

    facts = probe_video(path)

    assert facts.duration_ms == pytest.approx(2000, abs=60)


def test_trailing_padding_is_a_valid_video(tmp_path: Path) -> None:
    path = media_samples.make_padded_mp4(tmp_path / "a.mp4", size_bytes=20_000_000)

    facts = probe_video(path)

    assert facts.size_bytes == 20_000_000
    assert facts.duration_ms == pytest.approx(1000, abs=60)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.97])
def test_video_without_its_end_is_truncated(tmp_path: Path, share: float) -> None:
    path = media_samples.make_truncated(tmp_path / "a.mp4", share=share)

    failure = refusal_of(path)

    assert failure.code == "truncated"
    assert "it should last 4.0 s" in failure.reason


def test_webm_without_its_end_is_truncated(tmp_path: Path) -> None:
    path = media_samples.make_truncated(
        tmp_path / "a.webm",
        codec="libvpx-vp9",
        audio_codec="libopus",
        container_format="webm",
    )

    assert refusal_of(path).code == "truncated"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (media_samples.make_empty, "empty"),
        (media_samples.make_text, "not_a_video"),
        (media_samples.make_photo, "not_a_video"),
        (media_samples.make_noise, "not_a_video"),
        (media_samples.make_audio_only, "no_picture"),
        (media_samples.make_headless, "not_a_video"),
    ],
)
def test_file_that_is_no_video_is_refused(tmp_path: Path, make: object, code: str) -> None:
    path = make(tmp_path / "clip.mp4")  # type: ignore[operator]

    assert refusal_of(path).code == code


def test_playlist_opens_no_other_file(tmp_path: Path) -> None:
    target = media_samples.make_mp4(tmp_path / "private.mp4")
    path = media_samples.make_playlist(tmp_path / "list.mp4", target)

    assert refusal_of(path).code == "not_a_video"


def test_reason_says_what_to_do(tmp_path: Path) -> None:
    failure = refusal_of(media_samples.make_text(tmp_path / "clip.mp4"))

    assert failure.reason == (
        "This file is not a video that Duecast can read. "
        "Export it as MP4 with H.264 and upload it again."
    )


def test_too_little_memory_ends_only_the_child(tmp_path: Path) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4", width_px=2560, height_px=2560, seconds=0.3)

    failure = refusal_of(path, Limits(130_000_000, LIMITS.output_bytes))

    assert failure.code in {"too_heavy", "crashed", "unreadable"}
    assert probe_video(path).width_px == 2560


def test_too_long_a_probe_is_ended(tmp_path: Path) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4")

    assert (
        refusal_of(path, Limits(LIMITS.memory_bytes, LIMITS.output_bytes, wall_s=0.001)).code
        == "too_slow"
    )


@pytest.mark.parametrize(
    "said",
    [
        "[]",
        '{"facts": {"container": "mp4"}}',
        '{"facts": {"container": "mp4", "codec": "h264", "duration_ms": "1", "frame_rate": 1.0,'
        ' "width_px": 1, "height_px": 1, "rotation_degrees": 0, "has_audio": true}}',
        '{"refused": 7, "duration_s": 0.0}',
    ],
)
def test_answer_of_another_shape_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    path = media_samples.make_mp4(tmp_path / "a.mp4")
    bad = tmp_path / "child.py"
    bad.write_text(f"print({said!r})")
    monkeypatch.setattr("publishing.media.probe.CHILD", bad)

    assert refusal_of(path).code == "crashed"
