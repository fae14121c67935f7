"""The calendar under a hand: tiles dragged, moved by dialog, taken back, and seen by others."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.models import Role, Team
from calendar_app.month import month_of, week_of
from calendar_app.week_start import SUNDAY
from publishing.models import Label, Post
from publishing.states import State
from tests.browser.people import sign_in
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BERLIN = ZoneInfo("Europe/Berlin")
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def open_page(team: Team, new_context: Callable[..., Any], live_server: Any) -> Callable[..., Page]:
    # The browsers close before the database is emptied: their pages ask every few seconds.
    def open_it(size: dict[str, int] = DESK, path: str = "", role: str = Role.EDITOR) -> Page:
        context = new_context(viewport=size, has_touch=size is PHONE, locale="en-GB")
        page = context.new_page()
        sign_in(page, make_member(team, role).user, live_server.url)
        page.goto(f"{live_server.url}{path or reverse('calendar')}")
        return page

    return open_it


def next_month() -> date:
    return month_of(datetime.now(BERLIN).date()).next.first


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=BERLIN).astimezone(UTC)


def month(day: date) -> str:
    return f"{reverse('calendar')}?view=month&date={day}"


def week(day: date) -> str:
    return f"{reverse('calendar')}?view=week&date={day}"


def tile(page: Page, post: Post) -> Locator:
    return page.locator(f"#tile-{post.pk}")


def cell(page: Page, day: date) -> Locator:
    return page.locator(f"[data-date='{day}']")


def due_of(post: Post) -> datetime | None:
    return Post.objects.get(pk=post.pk).due_at


def test_a_tile_is_dragged_to_another_day_and_taken_back(open_page, team):
    first = next_month() + timedelta(days=9)
    post = make_post(make_account(team), due_at=at(first, "18:30"), caption="Fresh rolls")
    target = first + timedelta(days=2)
    page = open_page(path=month(first))
    other = open_page(path=month(first), role=Role.VIEWER)

    tile(page, post).drag_to(cell(page, target))

    expect(page.locator("#messages")).to_contain_text(f"Moved to {target:%a} {target.day}")
    expect(cell(page, target).locator(".tile")).to_contain_text("Fresh rolls")
    expect(cell(other, target).locator(".tile")).to_contain_text("Fresh rolls")
    assert due_of(post) == at(target, "18:30")

    page.get_by_role("button", name="Undo").click()

    expect(cell(page, first).locator(".tile")).to_contain_text("Fresh rolls")
    assert due_of(post) == at(first, "18:30")


def test_where_a_tile_cannot_stand_is_said_while_it_hovers_and_answered_when_dropped(
    open_page, team
):
    today = datetime.now(BERLIN).date()
    account = make_account(team, daily_cap=1)
    begin = next_month() + timedelta(days=9)
    make_post(account, due_at=at(begin, "12:00"))
    post = make_post(account, due_at=at(begin + timedelta(days=4), "18:30"))
    page = open_page(path=month(begin))

    tile(page, post).hover()
    page.mouse.down()
    cell(page, begin).hover()
    cell(page, begin).hover()
    expect(page.locator(".drop-hint.is-refused")).to_contain_text("24 hours are full")
    page.mouse.up()

    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("more than 1 posts in 24 hours")
    assert due_of(post) == at(begin + timedelta(days=4), "18:30")
    dialog.locator("#move-offer").click()
    expect(page.locator("#messages")).to_contain_text("Moved to")
    free_at = due_of(post)
    assert free_at is not None
    assert free_at == at(begin + timedelta(days=1), "12:01")
    expect(tile(page, post)).to_be_focused()
    assert today < begin


def test_a_tile_is_moved_with_the_keyboard(open_page, team):
    first = next_month() + timedelta(days=9)
    post = make_post(make_account(team), due_at=at(first, "18:30"))
    page = open_page(path=month(first))

    tile(page, post).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#id_due_date")).to_be_focused()
    dialog.locator("#id_due_time").fill("09:15")
    dialog.locator("#id_due_time").press("Enter")

    expect(page.locator("#messages")).to_contain_text("09:15")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(tile(page, post)).to_be_focused()
    assert due_of(post) == at(first, "09:15")


def test_an_idea_is_dragged_onto_a_day_and_stays_a_draft(open_page, team):
    day = next_month() + timedelta(days=9)
    account = make_account(team)
    idea = make_post(account, state=State.DRAFT, is_consented=False, caption="An idea")
    Post.objects.filter(pk=idea.pk).update(due_at=None)
    page = open_page(path=month(day))
    expect(page.locator(".undated")).to_contain_text("An idea")

    tile(page, idea).drag_to(cell(page, day))

    expect(cell(page, day).locator(".tile")).to_contain_text("An idea")
    expect(page.locator(".undated")).to_have_count(0)
    kept = Post.objects.get(pk=idea.pk)
    assert (kept.state, kept.due_at) == (State.DRAFT, at(day, "18:00"))


def test_the_week_takes_a_tile_to_the_quarter_under_the_pointer(open_page, team):
    day = next_month() + timedelta(days=9)
    post = make_post(make_account(team), due_at=at(day, "12:30"))
    page = open_page(path=week(day))
    hour_px = cell(page, day).evaluate("column => column.offsetHeight / 24")

    tile(page, post).drag_to(
        cell(page, day), target_position={"x": 20, "y": hour_px * 14.3}, force=True
    )

    expect(page.locator("#messages")).to_contain_text("14:15")
    expect(cell(page, day).locator("li.h-14.m-15")).to_have_count(1)
    assert due_of(post) == at(day, "14:15")


def test_a_published_tile_stays_where_it_is(open_page, team):
    day = next_month() + timedelta(days=9)
    post = make_post(
        make_account(team),
        state=State.PUBLISHED,
        due_at=at(day, "12:00"),
        published_at=at(day, "12:01"),
    )
    page = open_page(path=month(day))

    tile(page, post).drag_to(cell(page, day + timedelta(days=2)))

    expect(cell(page, day).locator(".tile")).to_contain_text("12:01")
    expect(page.locator(f"#move-{post.pk}")).to_have_count(0)
    assert due_of(post) == at(day, "12:00")


def test_on_a_phone_a_button_moves_the_post(open_page, team):
    day = next_month() + timedelta(days=9)
    post = make_post(make_account(team), due_at=at(day, "18:30"))
    target = day + timedelta(days=3)
    for address in (month(day), week(day)):
        page = open_page(PHONE, address)
        page.locator(f"#move-{post.pk}").tap()
        page.locator("#id_due_date").fill(str(target))
        page.get_by_role("button", name="Move the post").tap()
        expect(cell(page, target).locator(".tile")).to_have_count(1)
        page.get_by_role("button", name="Undo").tap()
        expect(cell(page, day).locator(".tile")).to_have_count(1)
        overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not overflow


def test_an_hour_that_comes_twice_is_two_rows_of_the_week(open_page, team):
    year = datetime.now(BERLIN).year + 1
    sunday = week_of(date(year, 10, 31), SUNDAY)[0]
    post = make_post(make_account(team), due_at=at(sunday, "06:00"))
    page = open_page(path=week(sunday))
    page.locator(".week").evaluate("week => week.scrollTo(0, 130)")
    rows = page.locator(".week-hours > div")
    expect(rows).to_have_count(25)
    column = cell(page, sunday)
    hour_px = column.evaluate("column => column.offsetHeight / 25")

    tile(page, post).drag_to(column, target_position={"x": 20, "y": hour_px * 3.6}, force=True)

    expect(page.locator("#messages")).to_contain_text("02:30")
    assert due_of(post) == datetime(year, 10, sunday.day, 1, 30, tzinfo=UTC)
    expect(column.locator("li.h-3.m-30")).to_have_count(1)


def test_a_new_label_and_the_view_of_the_address_are_seen_without_a_reload(open_page, team):
    day = next_month() + timedelta(days=9)
    post = make_post(make_account(team), due_at=at(day, "18:30"))
    page = open_page(path=month(day))
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.locator(".week")).to_be_visible()

    post.labels.add(Label.objects.create(team=team, name="Winter", hue=3))

    expect(tile(page, post).locator(".hue-dot.hue-3")).to_be_visible()
    page.go_back()
    expect(page.locator(".month")).to_be_visible()


def test_two_clicks_on_an_empty_hour_plan_a_post_there(open_page, team):
    day = next_month() + timedelta(days=9)
    page = open_page(path=week(day))
    column = cell(page, day)
    hour_px = column.evaluate("column => column.offsetHeight / 24")

    column.dblclick(position={"x": 20, "y": hour_px * 9.1})

    expect(page).to_have_url(re.compile(rf"{reverse('compose')}\?date={day}&time=09%3A00$"))


def test_the_printable_month_scrolls_inside_a_phones_page(team, new_context, live_server):
    make_post(make_account(team), due_at=at(next_month(), "12:00"))
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)

    page.goto(f"{live_server.url}{reverse('calendar_print')}?month={next_month():%Y-%m}")

    assert page.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [390, 390]
    expect(page.locator(".bottom-bar")).to_be_in_viewport()
