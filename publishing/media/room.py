"""Whether there is room for a file: the largest size, the team's quota, the disk."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Team
from publishing.media.restrictions import judge_size
from publishing.media.words import PHOTO_WORDS, PROBE_WORDS
from publishing.models import MediaAsset, MediaKind, Upload

# Left for the database, its journal and posters when uploads have taken all they were promised.
RESERVE_BYTES = 256_000_000
# A photo is made smaller anyway; a phone's largest have about half of this.
LARGEST_PHOTO_UPLOAD_BYTES = 50_000_000
DISK_FULL = gettext_lazy(
    "There is no room left on the server for this file. Tell the person who runs this "
    "installation; nothing was kept."
)


@dataclass(frozen=True)
class Limits:
    """All in bytes; a quota of 0 sets no limit."""

    max_upload_bytes: int
    team_quota_bytes: int
    free_bytes: int


def current_limits() -> Limits:
    """From the settings, and from the disk that uploads are written to."""
    free_bytes = shutil.disk_usage(incoming_folder()).free
    return Limits(settings.MAX_UPLOAD_BYTES, settings.TEAM_QUOTA_BYTES, free_bytes)


def incoming_folder() -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR)


def partial_path(uuid: UUID) -> Path:
    return incoming_folder() / f"{uuid}.part"


def size_problem(size_bytes: int, limits: Limits, kind: MediaKind) -> str:
    """Why a file of this size is too large for TikTok or for this installation, or ""."""
    if kind == MediaKind.PHOTO:
        return _photo_size_problem(size_bytes, limits)
    problem = judge_size(size_bytes)
    if problem or size_bytes <= limits.max_upload_bytes:
        return problem
    return gettext(
        "This file has {size} MB; this installation takes at most {most} MB. "
        "Export it with a lower bit rate."
    ).format(size=f"{size_bytes / 1e6:.0f}", most=f"{limits.max_upload_bytes / 1e6:.0f}")


def _photo_size_problem(size_bytes: int, limits: Limits) -> str:
    largest_bytes = min(LARGEST_PHOTO_UPLOAD_BYTES, limits.max_upload_bytes)
    if size_bytes <= largest_bytes:
        return ""
    return gettext(
        "This file has {size} MB; this installation takes photos of at most {most} MB. "
        "Save it as JPEG or with fewer pixels and upload it again."
    ).format(size=f"{size_bytes / 1e6:.0f}", most=f"{largest_bytes / 1e6:.0f}")


def empty_problem(size_bytes: int, kind: MediaKind) -> str:
    words = PHOTO_WORDS if kind == MediaKind.PHOTO else PROBE_WORDS
    return "" if size_bytes else str(words["empty"])


def quota_problem(team: Team, size_bytes: int, limits: Limits, now: datetime) -> str:
    """Why the team may not keep this much more, or ""."""
    if not limits.team_quota_bytes:
        return ""
    used_bytes = kept_bytes(team) + awaited_bytes(team, now)
    if used_bytes + size_bytes <= limits.team_quota_bytes:
        return ""
    return gettext(
        "Your team may keep {quota} here and has {used} in use, uploads on their way included. "
        "This file has {size}. Ask the person who runs this installation for more room."
    ).format(
        quota=_gigabytes(limits.team_quota_bytes),
        used=_gigabytes(used_bytes),
        size=_gigabytes(size_bytes),
    )


def kept_bytes(team: Team) -> int:
    kept = MediaAsset.objects.filter(team=team, deleted_at=None).aggregate(bytes=Sum("size_bytes"))
    return kept["bytes"] or 0


def awaited_bytes(team: Team, now: datetime) -> int:
    """What the team's uploads on their way will have when they are whole."""
    return sum(upload.size_bytes for upload in unfinished_uploads(now).filter(team=team))


def disk_problem(size_bytes: int, limits: Limits, now: datetime) -> str:
    """Why the disk will not hold this file and what other uploads still bring, or ""."""
    expected_bytes = sum(
        max(upload.size_bytes - received_bytes(upload), 0) for upload in unfinished_uploads(now)
    )
    if size_bytes + expected_bytes + RESERVE_BYTES <= limits.free_bytes:
        return ""
    return str(DISK_FULL)


def unfinished_uploads(now: datetime) -> QuerySet[Upload]:
    return Upload.objects.filter(media=None, expires_at__gt=now)


def received_bytes(upload: Upload) -> int:
    """How much of it is on the disk; all of it once it is media, none when the file is gone."""
    if upload.media_id:
        return upload.size_bytes
    try:
        return partial_path(upload.uuid).stat().st_size
    except FileNotFoundError:
        return 0


def _gigabytes(size_bytes: int) -> str:
    if size_bytes < 100_000_000:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e9:.2f} GB"
