"""Start the simulator as a real process, for tests and benchmarks."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.control import Control

REPOSITORY = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 10


@dataclass
class Running:
    """A simulator process. `control` speaks to its control API."""

    process: subprocess.Popen[str]
    base_url: str
    control: Control
    client_key: str
    client_secret: str

    def stop(self) -> int:
        """SIGTERM, then the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self.process.kill()
        self.process.wait(STOP_TIMEOUT_S)


@contextlib.contextmanager
def start(
    port: int = 0,
    data: Path | None = None,
    client_key: str = "simulator-key",
    client_secret: str = "simulator-secret",  # noqa: S107  # a public default of a local tool
    **options: Any,
) -> Iterator[Running]:
    """Run a simulator while the block lasts.

    `options` are the command line's with underscores: `discard_bytes=True`,
    `verified_prefix=["http://…/"]`, `webhook_url="…"`. `client_key` and `client_secret` go
    through the environment. Raises RuntimeError when it does not start.
    """
    command = [sys.executable, "-m", "simulator", "--port", str(port)]
    if data is not None:
        command += ["--data", str(data)]
    for name, value in options.items():
        command += _as_arguments(name, value)
    environment = os.environ | {
        "SIMULATOR_CLIENT_KEY": client_key,
        "SIMULATOR_CLIENT_SECRET": client_secret,
    }
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        base_url = _read_url(process)
        control = Control(base_url)
        control.wait_until_ready(START_TIMEOUT_S)
        running = Running(process, base_url, control, client_key, client_secret)
        yield running
        running.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
        if process.stdout:
            process.stdout.close()


def _as_arguments(name: str, value: Any) -> list[str]:
    flag = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [flag] if value else []
    values = value if isinstance(value, list | tuple) else [value]
    return [part for each in values for part in (flag, str(each))]


def _read_url(process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    assert process.stdout is not None  # noqa: S101  # started with a pipe
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if "http://" in line:
            return line.split()[-1]
        if not line:
            break
    raise RuntimeError(f"the simulator did not start (exit status {process.poll()})")
