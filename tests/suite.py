"""`./duecast test`: the suite on the embedded default and, if they answer, on PostgreSQL and Redis.

The set-ups run side by side. The first one's output is shown as it comes, the second one's when
the first has ended; then both closing lines of pytest follow, that of a failure last. Arguments go
to pytest; those that need the terminal or stop early let one set-up run after the other.

What the database and the broker have no part in runs on one of the two, unless its path is named on
the command line. Tests of real processes mostly wait: one set-up begins with them and the other
ends with them, so that each leaves the machine to the other meanwhile.

Each set-up gets a data folder, a database name and a Redis prefix made for this run, and only
those are removed at its end.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from calendar_app.bench.places import own_places, servers_from
from tests.chromium import HOW_TO_INSTALL, find_chromium
from tests.setting_names import setting_names

ROOT = Path(__file__).parents[1]
EMBEDDED = "Embedded (SQLite, broker in a file)"
SERVERS = "PostgreSQL and Redis"
# What runs once, in two shares. `tests/pages` asks on both what pages want of the database.
ONLY_EMBEDDED = (
    "tests/browser/rules",
    "tests/browser/test_agenda.py",
    "tests/browser/test_approval.py",
    "tests/browser/test_comments.py",
)
ONLY_SERVERS = (
    "tests/browser/test_axe.py",
    "tests/browser/test_calendar.py",
    "tests/browser/test_caption.py",
    "tests/browser/test_compose.py",
    "tests/browser/test_conflict.py",
    "tests/browser/test_keyboard.py",
    "tests/browser/test_library.py",
    "tests/browser/test_photos.py",
    "tests/browser/test_post_preview.py",
    "tests/browser/test_queue.py",
    "tests/browser/test_slow_line.py",
    "tests/browser/test_team.py",
    "tests/publishing_media/test_child.py",
    "tests/publishing_media/test_photos.py",
    "tests/publishing_media/test_probe.py",
    "tests/publishing_media/test_restrictions.py",
    "tests/run/test_suite.py",
    "tests/run/test_supervisor.py",
    "tests/simulator",
    "tests/tiktok",
)
NOTHING_TO_RUN = 5
# Which closing line comes first, by exit code; that of a failure comes last.
URGENCY = {NOTHING_TO_RUN: 0, 0: 1}
LOOK_S = 0.1
# -x and -s also inside a group like -vx; -rs is something else.
ONE_AFTER_THE_OTHER = re.compile(
    r"-[hlqvV]*[sx]|--(exitfirst|maxfail|stepwise|sw|pdb|trace|capture)(=|$)"
)
CLOSING_LINE = re.compile(
    r"^.*(passed|failed|error|skipped|warning|deselected|collected|ran).* in \d+\.\d\ds\b.*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Setup:
    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    leaves_out: Sequence[str] = ()

    def command(self, *arguments: str) -> list[str]:
        left_out = [f"--ignore={place}" for place in self.leaves_out]
        return [sys.executable, "-m", "pytest", *left_out, *arguments]

    def environment(self, folder: Path) -> dict[str, str]:
        """What pytest gets for its tests to run on this set-up, with their data in `folder`."""
        # Else each of the hundreds of processes that tests start compiles everything anew.
        kept = {"PYTHONDONTWRITEBYTECODE": "", "DATA_DIR": str(folder / "data")}
        return {**clean_environment(os.environ), **self.settings, **kept}


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """`environment` without the settings of an instance that this shell may be set up for."""
    names = setting_names()
    ours = {*names, *(f"{name}_FILE" for name in names)}
    return {name: value for name, value in environment.items() if name not in ours}


class Run:
    """pytest on one set-up in the background, with its output in a file."""

    def __init__(self, setup: Setup, arguments: Sequence[str], folder: Path) -> None:
        self.name = setup.name
        self.output = folder / "output"
        colour = ["--color=yes"] if sys.stdout.isatty() and "NO_COLOR" not in os.environ else []
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                setup.command(*colour, *arguments),
                cwd=ROOT,
                env=setup.environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches it through us alone, and not the processes of its tests.
                process_group=0,
            )

    def interrupt(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def end(self) -> None:
        self.interrupt()
        self.process.wait()

    def show(self) -> int:
        """Prints the output as it grows; gives the exit code."""
        print(f"\n{self.name}\n", flush=True)
        with self.output.open("rb") as output:
            while True:
                has_ended = self.process.poll() is not None
                if text := output.read():
                    sys.stdout.buffer.write(text)
                    sys.stdout.flush()
                elif has_ended:
                    return self.process.returncode
                else:
                    time.sleep(LOOK_S)

    def closing_line(self) -> str:
        output = self.output.read_text(encoding="utf-8", errors="replace")
        found = [match[0] for match in CLOSING_LINE.finditer(output)]
        return found[-1] if found else f"ended with code {self.process.returncode}"


@contextmanager
def passing_on_interrupts(runs: Sequence[Run]) -> Iterator[None]:
    """What ends this command lets pytest end as after Ctrl-C: fixtures first, then its report."""

    def interrupt(number: int, frame: object) -> None:
        for run in runs:
            run.interrupt()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup sets it
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_side_by_side(setups: Sequence[Setup], arguments: Sequence[str]) -> int:
    with ExitStack() as stack:
        runs: list[Run] = []
        stack.enter_context(passing_on_interrupts(runs))
        for setup in setups:
            runs.append(Run(setup, arguments, stack.enter_context(new_folder())))
            stack.callback(runs[-1].end)
        codes = [run.show() for run in runs]
        print_summary(sorted(runs, key=lambda run: URGENCY.get(run.process.returncode, 2)))
    return code_of_all(codes)


def code_of_all(codes: Sequence[int]) -> int:
    """That of the first failure. What was asked for may be the other set-up's share alone."""
    if set(codes) == {NOTHING_TO_RUN}:
        return NOTHING_TO_RUN
    return next((code for code in codes if code not in {0, NOTHING_TO_RUN}), 0)


