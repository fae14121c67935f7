"""The posting screen as a person with a browser uses it."""

import re
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.models import TikTokAccount
from publishing.models import MediaAsset
from tests.browser.rules.strings import L2, L3

# More than any page here has places to stop at.
MANY_TABS = 120


class Part:
    """One account's panel, or the whole screen's when only one account is chosen."""

    def __init__(self, panel: Locator) -> None:
        self.panel = panel
        self.audience = panel.locator("[data-dropdown] > summary")
        self.audience_shown = panel.locator("[data-dropdown-value]")
        self.options = panel.locator("[data-privacy]")
        self.disclosure = panel.get_by_role("switch", name=L2, exact=True)
        self.your_brand = self.box(L3[0])
        self.branded = self.box(L3[1])

    def box(self, label: str) -> Locator:
        """A checkbox by the beginning of its label, while it can be seen."""
        return self.panel.get_by_role("checkbox", name=re.compile(rf"^{re.escape(label)}\b"))

    def option(self, word: str) -> Locator:
        """An audience in the opened list."""
        return self.panel.locator(".dropdown-option").filter(has_text=re.compile(rf"^\s*{word}\b"))

    def choose(self, word: str) -> None:
        self.audience.click()
        self.option(word).click()
        expect(self.audience_shown).to_have_text(word)

    def disclose(self, *labels: str) -> None:
        """Switches the disclosure on and ticks these boxes."""
        self.disclosure.check()
        for label in labels:
            self.box(label).check()


class Screen(Part):
    """`kind` is "video" or "photo"; `media` is what `open` brings along."""

    def __init__(self, page: Page, site_url: str, kind: str, media: MediaAsset) -> None:
        super().__init__(page.locator("[data-panel]"))
        self.page = page
        self.site_url = site_url
        self.kind = kind
        self.media = media
        self.publish = page.locator("[data-needs=now]")
        self.schedule = page.locator("[data-needs=schedule]")
        self.missing = page.locator("[data-missing-list] a")
        self.declaration = page.locator(".compose-foot .declaration:visible")
        self.caption = page.locator("#id_caption")
        self.title = page.locator("#id_title")
        self.preview = page.locator("#preview")

    def open(self, *accounts: TikTokAccount, **query: Any) -> "Screen":
        """Opens it for these accounts with `media`; a query value of None leaves that one out."""
        values = {"kind": self.kind, "media": self.media.pk} | query
        values |= {"account": [account.pk for account in accounts]}
        known = {name: value for name, value in values.items() if value is not None}
        self.goto(f"{reverse('compose')}?{urlencode(known, doseq=True)}")
        return self

    def goto(self, address: str) -> None:
        self.page.goto(f"{self.site_url}{address}")

    def of(self, account: TikTokAccount) -> Part:
        return Part(self.page.locator(f"#panel-{account.pk}"))

    def tick(self, account: TikTokAccount) -> Part:
        """Chooses an account on the open screen."""
        self.page.locator(f"#account-{account.pk}").check()
        expect(self.of(account).panel).to_be_visible()
        return self.of(account)

    def to_inbox(self) -> None:
        self.page.get_by_label("Send to the TikTok inbox").check()

    def expect_open(self) -> None:
        """Nothing is in the way of publishing."""
        expect(self.publish).to_be_enabled()

    def expect_closed(self, words: str | re.Pattern[str] | None = None) -> None:
        """Both ways to publish are closed, and visible text says why."""
        expect(self.publish).to_be_disabled()
        expect(self.schedule).to_be_disabled()
        if words is not None:
            expect(self.missing.filter(has_text=words)).to_be_visible()

    def tip_of(self, button: Locator) -> Locator:
        """What surrounds a button that may be disabled, and has its tooltip."""
        return self.page.locator("[data-tip]").filter(has=button)

    def tab_to(self, target: Locator) -> None:
        """Presses Tab from where the focus is until it is on `target`."""
        for _ in range(MANY_TABS):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError("the Tab key never comes to it")

    def post_now(self) -> None:
        """Presses the button and waits for the post's page."""
        self.publish.click()
        expect(self.page.locator(".standing")).to_be_visible()

    def seen(self, words: str) -> Locator:
        """Wherever these words can be seen now."""
        return self.page.get_by_text(words).and_(self.page.locator(":visible"))

    def leave(self) -> None:
        """Closes the form as sending it does: nothing is saved behind the test's back."""
        self.page.evaluate(
            "document.querySelector('[data-compose]')?.dispatchEvent(new Event('submit'))"
        )
