"""Something in another thread, for tests of who waits for whom."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection

Beside = Callable[[Callable[[], object]], "Future[object]"]


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Runs something in another thread with a connection of its own."""
    with ThreadPoolExecutor(2) as pool:

        def run(call: Callable[[], object]) -> "Future[object]":
            def closing() -> object:
                try:
                    return call()
                finally:
                    connection.close()

            return pool.submit(closing)

        yield run
