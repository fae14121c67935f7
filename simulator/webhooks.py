"""Webhooks (contract 12): signed, at least once, unordered, retried with growing pauses."""

import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import requests

from simulator.records import Creator, Post, Webhook

if TYPE_CHECKING:
    from simulator.app import Simulator

GIVE_UP_S = 72 * 3600
LONGEST_PAUSE_S = 3600
TIMEOUT_S = 10


def sign(secret: str, at: int, body: bytes) -> str:
    """The TikTok-Signature header: HMAC-SHA256 over `t.body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},s={mac.hexdigest()}"


class Webhooks:
    """A queue of deliveries and a few threads that make them."""

    def __init__(self, sim: "Simulator") -> None:
        self.sim = sim
        self._pool = ThreadPoolExecutor(4, "webhooks")
        self._stopped = threading.Event()
        self._new = threading.Event()
        self._under_way: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._new.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def post_event(self, post: Post, event: str, content: dict[str, Any]) -> None:
        """An event about a post, if webhooks are on."""
        kind = "DIRECT_PUBLISH" if post.is_direct else "INBOX_SHARE"
        body = {"publish_id": post.publish_id, "publish_type": kind} | content
        self._announce(event, body, self.sim.store.creators[post.creator])

    def authorization_removed(self, creator: Creator, reason: int) -> None:
        self._announce("authorization.removed", {"reason": reason}, creator)

    def _announce(self, event: str, content: dict[str, Any], creator: Creator) -> None:
        settings = self.sim.settings
        if settings.webhook_url and settings.webhooks_enabled:
            body = self.envelope(event, content, creator.open_id, int(time.time()))
            for _ in range(settings.webhook_copies):
                self.enqueue(event, body, settings.webhook_url)

    def envelope(self, event: str, content: Any, open_id: str, created: int) -> str:
        value: dict[str, Any] = {
            "client_key": self.sim.options.client_key,
            "event": event,
            "create_time": created,
        }
        if open_id:
            value["user_openid"] = open_id
        value["content"] = json.dumps(content, separators=(",", ":"))
        return json.dumps(value, separators=(",", ":"))

    def enqueue(self, event: str, body: str, url: str, signature: str = "valid") -> Webhook:
        """Plan one delivery. `signature` is valid, wrong, missing, or a header to send as it is."""
        now = time.time()
        webhook = Webhook(
            number=self.sim.store.next_number(),
            event=event,
            body=body,
            url=url,
            created_at=now,
            due_at=now + self.sim.settings.webhook_delay_s,
            signature=signature,
        )
        self.sim.store.save(webhook)
        self._new.set()
        return webhook

    def _run(self) -> None:
        while not self._stopped.is_set():
            pause_s = self._start_due(time.time())
            self._new.wait(pause_s)
            self._new.clear()

    def _start_due(self, now: float) -> float:
        """Begin the deliveries that are due; gives the pause until the next one."""
        with self.sim.store.lock:
            waiting = [
                w
                for w in list(self.sim.store.webhooks.values())
                if w.delivered_at is None and not w.given_up and w.key not in self._under_way
            ]
            due = [w for w in waiting if w.due_at <= now]
            self._under_way.update(w.key for w in due)
        for webhook in due:
            self._pool.submit(self._deliver, webhook)
        return max(0.01, min([w.due_at - now for w in waiting if w not in due], default=60.0))

    def _deliver(self, webhook: Webhook) -> None:
        status = self._post(webhook)
        now = time.time()
        with self.sim.store.lock:
            webhook.answers.append(status)
            if status == 200:
                webhook.delivered_at = now
            elif now - webhook.created_at > GIVE_UP_S:
                webhook.given_up = True
            else:
                pause_s = self.sim.settings.webhook_retry_s * 2 ** (len(webhook.answers) - 1)
                webhook.due_at = now + min(pause_s, LONGEST_PAUSE_S)
            self._under_way.discard(webhook.key)
            if webhook.key in self.sim.store.webhooks:
                self.sim.store.save(webhook)
        self._new.set()

    def _post(self, webhook: Webhook) -> int:
        body = webhook.body.encode()
        headers = {"Content-Type": "application/json"} | self._signature(webhook, body)
        session = requests.Session()
        session.trust_env = False
        try:
            answer = session.post(
                webhook.url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
            )
        except requests.RequestException:
            return 0
        return answer.status_code

    def _signature(self, webhook: Webhook, body: bytes) -> dict[str, str]:
        if webhook.signature == "missing":
            return {}
        value = webhook.signature
        if value in ("valid", "wrong"):
            secret = self.sim.options.client_secret + ("" if value == "valid" else "-wrong")
            value = sign(secret, int(time.time()), body)
        return {"TikTok-Signature": value}
