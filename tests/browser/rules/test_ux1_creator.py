"""UX-1: what TikTok says about the creator, asked whenever the screen is shown."""

import re

import pytest
from playwright.sync_api import expect

from publishing import creators
from publishing.models import Post
from publishing.states import State
from tests.browser.rules.kinds import only_photo, only_video
from tests.pages.posting import summary_of, words_of
from tests.publishing.factories import make_media

QUERY = "/creator_info/query/"


@pytest.fixture
def questions(simulator):
    """How often TikTok was asked about the creator so far."""
    return lambda: len(simulator.requests(path=QUERY))


def scheduled_posts():
    return Post.objects.exclude(state=State.DRAFT).count()


def test_UX_1_0_every_opening_asks_tiktok(screen, account, questions, forget):
    screen.open(account)
    forget(account)
    screen.open(account)

    assert questions() == 2
    assert creators.DEDUPLICATE_S <= 5


def test_UX_1_0_choosing_an_account_asks_tiktok(screen, account, team, connect, questions):
    other = connect(team, nickname="Quiet Studio")
    screen.open()
    assert questions() == 0

    screen.tick(account)
    screen.tick(other)

    expect(screen.page.locator(".creator-name")).to_have_text(["Maple Bakery", "Quiet Studio"])
    assert questions() == 2


def test_UX_1_0_coming_back_to_the_screen_asks_again(screen, account, questions, forget, simulator):
    screen.open(account)
    screen.goto("/accounts/")
    forget(account)
    simulator.add_creator(account.username, nickname="Birch Bakery")

    screen.page.go_back()

    expect(screen.page.locator(".creator-name")).to_have_text("Birch Bakery")
    assert questions() == 2


def test_UX_1_0_a_failing_query_is_said_and_disables_publishing(screen, account, simulator):
    simulator.inject_fault("internal_error", path=f"*{QUERY}")

    screen.open(account)

    expect(screen.page.get_by_role("alert")).to_contain_text(f"{account} cannot post now.")
    expect(screen.options).to_have_count(0)
    screen.expect_closed("cannot")


def test_UX_1_0_a_failing_query_can_be_repeated(screen, account, simulator, forget):
    simulator.inject_fault("internal_error", path=f"*{QUERY}", count=1)
    screen.open(account)

    screen.page.get_by_role("button", name="Ask TikTok again").click()

    expect(screen.page.locator(".creator-name")).to_have_text("Maple Bakery")
    expect(screen.options).to_have_count(3)


def test_UX_1_0_by_hand(by_hand, account, simulator):
    simulator.inject_fault("internal_error", path=f"*{QUERY}")

    response = by_hand()

    assert f"{account} cannot post now." in summary_of(response)
    assert not scheduled_posts()


def test_UX_1a_the_creators_nickname_is_beside_the_form(screen, account):
    screen.open(account)

    creator = screen.page.locator(f"#creator-{account.pk}")
    expect(creator.get_by_text("Maple Bakery", exact=True)).to_be_visible()
    expect(creator.get_by_text(f"@{account.username}", exact=True)).to_be_visible()
    expect(creator.locator(".account-mark")).to_be_visible()
    expect(screen.page.locator("#phone-name")).to_have_text("Maple Bakery")


def test_UX_1a_by_hand(by_hand, account):
    by_hand()

    consent = Post.objects.get().consents.get()
    assert (consent.nickname_shown, consent.open_id) == ("Maple Bakery", account.open_id)


def ban(simulator, username):
    simulator.add_creator(username, is_banned=True)


def fill_the_cap(simulator, username):
    simulator.add_other_posts(username, count=15)


def fill_the_apps_cap(simulator, username):
    simulator.settings(audited_creator_cap=0)


CODES = pytest.mark.parametrize(
    ("bring_about", "code"),
    [
        (fill_the_cap, "spam_risk_too_many_posts"),
        (ban, "spam_risk_user_banned_from_posting"),
        (fill_the_apps_cap, "reached_active_user_cap"),
    ],
    ids=["too_many_posts", "banned", "active_user_cap"],
)


@CODES
def test_UX_1b_a_creator_who_cannot_post_now(screen, account, simulator, bring_about, code):
    bring_about(simulator, account.username)

    screen.open(account)

    [answer] = simulator.requests(path=QUERY)
    assert (answer["status"], answer["code"]) == (200, code)
    banner = screen.page.get_by_role("alert")
    expect(banner).to_contain_text("cannot post now.")
    expect(banner).to_contain_text("Try again later.")
    expect(banner).to_contain_text(code)
    screen.expect_closed("an account that can post now")


@CODES
def test_UX_1b_found_out_when_the_account_is_chosen(
    screen, account, team, connect, simulator, bring_about, code
):
    connect(team, nickname="Quiet Studio")
    bring_about(simulator, account.username)
    screen.open()

    screen.tick(account)

    expect(screen.page.get_by_role("alert")).to_contain_text(code)
    screen.expect_closed("an account that can post now")


@CODES
def test_UX_1b_by_hand(by_hand, account, simulator, bring_about, code):
    bring_about(simulator, account.username)

    response = by_hand()

    assert f"{account} cannot post now." in summary_of(response)
    assert "Try again later." in words_of(response)
    assert code in words_of(response)
    assert not scheduled_posts()


@only_video
def test_UX_1c_a_video_longer_than_the_creator_may_post(screen, account, team, simulator):
    simulator.add_creator(account.username, max_video_post_duration_sec=60)
    screen.media = make_media(team, duration_ms=61_000)

    screen.open(account).choose("Friends")

    screen.expect_closed(re.compile("61.0 s long, 60 s are allowed"))


@only_video
def test_UX_1c_a_video_as_long_as_the_creator_may_post(screen, account, team, simulator):
    simulator.add_creator(account.username, max_video_post_duration_sec=60)
    screen.media = make_media(team, duration_ms=60_000)

    screen.open(account).choose("Friends")

    screen.expect_open()


@only_video
def test_UX_1c_by_hand(by_hand, account, team, simulator):
    simulator.add_creator(account.username, max_video_post_duration_sec=60)

    response = by_hand(media=make_media(team, duration_ms=61_000).pk)

    assert "The video is 61.0 s long; Maple Bakery may post up to 60 s." in summary_of(response)
    assert not scheduled_posts()


@only_photo
def test_UX_1c_photos_have_no_length(screen, account, simulator):
    simulator.add_creator(account.username, max_video_post_duration_sec=1)

    screen.open(account).choose("Friends")

    screen.expect_open()
