"""The engine against a real simulator process, driven step by step in this process."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import TikTokAccount
from accounts.tiktok_app import tiktok_app
from calendar_app.celery import app as celery_app
from publishing import claims, delivery
from publishing.follow_up import follow_up
from publishing.leases import Lease
from publishing.looking import look
from publishing.models import Post
from publishing.states import ARRIVED, State
from simulator.control import Control
from simulator.process import Running, start
from tests.factories import make_account, make_team

Engine = Callable[..., Post]


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start(data=tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def simulator(simulator_process: Running, settings: Any) -> Control:
    """A simulator that knows nothing yet, quick to process, and the settings that lead to it."""
    control = simulator_process.control
    control.reset()
    control.settings(processing_s=0.0, moderation_s=0.0)
    settings.TIKTOK_API_URL = simulator_process.base_url
    settings.TIKTOK_CLIENT_KEY = simulator_process.client_key
    settings.TIKTOK_CLIENT_SECRET = simulator_process.client_secret
    settings.POLL_BASE_S = 0.01
    settings.RETRY_BASE_S = 0.01
    return control


@pytest.fixture
def told(simulator: Control, live_server: Any, settings: Any) -> Iterator[Control]:
    """A simulator that reports to us, and an engine too slow to ask by itself."""
    settings.POLL_BASE_S = 1000
    simulator.settings(webhook_url=f"{live_server.url}/webhooks/tiktok/", webhook_retry_s=0.02)
    yield simulator
    simulator.settings(webhook_url="")
    simulator.reset()


@pytest.fixture
def connect(simulator: Control) -> Callable[..., TikTokAccount]:
    """Connects a new creator; values go to the simulator's creator."""
    numbers = iter(range(1, 1000))

    def connect_creator(team: Any = None, **values: Any) -> TikTokAccount:
        username = f"creator{next(numbers)}"
        simulator.add_creator(username, **values)
        grant = simulator.issue_tokens(username)
        return make_account(
            team or make_team(),
            username=username,
            nickname=username,
            open_id=grant["open_id"],
            access_token=grant["access_token"],
            refresh_token=grant["refresh_token"],
            scopes=grant["scope"].split(","),
        )

    return connect_creator


@pytest.fixture
def own_worker() -> Iterator[None]:
    """Messages are worked off where they are sent."""
    celery_app.conf.task_always_eager = True
    yield
    celery_app.conf.task_always_eager = False


def step(lookahead_s: float = 5, seconds_later: float = 0) -> int:
    """One tick whose wake-ups run at once, as a worker would do them at the due moment.

    What has just become due is prepared as in the seconds before. `seconds_later` moves the
    engine's clock, not the simulator's.
    """

    def clock() -> Any:
        return current_moment() + timedelta(seconds=seconds_later)

    def seconds_before() -> Any:
        return clock() - timedelta(seconds=lookahead_s)

    def wake(lease: Lease, post: Post) -> None:
        if post.state in ARRIVED:
            look(post.pk, lease.token, tiktok_app(), clock)
        elif claims.lost_too_often(post):
            claims.hold_for_person(lease, tiktok_app(), clock)
        elif post.state == State.PROCESSING:
            follow_up(post.pk, lease.token, tiktok_app(), clock)
        elif ready := delivery.prepare(post.pk, lease.token, tiktok_app(), seconds_before):
            delivery.deliver(post.pk, ready[0].token, tiktok_app(), clock)

    return claims.tick(clock, lookahead_s, 90, wake)


@pytest.fixture
def run_until(simulator: Control) -> Callable[..., Post]:
    """Steps until the post is in one of the states."""

    def run(post: Post, *states: State, steps: int = 40) -> Post:
        for _ in range(steps):
            post.refresh_from_db()
            if post.state in states:
                return post
            step()
        raise AssertionError(f"still {post.state} ({post.note}), wanted {states}")

    return run


@pytest.fixture
def video_path(tmp_path: Path) -> Path:
    return tmp_path / "video.mp4"
