"""What pages cost: the server's time, the database's statements, bytes, and a browser's time.

A page is one line of PAGES. Each is measured with a few posts in its month, with many, and with as
many in a table that is full besides.
"""

import gzip
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from calendar_app.bench.browser import Browser
from calendar_app.bench.chromium import ARGUMENTS, find_chromium
from calendar_app.bench.instance import BenchFailed, Instance
from calendar_app.bench.memory import cpu_s, is_linux, with_descendants
from calendar_app.bench.report import Row, ratio
from calendar_app.percentiles import percentile

# Name → address; {day} is a day of the month that is filled.
PAGES = {
    "Month": "/calendar/?view=month&date={day}",
    "Month after a change": "/calendar/?view=month&date={day}",
    "Week": "/calendar/?view=week&date={day}",
    "Day": "/calendar/?view=day&date={day}",
    "List": "/calendar/list/",
    "Queue": "/queue/",
}
# Before each look at these somebody changes something in them, so that nothing drawn before serves.
CHANGED = frozenset({"Month after a change"})
# The first note that months.py makes.
NOTE = "/notes/1/"
# A view that does next to nothing, through the same server.
RAW = "/healthz/web"
WARM_UPS = 10
# What a page may ask only because there is something to show, or a second page of it.
MORE_STATEMENTS = 5
# When the page has loaded, its modules ran, and the browser has nothing to do.
READY = """addEventListener("load", () => requestAnimationFrame(() => requestIdleCallback(() => {
  window.duecastReady = performance.now();
})));"""
TIMINGS = """async () => {
  while (!window.duecastReady) await new Promise((done) => setTimeout(done, 5));
  const page = performance.getEntriesByType("navigation")[0];
  const all = [page, ...performance.getEntriesByType("resource")];
  return {
    interactive_ms: page.domInteractive,
    ready_ms: window.duecastReady,
    bytes: all.reduce((sum, one) => sum + one.encodedBodySize, 0),
    resources: all.length,
  };
}"""


@dataclass(frozen=True)
class Size:
    few: int
    in_month: int
    in_table: int
    requests: int
    loads: int


FULL = Size(few=10, in_month=1_000, in_table=1_000_000, requests=100, loads=7)
QUICK = Size(few=10, in_month=200, in_table=4_000, requests=30, loads=2)


@dataclass(frozen=True)
class Cost:
    """One page at one filling: seconds of each request and of one to RAW right after it, what
    the server's processor had to do for one, its HTML, its statements."""

    times_s: Sequence[float]
    raw_s: Sequence[float]
    cpu_s: float
    html: bytes
    queries: int


@dataclass(frozen=True)
class Load:
    """One page in a browser with an empty cache."""

    interactive_ms: float
    ready_ms: float
    bytes: int
    resources: int


def measure(instance: Instance, size: Size) -> list[Row]:
    pages = addresses(datetime.now(UTC))
    browser = Browser(instance.port, secrets.token_urlsafe())
    instance.manage("prepare")
    fillings = [(size.few, 0), (size.in_month, 0), (size.in_month, size.in_table)]
    costs: list[dict[str, Cost]] = []
    for in_month, in_table in fillings:
        counted = instance.fill_months(
            {
                "in_month": in_month,
                "in_table": in_table,
                "password": browser.password,
                "pages": pages,
            }
        )
        if not costs:
            instance.start_web()
            instance.await_web(instance.processes["web"])
            browser.sign_in()
        costs.append(_costs(instance, browser, pages, counted["queries"], size.requests))
    opened = {name: path for name, path in pages.items() if name not in CHANGED}
    loads = _loads(browser, {**opened, "Raw": RAW}, size.loads)
    return as_rows(size, costs, loads)


def addresses(now: datetime) -> dict[str, str]:
    """PAGES for the month of `now`."""
    return {name: path.format(day=f"{now:%Y-%m}-15") for name, path in PAGES.items()}


def _costs(
    instance: Instance,
    browser: Browser,
    pages: dict[str, str],
    queries: dict[str, int],
    requests: int,
) -> dict[str, Cost]:
    costs = {}
    for name, path in pages.items():
        for _ in range(WARM_UPS):
            _, html = _timed(browser, path)
        both: list[tuple[float, float]] = []
        raw_cpu_s = _web_cpu_s(instance, partial(_timed, browser, RAW), requests)
        before = partial(_change, browser, path) if name in CHANGED else _nothing
        look = partial(_both, browser, path, both, before)
        used_s = _web_cpu_s(instance, look, requests) - raw_cpu_s
        times_s, raw_s = zip(*both, strict=True)
        costs[name] = Cost(times_s, raw_s, used_s, html, queries[name])
    return costs


def _nothing() -> None:
    pass


def _change(browser: Browser, path: str) -> None:
    """Another text for a note on the day that the address shows."""
    note = {"date": path.rpartition("=")[2], "kind": "launch", "text": secrets.token_hex(8)}
    if not browser.ask("POST", NOTE, note).is_redirect:
        raise BenchFailed("the note could not be changed")


