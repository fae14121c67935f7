"""What the posting screen and the live pages do with script, in a real Chromium."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import Page, expect

from accounts.models import Role, Team, TikTokAccount
from publishing.models import Post
from publishing.states import State
from tests.browser.people import sign_in
from tests.factories import make_member, make_team
from tests.media_samples import make_mp4
from tests.publishing.conftest import connect, simulator, simulator_process
from tests.publishing.factories import days, make_post

__all__ = ["connect", "simulator", "simulator_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
S5 = "You need to indicate if your content promotes yourself, a third party, or both."
S6 = "Branded content visibility cannot be set to private."


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(team: Team, connect: Callable[..., TikTokAccount]) -> TikTokAccount:
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def editor(page: Page, team: Team, live_server: Any) -> Page:
    """A page whose browser is signed in as an editor; addresses are relative to it."""
    sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)
    return page


@pytest.fixture
def compose(editor: Page, live_server: Any, account: TikTokAccount) -> Page:
    editor.goto(f"{live_server.url}{reverse('compose')}?account={account.pk}")
    return editor


def choose_audience(page: Page, word: str) -> None:
    page.locator("[data-panel] .dropdown summary").click()
    page.locator(".dropdown-option", has_text=word).click()


def test_a_disabled_button_says_what_is_missing(compose):
    expect(compose.locator("[data-needs=schedule]")).to_be_disabled()
    expect(compose.locator("[data-missing-list] a")).to_have_text(
        ["a video", "who can view it", "a date and time in the future"]
    )


def test_a_missing_choice_is_one_click_away(compose):
    compose.get_by_role("link", name="who can view it").click()

    expect(compose.locator("[data-panel] .dropdown summary")).to_be_focused()


def test_disclosure_without_a_box_says_so(compose):
    compose.locator("[data-disclosure]").check()

    expect(compose.locator("[data-missing-list] a", has_text=S5)).to_be_visible()


def test_both_boxes_make_it_a_paid_partnership(compose):
    compose.locator("[data-disclosure]").check()
    compose.locator("[data-your-brand]").check()
    expect(compose.get_by_text("'Promotional content'")).to_be_visible()

    compose.locator("[data-branded]").check()

    expect(compose.get_by_text("'Paid partnership'")).to_be_visible()
    expect(compose.get_by_text("'Promotional content'")).to_be_hidden()
    expect(compose.locator(".compose-foot .declaration-branded")).to_be_visible()
    expect(compose.locator(".compose-foot .declaration-standard")).to_be_hidden()


def test_without_disclosure_no_prompt_is_shown(compose):
    expect(compose.get_by_text("'Promotional content'")).to_be_hidden()
    expect(compose.get_by_text("'Paid partnership'")).to_be_hidden()
    expect(compose.locator(".compose-foot .declaration-standard")).to_be_visible()


def test_branded_content_greys_only_me(compose):
    compose.locator("[data-disclosure]").check()
    compose.locator("[data-branded]").check()

    compose.locator("[data-panel] .dropdown summary").click()

    expect(compose.locator("[data-privacy][value=SELF_ONLY]")).to_be_disabled()
    expect(compose.locator("[data-privacy][value=MUTUAL_FOLLOW_FRIENDS]")).to_be_enabled()
    expect(compose.locator(".dropdown-option", has_text=S6)).to_be_visible()
    expect(compose.locator(".dropdown-option", has_text="Only me")).to_have_attribute("title", S6)


def test_only_me_greys_branded_content(compose):
    choose_audience(compose, "Only me")

    compose.locator("[data-disclosure]").check()

    expect(compose.locator("[data-branded]")).to_be_disabled()
    expect(compose.locator("[data-branded-choice]")).to_contain_text(S6)


def test_a_greyed_audience_says_why_to_the_keyboard(compose):
    audience = compose.locator("[data-panel] .dropdown summary")
    expect(audience).to_have_accessible_description("")
    compose.locator("[data-disclosure]").check()
    compose.locator("[data-branded]").check()
    expect(audience).to_have_accessible_description(S6)

    audience.focus()
    compose.keyboard.press("Enter")
    compose.keyboard.press("Tab")
    compose.keyboard.press("Tab")

    only_me = compose.locator(".dropdown-option", has_text="Only me")
    expect(only_me).to_be_focused()
    expect(only_me).to_have_accessible_description(S6)


def test_greyed_branded_content_says_why_to_the_keyboard(compose):
    choose_audience(compose, "Only me")
    compose.locator("[data-disclosure]").check()

    compose.locator("[data-your-brand]").focus()
    compose.keyboard.press("Tab")

    choice = compose.locator("[data-branded-choice]")
    expect(choice).to_be_focused()
    expect(choice).to_have_accessible_description(S6)


def test_switching_disclosure_off_clears_both_boxes(compose):
    compose.locator("[data-disclosure]").check()
    compose.locator("[data-your-brand]").check()

    compose.locator("[data-disclosure]").uncheck()
    compose.locator("[data-disclosure]").check()

    expect(compose.locator("[data-your-brand]")).not_to_be_checked()


def test_the_caption_is_counted_in_utf16(compose):
    compose.locator("#id_caption").fill("a\U0001f950\n")

    expect(compose.locator("[data-caption-count]")).to_have_text("4")


def test_the_inbox_takes_no_caption_so_none_is_too_long(compose):
    compose.locator("#id_caption").fill("x" * 2201)
    shorter = compose.locator("[data-missing-list] a", has_text="a shorter caption")
    expect(shorter).to_be_visible()

    compose.locator("#mode-inbox").check()

    expect(shorter).to_have_count(0)


def test_every_account_has_choices_of_its_own(compose, live_server, team, connect):
    other = connect(team, nickname="Quiet Studio", is_private=True)
    compose.reload()
    choose_audience(compose, "Only me")

    compose.locator(f"#account-{other.pk}").check()

    expect(compose.locator(".creator-name")).to_have_text(["Maple Bakery", "Quiet Studio"])
    expect(compose.locator("[data-dropdown-value]")).to_have_text(
        ["Only me", "Select who can view"]
    )
    expect(compose.locator("[data-missing-list] a", has_text="Quiet Studio: who")).to_be_visible()


def test_an_account_taken_out_takes_its_panel_along(compose, team, connect):
    other = connect(team, nickname="Quiet Studio", is_private=True)
    compose.reload()
    choose_audience(compose, "Only me")
    compose.locator(f"#account-{other.pk}").check()
    expect(compose.locator("[data-panel]")).to_have_count(2)

    compose.locator(f"#account-{other.pk}").uncheck()

    expect(compose.locator("[data-panel]")).to_have_count(1)
    expect(compose.locator("[data-dropdown-value]")).to_have_text(["Only me"])


def test_a_video_is_uploaded_and_scheduled(compose, tmp_path, team):
    compose.locator("#id_file").set_input_files(make_mp4(tmp_path / "clip.mp4"))
    expect(compose.locator("#media-panel")).to_contain_text("clip.mp4")
    choose_audience(compose, "Friends")
    compose.locator("#id_due_date").fill("2030-07-01")
    compose.locator("#id_due_time").fill("09:15")
    button = compose.locator("[data-needs=schedule]")
    expect(button).to_have_text("Schedule for Mon 1 Jul 2030, 09:15 CEST", use_inner_text=True)

    button.click()

    expect(compose.locator(".standing")).to_contain_text("It goes out by itself")
    assert Post.objects.get(team=team).state == State.SCHEDULED


def test_a_draft_with_a_moment_lacks_only_its_choices(editor, live_server, account):
    due_at = datetime(2030, 7, 1, 7, 15, tzinfo=UTC)
    draft = make_post(account, state=State.DRAFT, due_at=due_at, privacy_level="")

    editor.goto(f"{live_server.url}{reverse('compose')}?draft={draft.pk}")

    expect(editor.locator("[data-missing-list] a")).to_have_text(["who can view it"])
    choose_audience(editor, "Friends")
    expect(editor.locator("[data-needs=schedule]")).to_be_enabled()
    expect(editor.locator("[data-needs=schedule]")).to_have_text(
        "Schedule for Mon 1 Jul 2030, 09:15 CEST", use_inner_text=True
    )


def test_a_day_from_the_calendar_lacks_only_its_time(compose):
    compose.goto(f"{compose.url}&date=2030-07-01")
    expect(compose.locator("[data-missing-list] a").last).to_have_text("a time")

    compose.locator("#id_due_time").fill("09:15")

    expect(compose.locator("[data-moment-label]")).to_be_visible()
    expect(compose.locator("[data-missing-list] a")).to_have_text(["a video", "who can view it"])


def test_a_posts_page_follows_it_without_reload(editor, live_server, account):
    post = make_post(account, due_at=current_moment() + days(1))
    editor.goto(f"{live_server.url}{reverse('post', args=[post.pk])}")

    post.move_to(State.CANCELED, now=current_moment(), reason="Canceled.")

    expect(editor.locator("[data-announcer]")).to_have_text("Canceled. Nothing will be sent.")
    expect(editor.locator(".standing.state-canceled")).to_be_visible()


def test_the_calendar_follows_and_keeps_the_focus(editor, live_server, account):
    post = make_post(account, due_at=current_moment())
    editor.goto(f"{live_server.url}{reverse('calendar')}")
    tile = editor.locator(f"#tile-{post.pk}")
    tile.focus()

    post.move_to(State.CANCELED, now=current_moment(), reason="Canceled.")

    expect(editor.locator(f"#tile-{post.pk}.state-canceled")).to_be_visible()
    expect(tile).to_be_focused()
