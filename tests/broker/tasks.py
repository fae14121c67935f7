"""A Celery app of its own for the broker's tests: no Django, every run leaves a line in a file.

The environment names the files: BROKER_PATH, RUNS_PATH (lines "name pid") and BROKER_LEASE_S.
REDIS_URL is used in place of the broker's file.
"""

import os
import time
from pathlib import Path

from celery import Celery
from celery.signals import setup_logging

from calendar_app import redis_broker, sqlite_broker
from calendar_app.celery import log_as_django_does

# Importing calendar_app connects it; this app has no Django settings to log by.
setup_logging.disconnect(log_as_django_does)
sqlite_broker.register()
redis_broker.register()

redis_url = os.environ.get("REDIS_URL", "")
app = Celery("broker-tests", fixups=[])
app.conf.update(
    broker_url=redis_url or f"sqlite-lease:///{os.environ['BROKER_PATH']}",
    broker_transport_options=(
        {} if redis_url else {"lease_s": float(os.environ["BROKER_LEASE_S"])}
    ),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=int(os.environ.get("PREFETCH_MULTIPLIER", "1")),
    worker_timer_precision=0.05,
    broker_connection_retry_on_startup=True,
)


def note(line: str) -> None:
    with Path(os.environ["RUNS_PATH"]).open("a") as runs:
        runs.write(f"{line} {os.getpid()}\n")


@app.task
def run(name: str) -> None:
    note(name)


@app.task
def run_slowly(name: str, duration_s: float) -> None:
    note(f"{name}-began")
    time.sleep(duration_s)
    note(f"{name}-ended")


@app.task
def run_until_exists(name: str, path: str) -> None:
    """`{pid}` in the path stands for the process that runs the task."""
    note(f"{name}-began")
    while not Path(path.format(pid=os.getpid())).exists():
        time.sleep(0.01)
    note(f"{name}-ended")
