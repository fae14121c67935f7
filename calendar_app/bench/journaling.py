"""The bare loop with a journal; a process of its own: `python -m calendar_app.bench.journaling`.

Each line is one transaction of plain SQL on the instance's own database, with as many rows read,
changed and added as the engine's own, and nothing else: no queue, no limits, no objects. Whatever
commits a journal line by line is slower than this.

Reads `{"grants", "file"}` as JSON; answers with nothing.
"""

import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - needs setup() first
from django.utils.timezone import now as current_moment  # noqa: E402

from accounts.tiktok_app import tiktok_app  # noqa: E402
from calendar_app.bench import bare_loop  # noqa: E402
from calendar_app.bench.bare_loop import Step  # noqa: E402

_TABLES = (
    "CREATE TABLE bench_post (id integer PRIMARY KEY, step text, at text, words text)",
    "CREATE TABLE bench_line (post integer, step text, at text, words text)",
    "CREATE INDEX bench_line_of_post ON bench_line (post, at)",
)
_SEED = "INSERT INTO bench_post VALUES (%s, '', '', %s)"
_READ = "SELECT * FROM bench_post WHERE id = %s"
_CHANGE = "UPDATE bench_post SET step = %s, at = %s WHERE id = %s"
_ADD = "INSERT INTO bench_line VALUES (%s, %s, %s, %s)"
# What a post's own columns hold, and what a line says.
POST_WORDS, LINE_WORDS = "w" * 500, "w" * 60


class Rows(NamedTuple):
    """How many the engine reads, changes and adds in the transaction of a line."""

    read: int
    changed: int
    added: int


ROWS = {
    Step.CLAIMED: Rows(read=1, changed=1, added=2),
    Step.CREATOR_CHECKED: Rows(read=0, changed=2, added=2),
    Step.INIT_INTENDED: Rows(read=4, changed=2, added=2),
    Step.INITIALISED: Rows(read=0, changed=2, added=2),
    Step.BYTES_SENT: Rows(read=1, changed=2, added=3),
    Step.VERDICT: Rows(read=2, changed=3, added=3),
}


def main() -> None:
    order = json.load(sys.stdin)
    grants, file = order["grants"], Path(order["file"])
    with connection.cursor() as cursor:
        for statement in _TABLES:
            cursor.execute(statement)
        cursor.executemany(_SEED, [(number, POST_WORDS) for number in range(len(grants))])
    bare_loop.run(tiktok_app(), grants, file, write)


def write(post: int, step: Step) -> None:
    """Commits one line."""
    rows, at = ROWS[step], current_moment().isoformat()
    with transaction.atomic(), connection.cursor() as cursor:
        for _ in range(rows.read):
            cursor.execute(_READ, (post,))
            cursor.fetchall()
        for _ in range(rows.changed):
            cursor.execute(_CHANGE, (step.value, at, post))
        for _ in range(rows.added):
            cursor.execute(_ADD, (post, step.value, at, LINE_WORDS))


if __name__ == "__main__":
    main()
