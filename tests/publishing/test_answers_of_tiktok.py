"""What TikTok's answers lead to across ticks: waits that wait, and errors under HTTP 200."""

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db(transaction=True)

INIT = "/v2/post/publish/video/init/"
CREATOR = "/v2/post/publish/creator_info/query/"


def inits(simulator) -> int:
    return sum(request["path"] == INIT for request in simulator.requests())


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "unavailable"},
        {"name": "rate_limit_exceeded"},
        {"kind": "error", "code": "internal_error", "status": 500},
    ],
)
def test_a_wait_after_a_failure_lasts_over_the_next_ticks(simulator, connect, settings, fault):
    settings.RETRY_BASE_S = 60
    post = make_post(connect())
    simulator.inject_fault(**fault, path=INIT, count=1)

    for _ in range(3):
        step()

    post.refresh_from_db()
    assert (post.state, inits(simulator)) == (State.SCHEDULED, 1)
    assert post.next_action_at > current_moment()


@pytest.mark.parametrize(
    ("path", "code", "state"),
    [
        (CREATOR, "spam_risk_too_many_posts", State.SCHEDULED),
        (CREATOR, "reached_active_user_cap", State.SCHEDULED),
        (CREATOR, "spam_risk_user_banned_from_posting", State.NEEDS_ATTENTION),
        (INIT, "spam_risk_too_many_posts", State.SCHEDULED),
    ],
)
def test_an_error_under_http_200_is_an_error(simulator, connect, path, code, state):
    post = make_post(connect())
    simulator.inject_fault(kind="error", code=code, status=200, path=path)

    step()
    step()

    post.refresh_from_db()
    assert (post.state, simulator.posts()) == (state, [])


def test_the_apps_own_cap_leaves_the_creator_connected(simulator, connect):
    post = make_post(connect())
    simulator.inject_fault("reached_active_user_cap", path=INIT)

    step()

    post.account.refresh_from_db()
    assert post.account.status == AccountStatus.CONNECTED
    assert post.account.cap_reached_until is None


def test_the_number_of_a_public_post_is_kept_as_text(simulator, connect, run_until):
    post = run_until(make_post(connect()), State.PUBLISHED)

    [sent] = simulator.posts()
    assert post.public_post_id == str(sent["post_ids"][0])


def test_posts_with_the_same_caption_keep_their_own_numbers(simulator, connect, run_until):
    account = connect()
    posts = [make_post(account, caption="The same words") for _ in range(2)]

    for post in posts:
        run_until(post, State.PUBLISHED)

    numbers = {sent["publish_id"]: str(sent["post_ids"][0]) for sent in simulator.posts()}
    assert len(set(numbers.values())) == 2
    for post in posts:
        post.refresh_from_db()
        assert post.public_post_id == numbers[post.attempts.get().publish_id]
