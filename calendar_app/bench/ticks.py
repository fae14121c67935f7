"""Notes when an instance ticks; a process of its own: `python -m calendar_app.bench.ticks`.

Prints each tick's moment (publishing/pulse.py) in epoch seconds, one a line, until it is ended.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
django.setup()

from publishing.models import PulseName  # noqa: E402 - needs setup() first
from publishing.pulse import beats  # noqa: E402

LOOK_EVERY_S = 0.1


def main() -> None:
    seen_at = None
    while True:
        tick = beats().get(PulseName.TICK)
        if tick and tick.at != seen_at:
            seen_at = tick.at
            sys.stdout.write(f"{tick.at.timestamp()}\n")
            sys.stdout.flush()
        time.sleep(LOOK_EVERY_S)


if __name__ == "__main__":
    main()
