"""`./duecast bench`: run the measurements asked for on each set-up and print their tables."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from calendar_app.bench import (
    burst,
    idle,
    intake,
    isolation,
    lateness,
    pages,
    report,
    scale,
    soak,
    upload,
)
from calendar_app.bench.instance import BenchFailed, Instance, end_in_order, new_instance
from calendar_app.bench.places import Servers, servers_from
from calendar_app.bench.report import Row

SETUPS = {"embedded": "Embedded (SQLite, broker in a file)", "servers": "PostgreSQL and Redis"}
# With less an MP4 of the bench has no room for its pictures.
SMALLEST_BYTES = 5_000_000
# What a call to TikTok over the network may take.
SLOW_ANSWER_S = 0.3
# Measurement → from an instance and what was chosen to its rows.
MEASUREMENTS: dict[str, Callable[[Instance, argparse.Namespace], list[Row]]] = {
    "lateness": lambda instance, chosen: lateness.measure(
        instance, lateness.QUICK if chosen.quick else lateness.FULL
    ),
    "slow": lambda instance, chosen: lateness.measure(
        instance, lateness.QUICK if chosen.quick else lateness.FULL, SLOW_ANSWER_S
    ),
    "isolation": lambda instance, chosen: isolation.measure(
        instance, isolation.QUICK if chosen.quick else isolation.FULL
    ),
    "upload": lambda instance, chosen: upload.measure(instance, _size_bytes(upload, chosen)),
    "intake": lambda instance, chosen: intake.measure(instance, _size_bytes(intake, chosen)),
    "idle": lambda instance, chosen: idle.measure(
        instance, idle.QUICK if chosen.quick else idle.FULL
    ),
    "burst": lambda instance, chosen: burst.measure(
        instance, burst.QUICK if chosen.quick else burst.FULL
    ),
    "scale": lambda instance, chosen: scale.measure(
        instance, scale.QUICK if chosen.quick else scale.FULL
    ),
    "pages": lambda instance, chosen: pages.measure(
        instance, pages.QUICK if chosen.quick else pages.FULL
    ),
    "soak": lambda instance, chosen: soak.measure(instance, _soak_size(chosen), chosen.seed),
}


def _size_bytes(measurement: ModuleType, chosen: argparse.Namespace) -> int:
    return int(
        chosen.bytes or (measurement.QUICK_BYTES if chosen.quick else measurement.FULL_BYTES)
    )


def _soak_size(chosen: argparse.Namespace) -> soak.Size:
    if chosen.minutes:
        return soak.size_of(chosen.minutes * 60)
    return soak.QUICK if chosen.quick else soak.FULL


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./duecast bench", description="Measure Duecast on this machine."
    )
    parser.add_argument("--only", choices=MEASUREMENTS, help="this measurement alone")
    parser.add_argument("--setup", choices=SETUPS, help="on this set-up alone")
    parser.add_argument("--quick", action="store_true", help="a look whether it works: few, small")
    parser.add_argument(
        "--bytes", type=int, metavar="N", help="the size of the file that upload and intake send"
    )
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="how long the posts of soak are due one by one"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the faults and kills")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    chosen = parser.parse_args(arguments)
    if (chosen.quick or chosen.bytes or chosen.minutes) and chosen.write:
        parser.error("figures of a --quick run or of another size are not worth writing down")
    if chosen.minutes is not None and chosen.minutes * 60 < soak.QUICK.within_s:
        parser.error(f"--minutes takes {soak.QUICK.within_s / 60:g} or more")
    if chosen.bytes is not None and chosen.bytes < SMALLEST_BYTES:
        parser.error(f"--bytes takes {SMALLEST_BYTES} or more")
    if chosen.write and not chosen.write.is_file():
        parser.error(f"there is no page {chosen.write}")
    return chosen


def main(arguments: Sequence[str]) -> int:
    chosen = parse(arguments)
    end_in_order()
    servers = servers_from(os.environ)
    names = [chosen.only] if chosen.only else list(MEASUREMENTS)
    if "upload" in names and not shutil.which("curl"):
        say("duecast: curl is needed to measure the raw limit of an upload; install it.")
        return 1
    failed = False
    for setup in [chosen.setup] if chosen.setup else SETUPS:
        if setup == "servers" and (missing := servers.missing()):
            say(f"\n{SETUPS[setup]}: not measured, {missing}")
            failed |= bool(chosen.setup)
            continue
        for name in names:
            failed |= not _run(name, setup, servers if setup == "servers" else None, chosen)
    return 1 if failed else 0


def _run(name: str, setup: str, servers: Servers | None, chosen: argparse.Namespace) -> bool:
    """Measure, print, and write when asked; False when it could not be measured or a row is
    broken."""
    before = os.getloadavg()[0]
    try:
        with new_instance(servers) as instance:
            rows = MEASUREMENTS[name](instance, chosen)
    except BenchFailed as error:
        say(f"\n{SETUPS[setup]}, {name}: not measured, {error}")
        return False
    load = report.load_words(before, os.getloadavg()[0])
    text = report.section(datetime.now(UTC), report.machine_line(servers), load, rows)
    say(f"\n{SETUPS[setup]}, {name}{' (quick)' if chosen.quick else ''}\n{text}")
    if chosen.write:
        report.write_section(chosen.write, f"{setup} {name}", text)
    return not any(row.is_broken for row in rows)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
