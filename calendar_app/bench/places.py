"""An own database and an own key prefix on servers that others use too, for one run."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis
from psycopg import sql

DATABASE_URL = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = "redis://127.0.0.1:6379/0"
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

    def versions(self) -> str:
        """Both servers' versions in words."""
        with psycopg.connect(self.database_url, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        version = row[0].split()[0] if row else "?"
        about = _redis(self.redis_url).info("server")
        return f"PostgreSQL {version}, Redis {about['redis_version']}"


def servers_from(environment: Mapping[str, str]) -> Servers:
    """Those that tests and benchmarks may use: TEST_DATABASE_URL and TEST_REDIS_URL."""
    return Servers(
        environment.get("TEST_DATABASE_URL") or DATABASE_URL,
        environment.get("TEST_REDIS_URL") or REDIS_URL,
    )


def is_redis_there(url: str) -> bool:
    try:
        return bool(_redis(url).ping())
    except redis.RedisError:
        return False


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


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
