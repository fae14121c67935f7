"""The whole posting screen by keyboard alone: no pointer touches it."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from publishing.models import Post
from publishing.states import State
from tests.browser.test_compose import account, connect, editor, team
from tests.media_samples import make_mp4
from tests.publishing.conftest import simulator, simulator_process
from tests.publishing.factories import make_photo

__all__ = ["account", "connect", "editor", "simulator", "simulator_process", "team"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FURTHEST = 120


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until what `selector` names has the focus."""
    for _ in range(FURTHEST):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {selector}")


def choose_audience(page: Page, word: str) -> None:
    """Opens the list, walks down to the word and closes it."""
    tab_to(page, "[data-panel] .dropdown summary")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    for _ in range(6):
        if page.evaluate("document.activeElement.dataset.word") == word:
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")


def type_moment(page: Page) -> None:
    tab_to(page, "#id_due_date")
    page.keyboard.type("07012030")
    tab_to(page, "#id_due_time")
    page.keyboard.type("0915AM")


def test_a_video_is_posted_by_keyboard_alone(editor, live_server, account, team, tmp_path):
    clip = make_mp4(tmp_path / "clip.mp4")
    page = editor
    page.goto(f"{live_server.url}{reverse('compose')}", wait_until="networkidle")
    tab_to(page, "#id_file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(clip)
    expect(page.locator("#media-panel")).to_contain_text("clip.mp4")

    tab_to(page, "[data-cover-range]")
    page.keyboard.press("ArrowRight")
    tab_to(page, "#id_caption")
    page.keyboard.type("Typed, not clicked")
    choose_audience(page, "Friends")
    tab_to(page, "[name$=allow_comment]")
    page.keyboard.press("Space")
    tab_to(page, "[data-disclosure]")
    page.keyboard.press("Space")
    tab_to(page, "[data-your-brand]")
    page.keyboard.press("Space")
    type_moment(page)
    expect(page.locator("[data-needs=schedule]")).to_be_enabled()
    tab_to(page, "[data-needs=schedule]")
    page.keyboard.press("Enter")

    expect(page.locator(".standing")).to_contain_text("It goes out by itself")
    post = Post.objects.get(team=team)
    assert (post.state, post.privacy_level) == (State.SCHEDULED, "MUTUAL_FOLLOW_FRIENDS")
    assert (post.allow_comment, post.is_your_brand, post.caption) == (
        True,
        True,
        "Typed, not clicked",
    )
    assert post.cover_timestamp_ms == 1


def test_photos_are_put_in_order_by_keyboard_alone(editor, live_server, account, team):
    photos = [make_photo(team) for _ in range(3)]
    page = editor
    page.goto(f"{live_server.url}{reverse('compose')}?kind=photo&media={photos[0].pk}")
    for photo in photos[1:]:
        tab_to(page, "#library summary")
        page.keyboard.press("Enter")
        tab_to(page, f"[name=take][value='{photo.pk}']")
        page.keyboard.press("Enter")
        expect(page.locator(f"#photo-{photo.pk}")).to_be_visible()

    # Before its scripts have arrived the page's buttons send the form.
    page.wait_for_load_state()
    tab_to(page, f"#photo-{photos[2].pk} [data-arrange=up]")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    tab_to(page, f"#cover-{photos[0].pk}")
    page.keyboard.press("Space")

    order = page.locator("[data-photo]").evaluate_all("all => all.map((one) => one.dataset.photo)")
    assert order == [str(photos[place].pk) for place in (2, 0, 1)]
    marks = page.locator(".phone-strip .phone-marks")
    expect(marks).to_have_text(["1 of 3", "Cover2 of 3", "3 of 3"])
    expect(page.locator("[data-saved]")).to_contain_text("Draft saved")
    assert Post.objects.get().files() == [photos[place] for place in (2, 0, 1)]


def test_a_disabled_button_says_why_to_the_keyboard(editor, live_server, account):
    page = editor
    page.goto(f"{live_server.url}{reverse('compose')}")

    tab_to(page, "[data-has-tip]:has([data-needs=schedule])")

    expect(page.locator("#tip-schedule")).to_be_visible()
    expect(page.locator("#tip-schedule")).to_contain_text("who can view it")
