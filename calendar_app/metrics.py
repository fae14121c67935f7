"""The vitals in Prometheus' text format.

https://prometheus.io/docs/instrumenting/exposition_formats/. No process counts anything: every
figure is read when it is asked for, so it does not matter which web process answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from calendar_app.vitals import SHARES, Vitals
from publishing.models import PulseName

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Gauge:
    """`label` names what tells the values apart; "" stands for a single one."""

    name: str
    help: str
    values: Mapping[str, float | None]
    label: str = field(default="")

    def lines(self) -> Iterator[str]:
        """Nothing for a value that is not known: Prometheus' absent() finds that."""
        known = {key: value for key, value in self.values.items() if value is not None}
        if known:
            yield f"# HELP duecast_{self.name} {self.help}"
            yield f"# TYPE duecast_{self.name} gauge"
        for key, value in known.items():
            labels = f'{{{self.label}="{key}"}}' if self.label else ""
            yield f"duecast_{self.name}{labels} {float(value)!r}"


def render(vitals: Vitals) -> str:
    return "".join(f"{line}\n" for gauge in _gauges(vitals) for line in gauge.lines())


def _gauges(vitals: Vitals) -> Iterator[Gauge]:
    yield from _signs_of_life(vitals)
    yield from _posts(vitals)
    yield from _surroundings(vitals)


def _signs_of_life(vitals: Vitals) -> Iterator[Gauge]:
    tick = vitals.beats.get(PulseName.TICK)
    took_s = tick.duration_ms / 1000 if tick else None
    yield _one("scheduler_silent", "1 after SCHEDULER_SILENT_S", vitals.silent_since is not None)
    yield _one("tick_age_seconds", "Time since the scheduler ticked", vitals.age_s(PulseName.TICK))
    yield _one("tick_duration_seconds", "How long that tick took", took_s)
    yield _one(
        "deliveries_pulse_age_seconds",
        "Time since the deliveries worker took a message",
        vitals.age_s(PulseName.DELIVERIES),
    )


def _posts(vitals: Vitals) -> Iterator[Gauge]:
    yield _one("oldest_overdue_seconds", "How long the oldest has been due", vitals.overdue_s)
    yield _one("posts_due", "Scheduled posts whose moment has come", vitals.posts_due)
    posts = {state.value: number for state, number in vitals.posts.items()}
    yield Gauge("posts", "Posts that are not at an end", posts, "state")
    quantiles = {str(share): vitals.lateness_at(share) for share in SHARES}
    yield Gauge("lateness_seconds", "From due to init, last 24 hours", quantiles, "quantile")
    yield _one("lateness_posts", "Posts behind duecast_lateness_seconds", len(vitals.lateness))


def _surroundings(vitals: Vitals) -> Iterator[Gauge]:
    accounts = {status.value: number for status, number in vitals.accounts.items()}
    yield Gauge("accounts", "TikTok accounts", accounts, "status")
    yield _one(
        "accounts_refresh_failing",
        "Connected accounts whose last token refresh failed",
        vitals.failing_refreshes,
    )
    yield _one("lanes_held", "Kinds of posts that wait after like failures", len(vitals.breakers))
    yield _one("broker_up", "1 while the broker answers", vitals.queues is not None)
    yield Gauge("queue_messages", "Messages that wait", vitals.queues or {}, "queue")
    yield _one("disk_writable", "1 while DATA_DIR can be written to", vitals.disk.is_writable)
    free_bytes = vitals.disk.free_bytes if vitals.disk.is_writable else None
    yield _one("disk_free_bytes", "Free on the disk of DATA_DIR", free_bytes)


def _one(name: str, words: str, value: float | None) -> Gauge:
    return Gauge(name, words, {"": value})
