"""What an interrupted upload from a browser costs, and whether the same bytes arrive."""

import hashlib
import http.client
import json
import os
import secrets
import shutil
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calendar_app.bench import upload
from calendar_app.bench.browser import Browser, Interruption, Sent, send_file
from calendar_app.bench.instance import BenchFailed, Instance, use_simulator
from calendar_app.bench.memory import Peaks, reset_peak, with_descendants
from calendar_app.bench.report import Row, ratio
from calendar_app.bench.tiktok_side import simulator
from calendar_app.bench.videos import bench_name, make_film

FULL_BYTES = 4_000_000_000
QUICK_BYTES = 70_000_000
SMALL_BYTES = 2_000_000
BLOCK_BYTES = 1024 * 1024
# The file, what became of it, and the copy that is the raw limit.
COPIES = 3
ROOM_BYTES = 1_000_000_000
RAW_RUNS = 2
# What closing a socket does with what is on its way: throws it away and says so to the other side.
RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Raw:
    """What this machine can do with the same file; `digest` is its SHA-256."""

    copy_s: float
    hash_s: float
    digest: str


@dataclass(frozen=True)
class Memory:
    """In bytes; what grew is over the warm and idle process."""

    web_grown: int
    probe: int
    small_probe: int


def measure(instance: Instance, size_bytes: int) -> list[Row]:
    """One file on its way from a browser to TikTok, interrupted three times at our door."""
    _demand_room(instance.folder, size_bytes)
    with simulator() as side:
        use_simulator(instance, side)
        browser = Browser(instance.port, secrets.token_urlsafe())
        _start(instance, browser, side.connect(["creator"]))
        instance.await_first_post(side, "warm up")
        file = instance.folder / bench_name(size_bytes)
        make_film(file, size_bytes)
        raw = [_copy_and_hash(file)]
        sent, memory = _send_interrupted(instance, browser, file)
        kept = _kept_media(instance, file.name)
        # Of a file that is there under this name, seeding plans a post and makes no other.
        instance.seed({"accounts": [], "posts": [upload.plan(upload.TITLE, size_bytes, 10)]})
        _, worker_grown = upload.await_delivery(instance, side)
        raw += [_copy_and_hash(file) for _ in range(RAW_RUNS - 1)]
    is_equal = (kept["size_bytes"], kept["sha256"]) == (size_bytes, raw[0].digest)
    return as_rows(
        size_bytes, sent, min(raw, key=lambda one: one.copy_s), is_equal, memory, worker_grown
    )


def _demand_room(folder: Path, size_bytes: int) -> None:
    needed = COPIES * size_bytes + ROOM_BYTES
    if shutil.disk_usage(folder).free < needed:
        raise BenchFailed(f"it needs {needed / 1e9:.0f} GB of room in {folder.parent} (TMPDIR)")


def _start(instance: Instance, browser: Browser, grants: list[dict[str, Any]]) -> None:
    """Web and workers, each of them warm."""
    instance.manage("prepare")
    warm_up = upload.plan("warm up", upload.SMALL_BYTES, 1)
    instance.seed({"accounts": grants, "posts": [warm_up], "password": browser.password})
    instance.start_workers()
    instance.start_web()
    instance.await_web(instance.processes["web"])
    browser.sign_in()


def _send_interrupted(
    instance: Instance, browser: Browser, file: Path
) -> tuple[Sent, Memory | None]:
    """Also what it takes from web; None where that cannot be known."""
    small = file.with_name("small.mp4")
    make_film(small, SMALL_BYTES)
    with _web_peaks(instance) as small_peaks:
        send_file(browser, small)
    idle = [reset_peak(pid) for pid in with_descendants(instance.processes["web"].pid)]
    with _web_peaks(instance) as peaks:
        sent = send_file(browser, file, _interruptions(instance, browser, peaks))
    if None in idle:
        return sent, None
    grown = peaks.of("gunicorn") - max(one for one in idle if one is not None)
    return sent, Memory(grown, peaks.of("probe_child"), small_peaks.of("probe_child"))


