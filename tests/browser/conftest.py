"""A real Chromium; every page a test opens fails it on a script error or a CSP violation."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.chromium import ARGUMENTS, HOW_TO_INSTALL, find_chromium

TIMEOUT_MS = 30_000


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = find_chromium()
    if path is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing, and CI never skips the browser tests.")
    return path or pytest.skip(HOW_TO_INSTALL)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    # A machine that runs both set-ups and two browsers needs longer than Playwright's 5 s at times.
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page_faults() -> list[str]:
    """What went wrong in any page of this test; must be empty at its end."""
    return []


@pytest.fixture
def new_context(
    browser: Browser, page_faults: list[str]
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens strict browser contexts: one per person in a test with several."""
    opened: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        opened.append(open_strict_context(browser, page_faults, **options))
        return opened[-1]

    yield open_context
    for context in opened:
        context.close()
    assert page_faults == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


def open_strict_context(browser: Browser, faults: list[str], **options: object) -> BrowserContext:
    """A browser context that adds to `faults` what goes wrong in any of its pages."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    context.on("weberror", lambda error: faults.append(f"script: {error.error}"))
    context.on("console", lambda message: _note_violation(message, faults))
    return context


def _note_violation(message: ConsoleMessage, faults: list[str]) -> None:
    # Chromium reports each violation on the console, whichever page or frame it is in.
    if message.type == "error" and "Content Security Policy" in message.text:
        faults.append(f"CSP: {message.text}")
