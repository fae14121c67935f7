"""What Linux knows about processes: memory, processor time, children. Bytes and seconds."""

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

PROC = Path("/proc")
# Written to clear_refs it sets VmHWM, the peak, back to what is resident now (proc(5)).
RESET_PEAK = "5"
# A process may end between being listed and being looked at.
ENDED = (FileNotFoundError, ProcessLookupError)
LOOK_EVERY_S = 0.05


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
    """Memory of those that still run, what they share counted once."""
    size_bytes = 0
    for pid in pids:
        with suppress(*ENDED):
            size_bytes += _kilobytes(PROC / str(pid) / "smaps_rollup", "Pss")
    return size_bytes


def cpu_s(pids: Iterable[int]) -> dict[int, float]:
    """Processor time that those which still run have used so far, in user and kernel mode."""
    used_s = {}
    for pid in pids:
        with suppress(*ENDED):
            # The second field is a name in brackets and may hold spaces.
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            used_s[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used_s


def with_descendants(pid: int) -> list[int]:
    """`pid` and every process under it."""
    found = [pid]
    with suppress(*ENDED):
        for children in (PROC / str(pid) / "task").glob("*/children"):
            for child in children.read_text().split():
                found += with_descendants(int(child))
    return found


class Peaks:
    """While its block runs: the peaks of a process and of all under it, those that come and go too.

    `root` names the process at every look, because another one may have taken its place.
    """

    def __init__(self, root: Callable[[], int]) -> None:
        self._root = root
        self._seen: dict[int, tuple[str, int]] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, daemon=True)

    def __enter__(self) -> "Peaks":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self.look()

    def look(self) -> None:
        """Also to be called before a process is killed: its last peak is gone with it."""
        if not is_linux():
            return
        for pid in with_descendants(self._root()):
            # A process that ended and was not waited for has no memory to tell of: KeyError.
            with suppress(*ENDED, KeyError):
                # The latest is the highest, except after exec, which begins anew.
                self._seen[pid] = (_command_line(pid), peak_bytes(pid))

    def of(self, word: str) -> int:
        """The highest of those with `word` in their command line; 0 without any."""
        return max((peak for command, peak in self._seen.values() if word in command), default=0)

    def _keep_looking(self) -> None:
        while not self._is_over.wait(LOOK_EVERY_S):
            self.look()


def _command_line(pid: int) -> str:
    return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def _status_bytes(pid: int, name: str) -> int:
    return _kilobytes(PROC / str(pid) / "status", name)


def _kilobytes(path: Path, name: str) -> int:
    for line in path.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(name)
