"""`./duecast screenshots`: pictures of every page, with the demo's team in a throw-away instance.

`--docs` takes only the few that README and docs show, small enough for a repository.
"""

import argparse
import io
import itertools
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from calendar_app.bench.instance import BenchFailed, Instance, end_in_order, new_instance
from simulator.control import Control
from tests.chromium import ARGUMENTS, HOW_TO_INSTALL, find_chromium
from tests.review_pictures import Walk, take_review

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs/images"
# The heights are those of a phone, a small laptop and a desk's screen.
SIZES_PX = {390: 844, 1280: 800, 1920: 1080}
PHONE_PX = 800
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
TIMEOUT_MS = 20_000
DOCS_WIDTH_PX = 1280
DOCS_LIMIT_BYTES = 300_000
# Name of the file, of the page below, theme.
FOR_DOCS: tuple[tuple[str, str, Theme], ...] = (
    ("calendar", "calendar", "light"),
    ("calendar-dark", "calendar", "dark"),
    ("compose", "compose-filled", "light"),
    ("post", "post-published", "light"),
)
CREATOR = "nordlicht.kaffee"
POST_STATES = (
    "published", "failed", "uploading", "scheduled", "needs_attention", "unconfirmed", "in_review",
)  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """A page by its address; `prepare` fills it in before the picture is taken."""

    name: str
    path: str
    prepare: Callable[[Page], None] | None = None
    is_signed_in: bool = True


@dataclass(frozen=True)
class Site:
    """The running demo: its address, who signs in with which password, and its database."""

    url: str
    email: str
    password: str
    database: Path
    simulator_url: str

    def post_in(self, state: str) -> int | None:
        """The post in `state` whose due moment is nearest to now; None when there is none."""
        order = "ORDER BY abs(julianday(due_at) - julianday('now')) LIMIT 1"
        query = f"SELECT id FROM publishing_post WHERE state = ? {order}"  # noqa: S608
        return self._ask(query, state)

    def any_media(self) -> int | None:
        return self._ask("SELECT min(id) FROM publishing_mediaasset")

    def any_account(self) -> int | None:
        return self._ask("SELECT min(id) FROM accounts_tiktokaccount")

    def _ask(self, query: str, *values: str) -> int | None:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            found = connection.execute(query, values).fetchone()
        return found[0] if found else None


def fill_in(page: Page) -> None:
    """The choices that TikTok wants from a person; the rest comes from the draft."""
    page.locator("[data-panel] .dropdown summary").click()
    page.locator(".dropdown-option", has_text="Everyone").click()
    page.get_by_label("Allow Comment").check()
    page.evaluate("scrollTo(0, 0)")


def _tick_lines(page: Page) -> None:
    """Two lines with the bar of what can be done to them."""
    for box in page.locator("input[name=post]").all()[:2]:
        box.check()


def every_page(site: Site) -> list[Shot]:
    shots = [
        Shot("home", "/", is_signed_in=False),
        Shot("sign-in", "/account/login/", is_signed_in=False),
        Shot("calendar", "/calendar/"),
        Shot("calendar-list", "/calendar/list/", _tick_lines),
        Shot("calendar-print", "/calendar/print/"),
        Shot("shortcuts", "/help/shortcuts/"),
        Shot("calendar-week", "/calendar/?view=week"),
        Shot("compose-empty", "/compose/"),
        Shot("media", "/media/"),
        Shot("media-file", f"/media/{site.any_media()}/"),
        Shot("media-delete", f"/media/delete/?media={site.any_media()}"),
        Shot("accounts", "/accounts/"),
        Shot("queue", "/queue/"),
        Shot("posting-plan", f"/accounts/{site.any_account()}/plan/"),
        Shot("import", "/import/"),
        Shot("calendar-feed", "/feed/"),
        Shot("approvals", "/approvals/"),
        Shot("approval-rules", "/team/approval/"),
        Shot("team", "/team/"),
        Shot("team-new", "/team/new/"),
        Shot("sessions", "/settings/sessions/"),
        Shot("second-factor", "/account/2fa/"),
        Shot("settings", "/settings/"),
        Shot("operations", "/operations/"),
        Shot("mail", "/mail/"),
        Shot("activity", "/activity/"),
        Shot("labels", "/labels/"),
        Shot("day-notes", "/notes/"),
        Shot("notices", "/notices/"),
        Shot("notice-choices", "/notices/choices/"),
        Shot("simulator-profile", f"/simulator/@{CREATOR}"),
    ]
    if draft := site.post_in("draft"):
        shots.append(Shot("compose-filled", f"/compose/?draft={draft}", fill_in))
    for state in POST_STATES:
        if post := site.post_in(state):
            shots.append(Shot(f"post-{state.replace('_', '-')}", f"/posts/{post}/"))
    return shots


@contextmanager
def demo_site() -> Iterator[Site]:
    """All of Duecast with the demo's team, gone afterwards. Raises BenchFailed."""
    with new_instance(None) as instance:
        url = instance.start_everything("--demo")
        email, password = _who_signs_in(instance)
        simulator_url = f"http://127.0.0.1:{instance.environment['SIMULATOR_PORT']}"
        database = instance.folder / "duecast.sqlite3"
        yield Site(url, email, password, database, simulator_url)


def _who_signs_in(instance: Instance) -> tuple[str, str]:
    said = (instance.folder / "everything.log").read_text(encoding="utf-8")
    email = re.search(r"(\S+@\S+)\s+\(Owner\)", said)
    password = re.search(r"the password (\S+)", said)
    if not email or not password:
        raise BenchFailed(f"the demo did not say who may sign in:\n{instance.last_lines()}")
    return email[1], password[1]


