"""Before TikTok's audit of the app (POL-4): every control can be shown, only "Only me" be sent."""

from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.strings import L3, S2, S4, S6
from tests.pages.posting import summary_of
from tests.publishing.factories import make_post

ONLY_ME = "takes posts for “Only me” only. Choose “Only me”."


@pytest.fixture(autouse=True)
def unaudited(settings, simulator):
    settings.TIKTOK_APP_MODE = "unaudited"
    simulator.settings(audited=False)


@pytest.fixture
def account(team, connect, unaudited):
    return connect(team, nickname="Quiet Studio", is_private=True)


def scheduled():
    return Post.objects.exclude(state=State.DRAFT)


def test_POL_4_only_me_can_be_sent(screen, account, received):
    screen.open(account).choose("Only me")
    screen.post_now()

    assert received()["post_info"]["privacy_level"] == "SELF_ONLY"


def test_POL_4_other_audiences_are_shown_and_say_why_not(screen, account):
    screen.open(account).audience.click()
    for word in ("Followers", "Friends"):
        expect(screen.option(word)).to_contain_text("After TikTok’s audit of this app")
    expect(screen.option("Only me")).not_to_contain_text("audit")

    screen.option("Friends").click()

    screen.expect_closed("“Only me”, until TikTok has audited this app")


def test_POL_4_by_hand(by_hand):
    response = by_hand(privacy_level="MUTUAL_FOLLOW_FRIENDS")

    assert ONLY_ME in summary_of(response)
    assert not scheduled().exists()


def test_POL_4_nothing_is_chosen_beforehand_here_either(screen, account):
    screen.open(account)

    expect(screen.audience_shown).to_have_text("Select who can view")
    screen.expect_closed("who can view it")


def test_POL_4_a_public_account_is_refused_with_words(screen, account, team, connect):
    public = connect(team, nickname="Maple Bakery")

    screen.open(public).choose("Only me")

    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text("Maple Bakery is a public account.")
    expect(alert).to_contain_text("Settings and privacy → Privacy → Private account")
    screen.expect_closed("cannot")


def test_POL_4_public_account_by_hand(by_hand, account, simulator):
    simulator.add_creator(account.username, is_private=False, nickname="Maple Bakery")

    response = by_hand(privacy_level="SELF_ONLY")

    assert "Maple Bakery is a public account." in summary_of(response)
    assert not scheduled().exists()


def test_POL_4_branded_content_can_be_shown_and_not_sent(screen, account):
    screen.open(account).disclose(L3[1])
    expect(screen.panel.locator(".note:visible")).to_have_text([S4[screen.kind]])
    expect(screen.declaration).to_have_text(S2)
    expect(screen.panel).to_contain_text("it can be shown here, not posted")

    screen.choose("Friends")

    screen.expect_closed("until TikTok has audited this app")
    screen.audience.click()
    expect(screen.option("Only me")).to_contain_text(S6)


def test_POL_4_branded_content_by_hand(by_hand):
    for level in ("SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"):
        by_hand(discloses_content="on", is_branded_content="on", privacy_level=level)

    assert not scheduled().exists()


def test_POL_4_every_control_of_a_public_account_can_be_shown(screen, account, team, connect):
    screen.open(connect(team, nickname="Maple Bakery"))
    for word in ("Everyone", "Friends", "Only me"):
        screen.choose(word)
    screen.box("Allow Comment").check()
    screen.disclose(L3[0])

    expect(screen.your_brand).to_be_checked()


def test_POL_4_the_count_of_creators_is_live(screen, account, received):
    screen.open(account)
    expect(screen.page.locator("#creators-used")).to_have_text("0 of 5")
    screen.choose("Only me")
    screen.post_now()
    received()

    screen.open(account)

    expect(screen.page.locator("#creators-used")).to_have_text("1 of 5")


def test_POL_4_a_sixth_creator_by_hand(by_hand, team, connect):
    now = current_moment()
    for number in range(5):
        other = connect(team, nickname=f"Creator {number}", is_private=True)
        make_post(other, privacy_level="SELF_ONLY", due_at=now + timedelta(hours=number))

    response = by_hand(privacy_level="SELF_ONLY")

    assert "it lets 5 creators post within 24 hours" in summary_of(response)
    assert scheduled().count() == 5
