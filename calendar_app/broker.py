"""Whether the broker answers and what waits in it, for Redis and for the file; within a second."""

import sqlite3
from contextlib import closing

from django.conf import settings
from kombu import Connection
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from calendar_app import sqlite_broker

TIMEOUT_S = 1.0
QUEUES = ("clock", "deliveries")


class BrokerGone(Exception):
    """It does not answer. Carries the kind of error alone: the broker's URL has its password."""


def queue_depths() -> dict[str, int]:
    """Number of waiting messages by queue; those that a worker holds do not wait.

    Raises BrokerGone when the broker cannot be asked, or could not be written to.
    """
    try:
        return _ask_redis() if settings.BROKER_IS_REDIS else _ask_file()
    except (RedisError, sqlite3.Error, OSError) as error:
        raise BrokerGone(type(error).__name__) from error


def _ask_redis() -> dict[str, int]:
    client = Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_connect_timeout=TIMEOUT_S,
        socket_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    with closing(client), client.pipeline(transaction=False) as asked:
        for queue in QUEUES:
            asked.llen(f"{settings.REDIS_PREFIX}{queue}")
        return dict(zip(QUEUES, asked.execute(), strict=True))


def _ask_file() -> dict[str, int]:
    path = sqlite_broker.path_of(Connection(settings.CELERY_BROKER_URL))
    with closing(sqlite3.connect(path, timeout=TIMEOUT_S, isolation_level=None)) as file:
        # Takes the lock that every message needs, and writes nothing.
        file.execute("BEGIN IMMEDIATE")
        file.execute("ROLLBACK")
    waiting = sqlite_broker.queue_depths(path)
    return {queue: waiting.get(queue, 0) for queue in QUEUES}
