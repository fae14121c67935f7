"""A thread of each web process that watches the scheduler: publishing/silence.py says why here."""

import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from publishing import silence

EVERY_S = 30.0
log = logging.getLogger("duecast.watching")


def start() -> None:
    threading.Thread(target=_watch, name="watching", daemon=True).start()


def _watch() -> None:
    # After a pause of the whole site the scheduler gets as long to come back as it may be silent.
    time.sleep(settings.SCHEDULER_SILENT_S)
    while True:
        try:
            silence.look(timezone.now(), settings.SCHEDULER_SILENT_S)
        except DatabaseError as error:
            log.warning("Cannot look at the scheduler: %s", error)
        finally:
            connections.close_all()
        time.sleep(min(EVERY_S, settings.SCHEDULER_SILENT_S))
