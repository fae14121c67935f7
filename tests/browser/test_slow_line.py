"""On a slow line a person acts before the page's scripts have arrived: nothing of it is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import Page, Route, expect

from publishing.models import Post
from tests.browser.test_compose import account, connect, editor, team
from tests.browser.test_drafts import saved
from tests.media_samples import make_mp4, make_photo
from tests.publishing.conftest import simulator, simulator_process

__all__ = ["account", "connect", "editor", "saved", "simulator", "simulator_process", "team"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Scripts:
    """The page's scripts, held back until `arrive`."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] | None = []
        page.route("**/*.js", self._hold)

    def _hold(self, route: Route) -> None:
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def arrive(self) -> None:
        held, self._held = self._held or [], None
        assert held, "no script was asked for"
        for route in held:
            route.continue_()


@pytest.fixture
def scripts(editor: Page) -> Iterator[Scripts]:
    yield Scripts(editor)
    editor.unroute_all(behavior="ignoreErrors")


def open_compose(page: Page, live_server, **query) -> None:
    address = reverse("compose", query=query)
    page.goto(f"{live_server.url}{address}", wait_until="commit")


def test_a_video_chosen_early_is_uploaded(editor, scripts, account, live_server, tmp_path):
    open_compose(editor, live_server)
    editor.get_by_label("Video", exact=True).set_input_files(make_mp4(tmp_path / "film.mp4"))

    scripts.arrive()

    expect(editor.locator("#phone-media video")).to_be_visible()


def test_photos_chosen_early_are_uploaded(editor, scripts, account, live_server, tmp_path):
    open_compose(editor, live_server, kind="photo")
    photos = [make_photo(tmp_path / f"{n}.jpg") for n in range(2)]
    editor.locator("#id_file").set_input_files(photos)

    scripts.arrive()

    expect(editor.locator("[data-photo]")).to_have_count(2)


def test_an_account_ticked_early_brings_its_panel(editor, scripts, account, live_server):
    open_compose(editor, live_server)
    box = editor.locator(f"#account-{account.pk}")
    box.uncheck()
    open_panel = editor.locator(f"#panel-{account.pk}")
    expect(open_panel).to_have_count(1)

    scripts.arrive()
    expect(open_panel).to_have_count(0)

    box.check()
    expect(open_panel).to_have_count(1)


def test_words_typed_early_are_saved(editor, scripts, account, live_server):
    open_compose(editor, live_server)
    editor.locator("#id_caption").fill("Fresh rolls")

    scripts.arrive()

    expect(saved(editor)).to_be_visible()
    assert Post.objects.get().caption == "Fresh rolls"


def test_a_moment_typed_early_is_the_one_on_the_button(editor, scripts, account, live_server):
    day = current_moment() + timedelta(days=3)
    open_compose(editor, live_server, date=f"{day + timedelta(days=1):%Y-%m-%d}", time="08:00")
    editor.get_by_label("Date").fill(f"{day:%Y-%m-%d}")
    editor.get_by_label("Time", exact=True).fill("09:30")

    scripts.arrive()

    button = editor.locator("[data-needs=schedule]")
    expect(button).to_contain_text("09:30")
    expect(button).to_contain_text(f"{day.day} {day:%b}")
