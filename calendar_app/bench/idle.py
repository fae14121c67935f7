"""What the whole product costs while nothing is due."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calendar_app.bench.instance import Instance
from calendar_app.bench.memory import cpu_s, is_linux, pss_bytes, with_descendants
from calendar_app.bench.report import Row, ratio

BARE = "import sys, time; print(flush=True); time.sleep(600)"


@dataclass(frozen=True)
class Size:
    settle_s: float
    measure_s: float


FULL = Size(settle_s=15.0, measure_s=20.0)
QUICK = Size(settle_s=1.0, measure_s=3.0)


def measure(instance: Instance, size: Size) -> list[Row]:
    """Processor time and memory of everything that `./duecast run` starts.

    PostgreSQL and Redis are not counted: they serve others too.
    """
    if not is_linux():
        return [Row("Idle", "needs Linux", "")]
    instance.start_everything()
    time.sleep(size.settle_s)
    supervisor = instance.processes["everything"].pid
    share = _share_of_core(lambda: with_descendants(supervisor), size.measure_s)
    pids = with_descendants(supervisor)
    bare_share, bare_pss = _bare_processes(len(pids), size.measure_s)
    return as_rows(len(pids), (share, pss_bytes(pids)), (bare_share, bare_pss))


def _share_of_core(running: Callable[[], Sequence[int]], seconds: float) -> float:
    """Processor time used within `seconds` by all that `running` names at their end."""
    before, began_s = cpu_s(running()), time.monotonic()
    time.sleep(seconds)
    used_s = sum(now_s - before.get(pid, 0.0) for pid, now_s in cpu_s(running()).items())
    return used_s / (time.monotonic() - began_s)


def _bare_processes(count: int, seconds: float) -> tuple[float, int]:
    """The same for as many Python processes that import nothing and sleep."""
    processes = [
        subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE) for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            process.stdout.readline()
        pids = [process.pid for process in processes]
        return _share_of_core(lambda: pids, seconds), pss_bytes(pids)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def as_rows(count: int, ours: tuple[float, int], bare: tuple[float, int]) -> list[Row]:
    """`ours` and `bare` are the share of a core and bytes."""
    return [
        Row(f"Processor at rest, {count} processes", _percent(ours[0]), _percent(bare[0])),
        Row(f"Memory at rest, {count} processes", _mb(ours[1]), _mb(bare[1]),
            ratio(ours[1], bare[1])),
    ]  # fmt: skip


def _percent(share: float) -> str:
    return f"{share * 100:.1f} % of a core"


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.0f} MB"
