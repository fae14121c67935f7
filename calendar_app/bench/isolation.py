"""One upload that stalls, and what the posts of other accounts, the ticks and a refresh feel."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from calendar_app.bench.instance import BenchFailed, Instance, use_simulator
from calendar_app.bench.lateness import VIDEO_BYTES, bare_loop, lateness_s, spread_rows, warm_up
from calendar_app.bench.report import Row, never, ratio
from calendar_app.bench.tiktok_side import TikTokSide, await_posts, simulator

STUCK = "stuck"
REFRESHED = "refreshed"
TICKS = "calendar_app.bench.ticks"
# A read of TikTok's answer must last longer than the stall, and a lease longer than a read.
LENGTHS = {"TIKTOK_READ_TIMEOUT_S": "70", "LEASE_S": "90"}
TICK_S = 2.0
DAY_S = 86_400.0
LEAD_S = 15.0
PATIENCE_S = 120.0
# Tokens are refreshed when this part of their life is over (seeding.py).
REFRESH_AT = 0.75


@dataclass(frozen=True)
class Size:
    others: int
    stall_s: float


FULL = Size(others=50, stall_s=60.0)
QUICK = Size(others=5, stall_s=40.0)


def measure(instance: Instance, size: Size) -> list[Row]:
    with simulator() as side:
        use_simulator(instance, side)
        instance.environment |= LENGTHS
        due_at = _prepare(instance, side, size)
        begin_at = due_at.pop(STUCK)
        if not await_posts(side, set(due_at), "PUBLISH_COMPLETE", size.stall_s + PATIENCE_S):
            raise BenchFailed(f"not every post went out:\n{instance.last_lines()}")
        time.sleep(max(0.0, begin_at + size.stall_s - time.time()))
        refreshes, violations = side.refreshes(REFRESHED), side.violations()
        is_stuck_out = await_posts(side, {STUCK}, "PUBLISH_COMPLETE", PATIENCE_S)
        late_s, stall_s = lateness_s(due_at, side.posts()), _stalled_s(side)
        instance.stop()
        gap_s = longest_gap_s(_ticks(instance.folder / f"{TICKS}.log"), begin_at, size.stall_s)
        side.end_faults()
        raw_grants = side.connect([f"raw{number}" for number in range(size.others)])
        raw_s = bare_loop(side, raw_grants, size.others)
    stuck = "out afterwards" if is_stuck_out else "not out yet"
    return [
        Row("The upload that stalled", f"{stall_s:.0f} s, {stuck}", ""),
        *spread_rows(late_s, raw_s),
        never("Posts that left early", sum(seconds < 0 for seconds in late_s)),
        Row("Longest between ticks", f"{gap_s:.1f} s", f"{TICK_S:.1f} s", ratio(gap_s, TICK_S)),
        Row("Refreshes meanwhile, of 1 due", str(refreshes), ""),
        never("Calls against the contract", violations),
    ]


def _prepare(instance: Instance, side: TikTokSide, size: Size) -> dict[str, float]:
    """Everything up to the first due moment; gives each caption's."""
    names = [f"creator{number}" for number in range(size.others)]
    grants = side.connect([STUCK, *names, "warm"])
    instance.seed({"accounts": grants, "posts": plan_posts(names, size)})
    instance.start_workers()
    instance.start_module(TICKS)
    instance.seed({"accounts": [], "posts": [warm_up()]})
    instance.await_first_post(side, warm_up()["caption"])
    side.inject("slow_before", creator=STUCK, path="/upload*", seconds=size.stall_s)
    [soon] = side.connect([REFRESHED])
    soon |= {"expires_in": round((LEAD_S + size.stall_s / 4) / REFRESH_AT)}
    instance.seed({"accounts": [soon], "posts": []})
    return instance.seed({"begin_in_s": LEAD_S})


def plan_posts(names: Sequence[str], size: Size) -> list[dict[str, Any]]:
    """The one that stalls first, the others spread over its stall."""
    others = [
        _plan(name, f"post {number}", DAY_S + (number + 1) * size.stall_s / (len(names) + 1))
        for number, name in enumerate(names)
    ]
    return [_plan(STUCK, STUCK, DAY_S), *others]


def _plan(username: str, caption: str, due_in_s: float) -> dict[str, Any]:
    return {
        "username": username,
        "caption": caption,
        "due_in_s": due_in_s,
        "size_bytes": VIDEO_BYTES,
    }


def _stalled_s(side: TikTokSide) -> float:
    """How long the slow upload's call lasted; 0 if it never met its fault."""
    faulted = (call for call in side.calls() if call["fault"] and call["creator"] == STUCK)
    return max((call["seconds"] or 0.0 for call in faulted), default=0.0)


def _ticks(log: Path) -> list[float]:
    return [float(line) for line in log.read_text().splitlines() if line.replace(".", "").isdigit()]


def longest_gap_s(ticks: Sequence[float], begin_at: float, lasts_s: float) -> float:
    """The longest time without a tick from `begin_at` on, for `lasts_s`; all of it without any."""
    end_at = begin_at + lasts_s
    inside = [begin_at, *(at for at in ticks if begin_at < at < end_at), end_at]
    return max(later - earlier for earlier, later in pairwise(inside))
