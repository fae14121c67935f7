"""Two people at one post: words and mentions reach the other without a page load."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, expect

from accounts.models import Role
from publishing.comments import add_comment
from publishing.models import Comment
from publishing.states import State
from tests.browser.people import sign_in
from tests.factories import make_account, make_member, make_team, make_user
from tests.publishing.factories import make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES_PX = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def test_a_comment_with_a_mention_reaches_the_other(
    new_context: Callable[..., BrowserContext], live_server: Any
) -> None:
    team = make_team(timezone="Europe/Berlin")
    ada = make_member(team, Role.EDITOR, user=make_user(name="Ada Lovelace")).user
    bob = make_member(team, Role.APPROVER, user=make_user(name="Bob Ross")).user
    post = make_post(make_account(team), author=ada, state=State.DRAFT, caption="Fresh bread")
    address = live_server.url + reverse("post", args=[post.pk])
    desk = new_context(viewport=SIZES_PX["desk"]).new_page()
    phone = new_context(viewport=SIZES_PX["phone"]).new_page()
    for page, person in ((desk, ada), (phone, bob)):
        sign_in(page, person, live_server.url)
        page.goto(address)

    phone.locator("#id_text").fill("Half a sentence")
    field = desk.locator("#id_text")
    field.press_sequentially("Look, @bo")
    expect(desk.get_by_role("option", name="Bob Ross")).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Look, @Bob Ross ")
    field.press_sequentially("<b>now</b>")
    desk.get_by_role("button", name="Comment", exact=True).click()

    words = phone.locator(".comment-words")
    expect(words).to_have_text("Look, @Bob Ross <b>now</b>")
    expect(words.locator(".mention")).to_have_text("@Bob Ross")
    expect(phone.locator("#id_text")).to_have_value("Half a sentence")
    expect(phone.locator("#id_text")).to_be_focused()
    assert phone.evaluate("document.documentElement.scrollWidth") <= SIZES_PX["phone"]["width"]

    phone.goto(live_server.url + reverse("notices"))
    phone.get_by_role("button", name="Ada Lovelace mentions you: Fresh bread").click()
    phone.wait_for_url("**/#comments")
    phone.locator("#id_text").fill("I see")
    phone.get_by_role("button", name="Comment", exact=True).click()
    expect(desk.locator(".comment-words").last).to_have_text("I see")

    add_comment(post, bob, "Later", Comment.objects.latest("at").at)
    desk.goto(live_server.url + reverse("activity"))
    expect(desk.locator(".activity-line").first).to_contain_text("Bob Ross commented on")
    desk.get_by_label("Who").select_option("Ada Lovelace")
    desk.get_by_role("button", name="Show").click()
    expect(desk.locator(".activity-line")).to_have_count(1)


def test_one_click_sends_a_comment_while_people_are_offered(new_context, live_server):
    team = make_team(timezone="Europe/Berlin")
    ada = make_member(team, Role.EDITOR, user=make_user(name="Ada Lovelace")).user
    make_member(team, Role.APPROVER, user=make_user(name="Bob Ross"))
    post = make_post(make_account(team), author=ada, state=State.DRAFT)
    page = new_context(viewport=SIZES_PX["desk"]).new_page()
    sign_in(page, ada, live_server.url)
    page.goto(live_server.url + reverse("post", args=[post.pk]))
    page.locator("#id_text").press_sequentially("Thanks @Bob Ross")
    expect(page.get_by_role("option", name="Bob Ross")).to_be_visible()

    page.get_by_role("button", name="Comment", exact=True).click()

    expect(page.locator(".comment-words")).to_have_text("Thanks @Bob Ross")
