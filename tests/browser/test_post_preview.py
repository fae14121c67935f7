from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import Page, expect

from publishing.media.intake import keep_upload
from tests.browser.people import sign_in
from tests.factories import make_account, make_member
from tests.media_samples import make_webm
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_photo_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member(transactional_db: None, page: Page, live_server: Any) -> Any:
    member = make_member()
    sign_in(page, member.user, live_server.url)
    return member


def test_photos_are_gone_through_with_the_keyboard(page, live_server, member):
    post = make_photo_post(make_account(member.team))
    page.goto(live_server.url + reverse("post", args=[post.pk]))
    strip = page.get_by_role("region", name="3 photos in their order")
    second = strip.get_by_text("2 of 3")
    expect(second).not_to_be_in_viewport(ratio=1)

    strip.focus()
    page.keyboard.press("ArrowRight")

    expect(second).to_be_in_viewport(ratio=1)


def test_a_video_stands_at_its_cover_and_plays_from_its_beginning(
    page, live_server, member, tmp_path
):
    content = make_webm(tmp_path / "video.webm", seconds=4).read_bytes()
    upload = SimpleUploadedFile("video.webm", content)
    video = keep_upload(member.team, member.user, upload, current_moment())
    post = make_post(make_account(member.team), media=video, cover_timestamp_ms=2500)
    page.goto(live_server.url + reverse("post", args=[post.pk]))
    player = page.get_by_label("The video, as it will be posted")
    expect(player).to_have_js_property("currentTime", 2.5)

    seen = player.evaluate(
        """async (video) => {
            video.muted = true;
            await video.play();
            return video.currentTime;
        }"""
    )

    assert seen < 1
