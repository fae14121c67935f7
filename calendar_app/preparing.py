"""What must be true before the first process starts: tables, static files, a free place."""

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.utils.timezone import now as current_moment

from accounts.first_run import first_run_token
from publishing import pulse
from publishing.models import PulseName


class CannotStart(Exception):
    """Carries the one sentence to print."""


def prepare_site() -> None:
    """Migrate, make the cache table, collect static files. Quick when nothing has changed."""
    call_command("migrate", interactive=False, verbosity=0)
    # Makes nothing when the cache is Redis.
    call_command("createcachetable", verbosity=0)
    collect_static_files()
    # From here on the scheduler is expected.
    pulse.beat(PulseName.PREPARED, current_moment())


def collect_static_files() -> bool:
    """Collect them unless those collected last are still the same; True when it had to be done."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    fingerprint = _static_fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fingerprint, encoding="utf-8")
    return True


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def start_page() -> str:
    """The one address to open: with the one-time token until the first account exists."""
    token = first_run_token()
    return f"{settings.SITE_URL}/welcome/?token={token}" if token else f"{settings.SITE_URL}/"


def hold_data_dir(data_dir: Path) -> IO[str]:
    """Lock `data_dir` for as long as the returned file is open. Raises CannotStart."""
    lock = open(data_dir / "duecast.lock", "a", encoding="utf-8")  # noqa: SIM115 - held open
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CannotStart(
            f"another Duecast is running with DATA_DIR {data_dir}. "
            "Stop it first, or give this one its own DATA_DIR and PORT."
        ) from error
    return lock


def refuse_taken_ports(ports: dict[str, tuple[str, int]]) -> None:
    """Raises CannotStart for the first port that somebody else listens on."""
    for setting, (host, port) in ports.items():
        try:
            _try_to_listen(host, port)
        except OSError as error:
            raise CannotStart(_why_not(setting, host, port, error)) from error


def _try_to_listen(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()


def _why_not(setting: str, host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is already in use by another program. Stop it or choose another "
            f"port, for example: {setting}={port + 20} ./duecast run"
        )
    return f"cannot listen on {host}:{port} ({error.strerror}); see {setting} and BIND."
