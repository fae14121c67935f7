"""Uploads that can be continued: begun, received in parts, turned into media, cleaned away."""

import errno
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from publishing.media.intake import MediaRefused, clean_name, keep_checked_upload
from publishing.media.receiving import create_partial, locked, receive_part
from publishing.media.room import (
    Limits,
    disk_problem,
    empty_problem,
    incoming_folder,
    partial_path,
    quota_problem,
    size_problem,
)
from publishing.models import MediaAsset, MediaKind, Upload

FILLED_UP = gettext_lazy(
    "The server's disk is full. What has arrived is kept: tell the person who runs this "
    "installation, then choose the same file again to go on."
)


class UploadRefused(Exception):
    """There is no room; the text says for what and what to do."""


class EmptyFile(UploadRefused):
    pass


class DiskFull(UploadRefused):
    pass


class NotComplete(Exception):
    """Parts of the file are still missing."""


class UploadGone(Exception):
    """Its file is no longer there: it was canceled, refused or cleaned away."""


def begin_upload(
    team: Team,
    person: User,
    name: str,
    size_bytes: int,
    limits: Limits,
    keep_s: float,
    now: datetime,
    kind: MediaKind = MediaKind.VIDEO,
) -> Upload:
    """A place for a file of this size. Raises UploadRefused, EmptyFile and DiskFull.

    Its room is counted from now on, so two that begin at once cannot both have the last of it.
    """
    if problem := empty_problem(size_bytes, kind):
        raise EmptyFile(problem)
    if problem := size_problem(size_bytes, limits, kind):
        raise UploadRefused(problem)
    uuid = uuid4()
    with transaction.atomic():
        Team.objects.select_for_update(no_key=True).get(pk=team.pk)
        if problem := quota_problem(team, size_bytes, limits, now):
            raise UploadRefused(problem)
        if problem := disk_problem(size_bytes, limits, now):
            raise DiskFull(problem)
        create_partial(partial_path(uuid))
        return Upload.objects.create(
            uuid=uuid,
            team=team,
            person=person,
            kind=kind,
            original_name=clean_name(name, kind),
            size_bytes=size_bytes,
            created_at=now,
            expires_at=now + timedelta(seconds=keep_s),
        )


def add_part(
    upload: Upload,
    offset: int,
    part_bytes: int,
    read: Callable[[int], bytes],
    keep_s: float,
    now: datetime,
) -> int:
    """Like receive_part, which see; it may be continued for `keep_s` from now.

    Raises DiskFull and UploadGone instead of OSError.
    """
    path = partial_path(upload.uuid)
    try:
        received = receive_part(path, offset, part_bytes, upload.size_bytes, read)
    except FileNotFoundError as error:
        raise UploadGone from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(FILLED_UP) from error
    upload.expires_at = now + timedelta(seconds=keep_s)
    # Not save(): the row may have been canceled while the part arrived.
    Upload.objects.filter(pk=upload.pk).update(expires_at=upload.expires_at)
    return received


def cancel_upload(upload: Upload) -> None:
    """Forget it and what has arrived; media it became stays. Raises Locked."""
    path = partial_path(upload.uuid)
    try:
        with locked(path):
            path.unlink()
    except FileNotFoundError:
        pass
    upload.delete()


def finish_upload(upload: Upload, now: datetime) -> MediaAsset:
    """The media that a whole upload becomes; the same one however often it is asked for.

    Raises MediaRefused (then the upload is gone), NotComplete, Locked and UploadGone.
    """
    path = partial_path(upload.uuid)
    try:
        with locked(path) as file:
            if file.seek(0, os.SEEK_END) != upload.size_bytes:
                raise NotComplete
            media = _keep(upload, path, now)
            path.unlink(missing_ok=True)
    except FileNotFoundError as error:
        upload = Upload.objects.filter(pk=upload.pk).select_related("media").first() or upload
        if upload.media is None:
            raise UploadGone from error
        return upload.media
    return media


def _keep(upload: Upload, path: Path, now: datetime) -> MediaAsset:
    """Runs under the file's lock."""
    upload.refresh_from_db(fields=["media"])
    if upload.media is not None:
        return upload.media
    try:
        with _Received(upload, path) as file:
            media = keep_checked_upload(
                upload.team, upload.person, file, now, MediaKind(upload.kind)
            )
    except MediaRefused:
        path.unlink(missing_ok=True)
        upload.delete()
        raise
    upload.media = media
    upload.save(update_fields=["media"])
    return media


class _Received(UploadedFile):
    """What the intake takes, under a second name: the first stays until the media's row is made.

    A process killed in between finds the whole file again.
    """

    def __init__(self, upload: Upload, path: Path) -> None:
        self._second = path.with_suffix(".whole")
        self._second.unlink(missing_ok=True)
        try:
            os.link(path, self._second)
        except OSError:
            # A file system without links: the file itself moves.
            self._second = path
        super().__init__(
            file=self._second.open("rb"), name=upload.original_name, size=upload.size_bytes
        )

    def temporary_file_path(self) -> str:
        return str(self._second)

    def __exit__(self, *exception: object) -> None:
        self.close()
        if self._second.suffix == ".whole":
            self._second.unlink(missing_ok=True)


def remove_stale_uploads(keep_s: float, now: datetime) -> int:
    """Forget what nobody continued in time; how many files went.

    Also what a killed process left in the folder: the same age decides.
    """
    Upload.objects.filter(expires_at__lte=now).delete()
    awaited = {partial_path(uuid) for uuid in Upload.objects.values_list("uuid", flat=True)}
    removed = 0
    for path in incoming_folder().iterdir():
        if path not in awaited and path.is_file() and _age_s(path, now) >= keep_s:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _age_s(path: Path, now: datetime) -> float:
    return now.timestamp() - path.stat().st_mtime
