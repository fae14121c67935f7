"""How fast one large file leaves, and what it costs the worker in memory."""

import subprocess
from pathlib import Path
from typing import Any

from calendar_app.bench.instance import BenchFailed, Instance, use_simulator
from calendar_app.bench.memory import peak_bytes, reset_peak
from calendar_app.bench.report import Row, ratio
from calendar_app.bench.tiktok_side import TikTokSide, await_posts, simulator, title_of
from calendar_app.bench.videos import bench_name

FULL_BYTES = 1_000_000_000
QUICK_BYTES = 70_000_000
SMALL_BYTES = 200_000
TITLE = "large file"
PATIENCE_S = 300.0
CURL_TIMEOUT_S = 300
# With two it is seen whether the machine was as fast after the measurement as before.
CURL_RUNS = 2


def measure(instance: Instance, size_bytes: int) -> list[Row]:
    """A delivery worker's upload beside `curl -T` of the same file to the same process."""
    with simulator() as side:
        use_simulator(instance, side)
        warm_up = plan("warm up", SMALL_BYTES, 1)
        instance.seed({"accounts": side.connect(["creator"]), "posts": [warm_up]})
        instance.start_workers()
        instance.await_first_post(side, "warm up")
        instance.seed({"accounts": [], "posts": [plan(TITLE, size_bytes, 10)]})
        file = instance.media / bench_name(size_bytes)
        raw = [_curl(file, side.url)]
        post, grown = await_delivery(instance, side)
        raw += [_curl(file, side.url) for _ in range(CURL_RUNS - 1)]
    return as_rows(post, max(raw), grown)


def await_delivery(instance: Instance, side: TikTokSide) -> tuple[dict[str, Any], int | None]:
    """The post TITLE once it is out, and the bytes that the worker's peak was over idle by."""
    worker = instance.processes["deliveries"].pid
    idle_bytes = reset_peak(worker)
    if not await_posts(side, {TITLE}, "PUBLISH_COMPLETE", PATIENCE_S):
        raise BenchFailed(f"the file did not arrive:\n{instance.last_lines()}")
    grown = None if idle_bytes is None else peak_bytes(worker) - idle_bytes
    return next(post for post in side.posts() if title_of(post) == TITLE), grown


def plan(caption: str, size_bytes: int, due_in_s: float) -> dict[str, Any]:
    return {
        "username": "creator",
        "caption": caption,
        "due_in_s": due_in_s,
        "size_bytes": size_bytes,
    }


def bytes_per_s(post: dict[str, Any]) -> float:
    """From the arrival of the first chunk's head to the end of the last chunk's body."""
    chunks = post["chunks"]
    return _size_bytes(post) / float(chunks[-1]["ended_at"] - chunks[0]["began_at"])


def flowing_bytes_per_s(post: dict[str, Any]) -> float:
    """The same without the pauses between chunks: answer, journal, next head."""
    seconds = sum(chunk["ended_at"] - chunk["began_at"] for chunk in post["chunks"])
    return _size_bytes(post) / float(seconds)


def _size_bytes(post: dict[str, Any]) -> int:
    return int(post["chunks"][-1]["last"]) + 1


def _curl(file: Path, url: str) -> float:
    """Bytes a second of one PUT of the whole file.

    The simulator knows no such upload: it reads the body to its end and answers 404. TikTok's
    rules would not let curl send a gigabyte in one request.
    """
    done = subprocess.run(
        ["curl", "--silent", "--noproxy", "*", "--header", "Expect:",
         "--header", "Content-Type: video/mp4", "--output", "/dev/null",
         "--write-out", "%{http_code} %{size_upload} %{time_total}",
         "--upload-file", str(file), f"{url}/upload?upload_id=raw"],
        capture_output=True, text=True, timeout=CURL_TIMEOUT_S, check=False,
    )  # fmt: skip
    expected = ["404", str(file.stat().st_size)]
    *sent, seconds = done.stdout.split() or [""]
    if sent != expected:
        raise BenchFailed(f"curl could not send the file: {done.stdout} {done.stderr}")
    return file.stat().st_size / float(seconds)


def as_rows(post: dict[str, Any], raw: float, grown_bytes: int | None) -> list[Row]:
    ours, flowing = bytes_per_s(post), flowing_bytes_per_s(post)
    count = len(post["chunks"])
    memory = "needs Linux" if grown_bytes is None else f"{grown_bytes / 1e6:.1f} MB"
    return [
        Row(f"Upload of {_size_bytes(post) / 1e6:.0f} MB", _mb(ours), _mb(raw), ratio(ours, raw)),
        Row(f"Inside its {count} chunks", _mb(flowing), _mb(raw), ratio(flowing, raw)),
        Row("Worker's peak memory over idle", memory, "0 MB"),
    ]


def _mb(rate: float) -> str:
    return f"{rate / 1e6:.0f} MB/s"
