"""The queue by mouse and keyboard, and an import with errors, on a desk and on a phone."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import Page, expect

from accounts.models import Role, Team, TikTokAccount
from publishing.models import Post, PostingSlot
from publishing.slots import AHEAD, slot_moments, zone_of
from tests.browser.people import sign_in
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK_PX, PHONE_PX = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(team: Team) -> TikTokAccount:
    return make_account(team, username="maple", nickname="Maple Bakery", min_gap_min=10)


@pytest.fixture
def places(account: TikTokAccount) -> list[datetime]:
    """The next places of a plan with one slot a day, hours from now whenever this runs."""
    start = current_moment() + timedelta(hours=6)
    clock = start.astimezone(zone_of(account)).time().replace(second=0, microsecond=0)
    week = [(weekday, clock) for weekday in range(7)]
    for weekday, _ in week:
        PostingSlot.objects.create(account=account, weekday=weekday, clock=clock)
    now = current_moment()
    return slot_moments(week, zone_of(account), now + AHEAD, now + timedelta(days=8))


@pytest.fixture
def editor(page: Page, team: Team, live_server: Any) -> Page:
    sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)
    return page


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_posts_change_places_by_drag_and_by_their_buttons(editor, live_server, account, places):
    first, second = (
        make_post(account, due_at=at, is_queued=True, caption=caption)
        for at, caption in zip(places, ("Fresh rolls", "Rye bread"), strict=False)
    )
    editor.set_viewport_size(DESK_PX)
    editor.goto(live_server.url + reverse("queue"))
    rows = editor.locator("[data-place]")
    expect(rows.nth(0)).to_contain_text("Fresh rolls")

    editor.locator(f"#post-{first.pk}").drag_to(rows.nth(2))
    expect(rows.nth(2)).to_contain_text("Fresh rolls")
    expect(rows.nth(0)).to_contain_text("Free")
    assert Post.objects.get(pk=first.pk).due_at == places[2]

    editor.set_viewport_size(PHONE_PX)
    assert fits(editor)
    editor.get_by_role("button", name="Move “Rye bread” up").press("Enter")
    expect(rows.nth(0)).to_contain_text("Rye bread")
    assert Post.objects.get(pk=second.pk).due_at == places[0]

    editor.get_by_role("link", name="Take “Rye bread” out of the queue").click()
    assert fits(editor)
    editor.get_by_role("button", name="Move each up a slot").click()
    expect(rows.nth(0)).to_contain_text("Fresh rolls")
    assert Post.objects.get(pk=first.pk).due_at == places[0]


def test_the_next_free_slot_fills_in_date_and_time(editor, live_server, account, places):
    editor.set_viewport_size(PHONE_PX)
    editor.goto(live_server.url + reverse("compose") + f"?account={account.pk}")

    editor.get_by_role("button", name="Take it").click()

    wall = places[0].astimezone(zone_of(account))
    expect(editor.get_by_label("Date", exact=True)).to_have_value(f"{wall:%Y-%m-%d}")
    expect(editor.get_by_label("Time", exact=True)).to_have_value(f"{wall:%H:%M}")
    expect(editor.locator("#moment")).to_contain_text(f"{wall:%H:%M %Z}")


def test_an_import_shows_its_errors_and_makes_the_rest(
    editor, live_server, account, tmp_path: Path
):
    file = tmp_path / "plan.csv"
    lines = ["account;due;caption", "maple;2030-11-26 18:30;Fresh rolls", "oak;2030-03-31 02:30;X"]
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    editor.set_viewport_size(PHONE_PX)
    editor.goto(live_server.url + reverse("posts_import"))
    assert fits(editor)

    editor.get_by_label("CSV file").set_input_files(file)
    editor.get_by_role("button", name="Look at the file").click()

    bad = editor.get_by_role("row", name="Left out")
    expect(bad).to_contain_text("No connected account is called “oak”.")
    expect(bad).to_contain_text("skip 02:30")
    editor.wait_for_load_state()
    for size in (PHONE_PX, DESK_PX):
        editor.set_viewport_size(size)
        assert fits(editor)
    editor.get_by_label("Only if every line is right").check()
    editor.get_by_role("button", name="Make 1 draft").click()
    expect(editor.get_by_role("alert")).to_contain_text("nothing was made")
    editor.get_by_label("Only if every line is right").uncheck()
    editor.get_by_role("button", name="Make 1 draft").click()

    expect(editor.get_by_role("row", name="Fresh rolls")).to_contain_text("waits for its choices")
    assert [post.caption for post in Post.objects.all()] == ["Fresh rolls"]
