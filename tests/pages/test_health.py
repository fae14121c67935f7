"""What machines are told: each fault is made for real."""

import os
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from calendar_app.bench.ports import free_ports
from publishing.models import PulseName
from publishing.pulse import beat
from tests.run.commands import ROOT, python

ASK_WITHOUT_DATABASE = """
import django, time; django.setup()
from django.test import Client
began_s = time.monotonic()
for address in ("/healthz", "/healthz/web"):
    answer = Client(HTTP_HOST="localhost").get(address)
    print(answer.status_code, answer.content.decode().splitlines())
print(time.monotonic() - began_s < 6)
"""


@pytest.fixture
def ticking(db, settings, tmp_path):
    if not settings.BROKER_IS_REDIS:
        settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/broker.sqlite3"
    settings.MIN_FREE_BYTES = 0
    beat(PulseName.TICK, current_moment())


def lines(client, address="/healthz"):
    answer = client.get(address)
    assert answer["Content-Type"] == "text/plain"
    assert answer.status_code == (200 if answer.content == b"ok" else 503)
    return answer.content.decode().splitlines()


def test_all_is_well(client, ticking):
    assert lines(client) == ["ok"]


def test_it_is_only_read(client, ticking):
    assert client.post("/healthz").status_code == 405


def test_a_silent_scheduler_is_named_with_its_last_moment(client, ticking):
    stopped = current_moment() - timedelta(minutes=5)
    beat(PulseName.TICK, stopped)

    assert lines(client) == [f"scheduler: silent since {stopped:%Y-%m-%d %H:%M:%S} UTC"]


def test_a_site_that_has_just_been_prepared_may_not_have_ticked(client, ticking):
    beat(PulseName.TICK, current_moment() - timedelta(hours=1))
    beat(PulseName.PREPARED, current_moment())

    assert lines(client) == ["ok"]


def test_a_scheduler_that_never_ran_is_named(client, db, settings):
    assert "scheduler: has never run" in lines(client)


def test_a_redis_that_is_gone_is_named_soon_and_without_its_password(client, ticking, settings):
    [port] = free_ports(1)
    settings.BROKER_IS_REDIS = True
    settings.CELERY_BROKER_URL = f"redis://:geheim@127.0.0.1:{port}/0"
    began_s = time.monotonic()

    found = lines(client)

    assert found == ["broker: Redis does not answer (ConnectionError)"]
    assert time.monotonic() - began_s < 2


def test_a_redis_that_says_nothing_is_named_soon(client, ticking, settings):
    settings.BROKER_IS_REDIS = True
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{mute.getsockname()[1]}/0"
        began_s = time.monotonic()

        found = lines(client)

    assert found == ["broker: Redis does not answer (TimeoutError)"]
    assert time.monotonic() - began_s < 2


def test_a_broker_file_that_is_locked_is_named_soon(client, ticking, settings, tmp_path):
    settings.BROKER_IS_REDIS = False
    settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/locked.sqlite3"
    with closing(sqlite3.connect(tmp_path / "locked.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()

        found = lines(client)

    assert found == ["broker: the file in DATA_DIR does not answer (OperationalError)"]
    assert time.monotonic() - began_s < 2


def test_a_broker_file_that_cannot_be_written_is_named(client, ticking, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.BROKER_IS_REDIS = False
    settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/file/broker.sqlite3"

    assert lines(client) == ["broker: the file in DATA_DIR does not answer (OperationalError)"]


def test_a_folder_that_cannot_be_written_is_named(client, ticking, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"

    assert lines(client) == ["disk: DATA_DIR cannot be written to"]


def test_a_full_disk_is_named(client, ticking, settings):
    settings.MIN_FREE_BYTES = 10**18

    [line] = lines(client)

    assert "bytes are free, less than MIN_FREE_BYTES (1000000000000000000)" in line


def test_every_fault_has_its_line(client, ticking, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    beat(PulseName.TICK, current_moment() - timedelta(minutes=5))

    assert len(lines(client)) == 2


def test_web_alone_is_well_while_the_rest_is_not(client, ticking, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    beat(PulseName.TICK, current_moment() - timedelta(minutes=5))

    assert lines(client, "/healthz/web") == ["ok"]


def test_neither_session_nor_team_is_asked_for(client, ticking, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        client.get("/healthz")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_that_is_gone_is_named_soon(tmp_path, kind):
    [port] = free_ports(1)
    urls = {
        "sqlite": f"sqlite:///{tmp_path}/gone/duecast.sqlite3",
        "postgres": f"postgres://duecast:geheim@127.0.0.1:{port}/duecast",
    }
    nowhere = {
        "DJANGO_SETTINGS_MODULE": "calendar_app.settings",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": urls[kind],
        "MIN_FREE_BYTES": "0",
    }

    answer = subprocess.run(
        python("-c", ASK_WITHOUT_DATABASE),
        cwd=ROOT,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        check=True,
    )

    gone = "503 ['database: does not answer']"
    assert answer.stdout.splitlines() == [gone, gone, "True"]
