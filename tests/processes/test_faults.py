import signal

import pytest

from publishing.models import Attempt
from publishing.states import State
from tests.factories import make_account, make_team
from tests.processes.conftest import wait_until
from tests.publishing.factories import make_media, make_post

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

UPLOAD = "/upload*"


def connect(simulator, username, team=None):
    simulator.add_creator(username)
    grant = simulator.issue_tokens(username)
    return make_account(
        team or make_team(),
        username=username,
        nickname=username,
        open_id=grant["open_id"],
        access_token=grant["access_token"],
        refresh_token=grant["refresh_token"],
    )


def make_long_post(simulator):
    """100 MB: three chunks."""
    account = connect(simulator, "ada")
    return make_post(account, media=make_media(account.team, size_bytes=100_000_000))


def has_bytes(post):
    return Attempt.objects.filter(post=post, bytes_confirmed__gt=0).exists()


def state_of(post):
    post.refresh_from_db()
    return post.state


def whole_posts(simulator):
    return [sent for sent in simulator.posts() if sent["status"] == "PUBLISH_COMPLETE"]


def test_a_worker_killed_between_two_chunks_loses_and_doubles_nothing(crew, simulator):
    simulator.inject_fault("slow_before", seconds=3, path=UPLOAD, count=1, skip=1)
    post = make_long_post(simulator)
    crew.start("beat")
    crew.start("clock")
    worker = crew.start("deliveries")
    wait_until(lambda: has_bytes(post))

    crew.signal(worker, signal.SIGKILL)
    crew.start("deliveries")

    wait_until(lambda: state_of(post) == State.PUBLISHED)
    assert [sent["sha256"] for sent in whole_posts(simulator)] == [post.media.sha256]
    assert len(simulator.posts()) == 1
    assert simulator.violations() == []


def test_a_worker_that_slept_past_its_lease_sends_nothing_more(crew, simulator):
    simulator.inject_fault("slow_before", seconds=3, path=UPLOAD, count=1, skip=1)
    post = make_long_post(simulator)
    crew.start("beat")
    crew.start("clock")
    sleeper = crew.start("deliveries")
    wait_until(lambda: has_bytes(post))

    crew.signal(sleeper, signal.SIGSTOP)
    crew.start("deliveries")
    wait_until(lambda: state_of(post) == State.PUBLISHED)
    crew.signal(sleeper, signal.SIGCONT)

    wait_until(lambda: "lease of post" in crew.logs())
    assert state_of(post) == State.PUBLISHED
    assert [sent["sha256"] for sent in whole_posts(simulator)] == [post.media.sha256]


def test_a_slow_upload_holds_nobody_else(crew, simulator):
    slow = make_long_post(simulator)
    simulator.inject_fault("slow_before", seconds=3, path=UPLOAD, creator="ada")
    others = [connect(simulator, f"creator{n}", slow.team) for n in range(3)]
    crew.start("beat")
    crew.start("clock")
    # Nineteen chunks of three seconds: longer than even a busy machine needs for the others.
    crew.start("deliveries", UPLOAD_CHUNK_BYTES="5242880")
    wait_until(lambda: state_of(slow) == State.UPLOADING)
    posts = [make_post(account) for account in others]

    wait_until(lambda: all(state_of(post) == State.PUBLISHED for post in posts))

    assert state_of(slow) == State.UPLOADING


def test_a_killed_clock_worker_leaves_no_lock_behind(crew, simulator):
    account = connect(simulator, "ada")
    first = make_post(account)
    crew.start("beat")
    crew.start("deliveries")
    worker = crew.start("clock")
    wait_until(lambda: state_of(first) in {State.PROCESSING, State.PUBLISHED})

    crew.signal(worker, signal.SIGKILL)
    crew.start("clock")
    second = make_post(account)

    wait_until(lambda: state_of(first) == state_of(second) == State.PUBLISHED)
    assert len(simulator.posts()) == 2
    assert simulator.violations() == []


def test_two_beats_and_three_workers_publish_200_posts_once_each(crew, simulator):
    team = make_team()
    media = make_media(team)
    accounts = [connect(simulator, f"creator{n}", team) for n in range(50)]
    posts = [make_post(account, media=media) for account in accounts for _ in range(4)]
    for name in ("beat", "beat", "clock", "deliveries", "deliveries", "deliveries"):
        crew.start(name)

    wait_until(lambda: all(state_of(post) == State.PUBLISHED for post in posts), 400)

    captions = [sent["post_info"]["title"] for sent in whole_posts(simulator)]
    assert sorted(captions) == sorted(post.caption for post in posts)
    assert len(simulator.posts()) == 200
    assert simulator.violations() == []
