import pytest
from kombu import Connection

from calendar_app.sqlite_broker import queue_depths

from .conftest import receive, send


def test_depths_count_waiting_messages_by_queue(connect, path):
    connection = connect()

    send(connection, "one", "two", queue="clock")
    send(connection, "three", queue="delivery")

    assert queue_depths(path) == {"clock": 2, "delivery": 1}


def test_a_held_message_does_not_wait(connect, path):
    connection = connect()
    send(connection, "one", "two")

    receive(connection)

    assert queue_depths(path) == {"work": 1}


def test_a_file_that_does_not_exist_has_no_depths_and_is_not_created(path):
    depths = queue_depths(path)

    assert (depths, path.exists()) == ({}, False)


def test_purging_leaves_held_messages_alone(connect, path):
    connection = connect()
    send(connection, "one", "two", "three")
    held = receive(connection)

    purged = connection.default_channel.queue_purge("work")
    held.requeue()

    assert (purged, queue_depths(path)) == (2, {"work": 1})


def test_an_absolute_url_names_an_absolute_file():
    connection = Connection("sqlite-lease:////var/lib/broker.sqlite3")

    assert connection.transport.path == "/var/lib/broker.sqlite3"


def test_a_relative_url_names_a_relative_file():
    connection = Connection("sqlite-lease:///var/broker.sqlite3")

    assert connection.transport.path == "var/broker.sqlite3"


def test_a_url_without_a_file_is_refused():
    with pytest.raises(ValueError, match="needs a file"):
        Connection("sqlite-lease://").transport  # noqa: B018 - reading it makes the transport
