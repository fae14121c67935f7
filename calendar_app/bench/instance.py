"""One Duecast made for one measurement: own folder, own database, real processes."""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calendar_app.bench.places import Servers, own_places
from calendar_app.bench.ports import free_ports
from calendar_app.bench.tiktok_side import (
    CLIENT_KEY,
    CLIENT_SECRET,
    ROOT,
    TikTokSide,
    await_posts,
)
from calendar_app.health_probe import is_web_well
from calendar_app.secrets_file import new_fernet_key

# Nothing else of the shell's environment may set up the instance.
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
STOP_S = 20
READY_S = 60
SETUP_S = 120


class BenchFailed(Exception):
    """The measurement could not be made; the text says why."""


@dataclass
class Instance:
    """`environment` makes its processes one Duecast; `logs` tells what they said."""

    folder: Path
    environment: dict[str, str]
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def media(self) -> Path:
        return self.folder / "media"

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """`manage.py ARGUMENTS` under the name `name`."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.processes[name]

    def start_workers(self) -> None:
        for name in ("clock", "deliveries", "beat"):
            self.start(name, "work", name)

    def seed(self, order: dict[str, Any]) -> dict[str, float]:
        """Carry out `order` (see seeding.py); gives each caption's due moment in epoch seconds."""
        done = subprocess.run(
            [sys.executable, "-m", "calendar_app.bench.seeding"],
            cwd=ROOT,
            env=self.environment,
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=SETUP_S,
            check=False,
        )
        if done.returncode:
            raise BenchFailed(f"the instance could not be filled:\n{done.stderr[-2000:]}")
        due_at: dict[str, float] = json.loads(done.stdout)
        return due_at

    def await_first_post(self, side: TikTokSide, title: str) -> None:
        """Until the post called `title` is out: then every process has started and warmed up."""
        if not await_posts(side, {title}, "PUBLISH_COMPLETE", READY_S):
            raise BenchFailed(f"nothing went out within {READY_S} s:\n{self.last_lines()}")

    def start_everything(self, *arguments: str) -> str:
        """All that `./duecast run` starts, on free ports; gives its address once it answers."""
        web, simulator_port = free_ports(2)
        self.environment |= {"PORT": str(web), "SIMULATOR_PORT": str(simulator_port)}
        supervisor = self.start("everything", "up", *arguments)
        address = f"http://localhost:{web}"
        deadline_s = time.monotonic() + SETUP_S
        while not is_web_well("127.0.0.1", web, address):
            if time.monotonic() > deadline_s or supervisor.poll() is not None:
                raise BenchFailed(f"Duecast did not start:\n{self.last_lines()}")
            time.sleep(0.2)
        return address

    def last_lines(self) -> str:
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in logs)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def end_in_order() -> None:
    """Let SIGTERM end this process like Ctrl-C does: databases, folders and processes go too."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


@contextmanager
def new_instance(servers: Servers | None) -> Iterator[Instance]:
    """An empty instance, embedded or on `servers`; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="duecast-bench-") as folder, _places(servers) as places:
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        instance = Instance(
            Path(folder),
            {
                **environment,
                **places,
                "DATA_DIR": folder,
                "SECRET_KEY": secrets.token_urlsafe(50),
                "TOKEN_KEYS": new_fernet_key(),
                "SIMULATOR_CLIENT_SECRET": CLIENT_SECRET,
                "PORT": str(free_ports(1)[0]),
            },
        )
        try:
            yield instance
        finally:
            instance.stop()


@contextmanager
def _places(servers: Servers | None) -> Iterator[dict[str, str]]:
    if servers is None:
        yield {}
    else:
        with own_places(servers) as settings:
            yield settings


def use_simulator(instance: Instance, side: TikTokSide) -> None:
    """Let `instance` take the simulator `side` for TikTok."""
    instance.environment |= {
        "TIKTOK_API_URL": side.url,
        "TIKTOK_CLIENT_KEY": CLIENT_KEY,
        "TIKTOK_CLIENT_SECRET": CLIENT_SECRET,
    }
