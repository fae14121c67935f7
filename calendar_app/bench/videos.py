"""Videos of any size: some only pass for one at the simulator, some really are."""

import hashlib
from pathlib import Path

from publishing.demo.films import film, widen

SCENE = "latte"
SECONDS = 4.0
HEAD = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"


def bench_name(size_bytes: int) -> str:
    """What a video of this size is called; whoever finds one there needs no other."""
    return f"bench-{size_bytes}.mp4"


def make_video(path: Path, size_bytes: int) -> str:
    """A file with an MP4's head and a hole for the rest; gives its SHA-256.

    Reading a hole costs no disk, so an upload is measured and not the drive.
    """
    with path.open("wb") as file:
        file.write(HEAD)
        file.truncate(size_bytes)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_film(path: Path, size_bytes: int) -> None:
    """A real video that a probe takes; what fills it up is noise, unlike that of any other."""
    film(SCENE, path, SECONDS)
    widen(path, size_bytes)
