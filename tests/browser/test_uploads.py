"""Uploads in a real Chromium that are interrupted, continued, canceled and refused."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Membership, Role, TikTokAccount
from publishing.models import MediaAsset, Upload
from tests.browser.web import Web
from tests.factories import make_member, make_team
from tests.media_samples import make_padded_mp4
from tests.processes.conftest import wait_until
from tests.publishing.conftest import connect, simulator, simulator_process

__all__ = ["connect", "simulator", "simulator_process"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]
# Two parts of 32 MiB and a bit.
SIZE_BYTES = 70_000_000
SLOW_BYTES_PER_S = 8_000_000
ARRIVED_TIMEOUT_MS = 90_000


@pytest.fixture
def editor(transactional_db: None) -> Membership:
    return make_member(make_team(timezone="Europe/Berlin"), Role.EDITOR)


@pytest.fixture
def account(editor: Membership, connect: Callable[..., TikTokAccount]) -> TikTokAccount:
    return connect(editor.team, nickname="Maple Bakery")


@pytest.fixture
def web(account: TikTokAccount, tmp_path: Path, settings) -> Iterator[Web]:
    folder = tmp_path / "data"
    folder.mkdir()
    settings.MEDIA_ROOT = folder / "media"
    web = Web(folder, settings)
    web.collect_static()
    web.start()
    yield web
    web.kill()


@pytest.fixture
def compose(page: Page, web: Web, editor: Membership) -> Page:
    client = Client()
    client.force_login(editor.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    [cookie] = client.cookies.values()
    kept = {"name": web.session_cookie, "value": cookie.value, "url": web.url}
    page.context.add_cookies([kept])
    page.goto(f"{web.url}/compose/")
    return page


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_padded_mp4(tmp_path / "film.mp4", size_bytes=SIZE_BYTES)


class Network:
    """What this page's connection can do."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def set(self, *, is_offline: bool = False) -> None:
        conditions = {
            "offline": is_offline,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": SLOW_BYTES_PER_S,
        }
        self.session.send("Network.emulateNetworkConditions", conditions)


@pytest.fixture
def network(compose: Page) -> Network:
    """Slow, so that there is time to interrupt."""
    slow = Network(compose)
    slow.set()
    return slow


def choose(page: Page, video: Path) -> None:
    page.locator("#id_file").set_input_files(video)


def on_disk(web: Web) -> int:
    return sum(path.stat().st_size for path in (web.folder / "incoming").glob("*.part"))


def await_half(web: Web) -> None:
    wait_until(lambda: on_disk(web) > SIZE_BYTES // 2)


def await_media(page: Page) -> MediaAsset:
    expect(page.locator("#media-panel")).to_contain_text("film.mp4", timeout=ARRIVED_TIMEOUT_MS)
    return MediaAsset.objects.get()


def test_an_upload_outlives_a_killed_server(compose, web, video, network):
    choose(compose, video)
    await_half(web)

    web.kill()
    kept_bytes = on_disk(web)
    expect(compose.locator("[data-upload-words]")).to_contain_text("It goes on by itself")
    web.start()

    media = await_media(compose)
    assert kept_bytes > SIZE_BYTES // 2
    assert media.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()
    assert Upload.objects.count() == 1


def test_an_upload_outlives_a_lost_network(compose, web, video, network):
    choose(compose, video)
    await_half(web)

    network.set(is_offline=True)
    expect(compose.locator("[data-upload-words]")).to_contain_text("Interrupted at")
    network.set()

    media = await_media(compose)
    assert media.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()
    assert Upload.objects.count() == 1


def test_after_a_reload_the_same_file_goes_on(compose, web, video, network):
    choose(compose, video)
    await_half(web)
    compose.reload()
    expect(compose.locator("[data-kept-words]")).to_contain_text("film.mp4 was interrupted at")
    kept_bytes = on_disk(web)

    choose(compose, video)

    media = await_media(compose)
    assert kept_bytes > SIZE_BYTES // 2
    assert media.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()
    assert Upload.objects.count() == 1
    assert (
        compose.evaluate("Object.keys(localStorage).filter(k => k.startsWith('tus')).length") == 0
    )


def test_progress_tells_rate_and_time_left(compose, web, video, network):
    choose(compose, video)

    words = compose.locator("[data-upload-words]")
    expect(words).to_contain_text("of 70.0 MB, ")
    expect(words).to_contain_text("MB/s, ")
    expect(words).to_contain_text("s left")


def test_a_canceled_upload_is_gone_from_the_server(compose, web, video, network):
    choose(compose, video)
    wait_until(lambda: on_disk(web) > 0)

    compose.get_by_role("button", name="Cancel upload").click()

    expect(compose.locator("[data-drop]")).to_be_visible()
    wait_until(lambda: not Upload.objects.exists())
    assert on_disk(web) == 0


def test_an_interrupted_upload_can_be_forgotten(compose, web, video, network):
    choose(compose, video)
    wait_until(lambda: on_disk(web) > 0)
    compose.reload()

    compose.get_by_role("button", name="Forget it").click()

    wait_until(lambda: not Upload.objects.exists())
    assert on_disk(web) == 0


def test_a_refused_file_says_why_beside_the_field(compose, tmp_path):
    text = tmp_path / "clip.mp4"
    text.write_text("<html>no</html>")

    choose(compose, text)

    expect(compose.locator("#media-problems")).to_contain_text("not a video that Duecast can read")
    expect(compose.locator("[data-drop]")).to_be_visible()


def test_an_empty_file_says_so_beside_the_field(compose, tmp_path):
    empty = tmp_path / "clip.mp4"
    empty.touch()

    choose(compose, empty)

    expect(compose.locator("#media-problems")).to_contain_text("This file is empty")


def test_two_screens_upload_at_once(compose, web, video, tmp_path):
    other_video = make_padded_mp4(tmp_path / "other.mp4", size_bytes=SIZE_BYTES)
    other = compose.context.new_page()
    other.goto(f"{web.url}/compose/")

    choose(compose, video)
    choose(other, other_video)

    for page, name in ((compose, "film.mp4"), (other, "other.mp4")):
        expect(page.locator("#media-panel")).to_contain_text(name, timeout=ARRIVED_TIMEOUT_MS)
    sums = {asset.original_name: asset.sha256 for asset in MediaAsset.objects.all()}
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (video, other_video)
    }


def test_who_is_signed_out_learns_it_and_can_go_on(compose, web, video, network):
    choose(compose, video)
    await_half(web)

    [session] = [c for c in compose.context.cookies() if c["name"] == web.session_cookie]
    compose.context.clear_cookies(name=web.session_cookie)

    problems = compose.locator("#media-problems")
    expect(problems).to_contain_text("You are signed out", timeout=ARRIVED_TIMEOUT_MS)
    # Asking for it in vain must not forget where it stopped.
    choose(compose, video)
    expect(problems).to_contain_text("You are signed out")
    compose.context.add_cookies([session])
    choose(compose, video)
    media = await_media(compose)
    assert media.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()
    assert Upload.objects.count() == 1
