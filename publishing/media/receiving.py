"""A file that arrives in parts: its length on the disk is how much has arrived, nothing else is.

So a killed process leaves nothing to repair. One writer at a time, by a lock on the file itself
that ends with its process.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext

BLOCK_BYTES = 256 * 1024


class Locked(Exception):
    """Somebody else is writing to this file right now."""


class WrongOffset(Exception):
    """The part does not begin where the file ends."""

    def __init__(self, received_bytes: int) -> None:
        super().__init__(gettext("{n} bytes have arrived").format(n=received_bytes))
        self.received_bytes = received_bytes


class PastEnd(Exception):
    """The part is longer than what is missing."""


def create_partial(path: Path) -> None:
    """An empty file, on the disk. Raises OSError, FileExistsError too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o640, exist_ok=False)
    sync(path.parent)


@contextmanager
def locked(path: Path) -> Iterator[BinaryIO]:
    """The file, for this block alone. Raises Locked and FileNotFoundError."""
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Locked from error
        # It may have been finished or deleted between opening and locking.
        if not os.path.samestat(os.fstat(file.fileno()), path.stat()):
            raise FileNotFoundError(path)
        yield file


def receive_part(
    path: Path, offset: int, part_bytes: int, size_bytes: int, read: Callable[[int], bytes]
) -> int:
    """Append the next `part_bytes` of a file of `size_bytes`; how much has arrived after it.

    `read` gives at most so many bytes, and b"" when the sender is gone: what came until then
    stays. A whole file is on the disk when this returns. Raises Locked, WrongOffset, PastEnd,
    FileNotFoundError, and OSError when the disk is full.
    """
    with locked(path) as file:
        received = file.seek(0, os.SEEK_END)
        if offset != received:
            raise WrongOffset(received)
        if part_bytes > size_bytes - received:
            raise PastEnd
        left = part_bytes
        while left and (block := read(min(BLOCK_BYTES, left))):
            file.write(block)
            left -= len(block)
        received += part_bytes - left
        file.flush()
        if received == size_bytes:
            os.fsync(file.fileno())
    return received


def sync(path: Path) -> None:
    """Return when the file, or the folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
