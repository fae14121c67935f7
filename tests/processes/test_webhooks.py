import pytest

from publishing.states import State
from tests.processes.conftest import wait_until
from tests.processes.test_faults import connect, state_of
from tests.publishing.factories import make_post

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_real_workers_publish_and_link_a_post_by_webhooks_alone(crew, simulator, live_server):
    simulator.settings(webhook_url=f"{live_server.url}/webhooks/tiktok/")
    post = make_post(connect(simulator, "ada"))
    crew.start("beat")
    crew.start("clock", POLL_BASE_S="1000")
    crew.start("deliveries", POLL_BASE_S="1000")

    wait_until(lambda: state_of(post) == State.PUBLISHED and post.public_post_id)

    [sent] = simulator.posts()
    assert post.public_post_id == str(sent["post_ids"][0])
    assert simulator.requests(path="/status/fetch/") == []
