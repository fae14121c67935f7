"""Runs one command for the supervisor and leaves no process of it behind.

`python keeper.py COMMAND…`, started in a session of its own with a pipe as standard input.
SIGTERM goes on to the command. When the pipe closes, the supervisor is gone, however it died:
the command gets SIGTERM, and `GRACE_S` later at most the whole process group gets SIGKILL. A pipe
works where PR_SET_PDEATHSIG does not exist, and reaches grandchildren. Standard library only and
run by path, so that keeping costs a few milliseconds and megabytes.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from types import FrameType

GRACE_S = 5


def main() -> int:
    command: subprocess.Popen[bytes] | None = None

    def forward(number: int, frame: FrameType | None) -> None:
        if command is None:
            sys.exit(128 + number)
        command.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_the_supervisor, args=(command,), daemon=True).start()
    code = command.wait()
    if _supervisor_is_gone():
        _kill_group()
    return code if code >= 0 else 128 - code


def _end_with_the_supervisor(command: subprocess.Popen[bytes]) -> None:
    select.select([0], [], [])
    command.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        command.wait(GRACE_S)
    _kill_group()


def _supervisor_is_gone() -> bool:
    # Nothing is ever written into the pipe, so readable means closed.
    return bool(select.select([0], [], [], 0)[0])


def _kill_group() -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
