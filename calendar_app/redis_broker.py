"""kombu's Redis transport, with an acknowledgement that Redis cannot take counted as done here.

kombu frees a worker's place for the next message only when Redis has taken the acknowledgement of
the last one. When Redis goes away while every thread of a worker has a task, no place is ever
freed: the worker asks for nothing more, so it never notices that the connection is lost, and stands
still after Redis is back. With the places freed it asks, finds the connection lost, connects anew.
Redis keeps what was not acknowledged and delivers it once more; a task may run twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis

SCHEMES = ("redis", "rediss")


def register() -> None:
    """Make kombu use this transport for Redis."""
    for scheme in SCHEMES:
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"


class QoS(redis.QoS):
    def ack(self, delivery_tag: Any) -> None:
        with self._freeing(delivery_tag):
            super().ack(delivery_tag)

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        with self._freeing(delivery_tag):
            super().reject(delivery_tag, requeue=requeue)

    @contextmanager
    def _freeing(self, delivery_tag: Any) -> Iterator[None]:
        try:
            yield
        except Exception:
            self._quick_ack(delivery_tag)
            raise


class Channel(redis.Channel):
    """Keeps one client for its pool: kombu makes one anew for each message it takes and each it
    acknowledges, which costs more than what is sent with it."""

    QoS = QoS
    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()
        return self._kept


class Transport(redis.Transport):
    Channel = Channel
