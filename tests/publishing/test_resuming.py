"""Posts whose upload had begun when something, or somebody, stopped them."""

from dataclasses import replace

import pytest
from django.utils.timezone import now as current_moment

from publishing.models import Outcome, Post
from publishing.plan import Plan
from publishing.planning import reopen_post, retry_post, schedule_post
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post
from tiktok.client import CreatorInfo

pytestmark = pytest.mark.django_db(transaction=True)

UPLOAD = "/upload*"
OFFER = CreatorInfo(
    nickname="Ada",
    username="ada",
    avatar_url="",
    privacy_level_options=("PUBLIC_TO_EVERYONE",),
    comment_disabled=False,
    duet_disabled=False,
    stitch_disabled=False,
    max_video_post_duration_s=600,
)


@pytest.fixture
def stopped_post(simulator, connect, settings) -> Post:
    """One of three chunks is at TikTok; the worker was cut off too often, so a person decides."""
    settings.UPLOAD_CHUNK_BYTES = 5_242_880
    account = connect()
    post = make_post(account, media=make_media(account.team, size_bytes=16_000_000))
    simulator.inject_fault("unavailable", path=UPLOAD, count=1, skip=1)
    step()
    Post.objects.filter(pk=post.pk).update(leases_lost=3)
    step()
    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    return post


def plan_of(post: Post) -> Plan:
    return Plan(
        account=post.account,
        media=post.media,
        caption=post.caption,
        privacy_level=post.privacy_level,
        due_at=current_moment(),
    )


def whole(simulator) -> list[dict]:
    return [sent for sent in simulator.posts() if sent["status"] == "PUBLISH_COMPLETE"]


def test_a_retry_goes_on_with_the_upload_that_had_begun(simulator, stopped_post, run_until):
    retry_post(stopped_post, stopped_post.author, current_moment())

    run_until(stopped_post, State.PUBLISHED)

    [sent] = simulator.posts()
    assert sent["sha256"] == stopped_post.media.sha256
    assert simulator.violations() == []


def test_a_resumed_upload_counts_for_the_cap_again(simulator, stopped_post, run_until):
    retry_post(stopped_post, stopped_post.author, current_moment())

    run_until(stopped_post, State.PUBLISHED)

    assert stopped_post.init_at == stopped_post.attempts.get().init_intended_at


def test_edited_content_never_goes_out_with_the_old_upload(simulator, stopped_post, run_until):
    author, plan = stopped_post.author, replace(plan_of(stopped_post), caption="Edited")
    reopen_post(stopped_post, author, current_moment())
    schedule_post(
        stopped_post.team,
        author,
        replace(plan, due_at=current_moment()),
        stopped_post.form_token,
        OFFER,
        plan.due_at,
    )

    run_until(stopped_post, State.PUBLISHED)

    assert [sent["post_info"]["title"] for sent in whole(simulator)] == ["Edited"]
    outcomes = [attempt.outcome for attempt in stopped_post.attempts.all()]
    assert outcomes == [Outcome.NOT_POSTED, Outcome.PUBLISHED]
