"""UX-2: the texts, who can view it and what people may do, all chosen by hand."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.rules.kinds import only_photo, only_video
from tests.browser.rules.strings import L1, MUSIC_USAGE_URL, S1
from tests.pages.posting import summary_of, words_of
from tests.publishing.factories import make_post

WORDS = {
    "PUBLIC_TO_EVERYONE": "Everyone",
    "MUTUAL_FOLLOW_FRIENDS": "Friends",
    "FOLLOWER_OF_CREATOR": "Followers",
    "SELF_ONLY": "Only me",
}
OFFERS = [
    ["SELF_ONLY"],
    ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    ["SELF_ONLY", "PUBLIC_TO_EVERYONE"],
    # TikTok may add one that nobody here has heard of.
    ["PUBLIC_TO_EVERYONE", "CLOSE_FRIENDS"],
]
DISABLED = {"comment": "Allow Comment", "duet": "Duet", "stitch": "Stitch"}
# A line break counts as one character, an emoji as two.
LIMITS = {
    "video": [("caption", 2200)],
    "photo": [("title", 90), ("caption", 4000)],
}


def scheduled():
    return Post.objects.exclude(state=State.DRAFT)


def test_UX_2a_the_texts_are_empty_and_the_persons_own(screen, account, received):
    screen.open(account)
    expect(screen.caption).to_have_value("")
    expect(screen.caption).to_be_editable()
    if screen.kind == "photo":
        expect(screen.title).to_have_value("")
        screen.title.fill("Loaves")

    screen.caption.fill("Fresh from the oven \U0001f950\n#bread")
    screen.choose("Friends")
    screen.post_now()

    info = received()["post_info"]
    if screen.kind == "photo":
        assert info["title"] == "Loaves"
    text = info["description" if screen.kind == "photo" else "title"]
    assert text == "Fresh from the oven \U0001f950\n#bread"


def test_UX_2a_a_text_over_tiktoks_limit_disables_publishing(screen, account):
    screen.open(account).choose("Friends")
    for name, limit in LIMITS[screen.kind]:
        field = screen.page.locator(f"#id_{name}")
        field.fill("\U0001f950" * (limit // 2))
        screen.expect_open()

        field.press("End")
        field.press_sequentially("x")

        screen.expect_closed(re.compile("a shorter"))
        screen.missing.filter(has_text="a shorter").click()
        expect(field).to_be_focused()
        field.fill("")


def test_UX_2a_by_hand(by_hand, kind):
    for name, limit in LIMITS[kind]:
        too_long = by_hand(**{name: "\U0001f950" * (limit // 2) + "x"})
        assert f"has {limit + 1} characters as TikTok counts them; {limit} are" in summary_of(
            too_long
        )
        assert not scheduled().exists()

    by_hand(**{name: "\U0001f950" * (limit // 2) for name, limit in LIMITS[kind]})

    assert scheduled().count() == 1


@pytest.mark.parametrize("offered", OFFERS, ids="-".join)
def test_UX_2b_1_audiences_are_exactly_those_offered(screen, account, simulator, offered):
    simulator.add_creator(account.username, privacy_level_options=offered)

    screen.open(account).audience.click()

    values = screen.options.evaluate_all("inputs => inputs.map((input) => input.value)")
    assert values == offered
    for level in offered:
        expect(screen.option(WORDS.get(level, level))).to_be_visible()


def test_UX_2b_1_by_hand(by_hand, account, simulator):
    simulator.add_creator(
        account.username, privacy_level_options=["PUBLIC_TO_EVERYONE", "SELF_ONLY"]
    )

    response = by_hand(privacy_level="MUTUAL_FOLLOW_FRIENDS")

    assert "TikTok does not offer “Friends” for Maple Bakery now." in summary_of(response)
    assert "It offers: Everyone, Only me." in summary_of(response)
    assert not scheduled().exists()


def expect_nothing_chosen(screen):
    expect(screen.audience_shown).to_have_text("Select who can view")
    expect(screen.panel.locator("[data-privacy]:checked")).to_have_count(0)
    screen.expect_closed("who can view it")


def test_UX_2b_2_privacy_has_no_default(screen, account):
    screen.open(account, date="2030-07-01")
    screen.page.locator("#id_due_time").fill("09:15")
    expect(screen.page.locator("[data-moment-label]")).to_be_visible()
    expect_nothing_chosen(screen)

    screen.choose("Friends")

    screen.expect_open()
    expect(screen.schedule).to_be_enabled()


def test_UX_2b_2_not_even_when_one_audience_is_all_there_is(screen, account, simulator):
    simulator.add_creator(account.username, privacy_level_options=["SELF_ONLY"])

    expect_nothing_chosen(screen.open(account))


def test_UX_2b_2_no_link_chooses(screen, account):
    names = {"privacy_level", f"account-{account.pk}-privacy_level"}

    screen.open(account, **dict.fromkeys(names, "SELF_ONLY"))

    expect_nothing_chosen(screen)


def test_UX_2b_2_no_earlier_post_chooses(screen, account, team, connect):
    make_post(account, media=screen.media, privacy_level="SELF_ONLY")
    make_post(account, media=screen.media, privacy_level="SELF_ONLY", state=State.DRAFT)

    expect_nothing_chosen(screen.open(account))


def test_UX_2b_2_no_duplicated_post_chooses(screen, account):
    post = make_post(account, media=screen.media, kind=screen.kind, privacy_level="SELF_ONLY")

    screen.goto(f"{reverse('compose')}?from={post.pk}")
    if not screen.panel.is_visible():
        screen.tick(account)

    expect_nothing_chosen(screen)


def test_UX_2b_2_an_account_chosen_anew_is_chosen_for_anew(screen, account):
    screen.open(account).choose("Friends")
    screen.page.locator(f"#account-{account.pk}").uncheck()

    screen.tick(account)

    expect_nothing_chosen(screen)


def test_UX_2b_2_it_can_be_chosen_with_the_keyboard(screen, account):
    screen.open(account)
    screen.caption.focus()
    screen.tab_to(screen.audience)
    screen.page.keyboard.press("Enter")
    screen.page.keyboard.press("ArrowDown")
    expect_nothing_chosen(screen)

    screen.page.keyboard.press("ArrowDown")
    screen.page.keyboard.press("Enter")

    expect(screen.audience).to_be_focused()
    expect(screen.audience_shown).to_have_text("Friends")
    screen.expect_open()


def test_UX_2b_2_by_hand(by_hand):
    response = by_hand(privacy_level="")

    assert "Choose who can view this post." in summary_of(response)
    assert "Select who can view" in words_of(response)
    assert not scheduled().exists()


@only_video
def test_UX_2c_1_three_controls_and_all_unchecked(screen, account, received):
    screen.open(account).choose("Friends")
    labels = screen.page.locator(".interactions label")
    expect(labels).to_have_text(L1)
    for label in L1:
        expect(screen.box(label)).to_be_enabled()
        expect(screen.box(label)).not_to_be_checked()

    screen.box("Duet").check()
    screen.post_now()

    info = received()["post_info"]
    assert [info[f"disable_{name}"] for name in DISABLED] == [True, False, True]


@only_video
def test_UX_2c_1_by_hand(by_hand, received):
    by_hand()

    info = received()["post_info"]
    assert [info[f"disable_{name}"] for name in DISABLED] == [True, True, True]


@pytest.mark.parametrize("name", DISABLED)
@only_video
def test_UX_2c_2_a_control_switched_off_in_tiktok_is_greyed(screen, account, simulator, name):
    simulator.add_creator(account.username, **{f"{name}_disabled": True})

    screen.open(account)

    for other, label in DISABLED.items():
        expect(screen.box(label)).not_to_be_checked()
        if other == name:
            expect(screen.box(label)).to_be_disabled()
        else:
            expect(screen.box(label)).to_be_enabled()
    expect_greyed(screen, DISABLED[name])


@only_photo
def test_UX_2c_2_comments_switched_off_in_tiktok_are_greyed(screen, account, simulator):
    simulator.add_creator(account.username, comment_disabled=True)

    screen.open(account)

    expect(screen.box("Allow Comment")).not_to_be_checked()
    expect(screen.box("Allow Comment")).to_be_disabled()
    expect_greyed(screen, "Allow Comment")


def expect_greyed(screen, label):
    """Paler than the words of another control, and it says why."""
    greyed = screen.page.locator(".interactions label", has_text=label)
    expect(greyed).to_contain_text("switched off in TikTok")
    colour = "element => getComputedStyle(element).color"
    ai = screen.panel.locator("label", has_text="AI-generated content")
    assert greyed.evaluate(colour) != ai.evaluate(colour)


REFUSED = [("comment", "comments"), ("duet", "duets"), ("stitch", "stitches")]


@pytest.mark.parametrize(("name", "words"), REFUSED)
@only_video
def test_UX_2c_2_by_hand(by_hand, account, simulator, name, words):
    simulator.add_creator(account.username, **{f"{name}_disabled": True})

    response = by_hand(**{f"allow_{name}": "on"})

    assert f"Maple Bakery has switched {words} off in TikTok" in summary_of(response)
    assert not scheduled().exists()


@only_photo
def test_UX_2c_2_photo_by_hand(by_hand, account, simulator):
    simulator.add_creator(account.username, comment_disabled=True)

    response = by_hand(allow_comment="on")

    assert "Maple Bakery has switched comments off in TikTok" in summary_of(response)
    assert not scheduled().exists()


@only_photo
def test_UX_2c_3_photos_show_only_allow_comment(screen, account):
    screen.open(account)

    expect(screen.page.locator(".interactions label")).to_have_text(["Allow Comment"])
    page = screen.page.content().lower()
    assert "duet" not in page
    assert "stitch" not in page


@only_photo
def test_UX_2c_3_by_hand(by_hand, received):
    by_hand(allow_comment="on", allow_duet="on", allow_stitch="on")

    info = received()["post_info"]
    assert info["disable_comment"] is False
    assert "disable_duet" not in info
    assert "disable_stitch" not in info


def test_UX_2d_the_declaration_stands_above_the_button(screen, account):
    screen.open(account)
    expect(screen.declaration).to_have_text(S1)

    place, button = screen.declaration.bounding_box(), screen.publish.bounding_box()
    assert place["y"] + place["height"] <= button["y"]

    screen.disclosure.check()
    expect(screen.declaration).to_have_text(S1)
    screen.disclosure.uncheck()
    expect(screen.declaration).to_have_text(S1)


def test_UX_2d_the_declaration_is_there_before_any_account(screen, account):
    screen.open()

    expect(screen.declaration).to_have_text(S1)


def test_UX_2d_the_declaration_is_there_on_a_phone(screen, account):
    screen.page.set_viewport_size({"width": 390, "height": 844})

    screen.open(account)

    expect(screen.declaration).to_have_text(S1)
    place, button = screen.declaration.bounding_box(), screen.publish.bounding_box()
    assert place["y"] + place["height"] <= button["y"]


def test_UX_2d_its_link_opens_tiktoks_document(screen, account):
    screen.page.context.route("https://www.tiktok.com/**", lambda route: route.fulfill(body="ok"))
    screen.open(account)

    with screen.page.expect_popup() as opened:
        screen.declaration.get_by_role("link", name="Music Usage Confirmation", exact=True).click()

    opened.value.wait_for_load_state()
    assert opened.value.url == MUSIC_USAGE_URL


def test_UX_2d_by_hand(by_hand):
    by_hand()

    consent = scheduled().get().consents.get()
    assert consent.declaration == S1
    assert consent.declaration_links == {"Music Usage Confirmation": MUSIC_USAGE_URL}