def _web_peaks(instance: Instance) -> Peaks:
    return Peaks(lambda: instance.processes["web"].pid)


def _interruptions(instance: Instance, browser: Browser, peaks: Peaks) -> list[Interruption]:
    def cut(connection: http.client.HTTPConnection) -> None:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
        raise ConnectionAbortedError

    def kill_web(connection: http.client.HTTPConnection) -> None:
        peaks.look()
        instance.kill("web")
        instance.start_web()

    def sign_out(connection: http.client.HTTPConnection) -> None:
        browser.sign_out()

    return [
        Interruption("connection cut", 0.26, cut),
        Interruption("web killed", 0.51, kill_web),
        Interruption("signed out", 0.76, sign_out),
    ]


def _kept_media(instance: Instance, name: str) -> dict[str, Any]:
    """The columns of the media's row."""
    rows = json.loads(instance.manage("dumpdata", "publishing.mediaasset"))
    [kept] = [row["fields"] for row in rows if row["fields"]["original_name"] == name]
    return dict(kept)


def _copy_and_hash(file: Path) -> Raw:
    """The file from the page cache to the same disk, hashed on its way; then hashed alone."""
    copy = file.with_suffix(".copy")
    digest, began_s = hashlib.sha256(), time.monotonic()
    with file.open("rb") as source, copy.open("wb") as target:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    copied_s = time.monotonic()
    with copy.open("rb") as source:
        hashlib.file_digest(source, "sha256")
    hashed_s = time.monotonic()
    copy.unlink()
    return Raw(copied_s - began_s, hashed_s - copied_s, digest.hexdigest())


def as_rows(
    size_bytes: int,
    sent: Sent,
    raw: Raw,
    is_equal: bool,
    memory: Memory | None,
    worker_grown: int | None,
) -> list[Row]:
    flowed_s, label = sent.total_s - sent.waited_s, f"{size_bytes / 1e6:.0f} MB"
    return [
        _rate(f"Upload of {label}, interrupted", size_bytes, sent.total_s, raw.copy_s),
        _rate("Without waiting to go on", size_bytes, flowed_s, raw.copy_s),
        Row("From the last byte to media", f"{sent.finish_s:.1f} s", f"{raw.hash_s:.1f} s",
            ratio(sent.finish_s, raw.hash_s)),
        Row("Outlived", ", ".join(sent.outlived) or "nothing", ""),
        Row("Sent again", f"{(sent.sent_bytes - size_bytes) / 1e6:.1f} MB", "0 MB"),
        Row("Size and SHA-256 are the file's", "yes" if is_equal else "no", "yes"),
        *_memory_rows(memory),
        Row(f"Worker's peak over idle, {label} sent", _mb(worker_grown), "0 MB"),
    ]  # fmt: skip


def _memory_rows(memory: Memory | None) -> list[Row]:
    grown, probe, small = (
        (memory.web_grown, memory.probe, memory.small_probe) if memory else (None, None, None)
    )
    return [
        Row("Web's peak memory over idle", _mb(grown), "0 MB"),
        Row("Probe's peak memory", _mb(probe), _mb(small), ratio(probe or 0, small or 0)),
    ]


def _rate(figure: str, size_bytes: int, ours_s: float, raw_s: float) -> Row:
    ours, raw = size_bytes / ours_s, size_bytes / raw_s
    return Row(figure, _pace(ours_s, ours), _pace(raw_s, raw), ratio(ours, raw))


def _pace(seconds: float, rate: float) -> str:
    return f"{seconds:.1f} s, {rate / 1e6:.0f} MB/s"


def _mb(size_bytes: int | None) -> str:
    return "needs Linux" if size_bytes is None else f"{size_bytes / 1e6:.1f} MB"
