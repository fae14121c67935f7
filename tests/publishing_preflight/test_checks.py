"""Each thing that would stop a post at its moment is found ahead of it, against the simulator."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import AccountStatus, TikTokAccount
from publishing.media import room
from publishing.models import Notice
from publishing.preflight import checks
from tests.publishing.changing import change_post
from tests.publishing.factories import make_media, make_post
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db(transaction=True)

CREATOR_INFO = "/v2/post/publish/creator_info/query/"


def damage(media):
    path = Path(media.file.path)
    path.write_bytes(b"x" * path.stat().st_size)


def test_a_post_in_order_has_no_problems(ahead, found):
    post = ahead()

    assert found(post) == []
    assert not Notice.objects.exists()


def test_the_creator_is_asked_each_time(ahead, found, simulator):
    post = ahead()

    found(post)

    assert [r["path"] for r in simulator.requests()] == [CREATOR_INFO]


def test_an_audience_that_tiktok_no_longer_offers(ahead, found, simulator):
    post = ahead()
    simulator.add_creator(post.account.username, is_private=True)

    assert found(post) == ["privacy_not_offered"]


def test_a_control_switched_off_is_harmless(ahead, found, simulator):
    post = ahead(allow_comment=True)
    simulator.add_creator(post.account.username, comment_disabled=True)

    assert found(post) == []


def test_a_video_longer_than_the_creator_may_post(ahead, found, simulator, connect):
    account = connect()
    post = ahead(account=account, media=make_media(account.team, duration_ms=90_000))
    simulator.add_creator(account.username, max_video_post_duration_sec=60)

    assert found(post) == ["video_too_long"]


def test_a_creator_who_cannot_post_now(ahead, found, simulator):
    post = ahead()
    simulator.inject_fault("spam_risk_user_banned_from_posting", path=CREATOR_INFO)

    assert found(post) == ["spam_risk_user_banned_from_posting"]


def test_a_sign_in_that_tiktok_no_longer_takes(ahead, found, simulator):
    post = ahead()
    simulator.end_tokens(post.account.username)

    assert found(post) == ["creator_unknown"]
    assert "must be connected again" in post.preflight_problems[0]["text"]


def test_a_rejected_token_is_replaced_as_at_fire_time(ahead, found, simulator):
    post = ahead()
    simulator.end_tokens(post.account.username, kind="access")

    assert found(post) == []


def test_a_sign_in_that_ends_before_the_post_is_due(ahead, found):
    post = ahead(hours=20)
    TikTokAccount.objects.update(refresh_expires_at=current_moment() + timedelta(hours=19))

    assert found(post) == ["sign_in_ends"]


def test_an_account_to_be_connected_again(ahead, found):
    post = ahead()
    TikTokAccount.objects.update(status=AccountStatus.RECONNECT_NEEDED, status_reason="Withdrawn.")

    assert "reconnect_needed" in found(post)


def test_a_missing_scope(ahead, found):
    post = ahead()
    TikTokAccount.objects.update(scopes=["user.info.basic", "video.upload"])

    assert "scope_missing" in found(post)


def test_a_lost_file(ahead, found):
    post = ahead()
    Path(post.media.file.path).unlink()

    assert found(post) == ["media_lost"]


def test_a_file_of_another_size(ahead, found):
    post = ahead()
    os.truncate(post.media.file.path, 10)

    assert found(post) == ["media_lost"]


def test_a_damaged_file_of_the_right_size(ahead, found):
    post = ahead()
    damage(post.media)

    assert found(post) == ["media_damaged"]


def test_any_photo_of_a_post_may_be_the_lost_one(found, connect):
    post = make_photo_post(connect(), due_at=current_moment() + timedelta(hours=2))
    Path(post.files()[1].file.path).unlink()

    assert found(post) == ["media_lost"]


def test_photos_need_an_address_that_tiktok_takes(found, connect, settings):
    post = make_photo_post(connect(), due_at=current_moment() + timedelta(hours=2))
    settings.SIMULATOR_IN_USE = False
    settings.SITE_URL = "http://calendar.example.com"

    assert found(post) == ["address_not_https"]


def test_a_consent_that_no_longer_counts(ahead, found):
    post = ahead()
    change_post(post, caption="Something else.")

    assert found(post) == ["no_consent"]


def test_a_cap_that_was_used_up_meanwhile(ahead, found):
    post = ahead()
    TikTokAccount.objects.update(daily_cap=1)
    make_post(post.account, due_at=post.due_at - timedelta(hours=1))

    assert found(post) == ["cap_reached"]


def test_a_sixth_creator_before_the_audit(found, ahead, connect, simulator, settings):
    settings.TIKTOK_APP_MODE = "unaudited"
    post = ahead(account=connect(is_private=True), privacy_level="SELF_ONLY")
    for _ in range(5):
        make_post(connect(), due_at=post.due_at, privacy_level="SELF_ONLY")

    assert found(post) == ["creators_reached"]


def test_a_full_disk(ahead, found, monkeypatch):
    monkeypatch.setattr(checks, "RESERVE_BYTES", 10**18)

    assert room.RESERVE_BYTES < 10**18
    assert found(ahead()) == ["disk_low"]


def test_an_inbox_post_needs_its_sign_in_only(ahead, found, simulator):
    post = ahead(mode="inbox", privacy_level="")

    assert found(post) == []
    assert simulator.requests() == []
