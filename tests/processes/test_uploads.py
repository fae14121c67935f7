"""Resumable uploads through gunicorn, with connections that break and a server that is killed."""

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.test import Client

from accounts.models import Role
from calendar_app.bench.memory import peak_bytes, reset_peak, with_descendants
from publishing.models import MediaAsset
from tests.browser.web import Web
from tests.factories import make_member
from tests.media_samples import make_padded_mp4
from tests.processes.conftest import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
TUS = {"Tus-Resumable": "1.0.0", "X-CSRFToken": "a" * 32}
PART = {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def web(tmp_path: Path, settings, transactional_db) -> Iterator[Web]:
    folder = tmp_path / "data"
    folder.mkdir()
    settings.MEDIA_ROOT = folder / "media"
    web = Web(folder, settings, UPLOAD_SILENCE_S="2", WEB_THREADS="4")
    web.collect_static()
    web.start()
    yield web
    web.kill()


@pytest.fixture
def session(web: Web) -> requests.Session:
    client = Client()
    client.force_login(
        make_member(role=Role.EDITOR).user,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    session = requests.Session()
    session.trust_env = False
    session.headers.update(TUS)
    [cookie] = client.cookies.values()
    session.cookies.set(web.session_cookie, cookie.value)
    session.cookies.set(f"duecast_csrf_{web.port}", "a" * 32)
    return session


def begin(web: Web, session: requests.Session, size_bytes: int) -> str:
    headers = {"Upload-Length": str(size_bytes)}
    response = session.post(f"{web.url}/media/uploads/", headers=headers)
    assert response.status_code == 201, response.text
    return response.headers["Location"]


def patch(web, session, path, offset, part):
    headers = PART | {"Upload-Offset": str(offset)}
    return session.patch(f"{web.url}{path}", data=part, headers=headers)


def offset_of(web: Web, session: requests.Session, path: str) -> int:
    return int(session.head(f"{web.url}{path}").headers["Upload-Offset"])


def send_some(web, session, path, offset, part, announced_bytes) -> socket.socket:
    """The head of a PATCH and a part of its body; the connection stays open."""
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    head = [
        f"PATCH {path} HTTP/1.1",
        f"Host: localhost:{web.port}",
        f"Cookie: {cookies}",
        f"Content-Length: {announced_bytes}",
        f"Upload-Offset: {offset}",
        *(f"{name}: {value}" for name, value in (TUS | PART).items()),
    ]
    connection = socket.create_connection(("127.0.0.1", web.port), 10)
    connection.sendall("\r\n".join([*head, "", ""]).encode() + part)
    return connection


def on_disk(web: Web) -> int:
    return sum(path.stat().st_size for path in (web.folder / "incoming").glob("*.part"))


def test_a_killed_server_goes_on_where_it_stopped(web, session, tmp_path):
    video = make_padded_mp4(tmp_path / "film.mp4", size_bytes=20_000_000).read_bytes()
    path = begin(web, session, len(video))
    connection = send_some(web, session, path, 0, video[:9_000_000], len(video))
    wait_until(lambda: on_disk(web) > 8_000_000)

    web.kill()
    web.start()
    connection.close()
    session.close()
    offset = offset_of(web, session, path)
    rest = patch(web, session, path, offset, video[offset:])
    panel = session.post(f"{web.url}{path}media/")

    assert 8_000_000 < offset <= 9_000_000
    assert rest.headers["Upload-Offset"] == str(len(video))
    assert panel.status_code == 200
    assert MediaAsset.objects.get().sha256 == hashlib.sha256(video).hexdigest()


def test_what_arrived_stays_when_the_client_goes_away(web, session):
    path = begin(web, session, 3_000_000)

    send_some(web, session, path, 0, b"x" * 1_234_567, 3_000_000).close()

    wait_until(lambda: offset_of(web, session, path) == 1_234_567)


def test_a_silent_client_loses_its_lock(web, session):
    path = begin(web, session, 3_000_000)
    silent = send_some(web, session, path, 0, b"x" * 1_048_576, 3_000_000)
    wait_until(lambda: on_disk(web) == 1_048_576)

    while_silent = patch(web, session, path, 1_048_576, b"y")
    wait_until(lambda: patch(web, session, path, 1_048_576, b"y").status_code == 204)

    silent.close()
    assert while_silent.status_code == 423
    assert offset_of(web, session, path) == 1_048_577


def test_parts_pass_through_without_being_held_in_memory(web, session):
    size_bytes = 120_000_000
    path = begin(web, session, size_bytes)
    patch(web, session, path, 0, b"x" * 1_000_000)
    processes = with_descendants(web.process.pid)
    before = {pid: reset_peak(pid) for pid in processes}

    rest = b"x" * (size_bytes - 1_000_000)
    response = patch(web, session, path, 1_000_000, rest)

    grown = max(peak_bytes(pid) - before[pid] for pid in processes)
    assert response.headers["Upload-Offset"] == str(size_bytes)
    assert grown < 20_000_000
