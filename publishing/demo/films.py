"""Encodes the demo's scenes into small real videos and photos."""

import os
import struct
from pathlib import Path

import av

from publishing.demo.scenes import SCENES
from publishing.demo.shapes import HEIGHT_PX, WIDTH_PX

FRAME_RATE = 24
# Drawn on twos, as animators do: every picture is shown twice, and the cycle repeats.
CYCLE_PICTURES = 24
SHOWN_TIMES = 2
LARGE_BOX_HEADER_BYTES = 16
NOISE_BYTES = 1_000_003


def film(scene: str, path: Path, seconds: float) -> None:
    """Write the scene as an H.264 MP4 of 720 x 1280 px."""
    frame_at = SCENES[scene]()
    cycle = [
        av.VideoFrame.from_image(frame_at(number / CYCLE_PICTURES)).reformat(format="yuv420p")
        for number in range(CYCLE_PICTURES)
    ]
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "20"}
        for number in range(round(seconds * FRAME_RATE)):
            picture = cycle[number // SHOWN_TIMES % CYCLE_PICTURES]
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def snapshot(scene: str, path: Path, moment: float) -> None:
    """One frame of the scene as a JPEG."""
    SCENES[scene]()(moment).save(path, "JPEG", quality=90)


def widen(path: Path, size_bytes: int) -> None:
    """Bring an MP4 to `size_bytes` with a trailing `free` box, which players skip.

    TikTok takes files in parts only from 5 MB on; this one shows an upload in parts. One block of
    noise is repeated, so that gigabytes take seconds and no memory.
    """
    left = size_bytes - path.stat().st_size
    noise = os.urandom(NOISE_BYTES)
    with path.open("ab") as file:
        file.write(struct.pack(">I4sQ", 1, b"free", left))
        left -= LARGE_BOX_HEADER_BYTES
        while left > 0:
            left -= file.write(noise[:left])
