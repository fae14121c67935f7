"""Figures for Prometheus: who may read them, and that a machine can."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import PulseName
from publishing.pulse import beat
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-some-length"
LINE = re.compile(r'^(duecast_[a-z_]+(?:\{[a-z]+="[\w.]+"\})?) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$')


@pytest.fixture(autouse=True)
def own_broker(settings, tmp_path):
    if not settings.BROKER_IS_REDIS:
        settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/broker.sqlite3"


@pytest.fixture
def owner(team, signed_in):
    return signed_in(make_member(team))


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def values(client, token):
    """Every line of the answer as name and value."""
    text = client.get("/metrics", headers=token).content.decode()
    found = [LINE.match(line) for line in text.splitlines() if not line.startswith("# ")]
    assert all(found), text
    return {match[1]: float(match[2]) for match in found}


def test_the_token_opens_them(client, token):
    response = client.get("/metrics", headers=token)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize("sent", ["", "Bearer wrong", "Bearer ", f"Basic {TOKEN}", TOKEN])
def test_anything_else_does_not(client, token, sent):
    response = client.get("/metrics", headers={"Authorization": sent})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert b"duecast_" not in response.content


def test_an_empty_token_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_who_runs_the_site_reads_them_signed_in(owner):
    assert owner.get("/metrics").status_code == 200


@pytest.mark.parametrize("browser", ["editor", "viewer"])
def test_other_members_do_not(browser, request):
    assert request.getfixturevalue(browser).get("/metrics").status_code == 401


def test_the_owner_of_another_team_does_not(team, stranger):
    assert stranger.get("/metrics").status_code == 401


def test_they_are_only_read(client, token):
    assert client.post("/metrics", headers=token).status_code == 405


def test_every_figure_has_its_kind(client, token):
    text = client.get("/metrics", headers=token).content.decode()

    named = set(re.findall(r"^(duecast_[a-z_]+)", text, re.MULTILINE))
    assert named == set(re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE))
    assert named == set(re.findall(r"^# HELP (\S+) \S", text, re.MULTILINE))


def test_the_last_tick_has_an_age(client, token):
    beat(PulseName.TICK, current_moment() - timedelta(seconds=50), 0.25)

    found = values(client, token)

    assert 50 <= found["duecast_tick_age_seconds"] < 80
    assert found["duecast_tick_duration_seconds"] == 0.25
    assert found["duecast_scheduler_silent"] == 0


def test_without_a_tick_there_is_no_age(client, token):
    assert "duecast_tick_age_seconds" not in values(client, token)


def test_a_silent_scheduler_counts_one(client, token):
    beat(PulseName.TICK, current_moment() - timedelta(minutes=10))

    assert values(client, token)["duecast_scheduler_silent"] == 1


def test_posts_are_counted_by_state(client, token, team):
    account = make_account(team)
    due_at = current_moment() - timedelta(seconds=100)
    make_post(account, due_at=due_at)
    make_post(account, due_at=current_moment() + timedelta(days=1))
    make_post(account, state=State.UNCONFIRMED)
    make_post(account, state=State.PUBLISHED)

    found = values(client, token)

    assert found['duecast_posts{state="scheduled"}'] == 2
    assert found['duecast_posts{state="unconfirmed"}'] == 1
    assert found['duecast_posts{state="failed"}'] == 0
    assert found["duecast_posts_due"] == 1
    assert 100 <= found["duecast_oldest_overdue_seconds"] < 130


def test_accounts_are_counted_by_status(client, token, team):
    make_account(team, refresh_failures=2)
    make_account(team, status="reconnect_needed")

    found = values(client, token)

    assert found['duecast_accounts{status="connected"}'] == 1
    assert found['duecast_accounts{status="reconnect_needed"}'] == 1
    assert found["duecast_accounts_refresh_failing"] == 1


def test_queues_and_disk_are_measured(client, token):
    found = values(client, token)

    assert found["duecast_broker_up"] == 1
    assert found['duecast_queue_messages{queue="deliveries"}'] == 0
    assert found["duecast_disk_free_bytes"] > 0


def test_a_broker_that_is_gone_is_down(client, token, settings, tmp_path):
    settings.BROKER_IS_REDIS = False
    (tmp_path / "file").touch()
    settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/file/broker.sqlite3"

    found = values(client, token)

    assert found["duecast_broker_up"] == 0
    assert not [name for name in found if name.startswith("duecast_queue_messages")]
