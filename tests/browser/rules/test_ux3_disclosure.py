"""UX-3: the disclosure of commercial content, and what it does to the audience."""

import pytest
from django.db import IntegrityError
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.strings import L2, L3, S3, S4, S5, S6
from tests.pages.posting import summary_of
from tests.publishing.factories import make_post

YOUR_BRAND, BRANDED = L3
# Where a person finds the words: under the pointer, with the Tab key, or reading on a phone.
PHONE = {"width": 390, "height": 844}


def scheduled():
    return Post.objects.exclude(state=State.DRAFT)


def prompts(screen):
    return screen.panel.locator(".disclosure-prompts .note:visible")


def test_UX_3a_1_the_disclosure_is_off(screen, account):
    screen.open(account)

    expect(screen.disclosure).to_have_accessible_name(L2)
    expect(screen.disclosure).not_to_be_checked()
    expect(screen.disclosure).to_have_accessible_description(
        f"Turn on if this {screen.kind} promotes you, a brand, a product or a service."
    )


def test_UX_3a_1_by_hand(by_hand):
    by_hand()

    post = scheduled().get()
    assert (post.discloses_content, post.is_your_brand, post.is_branded_content) == (
        False,
        False,
        False,
    )


def test_UX_3a_2_off_shows_neither_boxes_nor_labels(screen, account, received):
    screen.open(account).choose("Friends")
    expect(screen.your_brand).to_be_hidden()
    expect(screen.branded).to_be_hidden()
    expect(prompts(screen)).to_have_count(0)
    expect(screen.page.locator("#phone-labels")).to_have_text("")
    for words in ("Promotional content", "Paid partnership"):
        expect(screen.seen(words)).to_have_count(0)

    screen.post_now()

    info = received()["post_info"]
    assert (info["brand_organic_toggle"], info["brand_content_toggle"]) == (False, False)


def test_UX_3a_2_by_hand(by_hand, received):
    by_hand(is_your_brand="on", is_branded_content="on")

    info = received()["post_info"]
    assert (info["brand_organic_toggle"], info["brand_content_toggle"]) == (False, False)


def test_UX_3a_3_on_shows_two_unchecked_boxes(screen, account):
    screen.open(account).disclosure.check()

    for box in (screen.your_brand, screen.branded):
        expect(box).to_be_visible()
        expect(box).not_to_be_checked()
        box.check()
    expect(screen.your_brand).to_be_checked()
    expect(screen.branded).to_be_checked()


def test_UX_3a_3_by_hand(by_hand, received):
    by_hand(discloses_content="on", is_your_brand="on", is_branded_content="on")

    info = received()["post_info"]
    assert (info["brand_organic_toggle"], info["brand_content_toggle"]) == (True, True)


def test_UX_3a_4_your_brand_alone(screen, account):
    screen.open(account).disclose(YOUR_BRAND)

    expect(prompts(screen)).to_have_text([S3[screen.kind]])


def test_UX_3a_4_by_hand(by_hand, received):
    by_hand(discloses_content="on", is_your_brand="on")

    info = received()["post_info"]
    assert (info["brand_organic_toggle"], info["brand_content_toggle"]) == (True, False)


def test_UX_3a_5_branded_content_alone(screen, account):
    screen.open(account).disclose(BRANDED)

    expect(prompts(screen)).to_have_text([S4[screen.kind]])


def test_UX_3a_5_by_hand(by_hand, received):
    by_hand(discloses_content="on", is_branded_content="on")

    info = received()["post_info"]
    assert (info["brand_organic_toggle"], info["brand_content_toggle"]) == (False, True)


def test_UX_3a_6_both(screen, account):
    screen.open(account).disclose(YOUR_BRAND, BRANDED)

    expect(prompts(screen)).to_have_text([S4[screen.kind]])


def test_UX_3a_7_on_without_a_box_disables_publishing(screen, account):
    screen.open(account, date="2030-07-01").choose("Friends")
    screen.page.locator("#id_due_time").fill("09:15")
    expect(screen.schedule).to_be_enabled()

    screen.disclosure.check()

    screen.expect_closed(S5)
    screen.your_brand.check()
    screen.expect_open()
    expect(screen.schedule).to_be_enabled()


def test_UX_3a_7_the_pointer_finds_the_words(screen, account):
    screen.open(account).choose("Friends")
    screen.disclosure.check()
    tip = screen.tip_of(screen.publish).get_by_role("tooltip")
    expect(tip).to_be_hidden()

    screen.publish.hover(force=True)

    expect(tip).to_be_visible()
    expect(tip).to_have_text(S5)
    expect(tip).to_be_in_viewport(ratio=1)
    lower_edge = tip.bounding_box()["y"] + tip.bounding_box()["height"]
    assert lower_edge <= screen.declaration.bounding_box()["y"]
    screen.schedule.hover(force=True)
    expect(screen.tip_of(screen.schedule).get_by_role("tooltip")).to_contain_text(S5)


def test_UX_3a_7_the_keyboard_finds_the_words(screen, account):
    screen.open(account).choose("Friends")
    screen.disclosure.check()

    screen.tab_to(screen.tip_of(screen.publish))

    expect(screen.tip_of(screen.publish)).to_have_accessible_description(S5)
    expect(screen.tip_of(screen.publish).get_by_role("tooltip")).to_be_visible()


def test_UX_3a_7_a_finger_finds_the_words(screen, account):
    screen.page.set_viewport_size(PHONE)
    screen.open(account).choose("Friends")
    screen.disclosure.check()

    expect(screen.missing.filter(has_text=S5)).to_be_visible()
    expect(prompts(screen)).to_have_text([S5])


def test_UX_3a_7_by_hand(by_hand):
    response = by_hand(discloses_content="on")

    assert S5 in summary_of(response)
    assert not scheduled().exists()


