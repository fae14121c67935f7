"""What does not work right now, one plain line each, without a secret in it."""

from collections.abc import Iterator
from datetime import datetime

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from calendar_app.broker import BrokerGone, queue_depths
from calendar_app.disk import look_at_disk
from publishing import pulse

DATABASE_TIMEOUT_S = 1.5


def find_faults(now: datetime) -> list[str]:
    """Asks every part that publishing needs; empty when all of them work."""
    return [*_database_and_scheduler(now), *_broker(), *_disk()]


def database_answers() -> bool:
    try:
        _ask_database()
    except (DatabaseError, psycopg.Error):
        return False
    return True


def _ask_database() -> None:
    pool = getattr(connection, "pool", None)
    if pool is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return
    # Django would wait as long as a page may for a connection: too long for who asks here.
    pool.open()
    with pool.connection(timeout=DATABASE_TIMEOUT_S) as borrowed:
        borrowed.execute("SELECT 1")


def _database_and_scheduler(now: datetime) -> Iterator[str]:
    if not database_answers():
        yield "database: does not answer"
        return
    found = pulse.beats()
    if pulse.scheduler_expected_since(found) is None:
        yield "scheduler: has never run"
    elif since := pulse.silent_since(found, now, settings.SCHEDULER_SILENT_S):
        yield f"scheduler: silent since {since:%Y-%m-%d %H:%M:%S} UTC"


def _broker() -> Iterator[str]:
    try:
        queue_depths()
    except BrokerGone as error:
        kind = "Redis" if settings.BROKER_IS_REDIS else "the file in DATA_DIR"
        yield f"broker: {kind} does not answer ({error})"


def _disk() -> Iterator[str]:
    disk = look_at_disk(settings.DATA_DIR)
    if not disk.is_writable:
        yield "disk: DATA_DIR cannot be written to"
    elif disk.free_bytes < settings.MIN_FREE_BYTES:
        yield (
            f"disk: {disk.free_bytes} bytes are free, less than MIN_FREE_BYTES "
            f"({settings.MIN_FREE_BYTES})"
        )
