import pytest

from publishing.models import MediaAsset, Outcome, Post
from publishing.states import State
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db(transaction=True)

INIT = "/v2/post/publish/video/init/"
CREATOR = "/v2/post/publish/creator_info/query/"
STATUS = "/v2/post/publish/status/fetch/"
UPLOAD = "/upload*"


@pytest.fixture
def long_post(connect, settings) -> Post:
    """Three chunks."""
    settings.UPLOAD_CHUNK_BYTES = 5_242_880
    account = connect()
    return make_post(account, media=make_media(account.team, size_bytes=16_000_000))


def published_once(simulator, post: Post) -> bool:
    post.refresh_from_db()
    whole = [sent for sent in simulator.posts() if sent["status"] == "PUBLISH_COMPLETE"]
    return post.state == State.PUBLISHED and [s["sha256"] for s in whole] == [post.media.sha256]


@pytest.mark.parametrize(
    "fault",
    ["drop_before", "drop_after", "unavailable", "unavailable_after", "html", "garbled"],
)
def test_an_init_whose_answer_is_lost_is_repeated(simulator, connect, run_until, fault):
    post = make_post(connect())
    simulator.inject_fault(fault, path=INIT, count=1)

    run_until(post, State.PUBLISHED)

    assert published_once(simulator, post)
    assert simulator.violations() == []


@pytest.mark.parametrize("fault", ["drop_before", "unavailable", "rate_limit_exceeded"])
def test_a_creator_check_that_fails_is_repeated(simulator, connect, run_until, fault, monkeypatch):
    monkeypatch.setattr("publishing.retries.RATE_LIMIT_WAIT_S", 0.01)
    post = make_post(connect())
    simulator.inject_fault(fault, path=CREATOR, count=1)

    run_until(post, State.PUBLISHED)

    assert published_once(simulator, post)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "unavailable", "cut_body"])
def test_a_chunk_that_fails_goes_on_where_tiktok_is(simulator, long_post, run_until, fault):
    simulator.inject_fault(fault, path=UPLOAD, count=1, skip=1)

    run_until(long_post, State.PUBLISHED)

    assert published_once(simulator, long_post)
    assert len(simulator.posts()) == 1
    assert simulator.violations() == []


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop"}, {"kind": "status", "status": 404}, {"kind": "status", "status": 403}],
)
def test_the_last_chunks_answer_lost_makes_one_post(simulator, long_post, run_until, fault):
    simulator.inject_fault(**fault, when="after", path=UPLOAD, count=1, skip=2)

    run_until(long_post, State.PUBLISHED)

    assert published_once(simulator, long_post)
    assert len(simulator.posts()) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_dead_upload_address_with_bytes_missing_starts_over(
    simulator, long_post, run_until, status
):
    simulator.inject_fault(kind="status", status=status, path=UPLOAD, count=1, skip=1)

    run_until(long_post, State.PUBLISHED)

    assert published_once(simulator, long_post)
    assert [a.outcome for a in long_post.attempts.all()] == [Outcome.NOT_POSTED, Outcome.PUBLISHED]


def test_an_expired_access_token_is_refreshed_and_the_call_repeated(simulator, connect, run_until):
    post = make_post(connect())
    simulator.end_tokens(post.account.username, kind="access")

    run_until(post, State.PUBLISHED)

    assert published_once(simulator, post)


def test_dead_tokens_ask_a_person(simulator, connect, run_until):
    post = make_post(connect())
    simulator.end_tokens(post.account.username)

    run_until(post, State.NEEDS_ATTENTION)

    assert "Connect the account again" in post.note
    assert simulator.posts() == []


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("privacy_level_option_mismatch", State.NEEDS_ATTENTION),
        ("unaudited_client_can_only_post_to_private_accounts", State.NEEDS_ATTENTION),
        ("spam_risk_user_banned_from_posting", State.NEEDS_ATTENTION),
        ("invalid_params", State.FAILED),
        ("spam_risk_too_many_posts", State.SCHEDULED),
        ("reached_active_user_cap", State.SCHEDULED),
    ],
)
def test_a_refused_init_ends_where_its_code_says(simulator, connect, run_until, code, state):
    post = make_post(connect())
    simulator.inject_fault(code, path=INIT, count=1)

    step()

    post.refresh_from_db()
    line = post.journal.get(kind="init_failed")
    assert post.state == state
    assert (line.code, bool(line.log_id)) == (code, True)
    assert post.note


def test_a_code_nobody_knows_is_kept_and_final(simulator, connect):
    post = make_post(connect())
    simulator.inject_fault(kind="error", code="moon_phase_wrong", status=400, path=INIT)

    step()

    post.refresh_from_db()
    assert post.state == State.FAILED
    assert post.journal.get(kind="init_failed").code == "moon_phase_wrong"


def test_tiktoks_failure_in_processing_is_told(simulator, connect, run_until):
    post = make_post(connect())
    simulator.set_outcome(fail_reason="spam_risk")

    run_until(post, State.FAILED)

    assert post.attempts.get().fail_reason == "spam_risk"
    assert "risky" in post.note


def test_tiktoks_own_error_in_processing_is_tried_again(simulator, connect, run_until):
    post = make_post(connect())
    simulator.set_outcome(fail_reason="internal", next=1)

    run_until(post, State.PUBLISHED)

    assert published_once(simulator, post)
    assert post.attempts.count() == 2


def test_a_verdict_that_never_comes_is_unconfirmed(simulator, connect, run_until):
    post = make_post(connect())
    simulator.settings(processing_s=10_000.0)
    run_until(post, State.PROCESSING)

    step(seconds_later=25 * 3600)

    post.refresh_from_db()
    assert post.state == State.UNCONFIRMED


def test_a_privacy_level_no_longer_offered_asks_a_person(simulator, connect):
    post = make_post(connect(is_private=True))

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert "does not offer “Everyone”" in post.note
    assert simulator.posts() == []


def test_a_post_without_consent_is_not_sent(simulator, connect):
    post = make_post(connect(), is_consented=False)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert simulator.posts() == []


def test_content_changed_after_consent_is_not_sent(simulator, connect):
    post = make_post(connect())
    Post.objects.filter(pk=post.pk).update(caption="Something else")

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert simulator.posts() == []


def test_a_cancel_before_the_last_chunk_posts_nothing(simulator, long_post, run_until):
    from publishing.taking_back import cancel_post

    simulator.inject_fault("unavailable", path=UPLOAD, count=1, skip=1)
    step()
    cancel_post(long_post, long_post.author, long_post.created_at)

    run_until(long_post, State.CANCELED)

    assert [sent["status"] for sent in simulator.posts()] == ["PROCESSING_UPLOAD"]


def test_three_lost_leases_ask_a_person(simulator, connect):
    post = make_post(connect())
    Post.objects.filter(pk=post.pk).update(leases_lost=3)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert simulator.posts() == []


def test_a_missing_media_file_asks_a_person(simulator, connect, run_until):
    post = make_post(connect())
    post.media.file.delete(save=False)

    run_until(post, State.NEEDS_ATTENTION)

    assert "file" in post.note


def test_media_marked_as_deleted_asks_a_person_before_tiktok_is_told(simulator, connect):
    post = make_post(connect())
    MediaAsset.objects.update(deleted_at=post.created_at)

    step()

    post.refresh_from_db()
    assert post.state == State.NEEDS_ATTENTION
    assert "was deleted from the media library" in post.note
    assert simulator.posts() == []
