"""A browser's half of an upload without a browser: what static/js/upload.js sends, from a file."""

import base64
import http.client
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import requests

from calendar_app.bench.instance import BenchFailed

EMAIL = "bench@example.com"
TUS = {"Tus-Resumable": "1.0.0"}
PART_TYPE = "application/offset+octet-stream"
# Both as in static/js/upload.js.
PART_BYTES = 32 * 1024 * 1024
RETRY_DELAYS_S = [min(0.5 * 2**n, 15.0) for n in range(20)]
PASSING = {408, 409, 423, 429}
# The last part waits for the disk, the media for hashing and probing.
TIMEOUT_S = 600


@dataclass(frozen=True)
class Interruption:
    """Strikes once, amid a part, when `at` (0 to 1) of the file is out."""

    name: str
    at: float
    strike: Callable[[http.client.HTTPConnection], None]


@dataclass
class Sent:
    """How one upload went; seconds count from its first request to the media panel."""

    total_s: float = 0.0
    # Until the next part could go out, after each interruption.
    waited_s: float = 0.0
    finish_s: float = 0.0
    # What left, so more than the file has when something had to leave again.
    sent_bytes: int = 0
    outlived: list[str] = field(default_factory=list)


class Browser:
    """One person's session at the web server on `port`."""

    def __init__(self, port: int, password: str) -> None:
        self.port = port
        self.password = password
        self.session = requests.Session()
        # A proxy for the outside world has no business on the loopback.
        self.session.trust_env = False

    def sign_in(self) -> None:
        self.ask("GET", "/account/login/")
        answer = self.ask("POST", "/account/login/", {"login": EMAIL, "password": self.password})
        if f"duecast_session_{self.port}" not in self.session.cookies:
            raise BenchFailed(f"signing in was answered with {answer.status_code}")

    def sign_out(self) -> None:
        self.ask("POST", "/account/logout/")

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, **headers: str
    ) -> requests.Response:
        return self.session.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            data=form,
            headers=self._headers(headers),
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )

    def open_part(self, path: str, offset: int, size_bytes: int) -> http.client.HTTPConnection:
        """A connection on which the head of a PATCH is out and the part itself is to follow."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        connection.putrequest("PATCH", path)
        cookies = "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())
        part = {"Content-Type": PART_TYPE, "Content-Length": size_bytes, "Upload-Offset": offset}
        for name, value in (self._headers({"Cookie": cookies}) | part).items():
            connection.putheader(name, str(value))
        connection.endheaders()
        return connection

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        token = self.session.cookies.get(f"duecast_csrf_{self.port}") or ""
        return TUS | {"X-CSRFToken": token} | {n.replace("_", "-"): v for n, v in more.items()}


def send_file(browser: Browser, path: Path, interruptions: Sequence[Interruption] = ()) -> Sent:
    """Upload the file as the posting screen does, until it is media. Raises BenchFailed."""
    with path.open("rb") as file:
        return _Sending(browser, file, path, interruptions).run()


class _Sending:
    """One file on its way."""

    def __init__(
        self, browser: Browser, file: BinaryIO, path: Path, interruptions: Sequence[Interruption]
    ) -> None:
        self.browser = browser
        self.file = file
        self.name = path.name
        self.size_bytes = path.stat().st_size
        self.to_come = list(interruptions)
        self.suffered: list[str] = []
        self.sent = Sent()

    def run(self) -> Sent:
        began_s = time.monotonic()
        url = self._begin()
        offset = 0
        while offset < self.size_bytes:
            arrived = self._send_part(url, offset)
            offset = self._find_offset(url) if arrived is None else arrived
        arrived_s = time.monotonic()
        self._finish(url)
        self.sent.finish_s = time.monotonic() - arrived_s
        self.sent.total_s = time.monotonic() - began_s
        return self.sent

    def _begin(self) -> str:
        name = base64.b64encode(self.name.encode()).decode()
        answer = self.browser.ask(
            "POST",
            "/media/uploads/",
            Upload_Length=str(self.size_bytes),
            Upload_Metadata=f"filename {name}",
        )
        if answer.status_code != http.HTTPStatus.CREATED:
            raise BenchFailed(f"the upload was not begun: {answer.status_code} {answer.text}")
        return answer.headers["Location"]

    def _send_part(self, url: str, offset: int) -> int | None:
        """How much has arrived after this part; None when nobody said so."""
        end = min(offset + PART_BYTES, self.size_bytes)
        with (
            suppress(OSError, http.client.HTTPException),
            closing(self.browser.open_part(url, offset, end - offset)) as connection,
        ):
            self._flow(connection, offset, end)
            answer = connection.getresponse()
            if answer.status == http.HTTPStatus.NO_CONTENT:
                return int(answer.headers["Upload-Offset"])
        return None

    def _flow(self, connection: http.client.HTTPConnection, offset: int, end: int) -> None:
        mark = self.to_come[0].at * self.size_bytes if self.to_come else end
        if offset <= mark < end:
            self._pour(connection, offset, int(mark))
            offset = int(mark)
            interruption = self.to_come.pop(0)
            self.suffered.append(interruption.name)
            interruption.strike(connection)
        self._pour(connection, offset, end)

    def _pour(self, connection: http.client.HTTPConnection, offset: int, end: int) -> None:
        try:
            connection.sock.sendfile(self.file, offset, end - offset)
        finally:
            # sendfile leaves the file where it stopped, in success and in failure.
            self.sent.sent_bytes += self.file.tell() - offset

    def _find_offset(self, url: str) -> int:
        """Where the server wants to go on, asked until it answers, as a browser would."""
        began_s = time.monotonic()
        for delay_s in RETRY_DELAYS_S:
            time.sleep(delay_s)
            with suppress(requests.ConnectionError):
                answer = self.browser.ask("HEAD", url)
                if answer.status_code == http.HTTPStatus.UNAUTHORIZED:
                    self.browser.sign_in()
                    answer = self.browser.ask("HEAD", url)
                if answer.status_code == http.HTTPStatus.OK:
                    self._outlive()
                    self.sent.waited_s += time.monotonic() - began_s
                    return int(answer.headers["Upload-Offset"])
                _demand_passing("HEAD", answer)
        raise BenchFailed("the server never came back")

    def _finish(self, url: str) -> None:
        for delay_s in RETRY_DELAYS_S:
            answer = self.browser.ask("POST", f"{url}media/")
            if answer.status_code == http.HTTPStatus.OK:
                return
            if answer.status_code == http.HTTPStatus.UNAUTHORIZED:
                self.browser.sign_in()
                self._outlive()
                continue
            _demand_passing("POST", answer)
            time.sleep(delay_s)
        raise BenchFailed("the file never became media")

    def _outlive(self) -> None:
        """The interruption was felt here, and the server takes more."""
        self.sent.outlived += self.suffered
        self.suffered = []


def _demand_passing(method: str, answer: requests.Response) -> None:
    if answer.status_code < http.HTTPStatus.INTERNAL_SERVER_ERROR and (
        answer.status_code not in PASSING
    ):
        raise BenchFailed(f"{method} was answered with {answer.status_code}: {answer.text}")
