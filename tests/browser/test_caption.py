"""The caption editor and its preview, in a real Chromium."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from accounts.models import Role, Team, TikTokAccount
from publishing.hashtags import add_group
from publishing.models import HashtagGroup
from publishing.states import State
from tests.browser.people import sign_in
from tests.browser.test_axe import AXE, LOOK, SIZES_PX, THEMES, violations
from tests.factories import make_account, make_member, make_team
from tests.publishing.conftest import connect, simulator, simulator_process
from tests.publishing.factories import days, make_post
from tiktok.captions import feed_part

__all__ = ["connect", "simulator", "simulator_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = (
    "Fresh rolls out of the oven since four in the morning, and the whole street smells of it. "
    "Come by before they are gone, @maple.bakery and friends! #bakery #hamburg\n\n"
    "How the dough rests, why we do it #sourdough and who gets up first. \U0001f950 #slowmorning"
)


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(team: Team, connect: Callable[..., TikTokAccount]) -> TikTokAccount:
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def group(team: Team) -> HashtagGroup:
    person = make_member(team, Role.EDITOR).user
    return add_group(team, person, "Morning", ["#bread", "#rolls"], current_moment())


@pytest.fixture
def editor(page: Page, team: Team, live_server: Any) -> Page:
    sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)
    return page


@pytest.fixture
def compose(editor: Page, live_server: Any, account: TikTokAccount, group: HashtagGroup) -> Page:
    """The posting screen of a team with a group and four hashtags in its earlier posts."""
    for caption in ("#bakery #baking #hamburg", "#bakery #baking", "#bakery", "#"):
        make_post(account, caption=caption, state=State.DRAFT, is_consented=False)
    make_post(make_account(), caption="#bakersecret", state=State.DRAFT, is_consented=False)
    editor.goto(f"{live_server.url}{reverse('compose')}?account={account.pk}")
    return editor


@pytest.fixture
def caption(compose):
    return compose.locator("#id_caption")


@pytest.fixture
def suggestions(compose):
    return compose.locator("#hashtag-suggestions [role=option]")


def become(page: Page, kind: str) -> None:
    """Presses the switch; what was typed comes along."""
    page.locator(f"[name=kind_to][value={kind}]").click()
    expect(page.locator(f"[data-compose][data-kind={kind}]")).to_be_visible()
    page.wait_for_load_state()


# What is marked


def test_hashtags_and_mentions_are_marked_while_typing(compose, caption):
    caption.press_sequentially("a #b,c @d x#y # \n#e")

    expect(compose.locator("[data-caption-marks] b")).to_have_text(["#b,c", "@d", "#e"])
    expect(compose.locator("#phone-caption b")).to_have_text(["#b,c", "@d", "#e"])
    expect(caption).to_have_value("a #b,c @d x#y # \n#e")


def test_the_feeds_end_is_marked(compose, caption):
    caption.fill("Short.")
    expect(compose.locator(".caption-cut")).to_have_count(0)

    caption.fill(LONG)

    expect(compose.locator(".caption-cut")).to_have_count(1)
    rest = compose.locator(".caption-rest").text_content()
    assert feed_part(LONG) + rest == LONG


def without_decoration(page: Page) -> None:
    page.evaluate(
        """for (const one of document.querySelectorAll('[data-caption-marks] *')) {
          one.style.background = 'none'; one.style.boxShadow = 'none';
          one.style.textDecoration = 'none';
          if (one.matches('.caption-cut')) one.style.display = 'none';
        }"""
    )


def picture(page: Page, *, text: str, marks: str) -> Image.Image:
    """The editor with its text and the text of its marks in these colours."""
    page.locator("#id_caption").evaluate("(one, colour) => one.style.color = colour", text)
    page.locator(".caption-marks").evaluate("(one, colour) => one.style.color = colour", marks)
    return Image.open(io.BytesIO(page.locator(".caption-box").screenshot())).convert("L")


@pytest.mark.parametrize("width_px", [390, 1280])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scrolled_px", [0, 77])
def test_the_marks_lie_exactly_under_the_text(compose, caption, width_px, theme, scrolled_px):
    compose.emulate_media(color_scheme=theme, reduced_motion="reduce")
    compose.set_viewport_size({"width": width_px, "height": 800})
    caption.fill(LONG + " " + LONG + "\n\t" + "y" * 120 + "\n")
    caption.evaluate("(one, top) => { one.blur(); one.scrollTop = top }", scrolled_px)
    without_decoration(compose)

    typed = picture(compose, text="gray", marks="transparent")
    marked = picture(compose, text="transparent", marks="gray")

    assert caption.evaluate("(one) => one.scrollTop") == scrolled_px
    assert len(typed.getcolors() or []) > 10, "nothing is written there"
    # Glyphs may be smoothed a little differently; a shifted line would differ by hundreds.
    assert ImageChops.difference(typed, marked).getextrema()[1] < 64


def test_the_marks_follow_to_the_very_end(compose, caption):
    caption.fill("line #one\n" * 40)
    caption.press("ControlOrMeta+End")

    scrolled_px, moved_px, missing_px = compose.evaluate(
        """() => {
          const field = document.querySelector('#id_caption');
          const marks = document.querySelector('[data-caption-marks] > div');
          const [one, other] = [field, marks].map((one) => one.getBoundingClientRect());
          return [field.scrollTop, one.top + 9 - other.top, field.scrollHeight - 16 - other.height];
        }"""
    )
    assert scrolled_px > 0
    assert (moved_px, missing_px) == (scrolled_px, 0)


def test_only_the_field_is_there_for_screen_readers(compose, caption):
    caption.fill("Fresh #bread")

    tree = compose.locator(".caption-box").aria_snapshot()
    assert tree.count("Fresh #bread") == 1
    assert 'textbox "Caption"' in tree


@pytest.mark.parametrize("text", [LONG, "x" * 151, "x" * 149 + "\U0001f950 end", "1\n2\n3\n4", " "])
def test_script_and_server_cut_at_the_same_place(compose, caption, text):
    caption.fill(text)

    shown = compose.locator("#phone-caption .phone-start, #phone-caption > p").text_content()
    part = feed_part(text)
    assert shown == (part if part == text else f"{part}… ")


# Counting


def test_over_the_limit_it_says_by_how_many(compose, caption):
    caption.fill("\U0001f950" * 1100)
    expect(compose.locator("#caption-count")).to_have_text(
        "2200 of 2200 characters as TikTok counts them", use_inner_text=True
    )

    caption.press("End")
    caption.press_sequentially("xy")

    expect(compose.locator("#caption-count")).to_have_text(
        "2202 of 2200 characters: 2 too many", use_inner_text=True
    )
    expect(compose.locator("#caption-count")).to_have_class("caption-count is-over")
    expect(compose.locator("[data-missing-list] a", has_text="a shorter caption")).to_be_visible()


def test_a_draft_that_is_too_long_says_so_at_once(editor, live_server, account):
    draft = make_post(account, caption="x" * 2201, state=State.DRAFT, is_consented=False)

    editor.goto(f"{live_server.url}{reverse('compose')}?draft={draft.pk}")

    expect(editor.locator("[data-missing-list] a", has_text="a shorter caption")).to_be_visible()


def test_a_video_has_a_caption_and_no_title(compose, caption):
    expect(compose.get_by_role("textbox", name="Caption", exact=True)).to_be_visible()
    expect(compose.locator("#id_title")).to_be_hidden()


def test_photos_have_a_title_and_a_description(compose, caption):
    become(compose, "photo")

    for name in ("Title", "Description"):
        expect(compose.get_by_role("textbox", name=name, exact=True)).to_be_visible()
    compose.locator("#id_title").fill("Rolls!")
    caption.fill("x" * 2201)
    expect(compose.locator("#phone-title")).to_have_text("Rolls!")
    expect(compose.locator("#caption-count")).to_contain_text("2201 of 4000", use_inner_text=True)
    expect(compose.locator("[data-caption-is-over]")).to_have_count(0)


def test_the_limits_follow_the_kind(compose, caption):
    become(compose, "photo")
    caption.fill("x" * 2201)

    become(compose, "video")

    expect(compose.locator("#caption-count")).to_contain_text("1 too many")
    expect(compose.locator("[data-missing-list] a", has_text="a shorter caption")).to_be_visible()


def test_a_title_that_is_too_long_counts_only_for_photos(compose):
    become(compose, "photo")
    compose.locator("#id_title").fill("x" * 91)
    expect(compose.locator("#title-count")).to_have_text("91 of 90 characters: 1 too many")
    expect(compose.locator("#id_title[data-caption-is-over]")).to_have_count(1)
    expect(compose.locator("[data-missing-list] a", has_text="a shorter title")).to_be_visible()

    become(compose, "video")

    expect(compose.locator("[data-caption-is-over]")).to_have_count(0)
    expect(compose.locator("[data-missing-list]")).not_to_contain_text("shorter")


# Groups and earlier hashtags


def open_groups(page: Page) -> None:
    with page.expect_response(lambda answer: reverse("hashtags_menu") in answer.url):
        page.locator("[data-hashtag-groups] summary").click()


def test_a_group_goes_in_at_the_caret_and_can_be_undone(compose, caption):
    caption.fill("Freshtoday")
    caption.press("Home")
    for _ in "Fresh":
        caption.press("ArrowRight")
    caption.press_sequentially(" ")

    open_groups(compose)
    compose.get_by_role("button", name="Morning").click()

    expect(caption).to_have_value("Fresh #bread #rolls today")
    expect(caption).to_be_focused()
    expect(compose.locator("[data-caption-marks] b")).to_have_text(["#bread", "#rolls"])
    caption.press("ControlOrMeta+z")
    expect(caption).to_have_value("Fresh today")


def test_a_group_goes_to_the_end_of_a_draft_nobody_has_touched(editor, live_server, account, group):
    draft = make_post(account, caption="Fresh", state=State.DRAFT, is_consented=False)
    editor.goto(f"{live_server.url}{reverse('compose')}?draft={draft.pk}")

    open_groups(editor)
    editor.get_by_role("button", name="Morning").click()

    expect(editor.locator("#id_caption")).to_have_value("Fresh #bread #rolls")


def test_a_group_leaves_out_what_the_caption_has(compose, caption):
    caption.fill("#Bread")

    open_groups(compose)
    compose.get_by_role("button", name="Morning").click()

    expect(caption).to_have_value("#Bread #rolls")
    open_groups(compose)
    expect(compose.get_by_role("button", name="Morning")).to_be_disabled()


def test_groups_work_by_keyboard(compose, caption):
    caption.focus()
    compose.keyboard.press("Tab")
    expect(compose.locator("[data-hashtag-groups] summary")).to_be_focused()
    with compose.expect_response(lambda answer: reverse("hashtags_menu") in answer.url):
        compose.keyboard.press("Enter")
    compose.keyboard.press("Tab")
    expect(compose.get_by_role("button", name="Morning")).to_be_focused()

    compose.keyboard.press("Enter")

    expect(caption).to_have_value("#bread #rolls")
    expect(compose.locator("[data-hashtag-groups]")).not_to_have_attribute("open", "")


def test_escape_closes_the_groups(compose):
    open_groups(compose)

    compose.keyboard.press("Escape")

    expect(compose.get_by_role("button", name="Morning")).to_be_hidden()
    expect(compose.locator("[data-hashtag-groups] summary")).to_be_focused()


def test_a_group_added_meanwhile_is_offered(compose, caption, team, group):
    add_group(team, group.created_by, "Evening", ["#buns"], current_moment())

    open_groups(compose)
    compose.get_by_role("button", name="Evening").click()

    expect(caption).to_have_value("#buns")


def test_the_most_used_hashtags_stand_there_unasked(compose):
    chips = compose.locator("[data-hashtag-chips] button")

    expect(chips).to_have_text(["#bakery", "#baking", "#hamburg"])


def test_an_earlier_hashtag_never_goes_into_a_word(compose, caption):
    caption.fill("Fresh rolls")
    caption.press("Home")
    caption.press("ArrowRight")

    compose.get_by_role("button", name="#hamburg").click()

    expect(caption).to_have_value("Fresh #hamburg rolls")
    expect(compose.get_by_role("button", name="#hamburg")).to_be_disabled()


def test_a_double_click_means_one_hashtag(compose, caption):
    compose.get_by_role("button", name="#bakery").dblclick()

    expect(compose.get_by_role("button", name="#bakery")).to_be_disabled()
    expect(caption).to_have_value("#bakery")


# Suggestions


def test_suggestions_match_what_is_typed(compose, caption, suggestions):
    caption.press_sequentially("Fresh #bak")

    expect(suggestions).to_have_text(["#bakery", "#baking"])
    expect(compose.locator("[data-hashtag-chips]")).to_be_hidden()
    expect(compose.locator("[data-caption-status]")).to_have_text(
        "2 hashtags match. Arrow down chooses."
    )


def test_another_teams_hashtags_are_nowhere(compose):
    assert "bakersecret" not in compose.content()


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_a_suggestion_is_taken_by_keyboard(compose, caption, suggestions, key):
    caption.press_sequentially("Fresh #bak")
    caption.press("ArrowDown")
    caption.press("ArrowDown")
    expect(suggestions.nth(1)).to_have_attribute("aria-selected", "true")
    expect(caption).to_have_attribute("aria-activedescendant", "hashtag-suggestion-1")

    caption.press(key)

    expect(caption).to_have_value("Fresh #baking ")
    expect(caption).to_be_focused()
    expect(suggestions).to_have_count(0)
    assert caption.get_attribute("aria-activedescendant") is None
    caption.press("ControlOrMeta+z")
    expect(caption).to_have_value("Fresh #bak")


def test_a_suggestion_is_taken_by_a_click(compose, caption, suggestions):
    caption.press_sequentially("#bak now")
    for _ in " now":
        caption.press("ArrowLeft")

    suggestions.first.click()

    expect(caption).to_have_value("#bakery now")
    expect(caption).to_be_focused()


def test_without_a_choice_enter_is_a_new_line(caption, suggestions):
    caption.press_sequentially("#bak")
    expect(suggestions).to_have_count(2)

    caption.press("Enter")

    expect(caption).to_have_value("#bak\n")


def test_past_the_last_suggestion_nothing_is_chosen(caption, suggestions):
    caption.press_sequentially("#bak")
    for _ in range(3):
        caption.press("ArrowDown")

    caption.press("Enter")

    expect(caption).to_have_value("#bak\n")


def test_escape_puts_suggestions_away_until_more_is_typed(caption, suggestions):
    caption.press_sequentially("#ba")
    expect(suggestions).to_have_count(2)

    caption.press("Escape")
    expect(suggestions).to_have_count(0)

    caption.press_sequentially("k")
    expect(suggestions).to_have_count(2)


def test_walking_through_the_lines_is_not_caught(caption, suggestions):
    caption.fill("one\n#ba\nthree")
    caption.press("ControlOrMeta+Home")
    caption.press("End")

    caption.press("ArrowDown")
    expect(suggestions).to_have_count(0)
    caption.press("ArrowDown")

    assert caption.evaluate("(one) => one.selectionStart") > len("one\n#ba")


def test_leaving_the_field_puts_suggestions_away(compose, caption, suggestions):
    caption.press_sequentially("#ba")

    compose.locator("#id_due_date").focus()

    expect(suggestions).to_have_count(0)
    expect(compose.locator("[data-hashtag-chips]")).to_be_visible()


def test_an_input_method_is_left_alone(compose, caption, suggestions):
    caption.focus()
    client = compose.context.new_cdp_session(compose)

    composing = {"text": "#bak", "selectionStart": 4, "selectionEnd": 4}
    client.send("Input.imeSetComposition", composing)
    expect(compose.locator("[data-caption-marks] b")).to_have_text("#bak")
    expect(suggestions).to_have_count(2)
    client.send("Input.insertText", {"text": "#bakü"})

    expect(caption).to_have_value("#bakü")
    expect(compose.locator("[data-caption-marks] b")).to_have_text("#bakü")
    caption.press("ControlOrMeta+z")
    expect(caption).to_have_value("")


@pytest.mark.parametrize("width_px", [390, 1280])
def test_nothing_below_moves_while_typing(compose, caption, suggestions, width_px):
    compose.set_viewport_size({"width": width_px, "height": 800})
    below = compose.locator("#panels")
    from_top = "(one) => one.getBoundingClientRect().top + scrollY"
    before = below.evaluate(from_top)

    caption.press_sequentially("#ba")
    expect(suggestions).to_have_count(2)

    assert below.evaluate(from_top) == before
    caption.press_sequentially(" @maple.bakery\n\n\n\n\n\n\n")
    assert below.evaluate(from_top) == before


# The preview


def test_the_preview_shows_the_rest_on_request(compose, caption):
    caption.fill(LONG)
    expect(compose.locator("#phone-caption")).not_to_contain_text("dough", use_inner_text=True)

    compose.locator("#phone-caption summary").click()

    expect(compose.locator("#phone-caption > details > p")).to_have_text(LONG)
    caption.press("End")
    caption.press_sequentially("!")
    expect(compose.locator("#phone-caption > details > p")).to_be_visible()


def test_a_posts_page_cuts_like_the_feed_without_script(new_context, live_server, team, account):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, make_member(team, Role.VIEWER).user, live_server.url)
    post = make_post(account, caption=LONG, due_at=current_moment() + days(1))

    page.goto(f"{live_server.url}{reverse('post', args=[post.pk])}")

    start = page.locator("#phone-caption .phone-start")
    assert start.text_content() == f"{feed_part(LONG)}… "
    expect(start.locator("b")).to_have_text("@maple.bakery")
    page.locator("#phone-caption summary").click()
    expect(page.locator("#phone-caption > details > p")).to_be_visible()
    expect(start).to_be_hidden()


def test_a_short_caption_has_nothing_to_open(editor, live_server, account):
    post = make_post(account, caption="Fresh #bread", due_at=current_moment() + days(1))

    editor.goto(f"{live_server.url}{reverse('post', args=[post.pk])}")

    expect(editor.locator("#phone-caption b")).to_have_text("#bread")
    expect(editor.locator("#phone-caption summary")).to_have_count(0)


# For everybody


def look_at(page: Page) -> list[str]:
    """What axe finds in the page as it stands, in both sizes and themes."""
    page.evaluate(AXE)
    found = []
    for width_px, height_px in SIZES_PX:
        page.set_viewport_size({"width": width_px, "height": height_px})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{width_px} {theme} {one}" for one in page.evaluate(LOOK)]
    return found


def test_axe_finds_nothing_while_suggestions_are_open(compose, caption, suggestions):
    caption.fill(LONG * 9)
    caption.press("ControlOrMeta+End")
    caption.press_sequentially(" #ba")
    caption.press("ArrowDown")
    compose.locator("#phone-caption summary").dispatch_event("click")

    assert look_at(compose) == []
    expect(suggestions.first).to_have_attribute("aria-selected", "true")


def test_axe_finds_nothing_in_the_groups_or_a_photos_fields(compose):
    become(compose, "photo")
    open_groups(compose)

    assert look_at(compose) == []


def test_axe_finds_nothing_on_the_groups_pages(editor, live_server, group):
    pages = [reverse("hashtags")]
    pages += [reverse(name, args=[group.pk]) for name in ("hashtags_edit", "hashtags_delete")]

    assert violations(editor, [live_server.url + page for page in pages]) == []


def test_the_groups_form_counts(editor, live_server):
    editor.goto(live_server.url + reverse("hashtags"))

    editor.get_by_label("Hashtags").fill("#bread, #Bread #rolls")

    expect(editor.locator("#hashtag-count")).to_have_text("2 hashtags, 13 characters")
