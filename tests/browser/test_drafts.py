"""What a person typed outlives a closed tab, and two tabs do not fight over it."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from publishing.models import Post
from publishing.states import State
from tests.browser.test_compose import account, choose_audience, compose, connect, editor, team
from tests.publishing.conftest import simulator, simulator_process

__all__ = [
    "account",
    "compose",
    "connect",
    "editor",
    "simulator",
    "simulator_process",
    "team",
]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def saved(page):
    return page.locator("[data-saved]", has_text="Draft saved")


def test_typed_words_are_there_after_the_tab_was_closed(compose, live_server):
    compose.locator("#id_caption").fill("Fresh rolls #bakery")
    choose_audience(compose, "Friends")
    expect(saved(compose)).to_be_visible()
    address, context = compose.url, compose.context
    compose.close()

    page = context.new_page()
    page.goto(address)

    expect(page.locator("#id_caption")).to_have_value("Fresh rolls #bakery")
    expect(page.locator("[data-dropdown-value]")).to_have_text("Friends")


def test_words_typed_a_moment_before_closing_are_kept(compose):
    compose.locator("#id_caption").fill("The last words")

    compose.close(run_before_unload=True)

    give_up_at = time.monotonic() + 10
    while not Post.objects.filter(caption="The last words").exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_saved_is_said_only_of_what_stands_there_now(compose):
    compose.locator("#id_caption").fill("Fresh rolls")
    expect(saved(compose)).to_be_visible()
    held = []
    compose.route("**/compose/autosave/**", lambda route: held.append(route), times=1)

    compose.locator("#id_caption").fill("Fresh rolls at seven")
    expect(saved(compose)).to_be_hidden()
    give_up_at = time.monotonic() + 10
    while not held:
        assert time.monotonic() < give_up_at
        compose.wait_for_timeout(50)
    compose.locator("#id_caption").fill("Fresh rolls at eight")
    held[0].continue_()

    expect(saved(compose)).to_be_visible()
    assert Post.objects.get().caption == "Fresh rolls at eight"


def test_an_untouched_screen_leaves_no_draft(compose):
    compose.wait_for_timeout(1800)

    assert not Post.objects.exists()


def test_the_second_tab_is_told_and_loses_nothing(compose):
    compose.locator("#id_caption").fill("First tab")
    expect(saved(compose)).to_be_visible()
    second = compose.context.new_page()
    second.goto(compose.url)
    compose.locator("#id_caption").fill("First tab again")
    expect(compose.locator("[data-saved-at]")).to_be_visible()
    with compose.expect_response("**/compose/autosave/**"):
        compose.locator("#id_caption").fill("First tab, third")

    second.locator("#id_caption").fill("Second tab")

    expect(second.locator("[data-unsaved]")).to_contain_text("changed in another tab")
    expect(second.locator("#id_caption")).to_have_value("Second tab")


def answer_late(route):
    time.sleep(0.4)
    route.continue_()


def test_saving_by_hand_during_a_save_is_no_conflict(compose):
    compose.locator("#id_caption").fill("Quick hands")
    compose.route(
        "**/compose/autosave/**", lambda route: (compose.wait_for_timeout(400), route.continue_())
    )
    compose.wait_for_timeout(1300)

    compose.locator("[data-needs=draft]").click()

    compose.wait_for_url("**/posts/**")
    post = Post.objects.get()
    assert (post.caption, post.state) == ("Quick hands", State.DRAFT)


def test_a_server_that_does_not_answer_is_said_so(compose):
    compose.route("**/compose/autosave/**", lambda route: route.abort())

    compose.locator("#id_caption").fill("Fresh rolls")

    expect(compose.locator("[data-saved]")).to_contain_text("does not answer")
    assert reverse("compose") in compose.url
