"""The embedded broker: a kombu transport that keeps its messages in one SQLite file.

`sqlite-lease:////absolute/broker.sqlite3` or `sqlite-lease:///relative/broker.sqlite3`.
Transport options: `lease_s` (15) and `polling_interval_s` (0.1); give every process that
opens the file the same lease.

The rules it keeps:

* A message is a row (id, queue, owner, lease_until, tag, payload) until it is acknowledged.
  Delivering it leases it: the row stays, with its owner, a fresh tag and an end of lease. A
  worker that dies renews nothing, so another one gets the message after at most one lease.
* Putting is an INSERT. Getting asks first whether anything waits, which takes no lock, and
  then leases the oldest message with one UPDATE … RETURNING.
* The delivery tag is "id:tag". Ack and reject delete by it, requeue and a closing channel set
  the lease to 0 by it. A worker that was stopped past its lease holds a tag that is no longer
  in the row, so its late ack deletes nothing. A message can be delivered twice, never lost.
* While a channel consumes, a thread renews every lease of the owner each third of a lease. It
  is a thread because Celery does not drain events while a full prefork pool blocks it or
  while it waits for the last tasks at a warm shutdown; both can outlast a lease.
* `drain_events` waits for an ack as long as the polling interval, it does not sleep: a worker
  that has just finished gets its next message at once.
* No lease can end later than one lease from now. One that does was written before the clock
  was set back or the machine restarted with a wrong one; the renewal shortens it.
* Every change is one statement outside a transaction. SQLite then takes the write lock at its
  start, as BEGIN IMMEDIATE does, and waits for it up to 20 s. The file is in WAL mode with
  synchronous=NORMAL: a power cut can lose the last moments, it cannot corrupt.
* One SQLite connection per process and thread. A child made by fork leaves its parent's
  connections, leases and threads alone.
* Queues take turns. There is no priority inside a queue and no fanout: start workers with
  remote control off and `--without-gossip --without-mingle --without-heartbeat`.
"""

import logging
import os
import sqlite3
import threading
import time
import weakref
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

SCHEME = "sqlite-lease"
SWITCH_AGAIN_S = 0.01
BUSY_TIMEOUT_S = 20.0
DEFAULT_LEASE_S = 15.0
# Measured at rest with two workers, on two machines: with 0.02 everything took 5.0 % of a core and
# with 0.05 3.5 %, with 0.05 4.0 % and with 0.1 3.7 %. A post's moment does not wait for it: what is
# due was taken out of the file seconds before.
DEFAULT_POLLING_INTERVAL_S = 0.1

