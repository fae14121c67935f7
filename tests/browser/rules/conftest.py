"""One posting screen for a video and for a photo, a real simulator that may pull from this site,
and the same form sent by hand around the page."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import Role, Team, TikTokAccount
from calendar_app.forms.compose import CHOICES
from publishing.models import MediaAsset
from simulator.control import Control
from simulator.process import Running, start
from tests.browser.conftest import open_strict_context
from tests.browser.people import sign_in
from tests.browser.rules.screen import Screen
from tests.factories import make_member, make_team
from tests.pages.posting import choices_of, filled_form, send_form
from tests.publishing.conftest import connect, run_until, simulator, step
from tests.publishing.factories import make_media, make_photo

__all__ = ["connect", "run_until", "simulator"]
PULL_TIMEOUT_S = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if __package__ and item.module.__name__.startswith(__package__):  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def simulator_process(live_server: Any, tmp_path_factory: Any) -> Iterator[Running]:
    """Knows the test's web server as the one address whose media it may fetch."""
    folder = tmp_path_factory.mktemp("simulator")
    with start(data=folder, verified_prefix=[f"{live_server.url}/"]) as running:
        yield running


@pytest.fixture(autouse=True)
def site_url(settings: Any, live_server: Any) -> str:
    settings.SITE_URL = live_server.url
    return settings.SITE_URL


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(team: Team, connect: Callable[..., TikTokAccount]) -> TikTokAccount:
    return connect(team, nickname="Maple Bakery")


@pytest.fixture(params=["video", "photo"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def media(kind: str, team: Team) -> MediaAsset:
    return make_photo(team) if kind == "photo" else make_media(team)


@pytest.fixture(scope="session")
def faults() -> list[str]:
    """What went wrong in any page of the shared context."""
    return []


@pytest.fixture(scope="session")
def shared_context(browser: Browser, faults: list[str]) -> Iterator[BrowserContext]:
    """One for all tests here: it loads and compiles the site's scripts once, not 350 times."""
    context = open_strict_context(browser, faults)
    yield context
    context.close()


@pytest.fixture
def page(shared_context: BrowserContext, faults: list[str]) -> Iterator[Page]:
    """A new tab, in which nobody is signed in."""
    faults.clear()
    yield shared_context.new_page()
    for page in shared_context.pages:
        page.close()
    shared_context.unroute_all()
    shared_context.clear_cookies()
    assert faults == []


@pytest.fixture
def screen(page: Page, team: Team, kind: str, media: MediaAsset, site_url: str) -> Iterator[Screen]:
    """The screen of a signed-in editor, not opened yet."""
    sign_in(page, make_member(team, Role.EDITOR).user, site_url)
    screen = Screen(page, site_url, kind, media)
    yield screen
    screen.leave()


@pytest.fixture
def by_hand(team: Team, account: TikTokAccount, kind: str, media: MediaAsset) -> Callable[..., Any]:
    """Sends "Post now" for Friends without the page; `changes` replace what it holds.

    Choices among the changes are those of `account`.
    """
    client = Client()
    client.force_login(
        make_member(team, Role.EDITOR).user,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    files = {"photos": [media.pk]} if kind == "photo" else {"media": media}

    def send(**changes: Any) -> Any:
        form = filled_form(account, kind=kind, action="now", **files)
        form |= choices_of(account, privacy_level="MUTUAL_FOLLOW_FRIENDS")
        chosen = {name: value for name, value in changes.items() if name in CHOICES}
        others = {name: value for name, value in changes.items() if name not in CHOICES}
        return send_form(client, form | others | choices_of(account, **chosen))

    return send


@pytest.fixture
def received(simulator: Control) -> Callable[[], dict[str, Any]]:
    """Lets the engine work once; gives the one post that TikTok received."""

    def send() -> dict[str, Any]:
        step()
        give_up_at = time.monotonic() + PULL_TIMEOUT_S
        while any(post["status"] == "PROCESSING_DOWNLOAD" for post in simulator.posts()):
            # The simulator fetches from this test's server, which must outlive that.
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
        assert simulator.violations() == []
        [post] = simulator.posts()
        return post

    return send


@pytest.fixture
def forget(settings: Any) -> Callable[..., None]:
    """As if the seconds had passed in which one opening may ask twice."""

    def clear(account: TikTokAccount) -> None:
        cache.delete(f"creator-info-{account.pk}-{settings.TIKTOK_CLIENT_KEY}")

    return clear
