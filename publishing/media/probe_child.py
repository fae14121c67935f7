"""Measures one video file; run by `probe.py` as a process of its own, never imported by the web.

    python -I limited.py LIMITS probe_child.py VIDEO POSTER

It opens files made by strangers with a large C library, so it runs within limits, imports nothing
of ours and prints one JSON object: {"facts": {...}} or {"refused": code, "duration_s": s}.
POSTER may be empty: no picture is written then.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container
from av.video.reformatter import ColorRange
from PIL import Image

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
POSTER_BOUNDS_PX = (360, 640)
POSTER_QUALITY = 82
POSTER_AT_S = 1.0
TAIL_S = 0.5
# A last packet may end this much before the stated length: edit lists and rounding do that.
TAIL_TOLERANCE_S = 0.3
# FFmpeg reads a HEIC or AVIF photo as a video of one picture.
BRANDS_OF_PHOTOS = {"heic", "heix", "heim", "heis", "mif1", "avif"}
BRANDS_OF_OTHERS = {"3g": "3gp", "M4A": "m4a", "M4B": "m4a", "mj": "mj2", "F4": "f4v"}


class Refused(Exception):
    """The file cannot be measured; `code` is one of the keys of `PROBE_WORDS`."""

    def __init__(self, code: str, duration_s: float = 0.0) -> None:
        super().__init__(code)
        self.code = code
        self.duration_s = duration_s


def measure(video: str, poster: str) -> dict[str, Any]:
    """The facts of the file, with its poster written. Raises Refused or av.FFmpegError."""
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    with av.open(video, options=options) as container:
        if container.metadata.get("major_brand") in BRANDS_OF_PHOTOS:
            raise Refused("not_a_video")
        stream = find_picture(container)
        duration_s = find_duration_s(container)
        check_tail(container, duration_s)
        frame = decode_frame(container, stream, min(POSTER_AT_S, duration_s / 2))
        # PyAV counts anticlockwise; a display matrix may say any angle, players know four.
        turned = round(frame.rotation / 90) * 90 % 360
        sides = (stream.codec_context.width, stream.codec_context.height)
        width_px, height_px = sides[::-1] if turned in (90, 270) else sides
        if poster:
            write_poster(frame, turned, poster)
        return {
            "container": name_container(container, video),
            "codec": name_codec(stream),
            "duration_ms": round(duration_s * 1000),
            "frame_rate": float(stream.average_rate or stream.guessed_rate or 0),
            "width_px": width_px,
            "height_px": height_px,
            "rotation_degrees": -turned % 360,
            "has_audio": bool(container.streams.audio),
        }


def find_picture(container: av.container.InputContainer) -> av.VideoStream:
    """The first moving picture; the cover of a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & stream.disposition.attached_pic:
            # Slices, not frames: on large pictures frame threads cost three times the time.
            stream.thread_type, stream.thread_count = "SLICE", 2
            return stream
    raise Refused("no_picture")


def find_duration_s(container: av.container.InputContainer) -> float:
    """The stated length, or the end of the last packet (browsers record WebM without one)."""
    if container.duration and container.duration > 0:
        return container.duration / av.time_base
    end_s, _ = read_to_end(container)
    if end_s <= 0:
        raise Refused("unreadable")
    return end_s


def read_to_end(container: av.container.InputContainer) -> tuple[float, bool]:
    """Where the last packet from here on ends, and whether one of them is damaged."""
    end_s, is_damaged = 0.0, False
    for packet in container.demux():
        is_damaged |= packet.is_corrupt
        if packet.pts is not None and packet.size:
            ticks = packet.pts + (packet.duration or 0)
            end_s = max(end_s, float(ticks * (packet.time_base or Fraction())))
    return end_s, is_damaged


def check_tail(container: av.container.InputContainer, duration_s: float) -> None:
    """Refuse a file whose head promises more than its body holds.

    A file cut in half opens well when its index stands at the front.
    """
    start_s = (container.start_time or 0) / av.time_base
    aim_s = max(0.0, start_s + duration_s - TAIL_S)
    container.seek(int(aim_s * av.time_base), any_frame=True)
    end_s, is_damaged = read_to_end(container)
    if is_damaged or end_s - start_s < duration_s - TAIL_TOLERANCE_S:
        raise Refused("truncated", duration_s)


def decode_frame(
    container: av.container.InputContainer, stream: av.VideoStream, at_s: float
) -> av.VideoFrame:
    """The first picture at or after `at_s`, or the last one before it."""
    start_s = (container.start_time or 0) / av.time_base
    container.seek(int((start_s + at_s) * av.time_base))
    frame = None
    for frame in container.decode(stream):
        if frame.time is None or frame.time >= start_s + at_s:
            break
    if frame is None:
        raise Refused("undecodable")
    return frame


def write_poster(frame: av.VideoFrame, turned: int, path: str) -> None:
    """A JPEG no larger than POSTER_BOUNDS_PX, upright."""
    scale = max(1, min(frame.width, frame.height) // POSTER_BOUNDS_PX[0])
    small = frame.reformat(
        width=max(2, frame.width // scale),
        height=max(2, frame.height // scale),
        format="rgb24",
        dst_color_range=ColorRange.JPEG,
    )
    picture = small.to_image().rotate(turned, expand=True)
    picture.thumbnail(POSTER_BOUNDS_PX, Image.Resampling.LANCZOS)
    picture.save(path, "JPEG", quality=POSTER_QUALITY, optimize=True)


def name_container(container: av.container.InputContainer, video: str) -> str:
    """mp4, mov, webm, or the name of one that TikTok does not take."""
    if "matroska" in container.format.name:
        with Path(video).open("rb") as file:
            head = file.read(4096)
        # EBML DocType (0x4282): the one field in which WebM and Matroska differ.
        return "webm" if b"\x42\x82\x84webm" in head else "matroska"
    brand = container.metadata.get("major_brand", "qt")
    for prefix, name in BRANDS_OF_OTHERS.items():
        if brand.startswith(prefix):
            return name
    return "mov" if brand.startswith("qt") else "mp4"


def name_codec(stream: av.VideoStream) -> str:
    # Not `codec.name`: that is the decoder, "libdav1d" for AV1.
    return stream.codec_context.codec.canonical_name


def answer(video: str, poster: str) -> dict[str, Any]:
    try:
        return {"facts": measure(video, poster)}
    except Refused as refused:
        return {"refused": refused.code, "duration_s": refused.duration_s}
    except MemoryError:
        return {"refused": "too_heavy", "duration_s": 0.0}
    except (av.error.InvalidDataError, av.error.ArgumentError):
        # "Argument": a format that is known but not on our list, such as a playlist.
        return {"refused": "not_a_video", "duration_s": 0.0}
    except av.FFmpegError:
        return {"refused": "unreadable", "duration_s": 0.0}


def main(video: str, poster: str) -> None:
    sys.stdout.write(json.dumps(answer(video, poster)))


if __name__ == "__main__":
    main(*sys.argv[1:])
