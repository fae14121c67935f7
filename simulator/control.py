"""A client for the control API and the consent page, for tests and benchmarks."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

DEFAULT_SCOPES = (
    "user.info.basic,user.info.profile,user.info.stats,video.list,video.publish,video.upload"
)
TIMEOUT_S = 30


class Control:
    """Each method is one call. Answers are plain JSON; a refused call raises HTTPError."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method: str, path: str, body: Any = None, /, **query: Any) -> Any:
        """A raw control call; `path` is relative to /control/."""
        answer = self.session.request(
            method, f"{self.base_url}/control/{path}", json=body, params=query, timeout=TIMEOUT_S
        )
        if answer.status_code >= 400:
            raise requests.HTTPError(f"{answer.status_code}: {answer.text}", response=answer)
        return answer.json()

    def wait_until_ready(self, timeout_s: float) -> None:
        """Until /healthz answers; raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                self.session.get(f"{self.base_url}/healthz", timeout=TIMEOUT_S)
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise TimeoutError("the simulator does not answer") from None
                time.sleep(0.05)
            else:
                return

    def state(self) -> dict[str, Any]:
        return self.call("GET", "state")

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings (or only read them); gives all."""
        if not changes:
            return self.call("GET", "settings")
        return self.call("POST", "settings", changes)

    def creators(self) -> list[dict[str, Any]]:
        return self.call("GET", "creators")

    def creator(self, username: str) -> dict[str, Any]:
        return next(c for c in self.creators() if c["username"] == username)

    def add_creator(self, username: str, **values: Any) -> dict[str, Any]:
        """Add a creator, or change the one with this username."""
        return self.call("POST", "creators", {"username": username} | values)

    def add_other_posts(self, creator: str, count: int = 1, **values: Any) -> dict[str, Any]:
        """Posts by another API client, at `at` (default now)."""
        body = {"creator": creator, "count": count} | values
        return self.call("POST", "other_posts", body)

    def set_outcome(self, creator: str = "", next: int = 0, **values: Any) -> None:
        """What becomes of posts: globally, of one creator, or of the next n."""
        self.call("POST", "outcome", {"creator": creator, "next": next} | values)

    def issue_tokens(self, creator: str, scopes: list[str] | None = None) -> dict[str, Any]:
        """A token pair without the consent page."""
        body = {"creator": creator} | ({"scopes": scopes} if scopes is not None else {})
        return self.call("POST", "tokens/issue", body)

    def end_tokens(self, creator: str, kind: str = "both", why: str = "expired") -> int:
        """Kill a creator's live tokens (`access`, `refresh` or `both`); gives how many."""
        body = {"creator": creator, "kind": kind, "why": why}
        return self.call("POST", "tokens/end", body)["ended"]

    def disconnect(self, creator: str, reason: int = 1) -> None:
        """The user withdraws access inside TikTok."""
        self.call("POST", "disconnect", {"creator": creator, "reason": reason})

    def posts(self, creator: str = "") -> list[dict[str, Any]]:
        """Accepted inits in order of arrival, with media digest and all moments."""
        return self.call("GET", "posts", creator=creator)

    def post(self, publish_id: str) -> dict[str, Any]:
        return next(p for p in self.posts() if p["publish_id"] == publish_id)

    def act_on_post(self, publish_id: str, action: str, **values: Any) -> dict[str, Any]:
        """`publish`, `discard`, `take_down` or `expire_upload`."""
        body = {"publish_id": publish_id, "action": action} | values
        return self.call("POST", "posts", body)

    def inject_fault(self, name: str = "", **values: Any) -> dict[str, Any]:
        """A named fault or error code, or a `kind` with its fields."""
        return self.call("POST", "faults", {"name": name or values.get("kind", "")} | values)

    def faults(self) -> list[dict[str, Any]]:
        return self.call("GET", "faults")

    def clear_faults(self, number: int | None = None) -> None:
        self.call("DELETE", "faults", {} if number is None else {"number": number})

    def requests(self, **narrow: Any) -> list[dict[str, Any]]:
        """The request log; `since` (order), `path` (regex), `creator`."""
        return self.call("GET", "requests", **narrow)

    def violations(self, **narrow: Any) -> list[dict[str, Any]]:
        """What a correct client would not have sent; also narrowed by `kind`."""
        return self.call("GET", "violations", **narrow)

    def clear_violations(self) -> None:
        self.call("DELETE", "violations")

    def webhooks(self) -> list[dict[str, Any]]:
        return self.call("GET", "webhooks")

    def send_webhook(self, event: str = "", **values: Any) -> list[dict[str, Any]]:
        """`content`, `creator`, `create_time`, `signature`, `copies`, `raw_body`, `url`."""
        return self.call("POST", "webhooks", {"event": event} | values)

    def reset(self) -> None:
        self.call("POST", "reset")

    def authorize(self, authorize_url: str, creator: str, **choice: Any) -> dict[str, str]:
        """Press Allow (or `decision="refuse"`) on the consent page for an authorize URL.

        `granted` unticks scopes. Gives the callback's query values; raises ValueError when
        the page sends nobody back.
        """
        asked = {k: v[0] for k, v in parse_qs(urlsplit(authorize_url).query).items()}
        form = asked | {
            "creator": creator,
            "decision": choice.get("decision", "allow"),
            "granted": choice.get("granted", asked.get("scope", "").split(",")),
        }
        answer = self.session.post(
            f"{self.base_url}/v2/auth/authorize/decide",
            data=form,
            allow_redirects=False,
            timeout=TIMEOUT_S,
        )
        if answer.status_code != 302:
            raise ValueError(f"the consent page answered {answer.status_code}")
        query = urlsplit(answer.headers["Location"]).query
        return {k: v[0] for k, v in parse_qs(query).items()}
