"""All that is known of a post's way to TikTok, for whoever helps; docs/support-bundle.md.

No token, secret or upload address is in it: the columns that hold them are not read.
"""

import json
import platform
import sys
import tomllib
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection

from publishing.consent_export import consent_export
from publishing.exchanges import KEPT
from publishing.models import Attempt, Exchange, JournalLine, MediaAsset, Post, StateChange

# A new number when a key changes its meaning or goes; new keys alone need none.
FORMAT = "duecast-support/1"
PACKAGES = ("celery", "django-celery-beat", "psycopg", "redis", "requests", "urllib3")
# Those that change how a post goes out. None of them holds a secret.
SETTINGS = (
    "CLOCK_THREADS",
    "DELIVERY_THREADS",
    "LEASE_S",
    "LOOKAHEAD_S",
    "POLL_BASE_S",
    "PULL_MARGIN_S",
    "REFRESH_SWEEP_S",
    "RETRY_BASE_S",
    "TICK_S",
    "TIKTOK_APP_MODE",
    "TIKTOK_CONNECT_TIMEOUT_S",
    "TIKTOK_LISTS_VIDEOS",
    "TIKTOK_OFFERS_INBOX",
    "TIKTOK_READ_TIMEOUT_S",
    "TIKTOK_USES_PKCE",
    "UPLOAD_CHUNK_BYTES",
    "UPLOAD_DEADLINE_S",
    "UPLOAD_LIMIT_BYTES_PER_S",
    "VIDEO_SOURCE",
)
# The journal's moments of a try, in their order.
STEPS = (
    "claimed_at",
    "creator_checked_at",
    "init_intended_at",
    "initialised_at",
    "bytes_sent_at",
    "ended_at",
)
README = """Support bundle of post {pk}, made at {at}.

journal.json        what happened, with TikTok's codes and log ids
attempts.json       each try with its moments, durations and bytes
exchanges.json      what was asked of TikTok and what it answered, of the last {days} days
state_changes.json  every state of the post, with reason and person
consent.json        who agreed to what
media.json          the files' measurements
environment.json    versions and settings

It holds no tokens, no secrets and no upload addresses, but the post's texts and the names and
e-mail addresses of people who agreed to it. TikTok's support asks for log ids ("log_id").
"""


def bundle_files(post: Post, now: datetime) -> dict[str, str]:
    """The files by name."""
    parts = {
        "journal.json": [_line(line) for line in post.journal.select_related("actor", "attempt")],
        "attempts.json": [_attempt(attempt) for attempt in post.attempts.all()],
        "exchanges.json": [_exchange(one) for one in Exchange.objects.filter(post=post)],
        "state_changes.json": [_change(c) for c in post.state_changes.select_related("actor")],
        "consent.json": consent_export(post, now),
        "media.json": [_media(file) for file in post.files()],
        "environment.json": _environment(),
    }
    readme = README.format(pk=post.pk, at=_moment(now), days=KEPT.days)
    return {"README.txt": readme} | {name: _json(part) for name, part in parts.items()}


def _line(line: JournalLine) -> dict[str, Any]:
    return {
        "at": _moment(line.at),
        "attempt": line.attempt.number if line.attempt else None,
        "kind": line.kind,
        "text": line.text,
        "code": line.code,
        "message": line.message,
        "log_id": line.log_id,
        "http_status": line.http_status,
        "actor": _name(line.actor),
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "source": attempt.source,
        "moments": {step: _moment(getattr(attempt, step)) for step in STEPS},
        "seconds": _durations(attempt),
        "publish_id": attempt.publish_id,
        "chunk_size_bytes": attempt.chunk_size_bytes,
        "bytes_confirmed": attempt.bytes_confirmed,
        "upload_bytes_per_s": attempt.upload_bytes_per_s,
        "polls": attempt.polls,
        "failures": attempt.failures,
        "tiktok_status": attempt.tiktok_status,
        "fail_reason": attempt.fail_reason,
        "outcome": attempt.outcome,
    }


def _durations(attempt: Attempt) -> dict[str, float]:
    """Seconds from one step to the next that was reached."""
    reached = [(step, at) for step in STEPS if (at := getattr(attempt, step))]
    return {
        f"{first.removesuffix('_at')} to {then.removesuffix('_at')}": (to - since).total_seconds()
        for (first, since), (then, to) in pairwise(reached)
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "at": _moment(exchange.at),
        "method": exchange.method,
        "endpoint": exchange.endpoint,
        "request": json.loads(exchange.request),
        "http_status": exchange.http_status,
        "answer": json.loads(exchange.answer),
        "error": exchange.error or None,
        "duration_ms": exchange.duration_ms,
    }


def _change(change: StateChange) -> dict[str, Any]:
    return {
        "at": _moment(change.at),
        "old": change.old,
        "new": change.new,
        "reason": change.reason,
        "actor": _name(change.actor),
    }


def _media(file: MediaAsset) -> dict[str, Any]:
    return {
        "name": file.original_name,
        "kind": file.kind,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "width_px": file.width_px,
        "height_px": file.height_px,
        "duration_ms": file.duration_ms,
        "codec": file.codec,
        "frame_rate": file.frame_rate,
        "deleted_at": _moment(file.deleted_at),
        "is_on_disk": bool(file.file) and Path(file.file.path).is_file(),
    }


def _environment() -> dict[str, Any]:
    return {
        "format": FORMAT,
        "duecast": _own_version(),
        "python": sys.version.split()[0],
        "django": django.get_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "database": _database(),
        "broker": settings.CELERY_BROKER_URL.partition(":")[0],
        "tiktok": "simulator" if settings.SIMULATOR_IN_USE else "TikTok",
        "settings": {name: getattr(settings, name) for name in SETTINGS},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _own_version() -> str | None:
    """Duecast runs from its folder and is not installed as a package."""
    try:
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))
    except OSError:
        return None
    found: str = project["project"]["version"]
    return found


def _database() -> str:
    numbers = ".".join(str(number) for number in connection.get_database_version())
    return f"{connection.vendor} {numbers}"


def _name(person: Any) -> str | None:
    return str(person) if person else None


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _json(part: Any) -> str:
    return json.dumps(part, indent=2, ensure_ascii=False) + "\n"
