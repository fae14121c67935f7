"""The benchmark's half of TikTok: a simulator process and what it saw."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tiktok.client import App

ROOT = Path(__file__).parents[2]
CLIENT_KEY = "bench"
CLIENT_SECRET = "bench-secret"  # noqa: S105 - of a process that lives as long as the run
TIMEOUT_S = 30
STOP_S = 10


class TikTokSide:
    """Speaks to the simulator's control API (docs/simulator.md)."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid
        self.session = requests.Session()
        # A proxy for the outside world has no business on the loopback.
        self.session.trust_env = False

    def connect(self, usernames: Sequence[str]) -> list[dict[str, Any]]:
        """Make creators and tokens for them: answers like those of a token exchange."""
        return [self._connect(username) for username in usernames]

    def posts(self) -> list[dict[str, Any]]:
        """Every init that was accepted, in the order of arrival, with what became of it."""
        posts: list[dict[str, Any]] = self._call("GET", "posts")
        return posts

    def violations(self) -> int:
        return len(self._call("GET", "violations"))

    def refreshes(self, username: str) -> int:
        """How often this creator's tokens were asked to be renewed."""
        calls = (call for call in self.calls() if call["creator"] == username)
        return sum(call["path"] == "/v2/oauth/token/" for call in calls)

    def settings(self, **changes: Any) -> None:
        """Settings of docs/simulator.md."""
        self._call("POST", "settings", changes)

    def inject(self, name: str, **values: Any) -> None:
        """A fault of docs/simulator.md, from now on."""
        self._call("POST", "faults", {"name": name, **values})

    def end_faults(self) -> int:
        """Everything works from here on; how many requests had met a fault."""
        hits = sum(len(fault["hits"]) for fault in self._call("GET", "faults"))
        self._call("DELETE", "faults", {})
        return hits

    def calls(self) -> list[dict[str, Any]]:
        """Every call to TikTok in the order of arrival."""
        calls: list[dict[str, Any]] = self._call("GET", "requests")
        return calls

    def app(self) -> App:
        return App(CLIENT_KEY, CLIENT_SECRET, api_url=self.url, authorize_url=self.url)

    def _connect(self, username: str) -> dict[str, Any]:
        self._call("POST", "creators", {"username": username})
        grant = self._call("POST", "tokens/issue", {"creator": username})
        return {**grant, "username": username}

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.session.request(
            method, f"{self.url}/control/{path}", json=body, timeout=TIMEOUT_S
        )
        answer.raise_for_status()
        return answer.json()


@contextmanager
def simulator() -> Iterator[TikTokSide]:
    """A simulator of its own on a free port; uploaded bytes are counted and thrown away."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", "--discard-bytes"],
        cwd=ROOT,
        env={
            **os.environ,
            "SIMULATOR_CLIENT_KEY": CLIENT_KEY,
            "SIMULATOR_CLIENT_SECRET": CLIENT_SECRET,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        # It prints its address once it listens.
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            raise RuntimeError("the simulator did not start; ./duecast simulator says why")
        yield TikTokSide(line.split()[-1], process.pid)
    finally:
        process.terminate()
        process.wait(STOP_S)


def title_of(post: dict[str, Any]) -> str:
    return str(post["post_info"].get("title", ""))


def await_posts(side: TikTokSide, titles: set[str], status: str, timeout_s: float) -> bool:
    """Wait until all `titles` have `status` ("" is any); False when time runs out first."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        seen = {title_of(post) for post in side.posts() if status in ("", post["status"])}
        if titles <= seen:
            return True
        time.sleep(0.5)
    return False
