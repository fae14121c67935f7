"""From the due moment to the init call's arrival at TikTok, on an otherwise idle system."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calendar_app.bench.instance import BenchFailed, Instance, use_simulator
from calendar_app.bench.report import Row, ratio
from calendar_app.bench.tiktok_side import TikTokSide, await_posts, simulator, title_of
from calendar_app.percentiles import spread
from tiktok.client import FileSource, VideoPostInfo, init_video

VIDEO_BYTES = 200_000
# Time for the order to be written and for the look-ahead to see the first post coming.
LEAD_S = 15.0
PATIENCE_S = 120.0
RAW_GAP_S = 0.1


@dataclass(frozen=True)
class Size:
    posts: int
    accounts: int
    within_s: float


# Four posts an account: TikTok takes six inits a minute from each.
FULL = Size(posts=100, accounts=25, within_s=60.0)
QUICK = Size(posts=6, accounts=3, within_s=3.0)


def measure(instance: Instance, size: Size, answers_after_s: float = 0) -> list[Row]:
    """The lateness of `size.posts` posts beside that of a bare loop making the same call.

    TikTok keeps every answer back for `answers_after_s`.
    """
    with simulator() as side:
        use_simulator(instance, side)
        names = [f"creator{number}" for number in range(size.accounts)]
        raw_names = [f"raw{number}" for number in range(size.accounts)]
        instance.seed({"accounts": side.connect([*names, "warm"]), "posts": [warm_up()]})
        instance.start_workers()
        instance.await_first_post(side, "warm up")
        if answers_after_s:
            side.inject("slow_before", count=None, seconds=answers_after_s)
        due_at = instance.seed({"accounts": [], "posts": plan_posts(names, size)})
        if not await_posts(side, set(due_at), "PUBLISH_COMPLETE", size.within_s + PATIENCE_S):
            raise BenchFailed(f"not every post went out:\n{instance.last_lines()}")
        late_s = lateness_s(due_at, side.posts())
        violations = side.violations()
        instance.stop()
        raw_s = bare_loop(side, side.connect(raw_names), size.posts, RAW_GAP_S + answers_after_s)
    return as_rows(late_s, raw_s, violations)


def warm_up() -> dict[str, Any]:
    return {"username": "warm", "caption": "warm up", "due_in_s": 1, "size_bytes": VIDEO_BYTES}


def plan_posts(names: Sequence[str], size: Size) -> list[dict[str, Any]]:
    """Posts at even distances, the accounts taking turns."""
    return [
        {
            "username": names[number % len(names)],
            "caption": f"post {number}",
            "due_in_s": LEAD_S + number * size.within_s / size.posts,
            "size_bytes": VIDEO_BYTES,
        }
        for number in range(size.posts)
    ]


def lateness_s(due_at: dict[str, float], posts: Sequence[dict[str, Any]]) -> list[float]:
    """Seconds from each due moment to its first init; negative for one that left early."""
    arrived_at: dict[str, float] = {}
    for post in posts:
        arrived_at.setdefault(title_of(post), post["init_at"])
    return [arrived_at[caption] - moment for caption, moment in due_at.items()]


def bare_loop(
    side: TikTokSide, grants: Sequence[dict[str, Any]], count: int, gap_s: float = RAW_GAP_S
) -> list[float]:
    """Sleep until the moment, make the call: nothing on this machine can be on time more."""
    app, source = side.app(), FileSource(VIDEO_BYTES, VIDEO_BYTES, 1)
    due_at = {}
    begin_at = time.time() + gap_s
    for number in range(count):
        caption = f"raw {number}"
        due_at[caption] = begin_at + number * gap_s
        time.sleep(max(0.0, due_at[caption] - time.time()))
        init_video(app, grants[number % len(grants)]["access_token"], video_info(caption), source)
    return lateness_s(due_at, side.posts())


def video_info(caption: str) -> VideoPostInfo:
    return VideoPostInfo(
        title=caption,
        privacy_level="PUBLIC_TO_EVERYONE",
        disable_comment=True,
        disable_duet=True,
        disable_stitch=True,
        brand_content_toggle=False,
        brand_organic_toggle=False,
    )


def as_rows(late_s: Sequence[float], raw_s: Sequence[float], violations: int) -> list[Row]:
    early = sum(seconds < 0 for seconds in late_s)
    return [
        *spread_rows(late_s, raw_s),
        Row("Posts that left early", f"{early} of {len(late_s)}", "0"),
        Row("Calls against the contract", str(violations), "0"),
    ]


def spread_rows(late_s: Sequence[float], raw_s: Sequence[float]) -> list[Row]:
    ours, raw = spread(late_s), spread(raw_s)
    return [
        Row(f"Lateness {name}", _ms(ours[name]), _ms(raw[name]), ratio(ours[name], raw[name]))
        for name in ours
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
