import datetime
import os
import sqlite3
import threading
import time

import time_machine

from calendar_app import sqlite_broker

from .conftest import LEASE_S, receive, send, wait_until


def receive_when_it_comes(connection, queue="work"):
    found = []
    wait_until(lambda: found.append(receive(connection, queue)) or found[-1])
    return found[-1]


def stop_renewing(connection):
    """As if the process had been stopped: its leases end."""
    connection.transport.keeper.stop()
    connection.transport.keeper.start = lambda: None


def row_count(path):
    return sqlite_broker.execute(str(path), "SELECT count(*) FROM message")[0][0][0]


def test_messages_of_one_queue_come_in_the_order_they_were_sent(connect):
    connection = connect()
    send(connection, "one", "two", "three")

    received = [receive(connection).payload["name"] for _ in range(3)]

    assert received == ["one", "two", "three"]


def test_a_leased_message_is_not_given_to_another(connect):
    send(connect(), "one")
    assert receive(connect())

    assert receive(connect()) is None


def test_a_message_taken_between_the_look_and_the_lease_is_not_taken_again(connect, monkeypatch):
    send(connect(), "one")
    receive(connect())
    monkeypatch.setattr(sqlite_broker, "IS_WAITING", "SELECT ?, ?")

    assert receive(connect()) is None


def test_a_lease_is_renewed_while_its_owner_lives(connect):
    holder, other = connect(), connect()
    send(holder, "one")
    receive(holder)
    lease_ends_at = time.time() + LEASE_S

    wait_until(lambda: time.time() > lease_ends_at + LEASE_S / 2)

    assert receive(other) is None


def test_an_ended_lease_gives_the_message_to_another(connect):
    holder, other = connect(lease_s=0.2), connect()
    send(holder, "one")
    receive(holder)

    stop_renewing(holder)

    assert receive_when_it_comes(other).payload == {"name": "one"}


def test_a_late_ack_deletes_nothing(connect, path):
    holder, other = connect(lease_s=0.2), connect()
    send(holder, "one")
    late = receive(holder)
    stop_renewing(holder)
    receive_when_it_comes(other)

    late.ack()

    assert row_count(path) == 1


def test_a_late_requeue_releases_nothing(connect, path):
    holder, other = connect(lease_s=0.2), connect()
    send(holder, "one")
    late = receive(holder)
    stop_renewing(holder)
    receive_when_it_comes(other)

    late.requeue()

    assert sqlite_broker.queue_depths(path) == {}


def test_an_ack_deletes_the_message(connect, path):
    connection = connect()
    send(connection, "one")

    receive(connection).ack()

    assert row_count(path) == 0


def test_a_rejected_message_is_gone(connect, path):
    connection = connect()
    send(connection, "one")

    receive(connection).reject()

    assert row_count(path) == 0


def test_a_requeued_message_comes_again_at_once(connect):
    connection = connect(lease_s=60)
    send(connection, "one")

    receive(connection).requeue()

    assert receive(connection).payload == {"name": "one"}


def test_a_message_taken_without_ack_is_gone(connect, path):
    connection = connect()
    send(connection, "one")

    connection.default_channel.basic_get("work", no_ack=True)

    assert row_count(path) == 0


def test_a_consumer_without_ack_leaves_nothing(connect, path):
    connection = connect()
    send(connection, "one")
    names = []
    queue = connection.SimpleQueue("work").queue

    with connection.Consumer(queue, callbacks=[lambda body, _: names.append(body)], no_ack=True):
        connection.drain_events(timeout=30)

    assert (names, row_count(path)) == ([{"name": "one"}], 0)


def test_closing_gives_back_every_unacknowledged_message_once(connect, path):
    holder = connect(lease_s=60)
    send(holder, "one", "two", "three")
    receive(holder).ack()
    receive(holder), receive(holder)

    holder.close()

    assert (sqlite_broker.queue_depths(path), row_count(path)) == ({"work": 2}, 2)


def test_an_ack_after_closing_still_counts(connect, path):
    holder = connect(lease_s=60)
    send(holder, "one")
    message = receive(holder)
    holder.close()

    message.ack()

    assert row_count(path) == 0


def test_an_ack_wakes_a_consumer_that_waits(connect):
    connection = connect(lease_s=60)
    connection.transport.polling_interval_s = 30
    send(connection, "one", "two")
    taken = []
    consumer = connection.Consumer(connection.SimpleQueue("work").queue, on_message=taken.append)
    consumer.qos(prefetch_count=1)
    consumer.consume()
    connection.drain_events(timeout=30)

    waiting = threading.Thread(target=connection.drain_events, daemon=True)
    waiting.start()
    taken[0].ack()

    wait_until(lambda: len(taken) == 2, timeout_s=25)


