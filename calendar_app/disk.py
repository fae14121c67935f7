"""The disk that DATA_DIR is on."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Disk:
    is_writable: bool
    free_bytes: int
    total_bytes: int


def look_at_disk(folder: Path) -> Disk:
    """Writes a byte into `folder` to see that it can be done."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b".")
            file.flush()
        usage = shutil.disk_usage(folder)
    except OSError:
        return Disk(False, 0, 0)
    return Disk(True, usage.free, usage.total)