def _both(
    browser: Browser, path: str, both: list[tuple[float, float]], before: Callable[[], None]
) -> None:
    """One request and one to RAW: a machine that is busy is so for both."""
    before()
    both.append((_timed(browser, path)[0], _timed(browser, RAW)[0]))


def _web_cpu_s(instance: Instance, work: Callable[[], object], times: int) -> float:
    """The processor time that the web server takes for one `work`; 0 where that is unknown."""
    if not is_linux():
        return 0.0
    web = instance.processes["web"].pid
    before = sum(cpu_s(with_descendants(web)).values())
    for _ in range(times):
        work()
    return (sum(cpu_s(with_descendants(web)).values()) - before) / times


def _timed(browser: Browser, path: str) -> tuple[float, bytes]:
    began_s = time.perf_counter()
    answer = browser.ask("GET", path)
    took_s = time.perf_counter() - began_s
    if not answer.ok or answer.is_redirect:
        raise BenchFailed(f"{path} was answered with {answer.status_code}")
    return took_s, answer.content


def _loads(browser: Browser, pages: dict[str, str], count: int) -> dict[str, list[Load]]:
    """Each page `count` times in Chromium; empty where there is none."""
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return {}
    if chromium is None:
        return {}
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        loads = {
            name: [_load(opened, browser, path) for _ in range(count)]
            for name, path in pages.items()
        }
        opened.close()
    return loads


def _load(chromium: Any, browser: Browser, path: str) -> Load:
    address = f"http://localhost:{browser.port}"
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [
            {"name": name, "value": value, "url": address}
            for name, value in browser.session.cookies.items()
        ]
    )
    context.add_init_script(READY)
    page = context.new_page()
    page.goto(f"{address}{path}", wait_until="load")
    timings = page.evaluate(TIMINGS)
    context.close()
    return Load(**timings)


def as_rows(
    size: Size,
    costs: Sequence[dict[str, Cost]],
    loads: dict[str, list[Load]],
) -> list[Row]:
    """`costs` are those with few posts in the month, with many, and with a full table besides."""
    few, many, full = costs
    rows = []
    for name in many:
        rows += [
            *_times(f"{name}, {size.in_month:,} posts", many[name]),
            *_times(f"{name}, {size.in_table:,} in the table", full[name]),
            _full_over_many(name, many[name], full[name]),
        ]
        if name in CHANGED:
            continue
        rows += [
            _processor(name, many[name], full[name]),
            _statements(name, size, few[name], full[name]),
            _html(name, full[name]),
            *_browser_rows(name, loads),
        ]
    return rows


def _times(figure: str, cost: Cost) -> list[Row]:
    return [
        _compared(
            f"{figure}, {label}", percentile(cost.times_s, share), percentile(cost.raw_s, share)
        )
        for label, share in (("p50", 0.5), ("p95", 0.95))
    ]


def _full_over_many(name: str, many: Cost, full: Cost) -> Row:
    """The full table beside the same month alone."""
    ours, alone = percentile(full.times_s, 0.5), percentile(many.times_s, 0.5)
    return _compared(f"{name}, full table over month alone", ours, alone)


def _processor(name: str, many: Cost, full: Cost) -> Row:
    """What is left of it when other work keeps the machine busy."""
    return _compared(f"{name}, web's processor, full over alone", full.cpu_s, many.cpu_s)


def _compared(figure: str, ours_s: float, raw_s: float) -> Row:
    return Row(figure, f"{ours_s * 1000:.1f} ms", f"{raw_s * 1000:.1f} ms", ratio(ours_s, raw_s))


def _statements(name: str, size: Size, few: Cost, full: Cost) -> Row:
    """Beside those with a few posts: a page that asks for each post is broken."""
    figure = f"{name}, statements; beside {size.few} posts"
    is_broken = full.queries - few.queries > MORE_STATEMENTS
    return Row(figure, str(full.queries), str(few.queries), is_broken=is_broken)


def _html(name: str, cost: Cost) -> Row:
    packed = len(gzip.compress(cost.html))
    return Row(f"{name}, HTML", f"{_kb(len(cost.html))}, {_kb(packed)} packed", "")


def _browser_rows(name: str, loads: dict[str, list[Load]]) -> list[Row]:
    if not loads:
        return [Row(f"{name}, in a browser", "needs Chromium", "")]
    ours, raw = loads[name], loads["Raw"]
    return [
        _median(f"{name}, interactive in Chromium", ours, raw, "interactive_ms"),
        _median(f"{name}, loaded and idle in Chromium", ours, raw, "ready_ms"),
        Row(f"{name}, all {ours[0].resources} files of the page", _kb(ours[0].bytes), ""),
    ]


def _median(figure: str, ours: Sequence[Load], raw: Sequence[Load], name: str) -> Row:
    ours_ms, raw_ms = (percentile([getattr(one, name) for one in all], 0.5) for all in (ours, raw))
    return _compared(figure, ours_ms / 1000, raw_ms / 1000)


def _kb(size_bytes: int) -> str:
    return f"{size_bytes / 1000:.1f} KB"
