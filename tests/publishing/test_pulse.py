"""The engine's signs of life, and since when they are missed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import Pulse, PulseName
from publishing.pulse import beat, beats, silent_since
from publishing.tasks import deliveries_pulse, tick

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def test_a_tick_leaves_its_sign():
    before = current_moment()

    tick()

    assert before <= Pulse.objects.get(name="tick").at <= current_moment()


def test_the_deliveries_task_leaves_its_sign():
    deliveries_pulse()

    assert Pulse.objects.filter(name="deliveries").exists()


def test_the_deliveries_task_waits_in_the_queue_of_deliveries(settings):
    route = settings.CELERY_TASK_ROUTES[deliveries_pulse.name]

    assert route == {"queue": "deliveries"}


def test_a_sign_is_one_row_and_one_statement(django_assert_num_queries):
    beat(PulseName.TICK, ago(2), 0.25)

    with django_assert_num_queries(1):
        beat(PulseName.TICK, NOW, 0.5)

    assert (Pulse.objects.get().at, Pulse.objects.get().duration_ms) == (NOW, 500)


def test_a_scheduler_that_ticks_is_not_silent():
    beat(PulseName.TICK, ago(179))

    assert silent_since(beats(), NOW, 180) is None


def test_a_scheduler_that_stopped_is_silent_since_its_last_tick():
    beat(PulseName.TICK, ago(180))

    assert silent_since(beats(), NOW, 180) == ago(180)


def test_a_site_that_was_just_prepared_gets_time():
    beat(PulseName.TICK, ago(7200))
    beat(PulseName.PREPARED, ago(100))

    assert silent_since(beats(), NOW, 180) is None


def test_a_scheduler_that_never_came_up_is_silent_since_the_preparation():
    beat(PulseName.PREPARED, ago(200))

    assert silent_since(beats(), NOW, 180) == ago(200)
