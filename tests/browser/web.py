"""Our web server as people run it, on a test's own database; it can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from calendar_app.bench.ports import free_ports
from tests.processes.conftest import database_url

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 60


class Web:
    """gunicorn on a port of its own; `settings` are the test's, `lengths` go to it alone."""

    def __init__(self, folder: Path, settings: Any, **lengths: str) -> None:
        self.folder = folder
        [self.port] = free_ports(1)
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "PORT": str(self.port),
            "SECRET_KEY": settings.SECRET_KEY,
            "TOKEN_KEYS": ",".join(settings.TOKEN_KEYS),
            "TIKTOK_API_URL": settings.TIKTOK_API_URL,
            "TIKTOK_CLIENT_KEY": settings.TIKTOK_CLIENT_KEY,
            "TIKTOK_CLIENT_SECRET": settings.TIKTOK_CLIENT_SECRET,
            **lengths,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def session_cookie(self) -> str:
        return f"duecast_session_{self.port}"

    def collect_static(self) -> None:
        command = [sys.executable, "manage.py", "collectstatic", "--noinput"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def start(self) -> None:
        """Returns when it takes connections."""
        with (self.folder / "web.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "python:calendar_app.gunicorn"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while not self._listens():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < give_up_at, self.log()
            time.sleep(0.05)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the server and its workers, as if the power went."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None
            # The workers hold the port a moment longer than their parent.
            while self._listens():
                time.sleep(0.02)

    def log(self) -> str:
        return (self.folder / "web.log").read_text(errors="replace")[-4000:]
