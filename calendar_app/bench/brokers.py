"""A broker that a measurement may take away: a Redis of its own, or the embedded broker's file."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from calendar_app.bench.instance import BenchFailed, Instance
from calendar_app.bench.places import is_redis_there
from calendar_app.bench.ports import free_ports

AWAY_S = 5.0
START_S = 20.0
STOP_S = 10.0

# Takes the broker away for AWAY_S and gives it back; says what was done.
Restart = Callable[[], str]


@contextmanager
def breakable_broker(instance: Instance) -> Iterator[Restart]:
    """Lets `instance` use a broker that can be taken away; before its processes start."""
    if "CELERY_BROKER_URL" not in instance.environment:
        yield lambda: _lock_file(instance.folder / "broker.sqlite3")
    elif program := shutil.which("redis-server"):
        with _own_redis(program, instance) as restart:
            yield restart
    else:
        yield lambda: "none: there is no redis-server here"


def _lock_file(path: Path) -> str:
    """Nobody can put or take a message meanwhile, as when a disk hangs."""
    with closing(sqlite3.connect(path, timeout=STOP_S, isolation_level=None)) as file:
        file.execute("BEGIN EXCLUSIVE")
        time.sleep(AWAY_S)
        file.execute("ROLLBACK")
    return f"file locked for {AWAY_S:.0f} s"


@contextmanager
def _own_redis(program: str, instance: Instance) -> Iterator[Restart]:
    [port] = free_ports(1)
    url = f"redis://127.0.0.1:{port}/0"
    instance.environment["CELERY_BROKER_URL"] = url
    running = [_start(program, port, url, instance.folder)]

    def restart() -> str:
        _end(running.pop())
        time.sleep(AWAY_S)
        running.append(_start(program, port, url, instance.folder))
        return f"Redis killed, back empty after {AWAY_S:.0f} s"

    try:
        yield restart
    finally:
        for process in running:
            _end(process)


def _start(program: str, port: int, url: str, folder: Path) -> "subprocess.Popen[bytes]":
    """It keeps nothing: what waits in it is lost when it ends."""
    with (folder / "redis.log").open("ab") as log:
        process = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    deadline_s = time.monotonic() + START_S
    while not is_redis_there(url):
        if time.monotonic() > deadline_s or process.poll() is not None:
            _end(process)
            raise BenchFailed("redis-server did not start; its log is above")
        time.sleep(0.1)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(STOP_S)
