import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from simulator.control import Control
from tests.browser.product import Product, running_product
from tests.media_samples import make_padded_mp4

pytestmark = [pytest.mark.browser, pytest.mark.processes]

ZONE = "Europe/Berlin"
PASSWORD = "a long and quiet password"
SENT_TIMEOUT_MS = 180_000


@pytest.fixture
def product(tmp_path: Path):
    with running_product(tmp_path, POLL_BASE_S="2") as running:
        yield running


def start_team(page: Page, product: Product) -> None:
    page.goto(product.first_url)
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Team").first.fill("Nordlicht")
    page.get_by_label("Time zone").select_option(ZONE)
    page.get_by_role("button", name="Create").click()


def connect_account(page: Page, nickname: str) -> None:
    page.get_by_role("link", name="Accounts").first.click()
    page.get_by_role("button", name=re.compile("Connect")).first.click()
    page.get_by_text(nickname).first.click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name=nickname)).to_be_visible()


def fill_in_post(page: Page, video: Path) -> datetime:
    """Gives the moment it is planned for."""
    page.get_by_role("link", name="Calendar").first.click()
    page.get_by_role("link", name="New post").first.click()
    page.get_by_label("Video", exact=True).set_input_files(video)
    expect(page.locator("#phone-media video")).to_be_visible(timeout=60_000)
    page.get_by_role("textbox", name="Caption").fill("First light ☕ #nordlicht")
    page.get_by_text("Select who can view").click()
    page.locator(".dropdown-option", has_text="Everyone").click()
    page.get_by_label("Allow Comment").check()
    due_at = next_minute()
    page.get_by_label("Date").fill(f"{due_at:%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill(f"{due_at:%H:%M}")
    return due_at


def next_minute() -> datetime:
    soon = datetime.now(ZoneInfo(ZONE)) + timedelta(seconds=70)
    return soon.replace(second=0, microsecond=0)


def find_leaks(product: Product, simulator: Control) -> list[str]:
    """Secrets that stand in the log of the whole run."""
    log = product.log()
    secrets = [path.read_text().strip() for path in (product.data / "secrets").iterdir()]
    patterns = [
        r"act\.\w",
        r"rft\.\w",
        r"upload_token=(?!\[hidden\])\w",
        r"[?&]code=(?!\[hidden\])\w",
    ]
    found = [secret for secret in secrets if secret and secret in log]
    found += [match[0] for pattern in patterns for match in re.finditer(pattern, log)]
    assert simulator.posts(), "the log of a run without posts proves nothing"
    return [leak for leak in found if PASSWORD not in leak] + [PASSWORD] * (PASSWORD in log)


def test_a_newcomers_first_video_appears_on_tiktok_on_time(page, product, tmp_path):
    video = make_padded_mp4(tmp_path / "film.mp4", size_bytes=3_000_000)
    creator = product.simulator.creators()[0]
    start_team(page, product)
    connect_account(page, creator["nickname"])
    due_at = fill_in_post(page, video)

    page.get_by_role("button", name=re.compile("^Schedule")).click()

    expect(page.get_by_text("Published").first).to_be_visible(timeout=SENT_TIMEOUT_MS)
    [sent] = product.simulator.posts()
    assert sent["sha256"] == hashlib.sha256(video.read_bytes()).hexdigest()
    assert sent["post_info"]["title"] == "First light ☕ #nordlicht"
    assert sent["post_info"]["disable_comment"] is False
    assert sent["post_info"]["disable_duet"] is True
    assert product.simulator.violations() == []
    lateness_s = sent["init_at"] - due_at.timestamp()
    assert lateness_s >= 0
    page.goto(f"{page.url.split('/posts/')[0]}/simulator/@{creator['username']}")
    expect(page.locator("video")).to_have_count(1)
    assert find_leaks(product, product.simulator) == []
