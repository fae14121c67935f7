"""Fifty processes at once on one database: the cap and TikTok's rate windows hold."""

import multiprocessing
import os
import traceback
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.utils.timezone import now as current_moment

from accounts.tiktok_app import tiktok_app
from publishing import cap
from publishing.inits import init_call
from publishing.limits import LIMITS, Endpoint, NoPlace, place_for
from publishing.models import Post, RateUse
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.scheduling import schedule_post
from publishing.states import State
from tests.factories import make_member, make_team
from tests.processes.conftest import wait_until
from tests.processes.test_faults import connect
from tests.publishing.factories import make_creator, make_media, make_post
from tiktok.client import FileSource, fetch_creator_info, plan_chunks

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROCESSES = 50
FORK = multiprocessing.get_context("fork")


def hammer(call):
    """What `call(number)` gave in each of fifty processes that all begin at once."""
    results = FORK.SimpleQueue()
    gate = FORK.Event()
    let_go_of_the_database()
    processes = [
        FORK.Process(target=_strike, args=(call, number, gate, results))
        for number in range(PROCESSES)
    ]
    try:
        for process in processes:
            process.start()
        gate.set()
        found = [_next_of(results) for _ in processes]
    finally:
        for process in processes:
            process.kill()
            process.join()
    return Counter(found)


def let_go_of_the_database():
    """Two processes on one connection would mix up their answers; a pool's threads do not fork."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()


def _next_of(results):
    wait_until(lambda: not results.empty())
    return results.get()


def _strike(call, number, gate, results):
    gate.wait()
    try:
        results.put(call(number))
    except BaseException:  # noqa: BLE001
        results.put(traceback.format_exc())
    finally:
        # Neither pytest's clean-up nor its report is this process's to make.
        os._exit(0)


@pytest.fixture
def account(simulator):
    return connect(simulator, "ada", make_team())


@pytest.fixture
def media(account):
    return make_media(account.team)


def test_fifty_processes_schedule_exactly_what_the_cap_leaves(account, media):
    author = make_member(account.team).user
    due_at = current_moment() + timedelta(hours=3)
    for _ in range(5):
        make_post(account, media=media, due_at=due_at)

    def schedule(number):
        plan = Plan(
            account=account,
            media=media,
            caption=f"Number {number}",
            privacy_level="PUBLIC_TO_EVERYONE",
            due_at=due_at + timedelta(minutes=number),
        )
        try:
            schedule_post(account.team, author, plan, uuid4(), make_creator(), current_moment())
        except PostRefused as refused:
            return refused.problems[0].code
        return "scheduled"

    found = hammer(schedule)

    assert found == {"scheduled": 10, "cap_reached": 40}
    posts = Post.objects.filter(account=account, state=State.SCHEDULED)
    assert posts.count() == account.daily_cap
    moments = cap.counted_moments(account, due_at, "direct")
    assert not cap.fits(moments, due_at, account.daily_cap)


def test_fifty_processes_send_no_more_than_tiktoks_windows_take(simulator, account, media):
    post = make_post(account, media=media)
    source = FileSource.from_plan(plan_chunks(media.size_bytes, 5_242_880))
    app, token = tiktok_app(), account.access_token
    calls = {
        Endpoint.CREATOR_INFO: lambda: fetch_creator_info(app, token),
        Endpoint.INIT: lambda: init_call(app, token, post, source, ()),
    }

    def call_both(number):
        made = []
        for endpoint, call in calls.items():
            try:
                with place_for(account, endpoint):
                    call()
            except NoPlace:
                continue
            made.append(endpoint.value)
        return tuple(made)

    found = hammer(call_both)

    made = Counter(endpoint for endpoints in found.elements() for endpoint in endpoints)
    assert made == {"creator_info": 20, "init": LIMITS[Endpoint.INIT]}
    assert RateUse.objects.filter(account=account).count() == 26
    assert len(simulator.requests(path="init/$")) == 6
    assert simulator.violations() == []
