"""Posts at a steady rate while TikTok misbehaves, workers are killed and the broker goes away.

What it looks for is not speed: no post may be at TikTok twice, none may be lost, and none may say
something else than TikTok does.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from calendar_app.bench.brokers import Restart, breakable_broker
from calendar_app.bench.instance import Instance, use_simulator
from calendar_app.bench.lateness import VIDEO_BYTES, bare_loop, spread_rows, warm_up
from calendar_app.bench.report import Row, never
from calendar_app.bench.tiktok_side import TikTokSide, simulator, title_of

FAULT_SHARE = 0.1
FAULTS: dict[str, dict[str, Any]] = {
    "drop_before": {},
    "drop_after": {},
    "reset_after": {},
    "unavailable": {},
    "unavailable_after": {},
    "internal_error": {},
    "rate_limit_exceeded": {},
    "html": {},
    "html_200": {},
    "garbled": {},
    "cut_answer": {},
    "cut_body": {"path": "/upload*", "after_bytes": VIDEO_BYTES // 2},
    "slow_before": {},
    "slow_after": {},
}
# Of a cap of 15, and of the six inits that TikTok takes a minute: tries that failed count too.
POSTS_PER_DAY = 12
POSTS_PER_MINUTE = 4
INBOX_EVERY = 10
KILLED = ("clock", "deliveries")
BROKER = "broker"
# What the supervisor waits before it starts a process again.
RESTART_S = 1.0
RAW_CALLS = 100
LOOK_EVERY_S = 10.0
# So far ahead are posts planned before all of them are moved to their moments.
DAY_S = 86_400.0
LEAD_S = 30.0
WHOLE = {"PUBLISH_COMPLETE", "SEND_TO_USER_INBOX"}
SETTLED = {"published", "in_inbox", "unconfirmed", "failed", "needs_attention", "canceled"}
ARRIVED = {"published", "in_inbox"}
SAYS_NOT_POSTED = {"failed", "needs_attention", "canceled"}
ENDED_OTHERWISE = {
    "unconfirmed": "Unconfirmed",
    "failed": "Failed",
    "needs_attention": "Needs attention",
}
# A worker has this long after its moment before a post counts as forgotten.
GRACE_S = 30.0
SHORT_LENGTHS = {
    "TICK_S": "1",
    "LOOKAHEAD_S": "3",
    "TIKTOK_CONNECT_TIMEOUT_S": "1",
    "TIKTOK_READ_TIMEOUT_S": "4",
    "LEASE_S": "15",
    "POLL_BASE_S": "0.5",
    "RETRY_BASE_S": "1",
}


@dataclass(frozen=True)
class Size:
    """`lengths` are settings of the engine's lengths of time; none means those of production."""

    within_s: float
    posts_per_s: float = 2.0
    kill_every_s: float = 60.0
    slow_s: float = 31.0
    settle_s: float = 1800.0
    lengths: dict[str, str] = field(default_factory=dict)

    @property
    def posts(self) -> int:
        return round(self.within_s * self.posts_per_s)

    @property
    def accounts(self) -> int:
        by_minute = min(self.within_s, 60) * self.posts_per_s / POSTS_PER_MINUTE
        return ceil(max(self.posts / POSTS_PER_DAY, by_minute))


FULL = Size(within_s=3600.0)
LONG_FROM_S = 900.0


def size_of(within_s: float) -> Size:
    """What takes minutes in production takes seconds in a short run, or its end was never seen."""
    if within_s >= LONG_FROM_S:
        return Size(within_s)
    return Size(within_s, kill_every_s=20.0, slow_s=5.0, settle_s=180.0, lengths=SHORT_LENGTHS)


QUICK = size_of(30.0)


@dataclass(frozen=True)
class Troubles:
    """What was done to the instance."""

    kills: int
    broker: str
    faults: int
    calls: int


@dataclass(frozen=True)
class Judgment:
    """What became of the posts, by our rows and by what TikTok has."""

    states: Counter[str]
    notes: Counter[str]
    doubles: int
    lost: int
    waiting: int
    contradictions: int


