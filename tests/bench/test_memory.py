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


def test_the_peak_of_a_process_that_came_and_went_is_known():
    code = "import time; x = b'x' * 50_000_000; time.sleep(0.5)"

    with memory.Peaks(os.getpid) as peaks:
        subprocess.run([sys.executable, "-c", code, "big-one"], check=True)

    assert peaks.of("big-one") > 50 * MEGABYTES


def test_a_peak_is_looked_for_under_whoever_stands_there(child):
    roots = [child.pid]
    code = "import time; x = b'x' * 50_000_000; print(flush=True); time.sleep(60)"
    with memory.Peaks(lambda: roots[-1]) as peaks:
        successor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        successor.stdout.readline()
        roots.append(successor.pid)

    successor.kill()
    successor.communicate()
    assert peaks.of("time.sleep") > 50 * MEGABYTES


def test_of_a_command_that_never_ran_there_is_no_peak(child):
    with memory.Peaks(lambda: child.pid) as peaks:
        pass

    assert peaks.of("no such command") == 0


def test_a_process_that_was_killed_and_not_waited_for_is_passed_over(child):
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    with memory.Peaks(lambda: child.pid) as peaks:
        pass

    assert peaks.of("") == 0