# message_by_queue serves waiting and leasing, message_by_owner the renewal: without it each
# renewal would read the whole backlog.
SCHEMA = (
    """CREATE TABLE IF NOT EXISTS message (
        id INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        owner TEXT,
        lease_until REAL NOT NULL DEFAULT 0,
        tag TEXT,
        payload TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, lease_until, id)",
    "CREATE INDEX IF NOT EXISTS message_by_owner ON message (owner) WHERE owner IS NOT NULL",
)

IS_WAITING = "SELECT 1 FROM message WHERE queue = ? AND lease_until < ? LIMIT 1"
# clock() is the time when SQLite has the lock. Read before, it could be 20 s old, and the lease
# would be over when it begins.
LEASE = """UPDATE message SET owner = ?, tag = ?, lease_until = clock() + ?
    WHERE id = (SELECT id FROM message WHERE queue = ? AND lease_until < ?
                ORDER BY lease_until, id LIMIT 1)
    RETURNING id, payload"""
RENEW = """UPDATE message SET lease_until = clock() + :lease_s
    WHERE owner IS NOT NULL AND (owner = :owner OR lease_until > clock() + :lease_s)"""
RELEASE = """UPDATE message SET lease_until = 0, owner = NULL
    WHERE id = ? AND tag = ? AND owner = ?"""
DELETE = "DELETE FROM message WHERE id = ? AND tag = ?"
COUNT_WAITING = "SELECT queue, count(*) FROM message WHERE lease_until < ? GROUP BY queue"

logger = logging.getLogger(__name__)

# A module-level table and not threading.local: Python drops the other threads' locals in a
# forked child, which would close connections the parent still uses.
_handles: dict[tuple[int, int, str], sqlite3.Connection] = {}

# Held around every statement and by fork, so that a child never inherits one of SQLite's own
# mutexes locked. Re-entrant, because garbage collection may restore a channel inside one.
_gate = threading.RLock()
os.register_at_fork(
    before=_gate.acquire, after_in_parent=_gate.release, after_in_child=_gate.release
)


def register() -> None:
    """Make kombu know the `sqlite-lease` scheme."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


def queue_depths(path: str | Path) -> dict[str, int]:
    """Number of waiting messages by queue name; a queue with none is absent.

    Messages that a worker holds are not waiting. Raises sqlite3.OperationalError if the file
    cannot be read; a file that does not exist yet gives {}.
    """
    if not Path(path).exists():
        return {}
    return dict(execute(str(path), COUNT_WAITING, (time.time(),))[0])


def execute(path: str, sql: str, parameters: Any = ()) -> tuple[list[Any], int]:
    """Rows and number of changed rows of one statement, run in this thread's connection."""
    with _gate:
        cursor = handle(path).execute(sql, parameters)
        # Reading to the end is what commits an UPDATE … RETURNING.
        return cursor.fetchall(), cursor.rowcount


def handle(path: str) -> sqlite3.Connection:
    """This process and thread's connection to the file, opened when it is first needed."""
    # current_thread() also registers threads that Python did not start, for the sweep below.
    key = (os.getpid(), threading.current_thread().ident or 0, path)
    if key not in _handles:
        close_handles_of_ended_threads()
        _handles[key] = open_file(path)
    return _handles[key]


def close_handles_of_ended_threads() -> None:
    running = {thread.ident for thread in threading.enumerate()}
    for key in list(_handles):
        pid, thread_id, _ = key
        if pid == os.getpid() and thread_id not in running:
            _handles.pop(key).close()


def open_file(path: str) -> sqlite3.Connection:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    connection.create_function("clock", 0, time.time)
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    for statement in SCHEMA:
        connection.execute(statement)
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Once for a file, by whoever is first. Of two that try in the same moment SQLite refuses one
    at once, whatever its time limit: each holds what the other waits for."""
    give_up_at_s = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at_s:
                raise
            time.sleep(SWITCH_AGAIN_S)


def lease_message(path: str, queue: str, owner: str, lease_s: float) -> dict[str, Any] | None:
    """The oldest waiting message as kombu wants it, leased to `owner`; None if none waits."""
    now = time.time()
    if not execute(path, IS_WAITING, (queue, now))[0]:
        return None
    tag = uuid4().hex
    rows, _ = execute(path, LEASE, (owner, tag, lease_s, queue, now))
    if not rows:
        return None
    row_id, text = rows[0]
    payload: dict[str, Any] = loads(text)
    payload["properties"]["delivery_tag"] = f"{row_id}:{tag}"
    return payload


def delete_message(path: str, delivery_tag: str) -> bool:
    """Whether the message still had this tag, and is gone."""
    return execute(path, DELETE, delivery_tag.split(":"))[1] == 1


def release_message(path: str, delivery_tag: str, owner: str) -> bool:
    """Whether `owner` still had the message, which others can get from here on.

    The tag stays: a task that finishes after its channel closed may still delete it.
    """
    return execute(path, RELEASE, (*delivery_tag.split(":"), owner))[1] == 1


class LeaseKeeper:
    """Renews the leases of one consumer, from its first message until `stop`."""

    def __init__(self, path: str, lease_s: float) -> None:
        self.path = path
        self.lease_s = lease_s
        self.unsettled: set[str] = set()
        self._token = uuid4().hex
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    @property
    def owner(self) -> str:
        """Name in the rows. A forked child gets another one, as its parent's are not its own."""
        return f"{os.getpid()}-{self._token}"

    def start(self) -> None:
        """Renew from now on, unless that is under way. In a forked child no thread runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._stopped,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def settle(self, delivery_tag: str) -> None:
        """Delete the message; if the file is locked for too long, with the next renewal."""
        try:
            delete_message(self.path, delivery_tag)
        except sqlite3.OperationalError as error:
            logger.warning("Cannot acknowledge %s yet: %s", delivery_tag, error)
            self.unsettled.add(delivery_tag)

    def release(self, delivery_tag: str) -> None:
        """Give the message back; if the file is locked for too long, its lease runs out."""
        try:
            release_message(self.path, delivery_tag, self.owner)
        except sqlite3.OperationalError as error:
            logger.warning("Cannot give back %s, its lease will end: %s", delivery_tag, error)

    def renew(self) -> None:
        """One round: retry what could not be deleted, prolong the rest."""
        for delivery_tag in list(self.unsettled):
            delete_message(self.path, delivery_tag)
            self.unsettled.discard(delivery_tag)
        execute(self.path, RENEW, {"owner": self.owner, "lease_s": self.lease_s})

    def _run(self, stopped: threading.Event) -> None:
        while not stopped.wait(self.lease_s / 3):
            try:
                self.renew()
            except sqlite3.OperationalError as error:
                logger.warning("Cannot renew leases in %s: %s", self.path, error)


class QoS(virtual.QoS):
    """Settles in the file first, then frees the place for the next message."""

    def ack(self, delivery_tag: str) -> None:
        self.channel.keeper.settle(delivery_tag)
        self._free(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if requeue:
            self.channel.keeper.release(delivery_tag)
        else:
            self.channel.keeper.settle(delivery_tag)
        self._free(delivery_tag)

    def _free(self, delivery_tag: str) -> None:
        self._quick_ack(delivery_tag)
        self.channel.settled.set()


class Channel(virtual.Channel):
    QoS = QoS

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        # Kept here too: a task may acknowledge after the channel has left its connection.
        self.keeper: LeaseKeeper = connection.keeper
        self.settled: threading.Event = connection.settled
        self.path: str = connection.path

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Any, consumer_tag: str, **kwargs: Any
    ) -> Any:
        def settle_first(message: Any) -> Any:
            self.keeper.settle(message.delivery_tag)
            return callback(message)

        wanted = settle_first if no_ack else callback
        return super().basic_consume(queue, no_ack, wanted, consumer_tag, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and no_ack:
            self.keeper.settle(message.delivery_tag)
        return message

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        sql = "INSERT INTO message (queue, payload) VALUES (?, ?)"
        execute(self.path, sql, (queue, dumps(message)))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        self.keeper.start()
        payload = lease_message(self.path, queue, self.keeper.owner, self.keeper.lease_s)
        if payload is None:
            raise Empty
        return payload

    def _restore(self, message: Any) -> None:
        self.keeper.release(message.delivery_tag)

    def _purge(self, queue: str) -> int:
        sql = "DELETE FROM message WHERE queue = ? AND lease_until < ?"
        return execute(self.path, sql, (queue, time.time()))[1]

    def _size(self, queue: str) -> int:
        sql = "SELECT count(*) FROM message WHERE queue = ? AND lease_until < ?"
        return int(execute(self.path, sql, (queue, time.time()))[0][0][0])


class Transport(virtual.Transport):
    Channel = Channel
    cycle: Any

    driver_type = "sqlite"
    driver_name = "sqlite3"
    # Celery reconnects and a producer retries after these.
    connection_errors: Any = (*virtual.Transport.connection_errors, sqlite3.OperationalError)

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.path = path_of(client)
        options = client.transport_options
        self.polling_interval_s = options.get("polling_interval_s", DEFAULT_POLLING_INTERVAL_S)
        self.keeper = LeaseKeeper(self.path, options.get("lease_s", DEFAULT_LEASE_S))
        self.settled = threading.Event()
        # A connection that is dropped without being closed must not keep its leases for ever.
        weakref.finalize(self, self.keeper.stop)

    @property
    def default_connection_params(self) -> dict[str, Any]:
        """Nothing: kombu would fill in localhost, and no file has a host."""
        return {}

    def driver_version(self) -> str:
        return sqlite3.sqlite_version

    def establish_connection(self) -> Any:
        with _gate:
            handle(self.path)
        return super().establish_connection()

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)
        self.keeper.stop()

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Deliver one message; raises TimeoutError if none came within `timeout` seconds."""
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while True:
            # Cleared before looking, so that an ack meanwhile ends the wait below.
            self.settled.clear()
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except Empty:
                wait_s = self.polling_interval_s
            if give_up_at is not None:
                left_s = give_up_at - time.monotonic()
                if left_s <= 0:
                    raise TimeoutError
                wait_s = min(wait_s, left_s)
            self.settled.wait(wait_s)


def path_of(client: Any) -> str:
    """The file that a kombu connection's URL names; raises ValueError if it names none."""
    path: str | None = client.virtual_host
    if client.hostname or not path or path == "/":
        raise ValueError(f"{SCHEME} needs a file: {SCHEME}:////absolute/path.sqlite3")
    return path
