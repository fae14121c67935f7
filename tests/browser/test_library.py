"""The media library as people use it: by keyboard, on a phone, without script."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Role, Team
from publishing.models import MediaAsset
from publishing.states import State
from tests.browser.people import sign_in
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media, make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE_PX = {"width": 390, "height": 844}


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def open_library(
    new_context: Callable[..., BrowserContext], team: Team, live_server: Any
) -> Callable[..., Page]:
    """The list in a browser of its own, signed in as an editor."""

    def open_it(**options: object) -> Page:
        page = new_context(**options).new_page()
        sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)
        page.goto(live_server.url + reverse("library"))
        return page

    return open_it


def test_files_are_deleted_by_keyboard_and_without_script(open_library, team):
    make_media(team, original_name="kept.mp4")
    make_media(team, original_name="gone.mp4")
    page = open_library(java_script_enabled=False)

    page.get_by_role("link", name="gone.mp4").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Select gone.mp4")).to_be_checked()
    page.get_by_role("button", name="Delete selected…").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this file?")
    page.get_by_role("button", name="Delete the file").press("Enter")

    expect(page.get_by_text("“gone.mp4” is deleted.")).to_be_visible()
    assert [media.original_name for media in MediaAsset.objects.all()] == ["kept.mp4"]


def test_a_refusal_takes_the_focus(open_library, team):
    media = make_media(team, original_name="rolls.mp4")
    page = open_library()
    page.get_by_role("checkbox", name="Select rolls.mp4").check()
    page.get_by_role("button", name="Delete selected…").click()
    make_post(make_account(team), media=media, state=State.DRAFT, caption="Fresh rolls")

    page.get_by_role("button", name="Delete the file").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("link", name="Fresh rolls")).to_be_visible()


def test_the_bar_comes_with_the_first_tick_and_goes_with_the_last(open_library, team):
    for _ in range(2):
        make_media(team)
    page = open_library()
    bar = page.locator(".select-bar")
    expect(bar).to_be_hidden()

    for box in page.get_by_role("checkbox").all():
        box.check()

    count = "getComputedStyle(document.querySelector('.select-bar'), '::before').content"
    assert page.evaluate(count).startswith("counter(")
    expect(bar).to_be_in_viewport()
    page.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()


def test_a_click_on_a_card_opens_the_file_but_on_its_tick_ticks(open_library, team):
    media = make_media(team, original_name="rolls.mp4")
    page = open_library()

    page.locator(".media-tick").click(position={"x": 4, "y": 40})
    expect(page.get_by_role("checkbox")).to_be_checked()
    page.locator(".media-card").click(position={"x": 30, "y": 60})

    page.wait_for_url(f"**{reverse('media_item', args=[media.pk])}")


@pytest.mark.parametrize("size_px", [PHONE_PX, {"width": 1280, "height": 800}])
def test_what_has_the_focus_is_never_behind_the_bars(open_library, team, size_px):
    for _ in range(12):
        make_media(team)
    page = open_library(viewport=size_px)
    page.get_by_role("checkbox").first.check()

    hidden = []
    for _ in range(23):
        page.keyboard.press("Tab")
        if not page.evaluate(
            """() => {
              const one = document.activeElement;
              const {left, top, width, height} = one.getBoundingClientRect();
              const seen = document.elementFromPoint(left + width / 2, top + height / 2);
              return one.contains(seen) || Boolean(seen?.closest("label, li")?.contains(one));
            }"""
        ):
            hidden.append(page.evaluate("document.activeElement.outerHTML"))

    assert hidden == []


@pytest.mark.parametrize("width_px", [320, 390, 800, 1280])
def test_nothing_is_wider_than_the_screen(open_library, team, live_server, width_px):
    post = make_post(
        make_account(team, nickname="N" * 60),
        media=make_media(team, original_name="n" * 251 + ".mp4"),
        caption="c" * 300,
    )
    page = open_library(viewport={"width": width_px, "height": 800})
    addresses = [
        reverse("library"),
        reverse("media_item", args=[post.media_id]),
        f"{reverse('media_delete')}?media={post.media_id}",
    ]

    for address in addresses:
        page.goto(live_server.url + address)
        width = page.evaluate("document.querySelector('main').scrollWidth")
        assert width <= page.evaluate("document.querySelector('main').clientWidth"), address