def test_UX_3a_8_both_boxes_are_explained(screen, account):
    screen.open(account).disclosure.check()

    expect(screen.your_brand).to_have_accessible_name(
        "Your brand – you promote yourself or your own business"
    )
    expect(screen.branded).to_have_accessible_name(
        "Branded content – you promote another brand or a third party"
    )


AUDIENCES = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"]


@pytest.fixture
def every_audience(simulator, account):
    simulator.add_creator(account.username, privacy_level_options=AUDIENCES)


@pytest.mark.usefixtures("every_audience")
def test_UX_3b_1_branded_content_is_for_everyone_or_friends(screen, account):
    screen.open(account).disclose(BRANDED)
    screen.audience.click()

    enabled = screen.options.evaluate_all(
        "inputs => inputs.filter((input) => !input.disabled).map((input) => input.value)"
    )

    assert enabled == ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS"]
    screen.option("Everyone").click()
    screen.expect_open()


@pytest.mark.usefixtures("every_audience")
@pytest.mark.parametrize("level", AUDIENCES)
def test_UX_3b_1_by_hand(by_hand, level):
    response = by_hand(discloses_content="on", is_branded_content="on", privacy_level=level)

    if level in {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS"}:
        assert scheduled().get().privacy_level == level
    else:
        assert S6 in summary_of(response)
        assert not scheduled().exists()


def test_UX_3b_2_only_me_comes_first(screen, account):
    screen.open(account).choose("Only me")

    screen.disclosure.check()

    expect(screen.branded).to_be_disabled()
    expect(screen.your_brand).to_be_enabled()
    expect(screen.audience_shown).to_have_text("Only me")
    choice = screen.panel.locator("[data-branded-choice]")
    expect(choice).to_contain_text(S6)
    screen.choose("Friends")
    expect(screen.branded).to_be_enabled()
    expect(choice.get_by_text(S6)).to_be_hidden()


def test_UX_3b_2_pointer_keyboard_and_finger_find_the_words(screen, account):
    screen.page.set_viewport_size(PHONE)
    screen.open(account).choose("Only me")
    screen.disclosure.check()
    choice = screen.panel.locator("[data-branded-choice]")

    expect(choice.get_by_text(S6)).to_be_visible()
    assert title_under_the_pointer(screen, choice) == S6
    screen.tab_to(choice)
    expect(choice).to_have_accessible_description(S6)


def test_UX_3b_2_by_hand(by_hand):
    response = by_hand(discloses_content="on", is_branded_content="on", privacy_level="SELF_ONLY")

    assert S6 in summary_of(response)
    assert not scheduled().exists()


def test_UX_3b_3_branded_content_comes_first(screen, account):
    screen.open(account).disclose(BRANDED)
    screen.audience.click()

    expect(screen.panel.locator("[data-privacy][value=SELF_ONLY]")).to_be_disabled()
    screen.option("Only me").click(force=True)
    expect(screen.audience_shown).to_have_text("Select who can view")
    screen.branded.uncheck()
    expect(screen.panel.locator("[data-privacy][value=SELF_ONLY]")).to_be_enabled()


def title_under_the_pointer(screen, target):
    """What the browser shows beside a pointer that rests on `target`."""
    # Away from what floats at a phone's lower edge.
    target.evaluate("element => element.scrollIntoView({ block: 'center' })")
    target.hover(force=True)
    return screen.page.evaluate(
        """() => {
          const under = [...document.querySelectorAll(":hover")].reverse();
          const titled = under.find((element) => element.getAttribute("title"));
          return titled?.getAttribute("title") ?? "";
        }"""
    )


def test_UX_3b_3_the_pointer_finds_the_words(screen, account):
    screen.open(account).disclose(BRANDED)
    screen.audience.click()

    assert title_under_the_pointer(screen, screen.option("Only me")) == S6
    assert title_under_the_pointer(screen, screen.option("Friends")) == ""


def test_UX_3b_3_the_keyboard_finds_the_words(screen, account):
    screen.open(account)
    expect(screen.audience).to_have_accessible_description("")
    screen.disclose(BRANDED)
    screen.caption.focus()

    screen.tab_to(screen.audience)
    expect(screen.audience).to_have_accessible_description(S6)
    screen.page.keyboard.press("Enter")
    screen.tab_to(screen.option("Only me"))
    expect(screen.option("Only me")).to_have_accessible_description(S6)


def test_UX_3b_3_a_finger_finds_the_words(screen, account):
    screen.page.set_viewport_size(PHONE)
    screen.open(account)
    expect(screen.seen(S6)).to_have_count(0)
    screen.disclose(BRANDED)

    expect(screen.panel.locator(".only-me-note")).to_have_text(S6)
    screen.audience.click()
    expect(screen.option("Only me").get_by_text(S6)).to_be_visible()


def test_UX_3b_3_by_hand(by_hand):
    response = by_hand(
        discloses_content="on",
        is_your_brand="on",
        is_branded_content="on",
        privacy_level="SELF_ONLY",
    )

    assert S6 in summary_of(response)
    assert not scheduled().exists()


def test_UX_3b_4_the_database_takes_no_private_branded_post(account, media):
    post = make_post(account, media=media, privacy_level="SELF_ONLY")

    with pytest.raises(IntegrityError):
        Post.objects.filter(pk=post.pk).update(discloses_content=True, is_branded_content=True)


def test_UX_3b_4_by_hand(by_hand, simulator):
    for action in ("now", "schedule"):
        response = by_hand(
            action=action,
            discloses_content="on",
            is_branded_content="on",
            privacy_level="SELF_ONLY",
        )
        assert S6 in summary_of(response)

    assert not scheduled().exists()
    assert simulator.posts() == []
