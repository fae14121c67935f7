"""From a post that TikTok may have to its draft, or to the next free moment, by clicking."""

from collections.abc import Callable
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
from tests.publishing.conftest import connect, simulator, simulator_process
from tests.publishing.factories import make_post, make_try

__all__ = ["connect", "simulator", "simulator_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(simulator: Any, team: Team, connect: Callable[..., TikTokAccount]) -> TikTokAccount:
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def editor(page: Page, team: Team, live_server: Any) -> Page:
    sign_in(page, make_member(team, Role.EDITOR).user, live_server.url)
    return page


@pytest.fixture
def failed(account: TikTokAccount) -> Post:
    post = make_post(account, state=State.FAILED, note="TikTok did not take it.")
    make_try(post)
    return post


def open_post(page: Page, live_server: Any, post: Post) -> None:
    page.goto(live_server.url + reverse("post", args=[post.pk]))


def test_editing_goes_by_way_of_the_look(editor, live_server, failed):
    open_post(editor, live_server, failed)

    editor.locator("#act-reopen").click()
    editor.get_by_label("I looked at the profile").check()
    editor.locator("#act-edit").click()

    expect(editor.get_by_role("heading", name="Continue a draft")).to_be_visible()
    expect(editor.get_by_text("Look whether it is there")).to_have_count(0)
    failed.refresh_from_db()
    assert failed.state == State.DRAFT


def test_a_draft_without_a_look_leads_there_and_back(editor, live_server, account):
    draft = make_post(account, state=State.DRAFT)
    make_try(draft)
    editor.goto(f"{live_server.url}{reverse('compose')}?draft={draft.pk}")

    editor.get_by_role("link", name="Look whether it is there").click()
    editor.get_by_label("I looked at the profile").check()
    editor.locator("#act-edit").click()

    expect(editor.get_by_role("heading", name="Continue a draft")).to_be_visible()
    expect(editor.get_by_text("Look whether it is there")).to_have_count(0)


def test_over_the_cap_the_next_free_moment_is_one_click(editor, live_server, account):
    TikTokAccount.objects.update(daily_cap=1)
    make_post(account, state=State.PUBLISHED, init_at=current_moment())
    post = make_post(account, state=State.FAILED, note="TikTok did not take it.")
    open_post(editor, live_server, post)

    editor.locator("#act-retry").click()
    editor.locator("#act-later").click()

    expect(editor.locator(".standing-words")).to_contain_text("Scheduled.")
    post.refresh_from_db()
    assert (post.state, post.due_at > current_moment()) == (State.SCHEDULED, True)


def test_over_the_cap_the_look_page_offers_it_too(editor, live_server, failed):
    TikTokAccount.objects.update(daily_cap=1)
    editor.goto(live_server.url + reverse("post_again", args=[failed.pk]))

    editor.get_by_label("I looked at the profile").check()
    editor.locator("#act-post-again").click()
    editor.locator("#act-later").click()

    expect(editor.locator(".standing-words")).to_contain_text("Scheduled.")
