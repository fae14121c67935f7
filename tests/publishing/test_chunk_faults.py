"""One chunk goes wrong: TikTok is asked how far it is, and exactly the rest is sent."""

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import Post
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db(transaction=True)

CHUNK_BYTES = 5_242_880
SIZE_BYTES = 16_000_000
UPLOAD = "/upload*"
FAULTS = [
    {"kind": "cut_body", "after_bytes": 100_000, "reset": True},
    {"kind": "cut_body", "after_bytes": 100_000, "reset": True, "keep": True},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "when": "after"},
]


@pytest.fixture
def post(connect, settings) -> Post:
    """Three chunks."""
    settings.UPLOAD_CHUNK_BYTES = CHUNK_BYTES
    account = connect()
    return make_post(account, media=make_media(account.team, size_bytes=SIZE_BYTES))


def paths(simulator) -> list[str]:
    """What was asked of TikTok, in order."""
    asked = [request["path"] for request in simulator.requests()]
    wanted = {"/upload", "/v2/post/publish/status/fetch/"}
    return [path.strip("/").split("/")[-1] for path in asked if path in wanted]


@pytest.mark.parametrize("fault", FAULTS)
def test_tiktok_is_asked_before_the_chunk_is_sent_again(simulator, post, run_until, fault):
    simulator.inject_fault(**fault, path=UPLOAD, count=1, skip=1)

    run_until(post, State.PROCESSING, State.PUBLISHED)

    assert paths(simulator)[:4] == ["upload", "upload", "fetch", "upload"]
    assert simulator.violations() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_chunk_that_failed_waits_longer_each_time(simulator, post, settings, fault):
    settings.RETRY_BASE_S = 100
    simulator.inject_fault(**fault, path=UPLOAD, count=None, skip=1)

    waits = []
    for _ in range(2):
        Post.objects.update(next_action_at=current_moment())
        step()
        post.refresh_from_db()
        waits.append((post.next_action_at - current_moment()).total_seconds())

    assert waits == pytest.approx([100, 200], abs=30)
    assert post.state == State.UPLOADING


def test_a_wrong_offset_goes_on_at_tiktoks_own(simulator, post, run_until):
    headers = {"Content-Range": f"bytes 0-{CHUNK_BYTES}/{SIZE_BYTES}"}
    simulator.inject_fault(kind="status", status=416, headers=headers, path=UPLOAD, count=1, skip=1)

    run_until(post, State.PROCESSING, State.PUBLISHED)

    [sent] = simulator.posts()
    assert [chunk["first"] for chunk in sent["chunks"]] == [0, CHUNK_BYTES, 2 * CHUNK_BYTES]
    # At once, without another question.
    assert "fetch" not in paths(simulator)[:3]
    assert simulator.violations() == []
