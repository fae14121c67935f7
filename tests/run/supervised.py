"""A supervisor for tests: `python -m tests.run.supervised NAME CODE [NAME CODE …]`."""

import sys

from calendar_app.supervisor import Command, supervise

if __name__ == "__main__":
    pairs = list(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    commands = [Command(name, [sys.executable, "-c", code], {"NAME": name}) for name, code in pairs]
    sys.exit(supervise(commands, is_ready=lambda: True, ready_text="all are up"))
