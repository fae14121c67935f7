import socket
import subprocess
import sys

import pytest

from calendar_app.bench.ports import claim, free_ports

PRINT_ONE = "from calendar_app.bench.ports import *; print(free_ports(1)[0], flush=True); input()"


@pytest.fixture
def neighbour():
    """Another run, and the port that it was given."""
    with subprocess.Popen(
        [sys.executable, "-c", PRINT_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, int(process.stdout.readline())
        process.kill()


def test_a_port_is_given_once():
    assert len({*free_ports(50), *free_ports(50)}) == 100


def test_a_process_can_listen_on_its_port():
    [port] = free_ports(1)

    socket.create_server(("127.0.0.1", port)).close()


def test_a_port_of_another_run_is_not_given(neighbour):
    assert not claim(neighbour[1])


def test_a_port_is_free_again_after_its_run(neighbour):
    process, port = neighbour

    process.kill()
    process.wait()

    assert claim(port)


def test_a_port_that_somebody_listens_on_is_not_given():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not claim(server.getsockname()[1])
