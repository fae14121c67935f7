"""What Linux knows about processes: memory, processor time, children. Bytes and seconds."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
# Written to clear_refs it sets VmHWM, the peak, back to what is resident now (proc(5)).
RESET_PEAK = "5"


def is_linux() -> bool:
    return (PROC / "self/smaps_rollup").exists()


def reset_peak(pid: int) -> int | None:
    """Forget the process's peak; gives what is resident now, None where nothing can be known."""
    if not is_linux():
        return None
    (PROC / str(pid) / "clear_refs").write_text(RESET_PEAK)
    return _status_bytes(pid, "VmRSS")


def peak_bytes(pid: int) -> int:
    """The most that was resident since `reset_peak`."""
    return _status_bytes(pid, "VmHWM")


def pss_bytes(pids: Iterable[int]) -> int:
    """Memory of all of them, what they share counted once."""
    return sum(_kilobytes(PROC / str(pid) / "smaps_rollup", "Pss") for pid in pids)


def cpu_s(pids: Iterable[int]) -> float:
    """Processor time they have used so far, in user and kernel mode."""
    ticks = 0
    for pid in pids:
        # The second field is a name in brackets and may hold spaces.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def with_descendants(pid: int) -> Iterator[int]:
    """`pid` and every process under it."""
    yield pid
    for children in (PROC / str(pid) / "task").glob("*/children"):
        for child in children.read_text().split():
            yield from with_descendants(int(child))


def _status_bytes(pid: int, name: str) -> int:
    return _kilobytes(PROC / str(pid) / "status", name)


def _kilobytes(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(name)