class Camera:
    """A phone and a desk, each with one browser for somebody signed in and one for a stranger."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.site = site
        self.pages = {
            (is_phone, is_signed_in): _open(browser, is_phone)
            for is_phone in (True, False)
            for is_signed_in in (True, False)
        }
        for is_phone in (True, False):
            _sign_in(self.pages[is_phone, True], site)

    def take(
        self, shot: Shot, widths_px: Sequence[int], themes: Sequence[Theme], *, is_whole: bool
    ) -> Iterator[tuple[int, Theme, bytes]]:
        """The page's pictures with width and theme; it is opened once for phone and desk each."""
        for is_phone in (True, False):
            fitting = [width_px for width_px in widths_px if (width_px < PHONE_PX) == is_phone]
            if not fitting:
                continue
            page = self.pages[is_phone, shot.is_signed_in]
            page.set_viewport_size({"width": fitting[0], "height": SIZES_PX[fitting[0]]})
            page.goto(f"{self.site.url}{shot.path}", wait_until="load")
            if shot.prepare:
                shot.prepare(page)
            for width_px, theme in itertools.product(fitting, themes):
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width_px, "height": SIZES_PX[width_px]})
                if is_whole:
                    _grow(page, width_px)
                _let_settle(page)
                yield width_px, theme, page.screenshot()


def _open(browser: Browser, is_phone: bool) -> Page:
    context = browser.new_context(has_touch=is_phone, reduced_motion="reduce", locale="en-GB")
    context.set_default_timeout(TIMEOUT_MS)
    return context.new_page()


def _sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account/login/")
    page.get_by_label("E-mail").fill(site.email)
    page.get_by_label("Password", exact=True).fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/calendar/**")


def _grow(page: Page, width_px: int) -> None:
    """A window as tall as the page, so that what sticks to its lower edge hides nothing."""
    height_px = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width_px, "height": height_px})


def _let_settle(page: Page) -> None:
    """Fonts, videos and all pictures are there, those far below included."""
    page.evaluate("for (const one of document.images) one.loading = 'eager'")
    page.wait_for_function("Array.from(document.images).every((one) => one.complete)")
    # The browser turns a ring over a video until it could play it; 4 is HAVE_ENOUGH_DATA.
    page.evaluate("for (const one of document.querySelectorAll('video')) one.preload = 'auto'")
    page.wait_for_function(
        "Array.from(document.querySelectorAll('video'))"
        ".every((one) => one.readyState === 4 || one.error)"
    )
    # The ring outlives its reason; controls that are made anew have none.
    page.evaluate(
        "for (const one of document.querySelectorAll('video[controls]'))"
        " { one.controls = false; one.controls = true }"
    )
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("document.fonts.ready.then(() => true)")


def take_all(camera: Camera, folder: Path, only: str) -> None:
    """Every page in every width and theme, as NAME-WIDTH-THEME.png."""
    folder.mkdir(parents=True, exist_ok=True)
    for shot in every_page(camera.site):
        if only and only not in shot.name:
            continue
        for width_px, theme, picture in camera.take(shot, list(SIZES_PX), THEMES, is_whole=True):
            (folder / f"{shot.name}-{width_px}-{theme}.png").write_bytes(picture)
        print(f"screenshots: {shot.name}", flush=True)


def take_for_docs(camera: Camera, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shots = {shot.name: shot for shot in every_page(camera.site)}
    for name, page_name, theme in FOR_DOCS:
        [(_, _, picture)] = camera.take(shots[page_name], [DOCS_WIDTH_PX], [theme], is_whole=False)
        small = smaller(picture)
        (folder / f"{name}.png").write_bytes(small)
        print(f"screenshots: {name}.png, {len(small) / 1000:.0f} KB", flush=True)
        if len(small) > DOCS_LIMIT_BYTES:
            print(f"screenshots: that is more than {DOCS_LIMIT_BYTES / 1000:.0f} KB", flush=True)


def smaller(picture: bytes) -> bytes:
    """The same PNG packed better; with 256 colours when it is still over the limit."""
    with Image.open(io.BytesIO(picture)) as image:
        whole = image.convert("RGB")
    packed = _packed(whole)
    if len(packed) <= DOCS_LIMIT_BYTES:
        return packed
    return _packed(whole.quantize(256, dither=Image.Dither.NONE))


def _packed(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./duecast screenshots", description=__doc__)
    parser.add_argument("--docs", action="store_true", help=f"only those of docs, into {DOCS.name}")
    parser.add_argument("--review", action="store_true", help="the way a reviewer takes, numbered")
    parser.add_argument("--only", default="", metavar="NAME", help="pages with this in their name")
    parser.add_argument("--folder", type=Path, help="default: var/screenshots, or docs/images")
    chosen = parser.parse_args(arguments)
    chromium = find_chromium()
    if chromium is None:
        sys.exit(f"duecast: {HOW_TO_INSTALL}")
    end_in_order()
    try:
        with demo_site() as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            if chosen.review:
                walk = Walk(site.url, Control(site.simulator_url), site.email, site.password)
                take_review(browser, walk, chosen.folder or ROOT / "var/review")
            elif chosen.docs:
                take_for_docs(Camera(browser, site), chosen.folder or DOCS)
            else:
                folder = chosen.folder or ROOT / "var/screenshots"
                take_all(Camera(browser, site), folder, chosen.only)
            browser.close()
    except BenchFailed as error:
        sys.exit(f"duecast: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