def print_summary(runs: Sequence[Run]) -> None:
    print()
    for run in runs:
        print(f"{run.name}:\n{run.closing_line()}", flush=True)


def run_in_sequence(setups: Sequence[Setup], arguments: Sequence[str]) -> int:
    """Stops at the first set-up that does not pass."""
    codes = []
    for setup in setups:
        print(f"\n{setup.name}\n", flush=True)
        with new_folder() as folder:
            codes.append(_call(setup.command(*arguments), setup.environment(folder)))
        if codes[-1] not in {0, NOTHING_TO_RUN}:
            break
    return code_of_all(codes)


def _call(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Like subprocess.call, but Ctrl-C leaves it to pytest to end in order."""
    with subprocess.Popen(command, cwd=ROOT, env=dict(environment)) as process:
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()


@contextmanager
def new_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="duecast-test-") as folder:
        yield Path(folder)


def must_run_in_sequence(arguments: Sequence[str]) -> bool:
    return any(ONE_AFTER_THE_OTHER.match(argument) for argument in arguments)


def what_ci_lacks(missing: str | None) -> str | None:
    """CI runs everything or fails; elsewhere less is fine."""
    if missing:
        return f"{missing}. CI runs both set-ups."
    if find_chromium() is None:
        return "Chromium was not found. CI never skips the browser tests."
    return None


def main(arguments: Sequence[str]) -> int:
    servers = servers_from(os.environ)
    missing = servers.missing()
    if os.environ.get("CI") and (lack := what_ci_lacks(missing)):
        sys.exit(f"duecast: {lack}")
    if find_chromium() is None:
        print(f"duecast: {HOW_TO_INSTALL}", flush=True)
    run = run_in_sequence if must_run_in_sequence(arguments) else run_side_by_side
    if missing:
        return run([Setup(f"{EMBEDDED} alone: {missing}")], arguments)
    with own_places(servers) as places:
        embedded = Setup(EMBEDDED, {"DUECAST_PROCESSES": "first"}, ONLY_SERVERS)
        on_servers = Setup(SERVERS, {**places, "DUECAST_PROCESSES": "last"}, ONLY_EMBEDDED)
        return run([embedded, on_servers], arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