def measure(instance: Instance, size: Size, seed: int) -> list[Row]:
    with simulator() as side, breakable_broker(instance) as restart_broker:
        use_simulator(instance, side)
        side.settings(audited_creator_cap=2 * size.accounts + RAW_CALLS)
        instance.environment |= size.lengths
        names = [f"creator{number}" for number in range(size.accounts)]
        posts = plan_posts(names, size)
        instance.seed({"accounts": side.connect([*names, "warm"]), "posts": posts})
        instance.start_workers()
        instance.seed({"accounts": [], "posts": [warm_up()]})
        instance.await_first_post(side, warm_up()["caption"])
        due_at = instance.seed({"begin_in_s": LEAD_S})
        troubles = _trouble(instance, side, restart_broker, size, seed, min(due_at.values()))
        _await_settled(instance, size.settle_s)
        rows, sent, violations = instance.standing(), side.posts(), side.violations()
        instance.stop()
        late_s = lateness_s(due_at, rows, sent)
        raw_s = bare_loop(side, side.connect([f"raw{n}" for n in range(RAW_CALLS // 4)]), RAW_CALLS)
    return as_rows(judge(due_at, rows, sent, time.time()), late_s, raw_s, troubles, violations)


def plan_posts(names: Sequence[str], size: Size) -> list[dict[str, Any]]:
    """The accounts take turns; one post of ten, of another account each round, is for the inbox."""
    return [
        {
            "username": names[number % len(names)],
            "caption": f"post {number}",
            "due_in_s": DAY_S + number / size.posts_per_s,
            "size_bytes": VIDEO_BYTES,
            "mode": "inbox" if _is_for_inbox(number, len(names)) else "direct",
        }
        for number in range(size.posts)
    ]


def _is_for_inbox(number: int, accounts: int) -> bool:
    return (number % accounts + number // accounts) % INBOX_EVERY == 0


def _trouble(
    instance: Instance,
    side: TikTokSide,
    restart_broker: Restart,
    size: Size,
    seed: int,
    begin_at: float,
) -> Troubles:
    """From the first due moment to the last: faults all the time, kills, the broker once."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    _sleep_until(begin_at)
    for number, (name, values) in enumerate(FAULTS.items()):
        side.inject(
            name,
            count=None,
            share=FAULT_SHARE / len(FAULTS),
            seed=seed + number,
            **({"seconds": size.slow_s} if name.startswith("slow") else {}),
            **values,
        )
    broker = ""
    kills = list(plan_kills(size, chance))
    for at_s, victim in sorted([*kills, (size.within_s / 2, BROKER)]):
        _sleep_until(begin_at + at_s)
        if victim == BROKER:
            broker = restart_broker()
        else:
            _kill(instance, victim)
    _sleep_until(begin_at + size.within_s)
    calls = sum(call["at"] >= begin_at for call in side.calls())
    return Troubles(len(kills), broker, side.end_faults(), calls)


def _kill(instance: Instance, victim: str) -> None:
    instance.kill(victim)
    time.sleep(RESTART_S)
    instance.start(victim, "work", victim)


def plan_kills(size: Size, chance: random.Random) -> Iterator[tuple[float, str]]:
    """One worker somewhere in each stretch: seconds from the begin, and which."""
    for number in range(int(size.within_s // size.kill_every_s)):
        yield (number + chance.random()) * size.kill_every_s, chance.choice(KILLED)


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.time()))


def _await_settled(instance: Instance, timeout_s: float) -> None:
    """Until every post has come to an end, or `timeout_s`: what is open then is counted."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        if all(post["state"] in SETTLED for post in instance.standing()):
            return
        time.sleep(LOOK_EVERY_S)


def judge(
    due_at: dict[str, float],
    rows: Sequence[dict[str, Any]],
    sent: Sequence[dict[str, Any]],
    now: float,
) -> Judgment:
    """Compares the posts that were ordered with `rows`, our own, and with what TikTok has."""
    ours = {row["caption"]: row for row in rows if row["caption"] in due_at}
    names = _names_of(rows)
    whole = Counter(_caption_of(post, names) for post in sent if post["status"] in WHOLE)
    # Bytes need an address that a row of ours knows.
    unknown = whole.pop("", 0)
    open_rows = [row for row in ours.values() if row["state"] not in SETTLED]
    waiting = [row for row in open_rows if (row["next_action_at"] or 0) > now - GRACE_S]
    return Judgment(
        states=Counter(row["state"] for row in ours.values()),
        notes=Counter(row["note"] for row in ours.values() if row["state"] in ENDED_OTHERWISE),
        doubles=sum(count - 1 for count in whole.values()),
        lost=len(due_at.keys() - ours.keys()) + len(open_rows) - len(waiting),
        waiting=len(waiting),
        contradictions=unknown + sum(_contradicts(row, whole) for row in ours.values()),
    )


def _contradicts(row: dict[str, Any], whole: Counter[str]) -> bool:
    if row["state"] in ARRIVED:
        return not whole[row["caption"]]
    return row["state"] in SAYS_NOT_POSTED and whole[row["caption"]] > 0


def lateness_s(
    due_at: dict[str, float], rows: Sequence[dict[str, Any]], sent: Sequence[dict[str, Any]]
) -> list[float]:
    """Seconds from each due moment to the first init that TikTok took, of those that have one."""
    names = _names_of(rows)
    arrived_at: dict[str, float] = {}
    for post in sent:
        arrived_at.setdefault(_caption_of(post, names), post["init_at"])
    return [arrived_at[name] - moment for name, moment in due_at.items() if name in arrived_at]


def _names_of(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {publish_id: row["caption"] for row in rows for publish_id in row["publish_ids"]}


def _caption_of(post: dict[str, Any], names: dict[str, str]) -> str:
    """TikTok gets no caption with a video for the inbox: our row knows its id."""
    return title_of(post) or names.get(post["publish_id"], "")


def as_rows(
    judgment: Judgment,
    late_s: Sequence[float],
    raw_s: Sequence[float],
    troubles: Troubles,
    violations: int,
) -> list[Row]:
    states = judgment.states
    early = sum(seconds < 0 for seconds in late_s)
    return [
        Row("Posts", str(states.total()), ""),
        Row("Published", str(states["published"]), ""),
        Row("In the inbox", str(states["in_inbox"]), ""),
        *_ended_otherwise(judgment),
        Row("Waiting for their next try", str(judgment.waiting), ""),
        never("Twice at TikTok", judgment.doubles),
        never("Lost", judgment.lost),
        never("Say something else than TikTok", judgment.contradictions),
        never("Left early", early),
        never("Calls against the contract", violations),
        *spread_rows(late_s, raw_s),
        Row("Calls that met a fault", f"{troubles.faults} of {troubles.calls}", ""),
        Row("Workers killed", str(troubles.kills), ""),
        Row("Broker", troubles.broker, ""),
    ]


def _ended_otherwise(judgment: Judgment) -> list[Row]:
    rows = [Row(words, str(judgment.states[state]), "") for state, words in ENDED_OTHERWISE.items()]
    notes = [Row(f"  {note[:60]}", str(count), "") for note, count in judgment.notes.most_common(5)]
    return rows + notes
