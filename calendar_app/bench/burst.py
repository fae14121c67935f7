"""Everything due at one instant: how fast the deliveries worker gets through it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from calendar_app.bench import bare_loop
from calendar_app.bench.bare_loop import VIDEO_BYTES
from calendar_app.bench.instance import BenchFailed, Instance, use_simulator
from calendar_app.bench.lateness import warm_up
from calendar_app.bench.memory import cpu_s, is_linux
from calendar_app.bench.report import Row, never, ratio
from calendar_app.bench.tiktok_side import TikTokSide, simulator, title_of
from calendar_app.bench.videos import bench_name

DAY_S = 86_400.0
LEAD_S = 20.0
PATIENCE_S = 900.0
LOOK_EVERY_S = 2.0
STATUS = "/v2/post/publish/status/fetch/"


@dataclass(frozen=True)
class Size:
    posts: int


FULL = Size(posts=1000)
QUICK = Size(posts=20)


@dataclass(frozen=True)
class Burst:
    """Seconds from the one moment; `tiktok_cpu_s` is the processor time of the simulator."""

    last_init_s: float
    last_byte_s: float
    last_verdict_s: float
    tiktok_cpu_s: float


@dataclass
class Used:
    cpu_s: float = field(default=0.0)


def measure(instance: Instance, size: Size) -> list[Row]:
    """`size.posts` of as many accounts, beside a bare loop that makes the same calls."""
    with simulator() as side:
        use_simulator(instance, side)
        # TikTok's own working would hide ours; the creators are more than it lets post in a day.
        side.settings(processing_s=0, moderation_s=0, audited_creator_cap=3 * size.posts + 1)
        grants = side.connect([f"creator{number}" for number in range(size.posts)])
        posts = [_plan(number) for number in range(size.posts)]
        instance.seed({"accounts": [*grants, *side.connect(["warm"])], "posts": posts})
        instance.start_workers()
        instance.seed({"accounts": [], "posts": [warm_up()]})
        instance.await_first_post(side, warm_up()["caption"])
        due_at = instance.seed({"begin_in_s": LEAD_S})
        ours = _watch(instance, side, due_at)
        violations = side.violations()
        instance.stop()
        file = instance.media / bench_name(VIDEO_BYTES)
        grants = side.connect([f"raw{number}" for number in range(size.posts)])
        raw = _bare_loop(side, grants, lambda: bare_loop.run(side.app(), grants, file))
        kept = side.connect([f"kept{number}" for number in range(size.posts)])
        order = {"grants": kept, "file": str(file)}
        journaled = _bare_loop(side, kept, lambda: instance.post_with_journal(order))
    return as_rows(size.posts, ours, raw, journaled, violations)


def _plan(number: int) -> dict[str, Any]:
    return {
        "username": f"creator{number}",
        "caption": f"post {number}",
        "due_in_s": DAY_S,
        "size_bytes": VIDEO_BYTES,
    }


def _watch(instance: Instance, side: TikTokSide, due_at: dict[str, float]) -> Burst:
    begin_at = min(due_at.values())
    time.sleep(max(0.0, begin_at - time.time()))
    with _used_by(side) as used:
        deadline_s = time.monotonic() + PATIENCE_S
        # The simulator's own log is asked, since that costs the instance nothing.
        while _asked_of(side) < len(due_at):
            if time.monotonic() > deadline_s:
                raise BenchFailed(f"not every post went out:\n{instance.last_lines()}")
            time.sleep(LOOK_EVERY_S)
    sent = [post for post in side.posts() if title_of(post) in due_at]
    return _burst(side, sent, begin_at, used.cpu_s)


def _asked_of(side: TikTokSide) -> int:
    """Creators whose post's verdict was asked for; TikTok has it as soon as the bytes."""
    creators = {call["creator"] for call in side.calls() if call["path"] == STATUS}
    return len(creators - {"warm"})


def _burst(
    side: TikTokSide, sent: Sequence[dict[str, Any]], begin_at: float, used_s: float
) -> Burst:
    creators = {post["creator"] for post in sent}
    asked = [call["at"] for call in side.calls() if _is_status(call, creators)]
    return Burst(
        max(post["init_at"] for post in sent) - begin_at,
        max(post["bytes_complete_at"] for post in sent) - begin_at,
        max(asked) - begin_at,
        used_s,
    )


def _is_status(call: dict[str, Any], creators: set[str]) -> bool:
    return call["path"] == STATUS and call["creator"] in creators


@contextmanager
def _used_by(side: TikTokSide) -> Iterator[Used]:
    """The simulator's processor time while the block runs."""
    used = Used()
    before = _cpu_of(side)
    yield used
    used.cpu_s = _cpu_of(side) - before


def _cpu_of(side: TikTokSide) -> float:
    return cpu_s([side.pid]).get(side.pid, 0.0) if is_linux() else 0.0


def _bare_loop(
    side: TikTokSide, grants: Sequence[dict[str, Any]], post_all: Callable[[], None]
) -> Burst:
    """The same calls from one process with as many threads."""
    begin_at = time.time()
    with _used_by(side) as used:
        post_all()
    creators = {grant["username"] for grant in grants}
    sent = [post for post in side.posts() if post["creator"] in creators]
    # A process that starts first has no time taken off its calls.
    began = [call["at"] for call in side.calls() if call["creator"] in creators]
    return _burst(side, sent, min(began, default=begin_at), used.cpu_s)


def as_rows(posts: int, ours: Burst, raw: Burst, journaled: Burst, violations: int) -> list[Row]:
    """`raw` keeps nothing of its calls; `journaled` commits as many rows as the engine."""
    return [
        _row("Until the last init", ours.last_init_s, raw.last_init_s),
        _row("Until the last byte", ours.last_byte_s, raw.last_byte_s),
        _row("Until the last verdict", ours.last_verdict_s, raw.last_verdict_s),
        Row(
            f"Posts sent a second, of {posts}",
            f"{posts / ours.last_byte_s:.1f}",
            f"{posts / raw.last_byte_s:.1f}",
            ratio(raw.last_byte_s, ours.last_byte_s),
        ),
        Row(
            "The same beside a loop that commits the journal",
            f"{posts / ours.last_byte_s:.1f}",
            f"{posts / journaled.last_byte_s:.1f}",
            ratio(journaled.last_byte_s, ours.last_byte_s),
        ),
        Row("Simulator's processor", f"{ours.tiktok_cpu_s:.1f} s", f"{raw.tiktok_cpu_s:.1f} s"),
        Row(
            "Its share of a core",
            f"{_share(ours.tiktok_cpu_s, ours.last_verdict_s)}",
            f"{_share(raw.tiktok_cpu_s, raw.last_verdict_s)}",
        ),
        never("Calls against the contract", violations),
    ]


def _row(figure: str, ours_s: float, raw_s: float) -> Row:
    return Row(figure, f"{ours_s:.1f} s", f"{raw_s:.1f} s", ratio(ours_s, raw_s))


def _share(used_s: float, lasted_s: float) -> str:
    return f"{used_s / lasted_s * 100:.0f} %"
