"""The whole product as `./duecast run` starts it, for tests that look at it from outside."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from django.conf import settings
from psycopg import sql

from calendar_app.bench.ports import free_ports
from simulator.control import Control

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 30


class Product:
    def __init__(self, process: subprocess.Popen[bytes], log_path: Path, data: Path) -> None:
        self.process = process
        self.log_path = log_path
        self.data = data
        self.first_url = ""
        self.simulator = Control("")

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")


@contextmanager
def running_product(folder: Path, **lengths: str) -> Iterator[Product]:
    """Starts everything in `folder`, on this set-up's kind of database and broker."""
    with _own_database() as database:
        environment = _environment(folder, database) | lengths
        subprocess.run(
            [sys.executable, "-m", "calendar_app.secrets_file"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        log_path = folder / "product.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        product = Product(process, log_path, folder / "data")
        try:
            product.first_url = _await_url(product)
            product.simulator = Control(f"http://127.0.0.1:{environment['SIMULATOR_PORT']}")
            yield product
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_TIMEOUT_S)


def _await_url(product: Product) -> str:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at and product.process.poll() is None:
        if found := re.search(r"Open (http\S+)", product.log()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"the product did not start:\n{product.log()[-4000:]}")


def _environment(folder: Path, database: dict[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"SECRET_KEY", "TOKEN_KEYS", "SIMULATOR_CLIENT_SECRET", "DATABASE_URL"}
    }
    port, simulator_port = free_ports(2)
    return {
        **kept,
        **database,
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
    }


@contextmanager
def _own_database() -> Iterator[dict[str, str]]:
    if settings.DATABASE_IS_SQLITE:
        yield {}
        return
    # Named after this run's own database, which the test command clears away by that name.
    name = f"{urlsplit(settings.DATABASE_URL).path.strip('/')}_{uuid4().hex[:8]}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}"))
        yield {
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
            "REDIS_PREFIX": f"{settings.REDIS_PREFIX}{name}:",
        }
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))
