"""Real Celery workers and Beats on this set-up's database and broker, and a real simulator."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection

from calendar_app.bench.instance import free_ports
from calendar_app.processes import work_commands
from simulator.control import Control
from simulator.process import start

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
# The shortest lengths that the system checks allow, so that minutes become seconds.
LENGTHS = {
    "TICK_S": "1",
    "LOOKAHEAD_S": "3",
    "TIKTOK_CONNECT_TIMEOUT_S": "1",
    "TIKTOK_READ_TIMEOUT_S": "4",
    "LEASE_S": "15",
    "POLL_BASE_S": "0.3",
    "RETRY_BASE_S": "0.5",
    "UPLOAD_CHUNK_BYTES": "32000000",
}


def wait_until(is_true: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    give_up_at = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < give_up_at, "the condition did not come true"
        time.sleep(0.02)


class Crew:
    """The processes of one test, and the environment that makes them one instance."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(
        self, name: str, module: str = "celery", **environment: str
    ) -> subprocess.Popen[bytes]:
        """Starts the process called `name` in calendar_app.processes, as often as asked.

        `module` takes the place of Celery's own.
        """
        sizes = SimpleNamespace(
            CLOCK_THREADS=4,
            DELIVERY_THREADS=8,
            PORT=8000 + len(self.processes),
            LOG_LEVEL="INFO",
        )
        [command] = [c for c in work_commands(sizes) if c.name == name]
        arguments = [module if part == "celery" else part for part in command.arguments]
        return self._run(name, arguments, environment)

    def start_web(self) -> subprocess.Popen[bytes]:
        """Starts the site at SITE_URL; returns when it takes connections."""
        port = urlsplit(self.environment["SITE_URL"]).port
        arguments = [sys.executable, "-m", "gunicorn", "-c", "python:calendar_app.gunicorn"]
        web = self._run("web", arguments, {"PORT": str(port)})
        wait_until(lambda: _listens(port))
        return web

    def _run(
        self, name: str, arguments: list[str], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env={**self.environment, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def signal(self, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        os.killpg(process.pid, number)

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.signal(process, signal.SIGCONT)
                self.signal(process, signal.SIGKILL)
            process.wait(10)


def _listens(port: int | None) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port or 0), 1).close()
    except OSError:
        return False
    return True


def database_url() -> str:
    """Where the processes find the test's own database."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    password = f":{quote(values['PASSWORD'])}" if values["PASSWORD"] else ""
    host = f"{values['HOST'] or '127.0.0.1'}:{values['PORT'] or 5432}"
    return f"postgres://{values['USER']}{password}@{host}/{values['NAME']}"


@pytest.fixture
def simulator(tmp_path: Path, settings: Any) -> Iterator[Control]:
    """A simulator for which the /pull/ of a crew's site is verified."""
    [port] = free_ports(1)
    settings.SITE_URL = f"http://localhost:{port}"
    prefix = f"{settings.SITE_URL}/pull/"
    with start(data=tmp_path / "simulator", verified_prefix=[prefix]) as running:
        settings.TIKTOK_API_URL = running.base_url
        settings.TIKTOK_CLIENT_KEY = running.client_key
        settings.TIKTOK_CLIENT_SECRET = running.client_secret
        running.control.settings(processing_s=0.2, moderation_s=0.2)
        yield running.control


@pytest.fixture
def crew(
    transactional_db: None, tmp_path: Path, simulator: Control, settings: Any
) -> Iterator[Crew]:
    """An instance without processes; they are killed at the test's end."""
    data = tmp_path / "data"
    (data / "logs").mkdir(parents=True)
    broker = {}
    if django_settings.BROKER_IS_REDIS:
        broker["CELERY_BROKER_URL"] = django_settings.CELERY_BROKER_URL
        broker["REDIS_PREFIX"] = f"{django_settings.REDIS_PREFIX}{uuid4().hex}:"
    environment = {
        **os.environ,
        **LENGTHS,
        **broker,
        "DATA_DIR": str(data),
        "DATABASE_URL": database_url(),
        "SITE_URL": settings.SITE_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "TOKEN_KEYS": ",".join(settings.TOKEN_KEYS),
        "TIKTOK_API_URL": settings.TIKTOK_API_URL,
        "TIKTOK_CLIENT_KEY": settings.TIKTOK_CLIENT_KEY,
        "TIKTOK_CLIENT_SECRET": settings.TIKTOK_CLIENT_SECRET,
    }
    settings.MEDIA_ROOT = data / "media"
    team = Crew(data / "logs", environment)
    yield team
    team.stop()
    print(team.logs()[-8000:])
