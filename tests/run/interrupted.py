"""Supervises with a signal at one line after the other: `python -m tests.run.interrupted`."""

import io
import signal
import sys
from types import FrameType
from typing import Any

from calendar_app import supervisor

LINES = 700


class SignalAt:
    """A trace function that raises SIGTERM at the line `number` of what runs under it."""

    def __init__(self, number: int) -> None:
        self.lines_left = number

    def __call__(self, frame: FrameType, event: str, argument: Any) -> "SignalAt":
        if event == "line" and signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
            self.lines_left -= 1
            if self.lines_left == 0:
                signal.raise_signal(signal.SIGTERM)
        return self


def stop_at(number: int) -> int:
    sys.settrace(SignalAt(number))
    try:
        return supervisor.supervise(
            [supervisor.Command("web", ["sleep", "600"], {})],
            is_ready=lambda: True,
            ready_text="all are up",
            stream=io.StringIO(),
        )
    finally:
        sys.settrace(None)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


if __name__ == "__main__":
    supervisor.LOOK_EVERY_S = 0.001
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in range(1, LINES):
        print("line", number, "ended with", stop_at(number), flush=True)
