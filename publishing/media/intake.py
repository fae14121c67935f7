"""An upload becomes a MediaAsset: kept byte for byte, measured, or refused with the reasons."""

import errno
import unicodedata
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.activity import note_activity
from accounts.models import Team, User
from publishing.media.photos import DevelopFailed, develop_photo, name_suffix
from publishing.media.probe import ProbeFailed, facts_as_columns, probe_video
from publishing.media.receiving import sync
from publishing.media.restrictions import judge_video
from publishing.media.room import DISK_FULL, current_limits, quota_problem, size_problem
from publishing.media.storage import hash_file, new_place, on_disk, settle_upload
from publishing.models import MediaAsset, MediaKind

# Only a courtesy to who looks into the folder: what the file is says the row.
SUFFIXES = {".mp4", ".m4v", ".mov", ".webm"}
LONGEST_NAME = 255


class MediaRefused(Exception):
    """The file was not kept. `problems` are sentences that say what is wrong and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def keep_upload(
    team: Team,
    person: User | None,
    uploaded_file: "UploadedFile[bytes]",
    now: datetime,
    kind: MediaKind = MediaKind.VIDEO,
) -> MediaAsset:
    """Keep a file for the team if there is room for it.

    A video is kept byte for byte. A photo is written anew as TikTok takes it: upright, at most
    1080 x 1920 px, JPEG or WebP, without the camera's notes (place, device).

    Raises MediaRefused; then nothing of the file stays.
    """
    limits, size_bytes = current_limits(), uploaded_file.size or 0
    problem = size_problem(size_bytes, limits, kind)
    problem = problem or quota_problem(team, size_bytes, limits, now)
    if problem:
        raise MediaRefused([problem])
    return keep_checked_upload(team, person, uploaded_file, now, kind)


def keep_checked_upload(
    team: Team,
    person: User | None,
    uploaded_file: "UploadedFile[bytes]",
    now: datetime,
    kind: MediaKind,
) -> MediaAsset:
    """The same for a file whose room was checked before it came.

    The row is made last: a row means that file and poster are whole and on the disk. Raises
    MediaRefused.
    """
    asset = _new_asset(team, person, kind, uploaded_file, now)
    keep = _keep_photo if kind == MediaKind.PHOTO else _keep_video
    try:
        return keep(asset, uploaded_file)
    except (ProbeFailed, DevelopFailed) as failure:
        raise MediaRefused([failure.reason]) from failure
    except OSError as error:
        raise _refusal_for(error) from error


def _keep_video(asset: MediaAsset, uploaded_file: "UploadedFile[bytes]") -> MediaAsset:
    suffix = PurePosixPath(asset.original_name).suffix.lower()
    with (
        new_place(asset, f"video{suffix if suffix in SUFFIXES else ''}") as (place, path),
        new_place(asset, "poster.jpg") as (poster_place, poster),
    ):
        asset.sha256 = settle_upload(uploaded_file, path)
        asset.file.name, asset.poster.name = place, poster_place
        _measure(asset, path, poster)
        sync(poster)
        sync(poster.parent)
        _record(asset)
    return asset


def _measure(asset: MediaAsset, path: Path, poster: Path) -> None:
    facts = probe_video(path, poster)
    problems = judge_video(facts)
    if problems:
        raise MediaRefused(problems)
    for name, value in facts_as_columns(facts).items():
        setattr(asset, name, value)


def _keep_photo(asset: MediaAsset, uploaded_file: "UploadedFile[bytes]") -> MediaAsset:
    with (
        on_disk(uploaded_file) as source,
        new_place(asset, f"photo{name_suffix(source)}") as (place, path),
        new_place(asset, "poster.jpg") as (poster_place, poster),
    ):
        photo = develop_photo(source, path, poster)
        for written in (path, poster, path.parent):
            sync(written)
        asset.content_type = photo.content_type
        asset.width_px, asset.height_px = photo.width_px, photo.height_px
        asset.file.name, asset.poster.name = place, poster_place
        asset.sha256, asset.size_bytes = hash_file(path), path.stat().st_size
        _record(asset)
    return asset


def _record(asset: MediaAsset) -> None:
    with transaction.atomic():
        asset.save(force_insert=True)
        note_activity(
            asset.team_id,
            asset.uploaded_by,
            "media_uploaded",
            asset.created_at,
            subject=asset.original_name,
        )


def _new_asset(
    team: Team,
    person: User | None,
    kind: MediaKind,
    uploaded_file: "UploadedFile[bytes]",
    now: datetime,
) -> MediaAsset:
    return MediaAsset(
        team=team,
        uploaded_by=person,
        kind=kind,
        original_name=clean_name(uploaded_file.name or "", kind),
        created_at=now,
    )


def clean_name(name: str, kind: MediaKind) -> str:
    """The last part of the name, printable and short enough, its ending kept; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()
    suffix = PurePosixPath(clean).suffix[:16]
    return clean.removesuffix(suffix)[: LONGEST_NAME - len(suffix)] + suffix or kind.value


def _refusal_for(error: OSError) -> Exception:
    """A full disk is for the person to know; anything else is ours and goes on as it is."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MediaRefused([str(DISK_FULL)])
    return error
