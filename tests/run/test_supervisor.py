import io
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calendar_app.supervisor import Printer, how_it_ended
from tests.run.commands import Started, is_alive, python, wait_until

STAY = "import os, time; print('pid', os.getpid()); time.sleep(600)"
FAMILY = (
    "import os, subprocess, sys, time; print('pid', os.getpid());"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('pid', child.pid); time.sleep(600)"
)
STUBBORN = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('pid', os.getpid()); time.sleep(600)"
)
SLOW_TO_STOP = (
    "import os, signal, sys, time;"
    "signal.signal(signal.SIGTERM, lambda *_: (print('asked to stop'), sys.exit(0)));"
    "print('pid', os.getpid()); time.sleep(600)"
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def start(*names_and_code: str) -> Started:
        arguments = python("-m", "tests.run.supervised", *names_and_code)
        started.append(Started(arguments, tmp_path / f"output{len(started)}", {}))
        return started[-1]

    yield start
    for one in started:
        one.clean_up()


def process_ids(started: Started, count: int) -> list[int]:
    wait_until(lambda: len(re.findall(r"pid (\d+)", started.said())) >= count)
    return [int(text) for text in re.findall(r"pid (\d+)", started.said())]


def test_lines_carry_the_name_of_their_command(start):
    started = start("web", STAY, "a-worker", STAY)

    process_ids(started, 2)

    assert re.search(r"^web      \| pid \d+$", started.said(), re.MULTILINE)
    assert re.search(r"^a-worker \| pid \d+$", started.said(), re.MULTILINE)


def test_ready_text_is_said_once(start):
    started = start("web", STAY)
    started.wait_for("all are up")

    started.signal(signal.SIGTERM)
    started.end()

    assert started.said().count("all are up") == 1


def test_a_command_gets_its_own_environment(start):
    started = start("web", "import os, time; print('I am', os.environ['NAME']); time.sleep(600)")

    started.wait_for("I am web")


def test_a_killed_command_is_started_again_with_a_word(start):
    started = start("web", STAY)
    first = process_ids(started, 1)[0]

    os.kill(first, signal.SIGKILL)
    second = process_ids(started, 2)[1]

    assert is_alive(second)
    assert "duecast: web was ended by SIGKILL; starting it again in 1 s" in started.said()


def test_a_command_that_keeps_ending_waits_longer_each_time(start):
    started = start("web", "import sys; sys.exit(3)")

    started.wait_for("web ended with code 3; starting it again in 2 s")

    assert "starting it again in 1 s" in started.said()


def test_others_keep_running_while_one_is_started_again(start):
    started = start("web", "import sys; sys.exit(3)", "worker", STAY)
    worker = process_ids(started, 1)[0]

    started.wait_for("starting it again in 2 s")

    assert is_alive(worker)


def test_a_command_s_children_die_with_it(start):
    started = start("web", FAMILY)
    parent, child = process_ids(started, 2)[:2]

    os.kill(parent, signal.SIGKILL)

    wait_until(lambda: not is_alive(child))


def test_a_killed_keeper_takes_its_command_with_it(start):
    started = start("web", STAY)
    command = process_ids(started, 1)[0]

    os.kill(os.getpgid(command), signal.SIGKILL)

    wait_until(lambda: not is_alive(command))
    assert is_alive(process_ids(started, 2)[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_with_code_0(start, number):
    started = start("web", FAMILY, "worker", STAY)
    processes = process_ids(started, 3)

    started.signal(number)

    assert started.end() == 0
    assert not any(map(is_alive, processes))


def test_a_signal_may_come_at_any_line(tmp_path):
    stopped_at_each = Started(python("-m", "tests.run.interrupted"), tmp_path / "output", {})
    try:
        assert stopped_at_each.end() == 0
    finally:
        stopped_at_each.process.kill()

    assert {line.split()[-1] for line in stopped_at_each.said().splitlines()} == {"0"}


def test_each_command_is_asked_to_stop_once(start):
    started = start("web", SLOW_TO_STOP)
    process_ids(started, 1)

    started.signal(signal.SIGINT)
    started.end()

    assert started.said().count("asked to stop") == 1


def test_a_second_signal_kills_what_does_not_stop(start):
    started = start("web", STUBBORN)
    process = process_ids(started, 1)[0]
    started.signal(signal.SIGINT)
    started.wait_for("duecast: stopping")

    started.signal(signal.SIGINT)

    assert started.end() == 1
    assert not is_alive(process)
    assert "web had to be killed" in started.said()


def test_nothing_outlives_a_killed_supervisor(start):
    started = start("web", FAMILY, "worker", STAY)
    processes = process_ids(started, 3)

    started.signal(signal.SIGKILL)

    wait_until(lambda: not any(map(is_alive, processes)))


def test_not_even_what_ignores_sigterm_outlives_a_killed_supervisor(start):
    started = start("web", STUBBORN)
    process = process_ids(started, 1)[0]

    started.signal(signal.SIGKILL)

    wait_until(lambda: not is_alive(process))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_names_are_coloured_on_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()

    Printer(terminal, ["web"]).line("web", "hello")

    assert terminal.getvalue() == "\033[36mweb |\033[0m hello\n"


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()

    Printer(terminal, ["web"]).line("web", "hello")

    assert terminal.getvalue() == "web | hello\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with code 0"),
        (3, "ended with code 3"),
        (137, "was ended by SIGKILL"),
        (-9, "was ended by SIGKILL"),
        (255, "ended with code 255"),
    ],
)
def test_how_a_command_ended_in_words(code, words):
    assert how_it_ended(code) == words
