"""A short run of `./duecast bench --only soak`: faults, killed workers, a broker that goes away."""

import os

import pytest
from django.conf import settings

from calendar_app.bench import soak
from calendar_app.bench.instance import new_instance
from calendar_app.bench.places import servers_from

pytestmark = pytest.mark.processes

POSTS_WITHIN_S = 50.0


def test_nothing_is_doubled_or_lost_while_everything_fails_now_and_then():
    servers = servers_from(os.environ) if settings.BROKER_IS_REDIS else None

    with new_instance(servers) as instance:
        rows = soak.measure(instance, soak.size_of(POSTS_WITHIN_S), seed=1)

    print("\n".join(f"{row.figure}: {row.measured}" for row in rows))
    measured = {row.figure: row.measured for row in rows}
    assert [row for row in rows if row.is_broken] == []
    assert int(measured["Posts"]) == 100
    assert int(measured["Published"]) + int(measured["In the inbox"]) >= 90
    assert measured["Workers killed"] == "2"
