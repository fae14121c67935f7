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
READY_S = 120
SETUP_S = 300
CROWD_S = 1800
# The most that planning one post may take.
SEED_S = 0.2


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

    @property
    def port(self) -> int:
        return int(self.environment["PORT"])

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """`manage.py ARGUMENTS` under the name `name`."""
        return self._launch(name, "manage.py", *arguments)

    def start_web(self) -> None:
        """gunicorn alone, as `./duecast run` starts it; takes no connections yet."""
        self._launch("web", "-m", "gunicorn", "-c", "python:calendar_app.gunicorn")

    def start_module(self, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """`python -m MODULE ARGUMENTS`; what it prints is in MODULE.log."""
        return self._launch(module, "-m", module, *arguments)

    def _launch(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        # Appended to: a process that is started again must not wipe what the first one said.
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
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
        due_at: dict[str, float] = json.loads(
            self._answer(
                "-m",
                "calendar_app.bench.seeding",
                said=json.dumps(order),
                timeout_s=SETUP_S + len(order.get("posts", ())) * SEED_S,
            )
        )
        return due_at

    def standing(self) -> list[dict[str, Any]]:
        """Every post's caption, state and TikTok's ids (see standing.py)."""
        found: list[dict[str, Any]] = json.loads(self._answer("-m", "calendar_app.bench.standing"))
        return found

    def crowd(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """Fill the post table as `order` says (see crowding.py); what the work then cost."""
        found: list[dict[str, Any]] = json.loads(
            self._answer(
                "-m", "calendar_app.bench.crowding", said=json.dumps(order), timeout_s=CROWD_S
            )
        )
        return found

    def fill_months(self, order: dict[str, Any]) -> dict[str, Any]:
        """Fill a month and the table as `order` says (see months.py); what pages then ask."""
        found: dict[str, Any] = json.loads(
            self._answer(
                "-m", "calendar_app.bench.months", said=json.dumps(order), timeout_s=CROWD_S
            )
        )
        return found

    def post_with_journal(self, order: dict[str, Any]) -> None:
        """The bare loop on this instance's database (see journaling.py)."""
        self._answer("-m", "calendar_app.bench.journaling", said=json.dumps(order))

    def manage(self, *arguments: str) -> str:
        """What `manage.py ARGUMENTS` prints."""
        return self._answer("manage.py", *arguments)

    def _answer(self, *arguments: str, said: str = "", timeout_s: float = SETUP_S) -> str:
        words = " ".join(arguments)
        try:
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                input=said,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BenchFailed(f"{words} took longer than {timeout_s:.0f} s") from error
        if done.returncode:
            raise BenchFailed(f"{words} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout

    def await_first_post(self, side: TikTokSide, title: str) -> None:
        """Until the post called `title` is out: then every process has started and warmed up."""
        if not await_posts(side, {title}, "PUBLISH_COMPLETE", READY_S):
            raise BenchFailed(f"nothing went out within {READY_S} s:\n{self.last_lines()}")

    def start_everything(self, *arguments: str) -> str:
        """All that `./duecast run` starts, on free ports; gives its address once it answers."""
        web, simulator_port = free_ports(2)
        self.environment |= {"PORT": str(web), "SIMULATOR_PORT": str(simulator_port)}
        return self.await_web(self.start("everything", "up", *arguments))

    def await_web(self, started: "subprocess.Popen[bytes]") -> str:
        """Its address, once the web server that belongs to `started` answers."""
        address = f"http://localhost:{self.port}"
        deadline_s = time.monotonic() + SETUP_S
        while not is_web_well("127.0.0.1", self.port, address):
            if time.monotonic() > deadline_s or started.poll() is not None:
                raise BenchFailed(f"Duecast did not start:\n{self.last_lines()}")
            time.sleep(0.2)
        return address

    def kill(self, name: str) -> None:
        """SIGKILL to the process and all under it, as if the power went."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

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
