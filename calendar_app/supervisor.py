"""Keeps a few commands running and their output readable, until one signal ends them all.

Each command runs under calendar_app/keeper.py in a session of its own. One that ends is started
again after a pause that grows while it keeps ending. SIGINT, SIGTERM or SIGHUP stops everything:
each command gets SIGTERM once, and SIGKILL after `STOP_S`. A second signal kills at once.

`become_supervisor` puts it in the place of a process that had to load Django to know the commands.
Standard library only and run by path: it stays for as long as the site runs, and needs no more.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

KEEPER = Path(__file__).with_name("keeper.py")
PROBE = Path(__file__).with_name("health_probe.py")
STOP_S = 15.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
# A command that ran this long was well: its next pause is the first one again.
WELL_AFTER_S = 60.0
LOOK_EVERY_S = 0.1
ASK_EVERY_S = 0.3
COLOURS = (36, 33, 35, 32, 34, 31)


@dataclass(frozen=True)
class Command:
    """`environment` is added to the supervisor's own, for this command alone."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]


def become_supervisor(
    commands: Sequence[Command], probed: Mapping[str, str], ready_text: str, kept_open: IO[str]
) -> NoReturn:
    """Turns this process into a supervisor of `commands`, which says `ready_text` once the web
    server answers at the address that `probed` has in the names of health_probe.py.

    `kept_open` stays open, with the lock on it. The plan travels in a file without a name: it
    holds secrets, which arguments would show to everybody.
    """
    plan = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - read after exec
    json.dump([[asdict(command) for command in commands], dict(probed), ready_text], plan)
    plan.seek(0)
    for file in (plan, kept_open):
        os.set_inheritable(file.fileno(), True)
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = [sys.executable, "-I", "-S", __file__, str(plan.fileno())]
    os.execv(sys.executable, arguments)  # noqa: S606 - our own file, no shell


class Printer:
    """Whole lines with a name in front, in colour on a terminal only; safe from every thread."""

    def __init__(self, stream: IO[str], names: Sequence[str]) -> None:
        self.stream = stream
        self.width = max(map(len, names))
        self.colours = dict(zip(names, COLOURS * len(names), strict=False))
        self.has_colour = stream.isatty() and "NO_COLOR" not in os.environ
        self.lock = threading.Lock()

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:<{self.width}} |"
        if self.has_colour and name in self.colours:
            prefix = f"\033[{self.colours[name]}m{prefix}\033[0m"
        self.say(f"{prefix} {text}")

    def say(self, text: str) -> None:
        with self.lock:
            try:
                print(text, file=self.stream, flush=True)
            except OSError:
                # The terminal went away; the commands must still be stopped in order.
                self.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


class Kept:
    """One command: its process while it runs, and when to start it again while it does not."""

    def __init__(self, command: Command, printer: Printer) -> None:
        self.command = command
        self.printer = printer
        self.process: subprocess.Popen[str] | None = None
        self.started_s = 0.0
        self.start_at_s = 0.0
        self.pause_s = FIRST_PAUSE_S

    def start(self, now_s: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), *self.command.arguments],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.command.environment},
            # Held open by this process alone; see keeper.py.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self.started_s = now_s
        threading.Thread(target=self._print_output, args=(self.process,), daemon=True).start()

    def look(self, now_s: float) -> None:
        """Start it when its time has come; note it when it has ended."""
        if self.process is None:
            if now_s >= self.start_at_s:
                self.start(now_s)
        elif (code := self.process.poll()) is not None:
            self.kill()
            self.process = None
            self._plan_next_start(code, now_s)

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """SIGKILL to all that is left of it, grandchildren included."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                # Nobody is left; macOS says "permission" where only zombies are.
                return

    def _plan_next_start(self, code: int, now_s: float) -> None:
        if now_s - self.started_s >= WELL_AFTER_S:
            self.pause_s = FIRST_PAUSE_S
        self.start_at_s = now_s + self.pause_s
        self.printer.say(
            f"duecast: {self.command.name} {how_it_ended(code)}; "
            f"starting it again in {self.pause_s:g} s"
        )
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)

    def _print_output(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            if text := line.rstrip():
                self.printer.line(self.command.name, text)


def how_it_ended(code: int) -> str:
    """Words for a keeper's exit code; a signal to the command arrives as 128 + its number."""
    number = -code if code < 0 else code - 128
    if number <= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(number).name}"
    except ValueError:
        return f"ended with code {code}"


def supervise(
    commands: Sequence[Command],
    *,
    is_ready: Callable[[], bool],
    ready_text: str,
    stream: IO[str] | None = None,
) -> int:
    """Run `commands` until a signal comes, and say `ready_text` once `is_ready`.

    0 when all of them ended by themselves after the signal, 1 when one had to be killed.
    """
    printer = Printer(stream or sys.stdout, [command.name for command in commands])
    kept = [Kept(command, printer) for command in commands]
    stop = _StopSignals()
    announce = threading.Thread(
        target=_announce, args=(printer, is_ready, ready_text, stop), daemon=True
    )
    announce.start()
    while not stop.count:
        for one in kept:
            one.look(time.monotonic())
        time.sleep(LOOK_EVERY_S)
    return _stop_all(kept, printer, stop)


class _StopSignals:
    """How many signals to stop have come.

    A bare number: the handler runs in the middle of whatever the main thread does, and a lock
    that is held there, as an event takes while it begins to wait, would never be given back.
    """

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


def _announce(
    printer: Printer,
    is_ready: Callable[[], bool],
    ready_text: str,
    stop: _StopSignals,
) -> None:
    while not stop.count:
        if is_ready():
            printer.say(ready_text)
            return
        time.sleep(ASK_EVERY_S)


def _stop_all(kept: Sequence[Kept], printer: Printer, stop: _StopSignals) -> int:
    printer.say("duecast: stopping")
    for one in kept:
        one.terminate()
    deadline_s = time.monotonic() + STOP_S
    while time.monotonic() < deadline_s and stop.count < 2:
        if all(one.has_ended() for one in kept):
            break
        time.sleep(LOOK_EVERY_S)
    late = [one.command.name for one in kept if not one.has_ended()]
    for one in kept:
        one.kill()
    for one in kept:
        if one.process is not None:
            one.process.wait()
    printer.say(
        f"duecast: stopped; {', '.join(late)} had to be killed" if late else "duecast: stopped"
    )
    return 1 if late else 0


def _is_web_well(probed: Mapping[str, str]) -> bool:
    command = [sys.executable, "-I", "-S", str(PROBE)]
    return subprocess.run(command, env={**os.environ, **probed}, check=False).returncode == 0


def _supervise_plan(plan_fd: int) -> int:
    with open(plan_fd, encoding="utf-8") as plan:
        commands, probed, ready_text = json.load(plan)
    return supervise(
        [Command(**command) for command in commands],
        is_ready=lambda: _is_web_well(probed),
        ready_text=ready_text,
    )


if __name__ == "__main__":
    sys.exit(_supervise_plan(int(sys.argv[1])))
