"""The list as people use it: sorting, ticking and moving by keyboard, on a desk and on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import Page, expect

from accounts.models import Role, Team
from publishing.models import Label, Post
from publishing.states import State
from tests.browser.people import sign_in
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE_PX = {"width": 390, "height": 844}


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def posts(team: Team) -> list[Post]:
    """Three scheduled posts of the days to come, in the order of their captions."""
    account = make_account(team, nickname="Maple Bakery")
    now = current_moment()
    return [
        make_post(account, due_at=now + timedelta(days=day), caption=f"{word} rolls")
        for day, word in enumerate(("Apple", "Berry", "Cherry"), start=1)
    ]


def open_list(page: Page, team: Team, live_server: Any) -> None:
    sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)
    page.goto(live_server.url + reverse("agenda"))


def test_posts_are_ticked_moved_and_moved_back(page, team, posts, live_server):
    before = [post.due_at for post in posts]
    open_list(page, team, live_server)
    boxes = page.locator("input[name=post]")

    boxes.nth(0).focus()
    page.keyboard.press("Space")
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_role("status").filter(has_text="selected")).to_have_text("3 selected")
    boxes.nth(1).uncheck()
    expect(page.locator("[data-bulk-all]")).to_have_js_property("indeterminate", True)
    page.locator(".bulk-menu summary", has_text="Move").press("Enter")
    page.get_by_label("How many").press_sequentially("2")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("2 posts moved")
    two = timedelta(days=2)
    assert [Post.objects.get(pk=post.pk).due_at for post in posts] == [
        before[0] + two,
        before[1],
        before[2] + two,
    ]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 posts moved back")
    assert [Post.objects.get(pk=post.pk).due_at for post in posts] == before


def press(page: Page, *keys: str) -> None:
    """Presses the keys once the page's scripts listen."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


def test_shortcuts_lead_on_unless_somebody_types_or_turned_them_off(page, team, posts, live_server):
    open_list(page, team, live_server)

    press(page, "/")
    page.keyboard.type("berry t")
    expect(page.locator("input[name=q]")).to_have_value("berry t")
    page.locator("input[name=q]").fill("berry")
    press(page, "Enter")
    expect(page.locator("tr.agenda-line")).to_have_count(1)
    press(page, "j")
    expect(page.get_by_text("No posts in these four weeks")).to_be_visible()
    press(page, "Control+t")
    press(page, "k")
    expect(page.locator("tr.agenda-line")).to_have_count(1)

    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    press(page, "m")
    sheet.get_by_label("Use single-key shortcuts in this browser").uncheck()
    press(page, "Escape")
    press(page, "?")
    expect(sheet).to_be_hidden()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    sheet.get_by_label("Use single-key shortcuts in this browser").check()
    sheet.get_by_role("button", name="Close").click()

    press(page, "g", "a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
    press(page, "c")
    page.wait_for_url(f"**{reverse('compose')}*")


def test_a_phone_filters_and_cancels_without_script(new_context, team, posts, live_server):
    label = Label.objects.create(team=team, name="Spring", hue=2)
    posts[1].labels.add(label)
    page = new_context(viewport=PHONE_PX, java_script_enabled=False).new_page()
    open_list(page, team, live_server)

    page.locator(".filters-toggle summary").click()
    page.locator(".filter-menu summary", has_text="Label").click()
    page.get_by_label("Spring").check()
    page.locator(".filter-show").click()
    expect(page.locator("tr.agenda-line")).to_have_count(1)
    expect(page.locator(".filters-toggle summary")).to_contain_text("Filter (1)")
    page.get_by_label("Select all shown").check()
    expect(page.locator(".bulk-bar")).to_be_visible()
    page.locator(".bulk-menu summary", has_text="Cancel posts").click()
    page.get_by_role("button", name="Cancel posts").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("1 post canceled")
    states = [Post.objects.get(pk=post.pk).state for post in posts]
    assert states == [State.SCHEDULED, State.CANCELED, State.SCHEDULED]
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE_PX["width"]
