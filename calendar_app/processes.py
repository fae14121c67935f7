"""Which processes make Duecast, and the command line of each; settings in, commands out."""

import sys
from typing import Any

from calendar_app.supervisor import Command
from publishing.app_mode import AppMode


def all_commands(settings: Any) -> list[Command]:
    """What `./duecast run` starts; `settings` is django.conf.settings or has the same names."""
    commands = [
        _command("web", "gunicorn", "-c", "python:calendar_app.gunicorn"),
        *work_commands(settings),
    ]
    if settings.SIMULATOR_IS_BUILT_IN:
        commands.append(simulator_command(settings, settings.SIMULATOR_HOST))
    return commands


def work_commands(settings: Any) -> list[Command]:
    """The two workers and the clock that wakes them."""
    return [
        _worker("clock", "clock", settings.CLOCK_THREADS, settings),
        _worker("deliveries", "deliveries", settings.DELIVERY_THREADS, settings),
        # Beat would write its process id into the working directory.
        _command(
            "beat", "celery", "--quiet", "--skip-checks", "-A", "calendar_app", "beat",
            "--pidfile=", "-l", settings.LOG_LEVEL,
        ),
    ]  # fmt: skip


def _command(name: str, *arguments: str, environment: dict[str, str] | None = None) -> Command:
    return Command(name, [sys.executable, "-m", *arguments], environment or {})


def _worker(name: str, queue: str, threads: int, settings: Any) -> Command:
    # `up` and `work` have checked the settings; Celery's checks would load every page too.
    return _command(
        name, "celery", "--quiet", "--skip-checks", "-A", "calendar_app", "worker",
        "-n", f"{name}-{settings.PORT}@%h", "-Q", queue, "-P", "threads", "-c", str(threads),
        "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", settings.LOG_LEVEL,
    )  # fmt: skip


def simulator_command(settings: Any, host: str, fetch_from: str = "") -> Command:
    """The built-in simulator, listening on `host`; its key and secret travel by environment.

    `fetch_from` is where it finds the site whose media it fetches, if not at SITE_URL.
    """
    return _command(
        "simulator", "simulator",
        "--host", host,
        "--port", str(settings.SIMULATOR_PORT),
        "--data", str(settings.DATA_DIR / "simulator"),
        "--public-url", f"{settings.SITE_URL}/simulator",
        "--redirect-prefix", f"{settings.SITE_URL}/",
        "--verified-prefix", f"{settings.SITE_URL}/pull/",
        "--fetch-from", fetch_from,
        "--webhook-url", f"{settings.SITE_URL}/webhooks/tiktok/",
        "--unaudited" if AppMode(settings.TIKTOK_APP_MODE).is_private_only else "--audited",
        environment={
            "SIMULATOR_CLIENT_KEY": settings.TIKTOK_CLIENT_KEY,
            "SIMULATOR_CLIENT_SECRET": settings.TIKTOK_CLIENT_SECRET,
        },
    )  # fmt: skip


def ports_needed(settings: Any) -> dict[str, tuple[str, int]]:
    """Setting's name → (address, port) that must be free before anything starts."""
    ports = {"PORT": (settings.BIND, settings.PORT)}
    if settings.SIMULATOR_IS_BUILT_IN:
        ports["SIMULATOR_PORT"] = (settings.SIMULATOR_HOST, settings.SIMULATOR_PORT)
    return ports
