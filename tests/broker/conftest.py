import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kombu import Connection, Queue

from calendar_app import sqlite_broker

ROOT = Path(__file__).parents[2]
LEASE_S = 1.0

sqlite_broker.register()


def wait_until(is_true: Callable[[], object], timeout_s: float = 60) -> None:
    give_up_at = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < give_up_at, "the condition did not come true"
        time.sleep(0.01)


def receive(connection: Connection, queue: str = "work"):
    """One message, leased; None if none waits."""
    return connection.default_channel.basic_get(queue)


def send(connection: Connection, *names: str, queue: str = "work") -> None:
    producer = connection.Producer()
    for name in names:
        producer.publish({"name": name}, routing_key=queue, declare=[Queue(queue)])


class Celery:
    """Real worker and producer processes of tests.broker.tasks on one broker file, or on Redis."""

    def __init__(self, folder: Path, redis_url: str = "") -> None:
        self.path = folder / "broker.sqlite3"
        self.runs_path = folder / "runs"
        self.runs_path.touch()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.environment = {
            # Celery itself reads CELERY_BROKER_URL and would take that broker instead.
            **{name: text for name, text in os.environ.items() if name != "CELERY_BROKER_URL"},
            "BROKER_PATH": str(self.path),
            "RUNS_PATH": str(self.runs_path),
            "BROKER_LEASE_S": str(LEASE_S),
            "REDIS_URL": redis_url,
        }

    def start_worker(
        self, *arguments: str, prefetch: int = 1, lease_s: float = LEASE_S
    ) -> subprocess.Popen[bytes]:
        name = f"w{len(self.workers)}@broker"
        command = [sys.executable, "-m", "celery", "-A", "tests.broker.tasks", "worker"]
        command += ["-n", name, "--without-gossip", "--without-mingle", "--without-heartbeat"]
        command += ["-l", "WARNING", *(arguments or ("-P", "threads", "-c", "4"))]
        worker = subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **self.environment,
                "PREFETCH_MULTIPLIER": str(prefetch),
                "BROKER_LEASE_S": str(lease_s),
            },
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    def send(self, code: str) -> None:
        """Run code that sends tasks, in a process of its own."""
        code = f"from tests.broker.tasks import *\n{code}"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=self.environment, check=True)

    def runs(self) -> list[str]:
        """Names in the order they ran, without the process."""
        return [line.split()[0] for line in self.runs_path.read_text().splitlines()]

    def stop(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


@pytest.fixture
def celery(tmp_path: Path) -> Iterator[Celery]:
    celery = Celery(tmp_path)
    yield celery
    celery.stop()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "broker.sqlite3"


@pytest.fixture
def connect(path: Path) -> Iterator[Callable[[], Connection]]:
    """Opens connections with a lease of 1 s, each a consumer with its own owner."""
    opened = []

    def connect(lease_s: float = LEASE_S) -> Connection:
        options = {"lease_s": lease_s}
        opened.append(Connection(f"sqlite-lease:///{path}", transport_options=options))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()
