"""A Redis that goes away and comes back empty, as after a restart without a disk."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from calendar_app import redis_broker
from calendar_app.bench.places import is_redis_there
from calendar_app.bench.ports import free_ports

from .conftest import Celery, receive, send, wait_until

pytestmark = pytest.mark.processes

redis_broker.register()


class Redis:
    def __init__(self, program: str, folder: Path) -> None:
        [port] = free_ports(1)
        self.url = f"redis://127.0.0.1:{port}/0"
        self.command = [program, "--port", str(port), "--save", "", "--dir", str(folder)]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_until(lambda: is_redis_there(self.url))

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    program = shutil.which("redis-server") or pytest.skip("There is no redis-server here.")
    redis = Redis(program, tmp_path)
    yield redis
    redis.stop()


@pytest.fixture
def celery(tmp_path: Path, redis: Redis) -> Iterator[Celery]:
    celery = Celery(tmp_path, redis.url)
    yield celery
    celery.stop()


@pytest.mark.parametrize("settle", ["ack", "reject", "requeue"])
def test_a_message_that_cannot_be_settled_holds_no_place(redis, settle):
    with Connection(redis.url) as connection:
        send(connection, "first")
        connection.default_channel.basic_qos(0, 1, False)
        message = receive(connection)
        redis.stop()

        with pytest.raises(connection.connection_errors):
            getattr(message, settle)()

        assert connection.default_channel.qos.can_consume()


def test_a_message_that_is_settled_is_gone(redis):
    with Connection(redis.url) as connection:
        send(connection, "first")
        connection.default_channel.basic_qos(0, 1, False)

        receive(connection).ack()

        assert connection.default_channel.qos.can_consume()
        assert receive(connection) is None


def test_a_worker_that_was_wholly_busy_goes_on_when_redis_is_back(celery, redis, tmp_path):
    go, log = tmp_path / "go", tmp_path / "log"
    celery.start_worker("-P", "threads", "-c", "2", "-f", str(log))
    celery.send(f"for name in ('one', 'two'): run_until_exists.delay(name, '{go}')")
    wait_until(lambda: {"one-began", "two-began"} <= set(celery.runs()))

    redis.stop()
    go.touch()
    wait_until(lambda: log.read_text().count("Couldn't ack") == 2)
    redis.start()

    celery.send("run.delay('after')")
    wait_until(lambda: "after" in celery.runs())


def test_a_channel_keeps_its_client_until_its_connections_end(redis):
    with Connection(redis.url) as connection:
        channel = connection.default_channel
        with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
            assert first is second
        channel._disconnect_pools()
        with channel.conn_or_acquire() as third:
            assert third is not first
            assert third.ping()
