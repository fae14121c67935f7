"""What the demo leaves half done or still to do is real work for the real engine."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now as current_moment

from publishing.demo import films
from publishing.demo.seeding import seed
from publishing.models import Post
from publishing.states import State
from simulator.control import Control
from simulator.process import start
from tests.publishing.conftest import step


@pytest.fixture
def simulator(
    transactional_db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    # What the films show does not matter here.
    monkeypatch.setattr(films, "CYCLE_PICTURES", 1)
    with start(data=tmp_path / "simulator") as running:
        settings.TIKTOK_API_URL = running.base_url
        settings.TIKTOK_CLIENT_KEY = running.client_key
        settings.TIKTOK_CLIENT_SECRET = running.client_secret
        seed(current_moment(), lambda text: None)
        yield running.control


def test_engine_goes_on_without_a_violation(simulator: Control) -> None:
    begun = Post.objects.get(state=State.UPLOADING)
    planned = Post.objects.filter(state=State.SCHEDULED).order_by("-due_at")[0]
    due_at = current_moment()
    Post.objects.filter(pk=planned.pk).update(due_at=due_at)
    Post.objects.filter(pk__in=(begun.pk, planned.pk)).update(next_action_at=due_at)

    step()

    begun.refresh_from_db()
    planned.refresh_from_db()
    there = simulator.call("GET", "posts", creator=begun.account.username)
    sent = {each["publish_id"]: each["sha256"] for each in there}
    assert (begun.state, planned.state) == (State.PROCESSING, State.PROCESSING)
    assert sent[begun.attempts.get().publish_id] == begun.media.sha256
    assert simulator.call("GET", "violations") == []
