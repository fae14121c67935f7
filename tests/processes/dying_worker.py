"""A Celery worker that signals itself right after one line of the journal is committed.

`DIES_AT` is the line's kind, or "bytes_confirmed"; `DIES_BY` the signal's name; `DIED` a file that
is made first, so that it happens once. With `DIES_WHEN=before` the line is written and its
transaction never committed. The product has no seam for this: the two writers of the
journal are wrapped here.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402

from publishing import journal, sending, verdict  # noqa: E402

LINE = os.environ["DIES_AT"]
NUMBER = signal.Signals[os.environ["DIES_BY"]]
DIED = Path(os.environ["DIED"])
IS_BEFORE = os.environ.get("DIES_WHEN") == "before"


def die() -> None:
    try:
        DIED.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), NUMBER)
    # The signal may find another thread first; this one must not get into its next transaction,
    # where a frozen process would hold SQLite's only write lock.
    time.sleep(1)


def wrap_lines() -> None:
    add_line = journal.add_line

    def add_line_and_die(post: Any, kind: str, *arguments: Any, **options: Any) -> Any:
        line = add_line(post, kind, *arguments, **options)
        if kind == LINE and IS_BEFORE:
            die()
        elif kind == LINE:
            transaction.on_commit(die)
        return line

    journal.add_line = add_line_and_die
    verdict.add_line = add_line_and_die


def wrap_bytes() -> None:
    confirm_bytes = journal.confirm_bytes

    def confirm_and_die(*arguments: Any, **options: Any) -> None:
        confirm_bytes(*arguments, **options)
        if LINE == "bytes_confirmed":
            die()

    sending.journal.confirm_bytes = confirm_and_die


if __name__ == "__main__":
    wrap_lines()
    wrap_bytes()
    from celery.__main__ import main

    sys.exit(main())
