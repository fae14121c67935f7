import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from calendar_app import sqlite_broker

from .conftest import wait_until

pytestmark = pytest.mark.processes


def holds_messages(celery, count: int) -> bool:
    sql = "SELECT count(*) FROM message WHERE owner IS NOT NULL"
    return sqlite_broker.execute(str(celery.path), sql)[0][0][0] == count


def is_empty(celery) -> bool:
    return not sqlite_broker.execute(str(celery.path), "SELECT 1 FROM message")[0]


def began(celery, name: str) -> bool:
    return f"{name}-began" in celery.runs()


def test_three_producers_and_two_workers_run_every_task_once(celery):
    celery.start_worker()
    celery.start_worker("-P", "prefork", "-c", "2")
    code = "for i in range(500): run.delay(f'{N}-{i}')"

    with ThreadPoolExecutor() as producers:
        list(producers.map(celery.send, [f"N={n}\n{code}" for n in range(3)]))

    wait_until(lambda: is_empty(celery))
    assert Counter(celery.runs()) == Counter(f"{n}-{i}" for n in range(3) for i in range(500))


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_killed_workers_task_runs_again(celery, pool, tmp_path):
    killed = celery.start_worker("-P", pool, "-c", "1")
    celery.send(f"run_until_exists.delay('task', '{tmp_path / 'go'}')")
    wait_until(lambda: began(celery, "task"))

    os.killpg(killed.pid, signal.SIGKILL)
    (tmp_path / "go").touch()
    celery.start_worker("-P", pool, "-c", "1")

    wait_until(lambda: is_empty(celery))
    assert celery.runs() == ["task-began", "task-began", "task-ended"]


def test_a_stopped_workers_task_runs_elsewhere_and_its_late_ack_deletes_nothing(celery, tmp_path):
    # A lease that a busy machine does not miss: the second worker must keep its own.
    stopped = celery.start_worker("-P", "threads", "-c", "1", lease_s=3)
    celery.send(f"run_until_exists.delay('task', '{tmp_path}/{{pid}}')")
    wait_until(lambda: began(celery, "task"))
    os.kill(stopped.pid, signal.SIGSTOP)
    celery.start_worker("-P", "threads", "-c", "1", lease_s=3)
    wait_until(lambda: celery.runs().count("task-began") == 2)

    (tmp_path / str(stopped.pid)).touch()
    os.kill(stopped.pid, signal.SIGCONT)
    wait_until(lambda: "task-ended" in celery.runs())
    os.kill(stopped.pid, signal.SIGTERM)
    stopped.wait(60)

    assert not is_empty(celery)


def test_a_task_longer_than_its_lease_runs_once(celery):
    celery.start_worker("-P", "threads", "-c", "1")
    celery.start_worker("-P", "threads", "-c", "1")

    celery.send("run_slowly.delay('task', 2)")

    wait_until(lambda: "task-ended" in celery.runs() and is_empty(celery))
    assert celery.runs() == ["task-began", "task-ended"]


def test_tasks_queued_inside_a_full_prefork_pool_run_once(celery):
    celery.send("for i in range(3): run_slowly.delay(str(i), 1.3)")
    celery.start_worker("-P", "prefork", "-c", "1", prefetch=4)
    wait_until(lambda: began(celery, "0"))

    celery.start_worker("-P", "threads", "-c", "1")

    wait_until(lambda: is_empty(celery))
    assert sorted(celery.runs()) == sorted(f"{i}-{s}" for i in range(3) for s in ("began", "ended"))


def test_a_warm_shutdown_longer_than_the_lease_ends_its_task_once(celery):
    leaving = celery.start_worker()
    celery.send("run_slowly.delay('task', 2)")
    wait_until(lambda: began(celery, "task"))
    celery.start_worker()

    os.kill(leaving.pid, signal.SIGTERM)
    leaving.wait(60)

    assert (celery.runs(), is_empty(celery)) == (["task-began", "task-ended"], True)


def test_a_shutdown_gives_back_the_tasks_that_wait_for_their_eta(celery):
    leaving = celery.start_worker(lease_s=60)
    celery.send("for name in ('one', 'two'): run.apply_async([name], countdown=600)")
    wait_until(lambda: holds_messages(celery, 2))

    os.kill(leaving.pid, signal.SIGTERM)
    leaving.wait(60)

    assert sqlite_broker.queue_depths(celery.path) == {"celery": 2}


def test_a_task_with_an_eta_beyond_the_lease_runs_once(celery):
    celery.start_worker()
    celery.start_worker()

    celery.send("run.apply_async(['later'], countdown=2.5)")
    wait_until(lambda: holds_messages(celery, 1))

    wait_until(lambda: is_empty(celery))
    assert celery.runs() == ["later"]


def test_a_short_queue_does_not_wait_behind_a_long_one(celery):
    celery.send(
        "for i in range(200): run.apply_async(['long'], queue='long')\n"
        "for i in range(3): run.apply_async(['short'], queue='short')"
    )

    celery.start_worker("-P", "threads", "-c", "1", "-Q", "long,short")

    wait_until(lambda: is_empty(celery))
    assert celery.runs()[:10].count("short") == 3
