"""Re-entry at every line of the journal of a post whose media TikTok fetches.

A sample runs always; `./duecast matrix` runs every line of every way.
"""

import signal

import pytest

from publishing.models import Outcome
from publishing.states import State
from tests.factories import make_team
from tests.processes.conftest import wait_until
from tests.processes.lines import PULL_ANSWERS, PULL_LINES, moments, words_of
from tests.processes.test_every_line import (
    IS_FULL,
    is_out,
    sent_whole,
    start_dying_worker,
    wake_and_let_go,
)
from tests.processes.test_faults import connect, state_of
from tests.publishing.factories import make_post
from tests.publishing_pulls.factories import make_photo_post

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

KILLED = moments(PULL_LINES, PULL_ANSWERS)
FROZEN = moments(PULL_LINES, [])
# Between these TikTok may have been told, and nobody knows its answer.
LOST = {("after", "init_intended"): 0, ("before", "initialised"): 1}
SAMPLE = [("after", "init_intended"), ("after", "initialised")]
INIT = "/v2/post/publish/*init/"
PULL = {"VIDEO_SOURCE": "PULL_FROM_URL"}


@pytest.fixture(params=["photos", "video"] if IS_FULL else ["photos"])
def make_fetched(request):
    return make_photo_post if request.param == "photos" else make_post


@pytest.fixture(params=["direct", "inbox"] if IS_FULL else ["direct"])
def post(request, make_fetched, simulator, crew):
    privacy = "PUBLIC_TO_EVERYONE" if request.param == "direct" else ""
    account = connect(simulator, "ada", make_team())
    crew.start_web()
    return make_fetched(account, mode=request.param, privacy_level=privacy)


def inits_sent(simulator):
    return len(simulator.requests(path="init/$"))


def is_unconfirmed(post):
    return state_of(post) == State.UNCONFIRMED


def is_settled(post, moment):
    return is_unconfirmed(post) if moment in LOST else is_out(post)


def made_by(moment):
    """How many inits TikTok got, all in all."""
    return LOST.get(moment, 1)


@pytest.mark.parametrize("moment", KILLED if IS_FULL else SAMPLE, ids=words_of)
def test_a_worker_killed_at_any_line_makes_no_second_init(crew, simulator, post, moment):
    start_dying_worker(crew, moment, signal.SIGKILL, **PULL)

    wait_until(lambda: is_settled(post, moment), 90)

    inits = made_by(moment)
    wait_until(lambda: sent_whole(simulator, post) == [post.files()[0].sha256] * inits)
    assert inits_sent(simulator) == inits
    assert post.attempts.get().outcome == post.state
    assert simulator.violations() == []


def test_a_worker_killed_before_the_answer_leaves_it_unconfirmed(crew, simulator, post):
    simulator.inject_fault("slow_after", path=INIT, seconds=3)
    crew.start("beat")
    crew.start("clock")
    worker = crew.start("deliveries", **PULL)
    wait_until(simulator.posts)

    crew.signal(worker, signal.SIGKILL)
    crew.start("deliveries", **PULL)

    wait_until(lambda: is_unconfirmed(post), 90)
    wait_until(lambda: sent_whole(simulator, post) == [post.files()[0].sha256])
    assert inits_sent(simulator) == 1
    assert simulator.violations() == []


@pytest.mark.parametrize("moment", FROZEN if IS_FULL else SAMPLE[:1], ids=words_of)
def test_a_worker_frozen_after_any_line_makes_no_init_when_it_wakes(crew, simulator, post, moment):
    sleeper, _ = start_dying_worker(crew, moment, signal.SIGSTOP, **PULL)
    wait_until(lambda: is_settled(post, moment), 90)

    wake_and_let_go(crew, sleeper)

    assert is_settled(post, moment)
    assert inits_sent(simulator) == made_by(moment)
    assert simulator.violations() == []


def test_a_site_that_was_down_is_fetched_from_when_it_is_back(crew, simulator, post):
    simulator.settings(download_delay_s=0.3)
    [web] = crew.processes
    crew.signal(web, signal.SIGKILL)
    web.wait(10)
    crew.start("beat")
    crew.start("clock")
    crew.start("deliveries", **PULL)
    wait_until(lambda: post.attempts.exclude(fail_reason="").exists())

    crew.start_web()

    wait_until(lambda: is_out(post), 90)
    assert sent_whole(simulator, post) == [post.files()[0].sha256]
    outcomes = {attempt.outcome for attempt in list(post.attempts.all())[:-1]}
    assert outcomes == {Outcome.NOT_POSTED}
