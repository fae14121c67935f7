"""Where media files lie, and how one gets there whole: hashed, synced, moved, never half."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.fields.files import FieldFile

from publishing.media.receiving import sync
from publishing.models import MediaAsset
from publishing.models.media import media_path


@contextmanager
def new_place(asset: MediaAsset, name: str) -> Iterator[tuple[str, Path]]:
    """A free name in the storage and its path, for a file like `name`.

    Whatever lies there when the block fails is removed.
    """
    place = default_storage.get_available_name(media_path(asset, name), max_length=200)
    path = Path(default_storage.path(place))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield place, path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def on_disk(uploaded_file: "UploadedFile[bytes]") -> Iterator[Path]:
    """The upload's bytes as a file, for this block. Raises OSError."""
    path = getattr(uploaded_file, "temporary_file_path", None)
    if path is not None:
        uploaded_file.flush()
        yield Path(path())
        return
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        for block in uploaded_file.chunks():
            copy.write(block)
        copy.flush()
        yield Path(copy.name)


def settle_upload(uploaded_file: "UploadedFile[bytes]", path: Path) -> str:
    """Bring the upload's bytes to `path`, unchanged and on the disk; their SHA-256 in hex.

    A finished temporary file on the same file system is renamed, anything else is copied in
    blocks. Raises OSError, for example when the disk is full.
    """
    source = getattr(uploaded_file, "temporary_file_path", None)
    if source is None or not _renamed(uploaded_file, source(), path):
        with path.open("xb") as target:
            for block in uploaded_file.chunks():
                target.write(block)
    path.chmod(settings.FILE_UPLOAD_PERMISSIONS or 0o640)
    digest = hash_file(path)
    sync(path)
    sync(path.parent)
    return digest


def _renamed(uploaded_file: "UploadedFile[bytes]", source: str, path: Path) -> bool:
    uploaded_file.flush()
    try:
        os.rename(source, path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        return False
    uploaded_file.close()
    return True


def hash_file(path: Path) -> str:
    """SHA-256 in hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def delete_file_later(file: FieldFile) -> None:
    """Delete it once the transaction is committed; one that cannot be deleted is logged."""
    if file and file.name:
        transaction.on_commit(partial(file.storage.delete, file.name), robust=True)
