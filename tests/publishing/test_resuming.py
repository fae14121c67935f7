"""Posts whose upload had begun when something, or somebody, stopped them."""

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError
from django.utils.timezone import now as current_moment

from publishing import sending
from publishing.models import Outcome, Post
from publishing.plan import Plan
from publishing.retrying import retry_post
from publishing.scheduling import schedule_post
from publishing.states import State
from publishing.taking_back import reopen_post
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post
from tiktok.client import CreatorInfo

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = "/v2/post/publish/status/fetch/"
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


@pytest.fixture
def hide_progress(monkeypatch):
    """TikTok's count of bytes is missing from its answers."""
    real_fetch = sending.fetch_status

    def fetch(*args):
        return replace(real_fetch(*args), uploaded_bytes=None)

    monkeypatch.setattr(sending, "fetch_status", fetch)


def test_without_tiktoks_count_a_dead_address_starts_nothing_over(
    simulator, connect, run_until, hide_progress, settings
):
    # TikTok answers 30 questions a minute; a quick machine must not ask them all while it waits.
    settings.RETRY_BASE_S = 0.1
    post = make_post(connect())
    simulator.settings(processing_s=0.1)
    simulator.inject_fault(kind="status", status=404, when="after", path=UPLOAD, count=1)

    run_until(post, State.PUBLISHED, steps=5000)

    assert len(simulator.posts()) == 1


def test_without_tiktoks_count_an_upload_goes_on(simulator, connect, run_until, hide_progress):
    post = make_post(connect())
    simulator.inject_fault("drop_before", path=UPLOAD, count=1)

    run_until(post, State.PUBLISHED)

    assert len(simulator.posts()) == 1


def test_an_upload_address_whose_key_is_lost_starts_over(simulator, stopped_post, run_until):
    lost = Fernet(Fernet.generate_key()).encrypt(b"https://upload").decode()
    stopped_post.attempts.update(upload_url_encrypted=lost)
    retry_post(stopped_post, stopped_post.author, current_moment())

    run_until(stopped_post, State.PUBLISHED)

    assert len(whole(simulator)) == 1


@pytest.mark.parametrize("state", [State.UPLOADING, State.PROCESSING])
def test_a_refusal_nobody_knows_is_no_verdict(simulator, connect, run_until, state):
    post = make_post(connect())
    if state == State.UPLOADING:
        simulator.inject_fault("drop_after", path=UPLOAD, count=1)
    run_until(post, state)
    simulator.inject_fault(kind="error", code="moon_phase_wrong", status=403, path=STATUS, count=1)

    run_until(post, State.PUBLISHED)

    assert len(simulator.posts()) == 1


def test_a_person_is_told_when_tiktok_may_have_the_video(stopped_post):
    assert "look at the profile before you post it anew" in stopped_post.note


def test_a_database_that_fails_after_the_last_byte_makes_one_post(
    simulator, connect, run_until, monkeypatch
):
    post = make_post(connect())

    def fail(*args):
        raise OperationalError("the database has gone away")

    with monkeypatch.context() as broken:
        broken.setattr(sending, "_all_sent", fail)
        with pytest.raises(OperationalError):
            step()
    step(seconds_later=100)

    run_until(post, State.PUBLISHED)

    assert len(simulator.posts()) == 1
    assert simulator.violations() == []
