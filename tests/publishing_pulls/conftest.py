"""The engine, a real simulator, and this site's own server for it to fetch from."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import TikTokAccount
from publishing.models import Post
from publishing.states import State
from simulator.process import Running, start
from tests.publishing.conftest import connect, simulator, step
from tests.publishing.factories import make_post
from tests.publishing_pulls.factories import make_photo_post

__all__ = ["connect", "simulator"]
PATIENCE_S = 30


@pytest.fixture(scope="session")
def simulator_process(
    live_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A simulator for which this site's /pull/ is verified."""
    data = tmp_path_factory.mktemp("simulator-that-fetches")
    with start(data=data, verified_prefix=[f"{live_server.url}/pull/"]) as running:
        yield running


@pytest.fixture(autouse=True)
def site(live_server: Any, settings: Any) -> None:
    settings.SITE_URL = live_server.url


@pytest.fixture
def run_until(simulator: Any, settings: Any) -> Callable[..., Post]:
    """Steps until the post is in one of the states, at TikTok's pace: it fetches meanwhile."""
    # Slow enough for 30 questions a minute to last.
    settings.POLL_BASE_S = 0.05

    def run(post: Post, *states: State) -> Post:
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            post.refresh_from_db()
            if post.state in states:
                return post
            assert time.monotonic() < deadline_s, f"still {post.state} ({post.note})"
            step()
            time.sleep(0.02)

    return run


@pytest.fixture(params=["photos", "video"])
def make_fetched(request: Any, settings: Any) -> Callable[..., Post]:
    """Makes a post, due now, whose media TikTok fetches: photos, and then a video."""
    if request.param == "photos":
        return make_photo_post
    settings.VIDEO_SOURCE = "PULL_FROM_URL"
    return make_post


@pytest.fixture
def post(
    simulator: Any, connect: Callable[..., TikTokAccount], make_fetched: Callable[..., Post]
) -> Post:
    return make_fetched(connect())
