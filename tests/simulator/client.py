"""A bare API client for these tests: what the contract says, nothing added."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import requests

from simulator.process import Running

ALL_SCOPES = (
    "user.info.basic,user.info.profile,user.info.stats,video.list,video.publish,video.upload"
)
REDIRECT = "http://localhost:8000/accounts/callback"
MP4_HEAD = b"\x00\x00\x00\x18ftypmp42"
TIMEOUT_S = 30


def mp4(size: int) -> bytes:
    return (
        MP4_HEAD
        + bytes(i % 251 for i in range(min(size, 1000) - len(MP4_HEAD)))
        + bytes(max(0, size - 1000))
    )


def wait_for(condition: Callable[[], Any], timeout_s: float = 60) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)
    return value


def authorize_url(running: Running, **changes: str) -> str:
    query = {
        "client_key": running.client_key,
        "response_type": "code",
        "scope": ALL_SCOPES,
        "redirect_uri": REDIRECT,
        "state": "a-state",
    } | changes
    kept = {k: v for k, v in query.items() if v is not None}
    return f"{running.base_url}/v2/auth/authorize/?{urlencode(kept)}"


def token_call(running: Running, path: str = "token", **fields: str) -> requests.Response:
    form = {"client_key": running.client_key, "client_secret": running.client_secret} | fields
    url = f"{running.base_url}/v2/oauth/{path}/"
    return requests.post(url, data=form, timeout=TIMEOUT_S)


def exchange(running: Running, code: str, **changes: str) -> requests.Response:
    fields = {"code": code, "grant_type": "authorization_code", "redirect_uri": REDIRECT}
    return token_call(running, **(fields | changes))


def refresh(running: Running, token: str) -> requests.Response:
    return token_call(running, grant_type="refresh_token", refresh_token=token)


class Api:
    """Calls of one creator's token."""

    def __init__(self, running: Running, creator: str, scopes: str = ALL_SCOPES) -> None:
        self.running = running
        self.tokens = running.control.issue_tokens(creator, scopes.split(","))
        self.headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def post(self, path: str, body: Any = None, **arguments: Any) -> requests.Response:
        url = f"{self.running.base_url}/v2/{path}/"
        body = {} if body is None else body
        return requests.post(url, json=body, headers=self.headers, timeout=TIMEOUT_S, **arguments)

    def get(self, path: str, **query: str) -> requests.Response:
        url = f"{self.running.base_url}/v2/{path}/"
        return requests.get(url, params=query, headers=self.headers, timeout=TIMEOUT_S)

    def creator_info(self) -> requests.Response:
        return self.post("post/publish/creator_info/query")

    def init(self, size: int = 1000, **changes: Any) -> requests.Response:
        body = {"post_info": post_info(**changes), "source_info": upload_source(size)}
        return self.post("post/publish/video/init", body)

    def inbox_init(self, size: int = 1000) -> requests.Response:
        return self.post("post/publish/inbox/video/init", {"source_info": upload_source(size)})

    def status(self, publish_id: str) -> dict[str, Any]:
        return self.post("post/publish/status/fetch", {"publish_id": publish_id}).json()["data"]

    def publish(self, data: bytes | None = None, **changes: Any) -> str:
        data = mp4(1000) if data is None else data
        begun = self.init(len(data), **changes).json()["data"]
        assert put(begun["upload_url"], data).status_code == 201
        return begun["publish_id"]

    def publish_draft(self) -> str:
        begun = self.inbox_init().json()["data"]
        assert put(begun["upload_url"], mp4(1000)).status_code == 201
        return begun["publish_id"]

    def ended(self, publish_id: str) -> dict[str, Any]:
        control = self.running.control
        wait_for(lambda: control.post(publish_id)["phase"] == "done")
        return self.status(publish_id)


def post_info(**changes: Any) -> dict[str, Any]:
    info = {
        "privacy_level": "PUBLIC_TO_EVERYONE",
        "title": "A caption",
        "disable_comment": True,
        "disable_duet": True,
        "disable_stitch": True,
        "brand_content_toggle": False,
        "brand_organic_toggle": False,
    } | changes
    return {k: v for k, v in info.items() if v is not None}


def upload_source(size: int, chunk: int | None = None, count: int | None = None) -> dict[str, Any]:
    return {
        "source": "FILE_UPLOAD",
        "video_size": size,
        "chunk_size": size if chunk is None else chunk,
        "total_chunk_count": 1 if count is None else count,
    }


def put(url: str, data: bytes, first: int = 0, total: int | None = None, **headers: str) -> Any:
    total = len(data) if total is None else total
    sent = {
        "Content-Type": "video/mp4",
        "Content-Range": f"bytes {first}-{first + len(data) - 1}/{total}",
    } | {k.replace("_", "-"): v for k, v in headers.items()}
    return requests.put(url, data=data, headers=sent, timeout=TIMEOUT_S)


def code_of(answer: requests.Response) -> str:
    return answer.json()["error"]["code"]


def kinds(running: Running) -> list[str]:
    return [v["kind"] for v in running.control.violations()]
