"""The dead-man's switch on real processes: Beat is killed, and owners hear of it without Beat."""

import signal

import pytest
import requests

from accounts.models import OutboxMail, Role
from publishing.models import Notice, Pulse
from tests.factories import make_member
from tests.processes.conftest import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def headlines():
    return list(Notice.objects.order_by("id").values_list("headline", flat=True))


def test_owners_hear_once_that_beat_died_and_that_it_is_back(crew):
    make_member(role=Role.OWNER)
    crew.environment |= {"SCHEDULER_SILENT_S": "4", "WEB_WORKERS": "2"}
    crew.start_web()
    crew.start("clock")
    beat = crew.start("beat")
    wait_until(lambda: Pulse.objects.filter(name="tick").exists())

    crew.signal(beat, signal.SIGKILL)
    wait_until(lambda: OutboxMail.objects.exists())
    sick = requests.get(f"{crew.environment['SITE_URL']}/healthz", timeout=10)
    crew.start("beat")
    wait_until(lambda: len(headlines()) == 2)

    assert sick.status_code == 503
    assert sick.text.startswith("scheduler: silent since ")
    assert OutboxMail.objects.count() == 1
    assert "the scheduler is silent" in headlines()[0]
    assert "The scheduler works again" in headlines()[1]
