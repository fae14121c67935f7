import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from calendar_app.bench.ports import free_ports
from tests.run.commands import Started, is_alive, python, wait_until

pytestmark = pytest.mark.processes
RUNNING = "Duecast is running. Open "


class Instances:
    """Starts all of Duecast, each time in a new data folder and on free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Started] = []

    def start(self, **environment: str) -> Started:
        port, simulator_port = free_ports(2)
        number = len(self.started)
        defaults = {
            "PORT": str(port),
            "SIMULATOR_PORT": str(simulator_port),
            "DATA_DIR": str(self.folder / f"data{number}"),
        }
        output = self.folder / f"output{number}"
        self.started.append(Started(python("manage.py", "up"), output, defaults | environment))
        return self.started[-1]


@pytest.fixture(scope="module")
def instances(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    instances = Instances(tmp_path_factory.mktemp("instances"))
    yield instances
    for one in instances.started:
        one.clean_up()


@pytest.fixture(scope="module")
def running(instances: Instances) -> Started:
    """The first instance, in `data0`; tests leave it running."""
    return instances.start()


def address_of(started: Started) -> str:
    started.wait_for(RUNNING)
    return re.search(rf"{RUNNING}(\S+)", started.said()).group(1)


def descendants(process_id: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found = [process_id]
    for parent in found:
        found += [child for child, its_parent in parents if its_parent == parent]
    return found[1:]


def command_line(process_id: int) -> str:
    return subprocess.run(
        ["ps", "-o", "args=", "-ww", "-p", str(process_id)],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip


def delivery_workers(started: Started) -> list[int]:
    lines = {process: command_line(process) for process in descendants(started.process.pid)}
    return [
        process
        for process, line in lines.items()
        if "-Q deliveries" in line and "keeper.py" not in line
    ]


def whole_family(started: Started) -> list[int]:
    """Five keepers, five commands, and gunicorn's worker."""
    address_of(started)
    wait_until(lambda: len(descendants(started.process.pid)) >= 11)
    return descendants(started.process.pid)


def test_a_start_prints_one_address_that_answers(running):
    address = address_of(running)

    with urllib.request.urlopen(address) as response:
        assert response.status == 200
    assert "/welcome/?token=" in address


def test_the_process_that_stays_above_the_others_has_not_loaded_django(running):
    address_of(running)

    assert "supervisor.py" in command_line(running.process.pid)


def test_no_query_of_a_request_reaches_the_log(running):
    urllib.request.urlopen(address_of(running)).close()

    running.wait_for("GET /welcome/ 200")
    assert running.said().count("token=") == 1


def test_a_second_start_in_the_same_folder_is_refused(running, instances):
    address_of(running)

    second = instances.start(DATA_DIR=str(instances.folder / "data0"))

    assert second.end() == 1
    assert re.fullmatch(r"duecast: another Duecast is running with DATA_DIR .+\n", second.said())
    assert running.process.poll() is None


def test_a_taken_port_is_one_sentence_before_anything_starts(running, instances):
    port = urlsplit(address_of(running)).port

    second = instances.start(PORT=str(port))

    assert second.end() == 1
    assert re.fullmatch(
        rf"duecast: port {port} is already in use .*PORT=\d+ \./duecast run\n", second.said()
    )


def test_a_killed_delivery_worker_comes_back(running):
    whole_family(running)
    (worker,) = delivery_workers(running)

    os.kill(worker, signal.SIGKILL)

    running.wait_for("deliveries was ended by SIGKILL; starting it again in 1 s")
    wait_until(lambda: len(delivery_workers(running)) == 1)


def test_ctrl_c_ends_the_whole_family_and_no_other_instance(running, instances):
    other = instances.start()
    family = whole_family(other)

    other.signal(signal.SIGINT)

    assert other.end() == 0
    assert not any(map(is_alive, family))
    with urllib.request.urlopen(address_of(running)) as response:
        assert response.status == 200


def test_nothing_is_left_when_the_supervisor_is_killed(running):
    family = whole_family(running)

    running.signal(signal.SIGKILL)

    wait_until(lambda: not any(map(is_alive, family)))
