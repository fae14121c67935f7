"""Small real videos and photos, made when a test asks for them.

Every function writes one file and returns its path. Pictures are moving colour fields, so a
rotated or wrongly sized frame can be told apart.
"""

import math
import os
import random
import struct
from array import array
from fractions import Fraction
from pathlib import Path

import av
import av.container
from PIL import Image

BOX_HEADER_BYTES = 8
LARGE_BOX_HEADER_BYTES = 16


def make_video(
    path: Path,
    *,
    seconds: float = 1.0,
    width_px: int = 360,
    height_px: int = 640,
    frame_rate: int = 24,
    codec: str = "libx264",
    container_format: str | None = None,
    audio_codec: str | None = "aac",
    rotation_degrees: int = 0,
    mux_options: dict[str, str] | None = None,
    keyframe_every: int = 12,
) -> Path:
    """A video with a red upper half and a blue lower half, brighter with time."""
    with av.open(str(path), "w", format=container_format, options=mux_options) as container:
        video = container.add_stream(codec, rate=frame_rate)
        video.width, video.height, video.pix_fmt = width_px, height_px, "yuv420p"
        video.gop_size = keyframe_every
        video.options = _quick(codec)
        if rotation_degrees:
            video.set_display_rotation(rotation_degrees)
        sound = (
            container.add_stream(audio_codec, rate=48_000, layout="mono") if audio_codec else None
        )
        for number in range(round(seconds * frame_rate)):
            container.mux(video.encode(_frame(number, width_px, height_px)))
        container.mux(video.encode(None))
        if sound is not None:
            _add_sound(container, sound, seconds)
    return path


def _quick(codec: str) -> dict[str, str]:
    if codec in {"libx264", "libx265"}:
        quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        return {"preset": "ultrafast", "crf": "30", **quiet}
    return {"deadline": "realtime", "cpu-used": "8", "b": "200000"}


def _frame(number: int, width_px: int, height_px: int) -> av.VideoFrame:
    light = 120 + number % 120
    picture = Image.new("RGB", (width_px, height_px), (0, 0, light))
    picture.paste((light, 0, 0), (0, 0, width_px, height_px // 2))
    return av.VideoFrame.from_image(picture)


def _add_sound(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: float
) -> None:
    samples = 960
    wave = array("h", (round(3000 * math.sin(n * math.tau / 96)) for n in range(samples)))
    for start in range(0, int(seconds * 48_000), samples):
        frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def make_mp4(path: Path, **overrides: object) -> Path:
    return make_video(path, **overrides)  # type: ignore[arg-type]


def make_rotated_mov(path: Path, **overrides: object) -> Path:
    """What a phone held upright records: a lying picture with a display matrix."""
    lying = {"width_px": 640, "height_px": 360, "rotation_degrees": 90, "container_format": "mov"}
    return make_video(path, **(lying | overrides))  # type: ignore[arg-type]


def make_hevc(path: Path) -> Path:
    return make_video(path, codec="libx265")


def make_webm(path: Path, **overrides: object) -> Path:
    vp9 = {"codec": "libvpx-vp9", "audio_codec": "libopus", "container_format": "webm"}
    return make_video(path, **(vp9 | overrides))  # type: ignore[arg-type]


def make_audio_only(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        _add_sound(container, container.add_stream("aac", rate=48_000, layout="mono"), 1.0)
    return path


def make_truncated(path: Path, *, share: float = 0.5, **overrides: object) -> Path:
    """A fast-start video that lost its end: its head still claims the whole length."""
    is_mp4 = "container_format" not in overrides
    front = {"mux_options": {"movflags": "+faststart"}} if is_mp4 else {}
    make_video(path, seconds=4, **(front | overrides))  # type: ignore[arg-type]
    os.truncate(path, int(path.stat().st_size * share))
    return path


def make_empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def make_text(path: Path) -> Path:
    path.write_text("This is not a video.\n" * 50)
    return path


def make_playlist(path: Path, target: Path) -> Path:
    """A concat script: a text that makes a careless reader open other files."""
    path.write_text(f"ffconcat version 1.0\nfile '{target}'\n")
    return path


def make_padded_mp4(path: Path, *, size_bytes: int, **overrides: object) -> Path:
    """A valid MP4 of exactly `size_bytes`, its content unlike that of any other call.

    A short video is followed by one `free` box, which players skip (ISO 14496-12, 8.1.2). Only
    one random block is generated and repeated, so that hundreds of megabytes take a moment.
    """
    make_video(path, **overrides)  # type: ignore[arg-type]
    left = size_bytes - path.stat().st_size
    if left < LARGE_BOX_HEADER_BYTES:
        raise ValueError(f"{size_bytes} bytes are too few for this video")
    block = os.urandom(1_000_003)
    with path.open("ab") as file:
        file.write(struct.pack(">I4sQ", 1, b"free", left))
        left -= LARGE_BOX_HEADER_BYTES
        while left > 0:
            left -= file.write(block[:left])
    return path


def make_photo(
    path: Path,
    *,
    width_px: int = 400,
    height_px: int = 600,
    file_format: str = "JPEG",
    orientation: int = 1,
) -> Path:
    """A photo with a red upper half, with an EXIF orientation and a place where it was taken."""
    picture = Image.new("RGB", (width_px, height_px), (30, 60, 200))
    picture.paste((200, 40, 40), (0, 0, width_px, height_px // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(path, file_format, exif=exif)
    return path


def make_noise(path: Path) -> Path:
    path.write_bytes(random.Random(7).randbytes(200_000))
    return path


def make_headless(path: Path) -> Path:
    """A video with its index at the end, cut in the middle: the index is gone."""
    make_video(path)
    os.truncate(path, path.stat().st_size // 2)
    return path


def make_live_webm(path: Path, *, seconds: float) -> Path:
    """What a browser records: a WebM that does not say how long it is."""
    return make_webm(path, seconds=seconds, mux_options={"live": "1"})
