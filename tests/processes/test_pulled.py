"""Addresses that TikTok fetches from, through gunicorn as people run it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from publishing.pulling import pull_urls
from tests.browser.web import Web
from tests.publishing.factories import make_media, make_post
from tests.publishing_pulls.factories import make_photo_post, make_pull

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["text", "json"])
def web(request, tmp_path: Path, settings, transactional_db) -> Iterator[Web]:
    folder = tmp_path / "data"
    folder.mkdir()
    settings.MEDIA_ROOT = folder / "media"
    web = Web(folder, settings, LOG_FORMAT=request.param, LOG_LEVEL="DEBUG")
    web.start()
    yield web
    web.kill()


@pytest.fixture
def http() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def test_the_log_of_the_server_never_holds_an_address(web, http):
    pull = make_pull(make_photo_post())
    [url, *_] = pull_urls(web.url, pull.pull_token, pull.post.files())

    statuses = [http.get(url).status_code, http.head(url).status_code, http.post(url).status_code]
    pull.post.files()[0].file.delete(save=False)
    statuses += [http.get(url).status_code, http.get(f"{url}/x").status_code]

    assert statuses == [200, 200, 405, 404, 404]
    assert "/pull/[hidden]/0.jpg 200" in web.log()
    assert pull.pull_token not in (web.folder / "web.log").read_text()


def test_a_large_video_arrives_whole_and_in_parts(web, http):
    media = make_media(size_bytes=40_000_000)
    pull = make_pull(make_post(media=media))
    [url] = pull_urls(web.url, pull.pull_token, [media])

    whole = http.get(url)
    parts = [
        http.get(url, headers={"Range": f"bytes={first}-{first + 9_999_999}"})
        for first in range(0, 40_000_000, 10_000_000)
    ]

    assert hashlib.sha256(whole.content).hexdigest() == media.sha256
    assert [part.status_code for part in parts] == [206] * 4
    joined = b"".join(part.content for part in parts)
    assert hashlib.sha256(joined).hexdigest() == media.sha256
    assert "Set-Cookie" not in whole.headers
