"""What every test gets: its own folders and cache keys, and quick password hashing."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management.commands import flush as flush_command
from django.db import IntegrityError, OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.signals import connection_created
from django.test import override_settings
from hypothesis import settings as hypothesis_settings

# A machine that is busy with another run of the suite is no defect of what is tested.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")
MORE_FLUSHES = 3
WAIT_FOR_NO_DISK = {
    "sqlite": "PRAGMA synchronous=OFF",
    "postgresql": "SET synchronous_commit = off",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of real processes first or last, as tests/suite.py wants them."""
    place = os.environ.get("DUECAST_PROCESSES")
    if place in {"first", "last"}:
        items.sort(key=lambda item: bool(item.get_closest_marker("processes")) == (place == "last"))


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> None:
    """Empties the tables between tests, and leaves them empty.

    Django's own rows of permissions, which nothing here asks for, would be made again each time:
    fifty milliseconds a test. PostgreSQL's TRUNCATE makes new files for every table and index: half
    a second a test, for a few rows; DELETE does not. A request of a browser that outlives its test
    may be in the way; then it is emptied again.
    """
    flush_command.emit_post_migrate_signal = lambda *arguments, **options: None
    flush = DatabaseOperations.execute_sql_flush

    def flush_again(self: Any, statements: list[str]) -> None:
        for _ in range(MORE_FLUSHES):
            with suppress(OperationalError, IntegrityError):
                return flush(self, statements)
        return flush(self, statements)

    def delete_all(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        return [f"DELETE FROM {self.quote_name(table)};" for table in tables]  # noqa: S608

    DatabaseOperations.sql_flush = delete_all
    DatabaseOperations.execute_sql_flush = flush_again


@pytest.fixture(scope="session", autouse=True)
def quick_commits() -> Iterator[None]:
    """Commits of this process are not waited for until a power cut spares them.

    That takes milliseconds a commit, more while another run writes too. Workers and servers that
    tests start write as they do in production.
    """

    def wait_for_no_disk(connection: Any, **signal: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WAIT_FOR_NO_DISK[connection.vendor])

    connection_created.connect(wait_for_no_disk)
    yield
    connection_created.disconnect(wait_for_no_disk)


@pytest.fixture(scope="session", autouse=True)
def plain_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is the same for all tests.

    Not set for each of them: a request of a browser that outlives its test finds it too, and the
    storage that it made would be the next test's.
    """
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # WhiteNoise warns when the folder is not there.
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        # The manifest exists only after collectstatic.
        STORAGES=django_settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    ):
        yield


@pytest.fixture(autouse=True)
def own_surroundings(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SECRETS_DIR = tmp_path / "secrets"
    # Rate limits count in the cache. Redis keeps it between tests and must not be flushed.
    prefix = f"{settings.REDIS_PREFIX}test-{uuid4().hex}:"
    settings.CACHES = {
        name: cache | {"KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()
    }


@pytest.fixture(scope="session", autouse=True)
def ordinary_scheduling() -> Iterator[None]:
    """A library that puts the test run under real-time scheduling starves the machine."""
    yield
    if sys.platform == "linux":
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