def test_a_lease_from_before_the_clock_was_set_back_ends_after_one_lease(connect):
    dead, other = connect(lease_s=0.2), connect(lease_s=0.2)
    send(dead, "one")
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    with time_machine.travel(tomorrow):
        receive(dead)
    stop_renewing(dead)

    assert receive_when_it_comes(other).payload == {"name": "one"}


def test_a_living_owner_keeps_its_lease_when_the_clock_is_set_back(connect, path):
    holder, other = connect(), connect()
    send(holder, "one")
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    with time_machine.travel(tomorrow):
        receive(holder)
    is_shortened = "SELECT 1 FROM message WHERE lease_until < ?"

    receive(other)
    wait_until(lambda: sqlite_broker.execute(str(path), is_shortened, (time.time() + 60,))[0])
    shortened_at = time.time()
    wait_until(lambda: time.time() > shortened_at + LEASE_S * 1.5)

    assert receive(other) is None


def test_messages_sent_before_the_clock_was_set_back_are_received(connect):
    connection = connect()
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    with time_machine.travel(tomorrow):
        send(connection, "one")

    assert receive(connection).payload == {"name": "one"}


def lock(path):
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_sending_waits_for_a_locked_file_and_goes_on(connect, path):
    connection = connect()
    send(connection, "one")
    locker = lock(path)
    sender = threading.Thread(target=send, args=(connection, "two"))
    sender.start()
    sender.join(0.3)
    waited = sender.is_alive()

    locker.rollback()
    sender.join(10)

    assert (waited, row_count(path)) == (True, 2)


def test_a_lease_counts_from_when_the_lock_was_had(connect, path):
    holder, other = connect(), connect()
    send(holder, "one")
    locker = lock(path)
    stop_renewing(holder)
    threading.Timer(LEASE_S * 1.3, locker.rollback).start()

    receive(holder)

    assert receive(other) is None


def test_an_ack_the_lock_refused_is_done_with_the_next_renewal(connect, path, monkeypatch):
    monkeypatch.setattr(sqlite_broker, "BUSY_TIMEOUT_S", 0.05)
    connection = connect(lease_s=0.3)
    send(connection, "one")
    message = receive(connection)
    locker = lock(path)

    message.ack()
    locker.rollback()

    wait_until(lambda: row_count(path) == 0)


def run_in_fork(work) -> int:
    """Exit code of a forked child that runs `work`: 0 if it returned a true value."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_child_forked_after_connecting_sends_over_the_same_connection(connect):
    connection = connect()
    send(connection, "parent")

    run_in_fork(lambda: send(connection, "child") or True)

    received = [receive(connection).payload["name"] for _ in range(2)]
    assert received == ["parent", "child"]


def test_a_child_opens_its_own_handle(connect, path):
    send(connect(), "one")
    parents = id(sqlite_broker.handle(str(path)))

    code = run_in_fork(lambda: id(sqlite_broker.handle(str(path))) != parents)

    assert code == 0


def test_a_child_that_closes_its_parents_connection_gives_nothing_back(connect, path):
    connection = connect(lease_s=60)
    send(connection, "one")
    receive(connection)

    run_in_fork(lambda: connection.close() or True)

    assert sqlite_broker.queue_depths(path) == {}


def test_a_fork_during_another_threads_write_leaves_the_child_able_to_write(connect, path):
    connection = connect()
    send(connection, "one")
    stopped = threading.Event()
    writers = [
        threading.Thread(target=lambda: [send(connect(), "x") for _ in iter(stopped.is_set, True)])
        for _ in range(3)
    ]
    for writer in writers:
        writer.start()

    codes = [run_in_fork(lambda: send(connection, "child") or True) for _ in range(20)]
    stopped.set()
    for writer in writers:
        writer.join()

    assert codes == [0] * 20


def test_handles_of_ended_threads_are_closed(connect, path):
    threads = [threading.Thread(target=send, args=(connect(), str(n))) for n in range(5)]
    for thread in threads:
        thread.start()
        thread.join()

    sqlite_broker.close_handles_of_ended_threads()

    here = [key for key in sqlite_broker._handles if key[2] == str(path)]
    assert {thread_id for _, thread_id, _ in here} <= {t.ident for t in threading.enumerate()}


def test_many_processes_can_create_the_file_at_the_same_moment(tmp_path):
    codes = []
    # One of them was refused in every fourteenth round.
    for number in range(40):
        children = []
        for _ in range(8):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    sqlite_broker.handle(str(tmp_path / f"{number}.sqlite3"))
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        codes += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

    assert set(codes) == {0}
