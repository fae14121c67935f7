import os
import subprocess
import sys

import pytest

from calendar_app.bench import memory

pytestmark = pytest.mark.skipif(not memory.is_linux(), reason="reads /proc")
MEGABYTES = 1_000_000


@pytest.fixture
def child():
    """A process that takes 50 MB and gives them back, once it is told to."""
    code = "input(); x = b'x' * 50_000_000; del x; print(flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    process.communicate()


def go_on(process):
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()


def test_a_peak_is_seen_after_it_is_over(child):
    before = memory.reset_peak(child.pid)

    go_on(child)

    assert memory.peak_bytes(child.pid) - before > 40 * MEGABYTES


def test_a_reset_forgets_the_peak(child):
    go_on(child)

    memory.reset_peak(child.pid)

    assert memory.peak_bytes(child.pid) < 40 * MEGABYTES


def test_descendants_are_found_under_their_parent(child):
    assert child.pid in memory.with_descendants(os.getpid())


def test_memory_that_is_shared_is_counted_at_most_once(child):
    assert 0 < memory.pss_bytes([child.pid]) < 40 * MEGABYTES


def test_processor_time_only_grows():
    before = memory.cpu_s([os.getpid()])

    sum(range(3_000_000))

    assert memory.cpu_s([os.getpid()])[os.getpid()] > before[os.getpid()]


def test_a_process_that_has_ended_is_left_out(child):
    child.kill()
    child.wait()

    assert (memory.cpu_s([child.pid]), memory.pss_bytes([child.pid])) == ({}, 0)
