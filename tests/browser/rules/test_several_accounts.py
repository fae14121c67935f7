"""Several accounts on one screen: each panel keeps its own creator's rules (UX-1 and section D)."""

import pytest
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.strings import L3, S1, S2, S3, S4, S5
from tests.publishing.conftest import step

YOUR_BRAND, BRANDED = L3


@pytest.fixture
def studio(team, connect):
    return connect(team, nickname="Quiet Studio", is_private=True, comment_disabled=True)


@pytest.fixture
def both(screen, account, studio):
    """The open screen, and each account's panel."""
    screen.open(account, studio)
    return screen, screen.of(account), screen.of(studio)


def levels(part):
    return part.options.evaluate_all("inputs => inputs.map((input) => input.value)")


def test_UX_1_each_panel_has_its_own_creator_and_audiences(both):
    screen, bakery, studio = both

    expect(screen.page.locator(".creator-name")).to_have_text(["Maple Bakery", "Quiet Studio"])
    expect(bakery.panel.locator(".account-panel-head")).to_contain_text("Maple Bakery")
    expect(studio.panel.locator(".account-panel-head")).to_contain_text("Quiet Studio")
    assert levels(bakery) == ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]
    assert levels(studio) == ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]


def test_UX_2_each_panel_has_its_own_choices(both):
    screen, bakery, studio = both
    expect(bakery.box("Allow Comment")).to_be_enabled()
    expect(studio.box("Allow Comment")).to_be_disabled()

    bakery.choose("Everyone")
    bakery.box("Allow Comment").check()

    expect(studio.audience_shown).to_have_text("Select who can view")
    expect(studio.box("Allow Comment")).not_to_be_checked()
    screen.expect_closed("Quiet Studio: who can view it")
    expect(screen.missing.filter(has_text="Maple Bakery")).to_have_count(0)


def test_UX_3_each_panel_has_its_own_disclosure(both):
    screen, bakery, studio = both
    bakery.disclose(YOUR_BRAND)
    studio.disclose(BRANDED)

    expect(bakery.panel.locator(".note:visible")).to_have_text([S3[screen.kind]])
    expect(studio.panel.locator(".note:visible")).to_have_text([S4[screen.kind]])
    bakery.audience.click()
    expect(bakery.panel.locator("[value=SELF_ONLY]")).to_be_enabled()
    bakery.option("Only me").click()
    studio.audience.click()
    expect(studio.panel.locator("[value=SELF_ONLY]")).to_be_disabled()


def test_UX_3_one_panel_without_a_box_closes_publishing(both):
    screen, bakery, studio = both
    bakery.choose("Friends")
    studio.choose("Friends")
    screen.expect_open()

    studio.disclosure.check()

    screen.expect_closed(f"Quiet Studio: {S5}")


def test_UX_4_the_footer_follows_the_strictest_panel(both):
    screen, bakery, studio = both
    expect(screen.declaration).to_have_text(S1)

    studio.disclose(BRANDED)

    expect(screen.declaration).to_have_text(S2)
    expect(bakery.panel.locator(".declaration:visible")).to_have_text(S1)
    expect(studio.panel.locator(".declaration:visible")).to_have_text(S2)
    studio.disclosure.uncheck()
    expect(screen.declaration).to_have_text(S1)


def test_UX_1b_one_account_that_cannot_post_closes_publishing(screen, account, studio, simulator):
    simulator.add_creator(studio.username, is_banned=True)

    screen.open(account, studio)

    screen.of(account).choose("Friends")
    screen.expect_closed(f"an account that can post now: {studio} cannot")
    screen.page.locator(f"#account-{studio.pk}").uncheck()
    screen.expect_open()


def test_each_account_is_told_its_own_choices(both, account, studio, simulator):
    screen, bakery, quiet = both
    bakery.choose("Everyone")
    bakery.box("Allow Comment").check()
    bakery.disclose(YOUR_BRAND)
    quiet.choose("Friends")
    quiet.disclose(BRANDED)
    screen.publish.click()
    expect(screen.page.locator(".message")).to_contain_text("2 posts")
    agreed = {
        post.account: post.consents.get().declaration
        for post in Post.objects.exclude(state=State.DRAFT)
    }
    assert agreed == {account: S1, studio: S2}

    step()

    received = {sent["creator"]: sent["post_info"] for sent in simulator.posts()}
    assert received[account.username]["privacy_level"] == "PUBLIC_TO_EVERYONE"
    assert received[account.username]["disable_comment"] is False
    assert received[account.username]["brand_organic_toggle"] is True
    assert received[studio.username]["privacy_level"] == "MUTUAL_FOLLOW_FRIENDS"
    assert received[studio.username]["disable_comment"] is True
    assert received[studio.username]["brand_content_toggle"] is True
