"""State in memory, written through to SQLite when a data folder is given.

One lock guards everything; handlers hold it while they decide, never while bytes flow.
Writes are not synced to the disk: they survive a killed process, which is what matters here.
"""

import json
import shutil
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import Any, TypeVar

from simulator.records import Code, Creator, Fault, Post, Record, Token, Webhook
from simulator.settings import Settings

RECORD_TYPES: tuple[type[Record], ...] = (Creator, Code, Token, Post, Webhook, Fault)
LOG_LIMIT = 200_000

R = TypeVar("R", bound=Record)


class Store:
    """Creators, tokens, posts, faults, settings and the two logs."""

    def __init__(self, data: Path | None) -> None:
        self.lock = threading.RLock()
        self._is_temporary = data is None
        self.folder = data or Path(tempfile.mkdtemp(prefix="simulator-"))
        self.media_folder = self.folder / "media"
        self.media_folder.mkdir(parents=True, exist_ok=True)
        self._clear_memory()
        self._db = None if data is None else _open_database(self.folder / "state.sqlite3")
        if self._db is not None:
            self._load(self._db)

    def _clear_memory(self) -> None:
        self.creators: dict[str, Creator] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.posts: dict[str, Post] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.faults: dict[str, Fault] = {}
        self.settings = Settings()
        self.next_outcomes: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.violations: list[dict[str, Any]] = []
        self.counter = 0
        self.reset_order = 0
        self.posts_by_upload: dict[str, Post] = {}

    def next_number(self) -> int:
        """A number never given before, also across restarts."""
        with self.lock:
            self.counter += 1
            return self.counter

    def save(self, *records: Record) -> None:
        """Remember records, new or changed."""
        with self.lock:
            for record in records:
                getattr(self, record.table)[record.key] = record
                if isinstance(record, Post) and record.upload_id:
                    self.posts_by_upload[record.upload_id] = record
                self._write(record.table, record.key, record.as_dict())
            self._write("meta", "counter", self.counter)

    def remove(self, record: Record) -> None:
        with self.lock:
            getattr(self, record.table).pop(record.key, None)
            self._execute("DELETE FROM records WHERE kind=? AND key=?", record.table, record.key)

    def save_settings(self) -> None:
        with self.lock:
            self._write("meta", "settings", self.settings.as_dict())
            self._write("meta", "next_outcomes", self.next_outcomes)

    def log_request(self, entry: dict[str, Any]) -> None:
        """Write down a finished request; it is listed from the moment it began."""
        self._execute("INSERT INTO log VALUES ('requests', ?)", json.dumps(entry))

    def begin_request(self, entry: dict[str, Any]) -> None:
        with self.lock:
            self.requests.append(entry)
            if len(self.requests) > LOG_LIMIT:
                del self.requests[: LOG_LIMIT // 10]

    def add_violation(self, entry: dict[str, Any]) -> None:
        with self.lock:
            self.violations.append(entry)
            self._execute("INSERT INTO log VALUES ('violations', ?)", json.dumps(entry))

    def clear_log(self, kind: str) -> None:
        with self.lock:
            getattr(self, kind).clear()
            self._execute("DELETE FROM log WHERE kind=?", kind)

    def creator_by_name(self, name: str) -> Creator | None:
        """By username or open_id."""
        found = self.creators.get(name)
        return found or next((c for c in self.creators.values() if c.open_id == name), None)

    def posts_in_order(self) -> list[Post]:
        with self.lock:
            return sorted(self.posts.values(), key=lambda p: p.init_order)

    def media_path(self, post: Post, name: str) -> Path:
        return self.media_folder / str(post.number) / name

    def reset(self) -> None:
        """Forget everything but the settings given at start (the caller puts those back)."""
        with self.lock:
            counter = self.counter
            self._clear_memory()
            self.counter = self.reset_order = counter
            self._execute("DELETE FROM records")
            self._execute("DELETE FROM log")
            shutil.rmtree(self.media_folder, ignore_errors=True)
            self.media_folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        with self.lock:
            if self._db is not None:
                self._db.close()
                self._db = None
        if self._is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, kind: str, key: str, body: Any) -> None:
        if self._db is not None:
            self._execute(
                "INSERT OR REPLACE INTO records VALUES (?, ?, ?)", kind, key, json.dumps(body)
            )

    def _execute(self, statement: str, *values: Any) -> None:
        with self.lock:
            if self._db is not None:
                self._db.execute(statement, values)

    def _load(self, db: sqlite3.Connection) -> None:
        types = {t.table: t for t in RECORD_TYPES}
        for kind, key, body in db.execute("SELECT kind, key, body FROM records"):
            value = json.loads(body)
            if kind in types:
                self._adopt(types[kind](**value))
            elif key == "counter":
                self.counter = value
            elif key == "settings":
                self.settings = Settings(**value)
            elif key == "next_outcomes":
                self.next_outcomes = value
        for kind, body in db.execute("SELECT kind, body FROM log ORDER BY rowid"):
            getattr(self, kind).append(json.loads(body))
        orders = [entry["order"] for entry in self.requests]
        self.counter = max([self.counter, *orders])

    def _adopt(self, record: Record) -> None:
        getattr(self, record.table)[record.key] = record
        if isinstance(record, Post) and record.upload_id:
            self.posts_by_upload[record.upload_id] = record


def _open_database(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=OFF")
    db.execute(
        "CREATE TABLE IF NOT EXISTS records "
        "(kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key))"
    )
    db.execute("CREATE TABLE IF NOT EXISTS log (kind TEXT, body TEXT)")
    return db
