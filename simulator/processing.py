"""What happens to a post after its bytes are there: processing, verdict, moderation."""

import hashlib
import heapq
import secrets
import threading
import time
from typing import TYPE_CHECKING

from simulator import limits, pulls
from simulator.records import Creator, Post

if TYPE_CHECKING:
    from simulator.app import Simulator

EBML = bytes.fromhex("1a45dfa3")


class Processing:
    """A thread that wakes when the next step of a post is due."""

    def __init__(self, sim: "Simulator") -> None:
        self.sim = sim
        self._due: list[tuple[float, str]] = []
        self._wake = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="processing", daemon=True)

    def start(self) -> None:
        """Take up the posts that were under way when the process ended, and run."""
        for post in self.sim.store.posts_in_order():
            if post.next_step_at is not None:
                self._plan(post, post.next_step_at)
            elif post.phase == "downloading":
                pulls.start(self.sim, post)
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(timeout=2)

    def begin_pull(self, post: Post) -> None:
        self.sim.store.save(post)
        pulls.start(self.sim, post)

    def bytes_complete(self, post: Post, now: float) -> None:
        """All bytes are there: look at the cap once more and begin to process."""
        with self.sim.store.lock:
            if post.phase not in ("uploading", "downloading") or self._is_forgotten(post):
                return
            post.bytes_complete_at = now
            creator = self.sim.store.creators[post.creator]
            if post.is_direct and limits.cap_is_reached(self.sim, creator, now):
                limits.tell_cap(self.sim, creator, now)
                self._violate_cap(post, creator, now)
                self.fail(post, "spam_risk_too_many_posts")
                return
            post.counted_at = now if post.is_direct else None
            post.phase = "processing"
            self._plan(post, now + self.sim.outcome("processing_s", creator, post.outcome))

    def fail(self, post: Post, reason: str) -> None:
        """End a post as FAILED and say so by webhook."""
        with self.sim.store.lock:
            if post.phase in ("done", "moderating") or self._is_forgotten(post):
                return
            post.status, post.fail_reason, post.phase = "FAILED", reason, "done"
            post.next_step_at = post.counted_at = None
            self.sim.store.save(post)
        self.sim.webhooks.post_event(post, "post.publish.failed", {"reason": reason})

    def publish_draft(self, post: Post, times: int, level: str) -> None:
        """The creator finishes a draft in the app, once or several times."""
        now = time.time()
        with self.sim.store.lock:
            post.draft_state, post.status, post.published_at = "published", "PUBLISH_COMPLETE", now
            post.post_info = post.post_info | {"privacy_level": level}
            post.outcome = post.outcome | {"post_id_count": times}
            self._await_moderation(post, now)
        self.sim.webhooks.post_event(post, "post.publish.complete", {})

    def take_down(self, post: Post) -> None:
        """A public post stops being public."""
        with self.sim.store.lock:
            gone, post.post_ids = post.post_ids, []
            self.sim.store.save(post)
        for post_id in gone:
            event = "post.publish.no_longer_publicaly_available"
            self.sim.webhooks.post_event(post, event, {"post_id": str(post_id)})

    def remove_access(self, creator: Creator) -> None:
        """Posts under way fail when the user withdraws access; `fail` spares finished ones."""
        for post in self.sim.store.posts_in_order():
            if post.creator == creator.username and post.phase != "moderating":
                self.fail(post, "auth_removed")

    def _is_forgotten(self, post: Post) -> bool:
        """Whether a reset came while bytes were still flowing."""
        return post.publish_id not in self.sim.store.posts

    def _violate_cap(self, post: Post, creator: Creator, now: float) -> None:
        if len(limits.own_posts(self.sim, creator, now)) < limits.cap_of(self.sim, creator):
            return
        entry = {
            "at": now,
            "order": post.init_order,
            "kind": "cap_exceeded",
            "reason": "the bytes of one post too many arrived",
            "method": "",
            "path": post.publish_id,
            "creator": post.creator,
        }
        self.sim.store.add_violation(entry)

    def _plan(self, post: Post, at: float) -> None:
        post.next_step_at = at
        self.sim.store.save(post)
        with self._wake:
            heapq.heappush(self._due, (at, post.publish_id))
            self._wake.notify()

    def catch_up(self) -> None:
        """Take every step that is due: what is told afterwards is not behind the clock."""
        # Whoever holds the lock has no step half taken elsewhere.
        with self.sim.store.lock:
            while (publish_id := self._pop_due()) is not None:
                post = self.sim.store.posts.get(publish_id)
                if post is not None:
                    self._step(post, time.time())

    def _pop_due(self) -> str | None:
        with self._wake:
            if not self._due or self._due[0][0] > time.time():
                return None
            return heapq.heappop(self._due)[1]

    def _run(self) -> None:
        while not self._stopped:
            self.catch_up()
            with self._wake:
                wait_s = self._due[0][0] - time.time() if self._due else None
                if not self._stopped and (wait_s is None or wait_s > 0):
                    self._wake.wait(wait_s)

    def _step(self, post: Post, now: float) -> None:
        with self.sim.store.lock:
            if post.next_step_at is None or post.next_step_at > now:
                return
            post.next_step_at = None
            if post.phase == "processing":
                self._finish(post, now)
            elif post.phase == "moderating":
                self._make_public(post, now)

    def _finish(self, post: Post, now: float) -> None:
        creator = self.sim.store.creators[post.creator]
        reason = self.sim.outcome("fail_reason", creator, post.outcome)
        if not reason and creator.is_banned:
            reason = "spam_risk_user_banned_from_posting"
        if not reason and post.media_type == "video" and not is_video(bytes.fromhex(post.head)):
            reason = "file_format_check_failed"
        if reason:
            self.fail(post, reason)
        elif post.is_direct:
            post.status, post.published_at = "PUBLISH_COMPLETE", now
            self._await_moderation(post, now)
            self.sim.webhooks.post_event(post, "post.publish.complete", {})
        else:
            post.status, post.phase, post.draft_state = "SEND_TO_USER_INBOX", "done", "waiting"
            self.sim.store.save(post)
            self.sim.webhooks.post_event(post, "post.publish.inbox_delivered", {})

    def _await_moderation(self, post: Post, now: float) -> None:
        creator = self.sim.store.creators[post.creator]
        gives_id = self.sim.outcome("gives_post_id", creator, post.outcome)
        if gives_id and post.post_info.get("privacy_level") == "PUBLIC_TO_EVERYONE":
            post.phase = "moderating"
            self._plan(post, now + self.sim.outcome("moderation_s", creator, post.outcome))
        else:
            post.phase = "done"
            self.sim.store.save(post)

    def _make_public(self, post: Post, now: float) -> None:
        creator = self.sim.store.creators[post.creator]
        count = self.sim.outcome("post_id_count", creator, post.outcome)
        post.post_ids = [new_post_id() for _ in range(count)]
        post.public_at, post.phase = now, "done"
        self.sim.store.save(post)
        for post_id in post.post_ids:
            event = "post.publish.publicly_available"
            self.sim.webhooks.post_event(post, event, {"post_id": str(post_id)})


def is_video(head: bytes) -> bool:
    """Whether a file begins like MP4, MOV or WebM."""
    return head[4:8] == b"ftyp" or head[:4] == EBML


def new_post_id() -> int:
    """19 digits, beyond what a float holds exactly."""
    return 7_600_000_000_000_000_001 + secrets.randbelow(10**17) * 2


def sha256_of(sim: "Simulator", post: Post) -> str | None:
    """The hex digest of a post's first file, computed once; None while bytes are missing."""
    if post.sha256 is None and post.bytes_complete_at is not None and post.media:
        path = sim.store.media_path(post, post.media[0]["name"])
        if path.exists():
            with path.open("rb") as file:
                post.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            sim.store.save(post)
    return post.sha256
