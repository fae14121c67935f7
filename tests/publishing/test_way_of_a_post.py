import pytest
from django.utils.timezone import now as current_moment

from accounts.tiktok_app import tiktok_app
from publishing import claims, delivery
from publishing.models import Outcome
from publishing.states import State
from tests.processes.lines import UPLOAD_LINES
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_due_post_is_published_byte_for_byte(simulator, connect, run_until):
    post = make_post(connect())

    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    assert sent["sha256"] == post.media.sha256
    assert simulator.violations() == []


def test_what_is_due_already_needs_no_second_message(simulator, connect):
    post = make_post(connect())

    claims.tick(
        current_moment,
        5,
        90,
        lambda lease, _: delivery.prepare(post.pk, lease.token, tiktok_app(), current_moment),
    )

    post.refresh_from_db()
    assert post.state == State.PROCESSING
    assert len(simulator.posts()) == 1


def test_the_choices_reach_tiktok_as_chosen(simulator, connect, run_until):
    post = make_post(
        connect(),
        privacy_level="MUTUAL_FOLLOW_FRIENDS",
        allow_comment=True,
        discloses_content=True,
        is_your_brand=True,
        is_ai_generated=True,
        cover_timestamp_ms=1500,
    )

    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    info = sent["post_info"]
    assert info["privacy_level"] == "MUTUAL_FOLLOW_FRIENDS"
    assert (info["disable_comment"], info["disable_duet"], info["disable_stitch"]) == (
        False,
        True,
        True,
    )
    assert (info["brand_organic_toggle"], info["brand_content_toggle"]) == (True, False)
    assert info["is_aigc"] is True
    assert info["video_cover_timestamp_ms"] == 1500
    assert info["title"] == post.caption


def test_every_line_of_the_journal_is_written(simulator, connect, run_until):
    post = run_until(make_post(connect()), State.PUBLISHED)

    attempt = post.attempts.get()

    assert attempt.outcome == Outcome.PUBLISHED
    assert (
        attempt.claimed_at
        <= attempt.creator_checked_at
        <= attempt.init_intended_at
        <= attempt.initialised_at
        <= attempt.bytes_sent_at
        <= attempt.ended_at
    )
    kinds = [line.kind for line in post.journal.all()]
    # How far the bytes got is a column, and no line for people.
    assert kinds == [line for line in UPLOAD_LINES if line != "bytes_confirmed"]


def test_the_history_has_one_row_a_move(simulator, connect, run_until):
    post = run_until(make_post(connect()), State.PUBLISHED)

    moves = [(change.old, change.new) for change in post.state_changes.all()]

    assert moves == [
        ("scheduled", "uploading"),
        ("uploading", "processing"),
        ("processing", "published"),
    ]


def test_an_inbox_post_ends_in_the_inbox(simulator, connect, run_until):
    post = make_post(connect(), mode="inbox", privacy_level="")

    run_until(post, State.IN_INBOX)

    [sent] = simulator.posts()
    assert sent["sha256"] == post.media.sha256
    assert simulator.violations() == []


def test_a_long_video_goes_in_chunks(simulator, connect, run_until, settings):
    settings.UPLOAD_CHUNK_BYTES = 5_242_880
    account = connect()
    post = make_post(account, media=make_media(account.team, size_bytes=17_000_000))

    run_until(post, State.PUBLISHED)

    [sent] = simulator.posts()
    assert sent["sha256"] == post.media.sha256
    assert post.attempts.get().chunk_size_bytes == 5_242_880
    assert simulator.violations() == []


def test_a_due_post_waits_for_no_picture_of_its_creator(simulator, connect, run_until, monkeypatch):
    def hang(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr("accounts.profiles.keep_avatar", hang)
    post = make_post(connect())

    run_until(post, State.PUBLISHED)

    assert len(simulator.posts()) == 1
