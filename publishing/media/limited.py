"""Limits this process, then runs a script in it; started by `child.py`, never imported by the web.

    python -I limited.py LIMITS SCRIPT [ARGUMENT ...]

What is imported after the limits is bounded by them too. Nothing of ours is.
"""

import contextlib
import json
import os
import resource
import runpy
import sys


def limit_this_process(memory_bytes: int, output_bytes: int, cpu_s: int) -> None:
    """Bound what a hostile file can take from the machine."""
    for kind, value in (
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, output_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        # macOS refuses an address-space limit; the wall clock of the parent still holds.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def main(limits: str, script: str, *arguments: str) -> None:
    # Others on the machine do not read what the script writes.
    os.umask(0o027)
    limit_this_process(**json.loads(limits))
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
