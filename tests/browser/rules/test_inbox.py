"""Inbox mode: the creator makes every choice in TikTok, so the screen asks for none."""

import pytest
from django.utils.timezone import now as current_moment
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.strings import L1, L2, S1
from tests.pages.posting import summary_of
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post


@pytest.fixture
def inbox(screen, account):
    screen.open(account).to_inbox()
    return screen


def test_inbox_shows_none_of_the_direct_controls(inbox):
    for locator in (inbox.audience, inbox.disclosure, inbox.your_brand, inbox.branded):
        expect(locator).to_be_hidden()
    for label in [L1[0], L2, "AI-generated content"]:
        expect(inbox.seen(label)).to_have_count(0)
    expect(inbox.panel.locator("input:visible")).to_have_count(0)
    expect(inbox.seen(S1)).to_have_count(0)
    inbox.expect_open()


def test_inbox_says_what_tiktok_will_ask(inbox):
    words = "who can view it, comments, Duet and Stitch, the disclosure, the cover and the music."
    if inbox.kind == "photo":
        words = "who can view it, comments, the disclosure, the cover and the music."

    expect(inbox.panel).to_contain_text("A notification arrives in its TikTok inbox")
    expect(inbox.panel).to_contain_text(words)
    expect(inbox.page.locator(".compose-foot")).to_contain_text("Nothing is published by this")


def test_inbox_counts_the_pending_drafts(screen, account, simulator):
    for _ in range(2):
        make_post(account, mode="inbox", privacy_level="", media=make_media(account.team))
    step()

    screen.open(account).to_inbox()

    expect(screen.panel).to_contain_text("2 of 5 drafts sent in the last 24 hours.")


def test_inbox_a_sixth_draft_by_hand(by_hand, account):
    for _ in range(5):
        make_post(account, mode="inbox", privacy_level="", media=make_media(account.team))

    response = by_hand(mode="inbox")

    assert "more than 5 drafts in its TikTok inbox" in summary_of(response)
    assert Post.objects.exclude(state=State.DRAFT).count() == 5


def test_inbox_needs_its_scope(screen, account):
    account.scopes = ["user.info.basic", "video.publish"]
    account.save()

    screen.open(account).to_inbox()

    expect(screen.panel).to_contain_text("did not grant the permission video.upload")
    screen.expect_closed("a permission of this account")


def test_inbox_needs_its_scope_by_hand(by_hand, account):
    account.scopes = ["user.info.basic", "video.publish"]
    account.save()

    response = by_hand(mode="inbox")

    assert "did not grant the permission video.upload" in summary_of(response)
    assert not Post.objects.exclude(state=State.DRAFT).exists()


def test_inbox_sends_none_of_the_choices(inbox, received):
    inbox.caption.fill("Rolls at 6")
    inbox.post_now()

    sent = received()

    texts = {"title", "description", "is_aigc"} if inbox.kind == "photo" else set()
    assert sent["mode"] == "inbox"
    assert sent["post_info"].keys() <= texts
    assert not sent["post_info"].get("is_aigc", False)


def test_inbox_by_hand_none_of_the_choices_is_kept(by_hand, received):
    by_hand(
        mode="inbox",
        allow_comment="on",
        discloses_content="on",
        is_branded_content="on",
        is_ai_generated="on",
        privacy_level="SELF_ONLY",
    )

    info = received()["post_info"]
    assert info.get("is_aigc", False) is False
    assert not {"privacy_level", "disable_comment", "brand_content_toggle"} & info.keys()


def test_inbox_asks_tiktok_nothing(screen, account, team, connect, simulator):
    connect(team, nickname="Another")
    screen.open().to_inbox()

    screen.page.locator(f"#account-{account.pk}").check()

    expect(screen.panel).to_contain_text("finishes it in the TikTok app")
    assert simulator.requests() == []


def test_inbox_and_back_asks_tiktok_and_opens_the_controls(screen, account, team, connect):
    connect(team, nickname="Another")
    screen.open().to_inbox()
    screen.page.locator(f"#account-{account.pk}").check()

    screen.page.get_by_label("Post to the profile").check()

    expect(screen.audience).to_be_visible()
    expect(screen.declaration).to_have_text(S1)
    screen.expect_closed("who can view it")


def test_inbox_offers_nothing_when_the_app_has_no_such_scope(screen, account, settings):
    settings.TIKTOK_OFFERS_INBOX = False

    screen.open(account)

    expect(screen.page.get_by_label("Send to the TikTok inbox")).to_have_count(0)


def test_inbox_waits_for_its_moment(inbox, account, simulator):
    inbox.page.locator("#id_due_date").fill(f"{current_moment().year + 1}-07-01")
    inbox.page.locator("#id_due_time").fill("09:15")
    inbox.schedule.click()
    expect(inbox.page.locator(".standing")).to_contain_text("Scheduled.")

    step()

    assert simulator.posts() == []
