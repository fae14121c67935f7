"""Working in two teams, on a desk and on a phone: switch, change a role, leave."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Membership, Role
from tests.browser.people import sign_in
from tests.factories import make_account, make_member, make_team, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mara():
    return make_user(name="Mara Lindqvist", email="mara@example.com")


@pytest.fixture
def bakery(mara):
    team = make_team(name="Maple Bakery")
    make_member(team, Role.OWNER, user=mara)
    return team


@pytest.fixture
def studio(mara):
    team = make_team(name="Quiet Studio")
    make_member(team, Role.VIEWER, user=mara)
    make_member(team, Role.OWNER)
    return team


@pytest.fixture
def jonas(bakery):
    return make_member(bakery, Role.EDITOR, user=make_user(name="Jonas Weber"))


def test_on_a_desk(page, live_server, mara, bakery, studio, jonas):
    sign_in(page, mara, live_server.url)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live_server.url}{reverse('team')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Maple Bakery")

    page.get_by_label("Role of Jonas Weber").select_option("Approver")
    page.get_by_role("row", name="Jonas Weber").get_by_role("button", name="Change").click()
    expect(page.locator(".message")).to_contain_text("Jonas Weber has the new role.")
    page.wait_for_load_state()
    jonas.refresh_from_db()
    assert jonas.role == Role.APPROVER

    menu = page.locator("[data-team-switch]")
    menu.locator("summary").click()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="Quiet Studio")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(menu.locator("summary")).to_have_text("Quiet Studio")

    page.goto(f"{live_server.url}{reverse('team')}")
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Leave the team").click()
    expect(page.locator(".message")).to_contain_text("You are no longer in Quiet Studio.")
    expect(page.locator(".rail-team")).to_have_text("Maple Bakery")
    assert not Membership.objects.filter(team=studio, user=mara).exists()


def test_on_a_phone(new_context, live_server, mara, bakery, studio, jonas):
    account = make_account(bakery, nickname="Maple Bakery")
    page = new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    sign_in(page, mara, live_server.url)

    page.goto(f"{live_server.url}{reverse('team')}")
    page.get_by_label("Role of Jonas Weber").select_option("Viewer")
    jonas_row = page.locator("tr", has_text="Jonas Weber")
    jonas_row.get_by_role("button", name="Change").click()
    expect(page.locator(".message")).to_contain_text("Jonas Weber has the new role.")

    page.goto(f"{live_server.url}{reverse('accounts')}")
    page.get_by_role("link", name="Choose who may use Maple Bakery").click()
    page.get_by_label("Owners, managers and the people ticked below").check()
    page.get_by_label("Jonas Weber (viewer)").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("For owners, managers and Jonas Weber only.")).to_be_visible()
    account.refresh_from_db()
    assert [one.pk for one in account.allowed_members.all()] == [jonas.pk]

    page.goto(f"{live_server.url}{reverse('settings')}")
    page.get_by_role("button", name="Quiet Studio").click()
    page.goto(f"{live_server.url}{reverse('team')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Quiet Studio")
    width_px = page.evaluate("document.documentElement.scrollWidth")
    assert width_px <= 390
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Leave the team").click()
    expect(page.locator(".message")).to_contain_text("You are no longer in Quiet Studio.")
