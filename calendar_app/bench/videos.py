"""Files that pass for videos at the simulator, made in no time whatever their size."""

import hashlib
from pathlib import Path

HEAD = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"


def make_video(path: Path, size_bytes: int) -> str:
    """A file with an MP4's head and a hole for the rest; gives its SHA-256.

    Reading a hole costs no disk, so an upload is measured and not the drive.
    """
    with path.open("wb") as file:
        file.write(HEAD)
        file.truncate(size_bytes)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
