"""One simulator process for the session, reset before each test, and two local servers."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from simulator.process import Running, start

from .client import Api

QUICK = {"processing_s": 0.05, "moderation_s": 0.05, "webhook_retry_s": 0.02}


@pytest.fixture(autouse=True)
def own_surroundings() -> None:
    """Replaces the product's: these tests know nothing of Django."""


class LocalServer:
    """Answers from `pages` (path to status, headers, body), keeps what was posted and by which name
    it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.hosts: list[str] = []
        self.post_statuses: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def _handler(outer) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.gate.wait(20)
                outer.hosts.append(self.headers["Host"])
                status, headers, body = outer.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posted.append((dict(self.headers.items()), body))
                self.send_response(outer.post_statuses.pop(0) if outer.post_statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def clear(self) -> None:
        self.pages.clear()
        self.posted.clear()
        self.hosts.clear()
        self.post_statuses.clear()
        self.gate.set()


@pytest.fixture(scope="session")
def local_server() -> Iterator[LocalServer]:
    local = LocalServer()
    yield local
    local.server.shutdown()
    local.server.server_close()


@pytest.fixture(scope="session")
def session_simulator(local_server: LocalServer) -> Iterator[Running]:
    with start(verified_prefix=[f"{local_server.url}/media/"]) as running:
        yield running


@pytest.fixture
def running(session_simulator: Running, local_server: LocalServer) -> Running:
    local_server.clear()
    session_simulator.control.reset()
    session_simulator.control.settings(webhook_url="", **QUICK)
    return session_simulator


@pytest.fixture
def web(running: Running, local_server: LocalServer) -> LocalServer:
    return local_server


@pytest.fixture
def api(running: Running) -> Api:
    return Api(running, "maple.bakery")


@pytest.fixture
def private_api(running: Running) -> Api:
    return Api(running, "quiet.studio")


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return picture("JPEG", (720, 1280))


def picture(kind: str, size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, kind)
    return buffer.getvalue()
