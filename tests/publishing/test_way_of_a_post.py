from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.tiktok_app import tiktok_app
from publishing import claims, delivery
from publishing.follow_up import follow_up
from publishing.models import Outcome, Post
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


def test_each_part_of_the_way_takes_as_many_statements_as_its_page_says(simulator, connect):
    due_at = current_moment() + timedelta(seconds=4)
    post = make_post(connect(), due_at=due_at, next_action_at=due_at)

    def at_due():
        return max(current_moment(), due_at)

    counts = [
        statements(delivery.prepare, claimed(post), current_moment),
        statements(delivery.deliver, Post.objects.get(pk=post.pk).lease_token, at_due),
        statements(follow_up, claimed(post, ahead_s=60), at_due),
    ]

    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED
    assert counts == [17, 29, 14]


def claimed(post, ahead_s=5):
    """The token of a message about this post."""
    tokens = []
    claims.tick(current_moment, ahead_s, 90, lambda lease, _: tokens.append(lease.token))
    return tokens[0]


def statements(work, token, clock):
    seen = []

    def note(execute, sql, *arguments):
        # On PostgreSQL the driver begins transactions, on SQLite a statement does.
        if not sql.startswith("BEGIN"):
            seen.append(sql)
        return execute(sql, *arguments)

    post_id = Post.objects.get(lease_token=token).pk
    with connection.execute_wrapper(note):
        work(post_id, token, tiktok_app(), clock)
    return len(seen)


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
