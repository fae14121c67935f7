"""Re-entry at every line of the journal: docs/architecture.md, "After a crash".

A sample runs always; `./duecast matrix` runs every line of every way.
"""

import os
import signal

import pytest

from publishing.states import State
from tests.factories import make_team
from tests.processes.conftest import wait_until
from tests.processes.lines import UPLOAD_ANSWERS, UPLOAD_LINES, moments, words_of
from tests.processes.test_faults import connect, state_of
from tests.publishing.factories import make_media, make_post

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

IS_FULL = os.environ.get("DUECAST_MATRIX") == "full"
KILLED = moments(UPLOAD_LINES, UPLOAD_ANSWERS)
FROZEN = moments(UPLOAD_LINES, [])
SAMPLE = [("after", "init_intended"), ("after", "initialised")]


@pytest.fixture(params=["direct", "inbox"] if IS_FULL else ["direct"])
def post(request, simulator, settings):
    settings.UPLOAD_CHUNK_BYTES = 5_242_880
    account = connect(simulator, "ada", make_team())
    privacy = "PUBLIC_TO_EVERYONE" if request.param == "direct" else ""
    media = make_media(account.team, size_bytes=12_000_000)
    return make_post(account, media=media, mode=request.param, privacy_level=privacy)


def start_dying_worker(crew, moment, number, **environment):
    """A worker that stops itself at `moment`, and when it has, another in its place."""
    when, line = moment
    name = "clock" if line == "verdict" else "deliveries"
    [other] = {"clock", "deliveries"} - {name}
    died = crew.folder / f"died-{when}-{line}"
    environment |= {"UPLOAD_CHUNK_BYTES": "5242880"}
    crew.start("beat")
    crew.start(other, **environment)
    worker = crew.start(
        name,
        "tests.processes.dying_worker",
        DIES_AT=line,
        DIES_WHEN=when,
        DIES_BY=number.name,
        DIED=str(died),
        **environment,
    )
    wait_until(died.exists)
    return worker, crew.start(name, **environment)


def is_out(post):
    return state_of(post) in {State.PUBLISHED, State.IN_INBOX}


def wake_and_let_go(crew, sleeper):
    """A warm shutdown: it goes on with what it was doing, to the end."""
    crew.signal(sleeper, signal.SIGCONT)
    crew.signal(sleeper, signal.SIGTERM)
    sleeper.wait(60)


def sent_whole(simulator, post):
    done = {"PUBLISH_COMPLETE", "SEND_TO_USER_INBOX"}
    return [sent["sha256"] for sent in simulator.posts() if sent["status"] in done]


@pytest.mark.parametrize("moment", KILLED if IS_FULL else SAMPLE, ids=words_of)
def test_a_worker_killed_at_any_line_sends_the_post_once(crew, simulator, post, moment):
    start_dying_worker(crew, moment, signal.SIGKILL)

    wait_until(lambda: is_out(post))

    assert sent_whole(simulator, post) == [post.media.sha256]
    assert simulator.violations() == []


@pytest.mark.parametrize("moment", FROZEN if IS_FULL else SAMPLE[1:], ids=words_of)
def test_a_worker_frozen_after_any_line_sends_nothing_when_it_wakes(crew, simulator, post, moment):
    sleeper, _ = start_dying_worker(crew, moment, signal.SIGSTOP)
    wait_until(lambda: is_out(post))
    sent = len(simulator.requests())

    wake_and_let_go(crew, sleeper)

    assert sent_whole(simulator, post) == [post.media.sha256]
    uploads = [r for r in simulator.requests()[sent:] if r["method"] == "PUT"]
    assert uploads == []
    assert simulator.violations() == []
    assert is_out(post)
