"""`./duecast test`: the suite on the embedded default, then on PostgreSQL and Redis if they answer.

Each set-up gets a data folder, a database name and a Redis prefix made for this run, and only
those are removed at its end. Arguments go to pytest.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

from tests.chromium import HOW_TO_INSTALL, find_chromium
from tests.setting_names import setting_names

ROOT = Path(__file__).parents[1]
DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/0"
EMBEDDED = "Embedded (SQLite, broker in a file)"
SERVERS = "PostgreSQL and Redis"
CONNECT_TIMEOUT_S = 3


@dataclass(frozen=True)
class Servers:
    database_url: str
    redis_url: str

    def missing(self) -> str | None:
        """Which of the two does not answer, and why; None when both do."""
        try:
            psycopg.connect(self.database_url, connect_timeout=CONNECT_TIMEOUT_S).close()
        except psycopg.Error as error:
            return f"PostgreSQL does not answer ({_first_line(error)}); see TEST_DATABASE_URL"
        try:
            _redis(self.redis_url).ping()
        except redis.RedisError as error:
            return f"Redis does not answer ({_first_line(error)}); see TEST_REDIS_URL"
        return None


def servers_from(environment: Mapping[str, str]) -> Servers:
    return Servers(
        environment.get("TEST_DATABASE_URL") or DATABASE_URL,
        environment.get("TEST_REDIS_URL") or REDIS_URL,
    )


@contextmanager
def own_places(servers: Servers) -> Iterator[dict[str, str]]:
    """An own database and key prefix on `servers`, as settings; both are gone afterwards."""
    name = f"duecast_run_{secrets.token_hex(6)}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield {
            "DATABASE_URL": urlunsplit(urlsplit(servers.database_url)._replace(path=f"/{name}")),
            "CELERY_BROKER_URL": servers.redis_url,
            "REDIS_PREFIX": f"{name}:",
        }
    finally:
        _drop_databases(servers.database_url, name)
        _delete_keys(servers.redis_url, f"{name}:")


def _drop_databases(url: str, name: str) -> None:
    """Drop the run's database and those that Django and tests derived from its name."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE position(%s in datname) > 0", [name]
        )
        for (database,) in found.fetchall():
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(database)))


def _delete_keys(url: str, prefix: str) -> None:
    client = _redis(url)
    for key in client.scan_iter(match=f"{prefix}*", count=1000):
        client.delete(key)


def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_S)


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without the settings of an instance that this shell may be set up for."""
    names = setting_names()
    ours = {*names, *(f"{name}_FILE" for name in names)}
    return {name: value for name, value in environment.items() if name not in ours}


def run_pytest(
    name: str, arguments: Sequence[str], settings: Mapping[str, str], lines: Sequence[str]
) -> tuple[int, str]:
    """pytest's exit code and the counts in words."""
    print(f"\n{name}\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="duecast-test-") as folder:
        counts = Path(folder) / "counts"
        told = {"name": name, "lines": list(lines), "counts_path": str(counts)}
        command = [sys.executable, "-m", "pytest", "-p", "tests.setups", *arguments]
        environment = {
            **clean_environment(os.environ),
            **settings,
            "DATA_DIR": str(Path(folder) / "data"),
            "DUECAST_SETUPS": json.dumps(told),
        }
        code = _call(command, environment)
        words = counts.read_text(encoding="utf-8") if counts.exists() else f"ended with code {code}"
    return code, words


def _call(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Like subprocess.call, but Ctrl-C leaves it to pytest to end in order."""
    with subprocess.Popen(command, cwd=ROOT, env=dict(environment)) as process:
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()


def what_ci_lacks(missing: str | None) -> str | None:
    """CI runs everything or fails; elsewhere less is fine."""
    if missing:
        return f"{missing}. CI runs both set-ups."
    if find_chromium() is None:
        return "Chromium was not found. CI never skips the browser tests."
    return None


def main(arguments: Sequence[str]) -> int:
    servers = servers_from(os.environ)
    missing = servers.missing()
    if os.environ.get("CI") and (lack := what_ci_lacks(missing)):
        sys.exit(f"duecast: {lack}")
    if find_chromium() is None:
        print(f"duecast: {HOW_TO_INSTALL}", flush=True)
    if missing:
        not_run = f"{SERVERS}: not run, {missing}"
        return run_pytest(EMBEDDED, arguments, {}, [not_run])[0]
    first_code, words = run_pytest(
        EMBEDDED, arguments, {}, [f"{SERVERS}: runs next, in a run of its own"]
    )
    if first_code == 2:
        return first_code
    with own_places(servers) as settings:
        code, _ = run_pytest(SERVERS, arguments, settings, [f"{EMBEDDED}: {words}"])
    if first_code:
        print(f"duecast: failed on: {EMBEDDED}", flush=True)
    return first_code or code


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
