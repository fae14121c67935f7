"""Rate windows per token and the caps per creator and client (contract 14)."""

import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from simulator.records import Creator, Post, Token
from simulator.wire import Refusal, Request

if TYPE_CHECKING:
    from simulator.app import Simulator


class RateWindows:
    """Arrival times of the accepted calls of the last window, per token and endpoint."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def take(self, token: str, endpoint: str, now: float, limit: int, window_s: float) -> bool:
        """Whether one more call fits; it is counted if it does."""
        with self._lock:
            calls = self._calls[token, endpoint]
            while calls and calls[0] <= now - window_s:
                calls.popleft()
            if len(calls) >= limit:
                return False
            calls.append(now)
            return True

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()


def check_rate(sim: "Simulator", request: Request, token: Token, endpoint: str) -> None:
    """Count this call; 429 and a violation when the window is full."""
    settings = sim.settings
    limit = settings.rate_limits[endpoint]
    fits = sim.rates.take(token.token, endpoint, request.arrived_at, limit, settings.rate_window_s)
    if not fits:
        reason = f"more than {limit} calls of {endpoint} in {settings.rate_window_s:g} s"
        sim.violate(request, "rate_limit_exceeded", reason)
        raise Refusal("rate_limit_exceeded", f"The API rate limit is exceeded: {reason}.")


def cap_of(sim: "Simulator", creator: Creator) -> int:
    return sim.settings.daily_cap if creator.daily_cap is None else creator.daily_cap


def own_posts(sim: "Simulator", creator: Creator, now: float) -> list[float]:
    """When this client's direct posts of the window were counted, oldest first."""
    start = now - sim.settings.cap_window_s
    moments = [
        p.counted_at
        for p in list(sim.store.posts.values())
        if p.creator == creator.username and p.counted_at is not None and p.counted_at > start
    ]
    return sorted(moments)


def other_posts(sim: "Simulator", creator: Creator, now: float) -> list[float]:
    return [at for at in creator.other_posts if at > now - sim.settings.cap_window_s]


def cap_is_reached(sim: "Simulator", creator: Creator, now: float) -> bool:
    used = len(own_posts(sim, creator, now)) + len(other_posts(sim, creator, now))
    return used >= cap_of(sim, creator)


def tell_cap(sim: "Simulator", creator: Creator, now: float) -> None:
    """Remember that the client was told, so that asking again counts against it."""
    if creator.cap_told_at is None:
        creator.cap_told_at = now
        sim.store.save(creator)


def check_daily_cap(sim: "Simulator", request: Request, creator: Creator) -> None:
    """403 when the creator's posts of the last 24 h fill the cap."""
    now = request.arrived_at
    if not cap_is_reached(sim, creator, now):
        if creator.cap_told_at is not None:
            creator.cap_told_at = None
            sim.store.save(creator)
        return
    if len(own_posts(sim, creator, now)) >= cap_of(sim, creator):
        sim.violate(request, "cap_exceeded", "this client's own posts already fill the cap")
    elif creator.cap_told_at is not None:
        sim.violate(request, "init_after_cap_known", "the client was told that the cap is reached")
    tell_cap(sim, creator, now)
    raise Refusal("spam_risk_too_many_posts", "Daily post cap from the API is reached.")


def active_creators(sim: "Simulator", now: float) -> set[str]:
    """Creators with a direct post in the window that did not fail."""
    start = now - sim.settings.cap_window_s
    return {
        p.creator
        for p in list(sim.store.posts.values())
        if p.is_direct and p.init_at > start and p.status != "FAILED"
    }


def client_cap_is_reached(sim: "Simulator", creator: Creator, now: float) -> bool:
    settings = sim.settings
    cap = settings.audited_creator_cap if settings.audited else settings.unaudited_creator_cap
    active = active_creators(sim, now)
    return creator.username not in active and len(active) >= cap


def check_client_cap(sim: "Simulator", request: Request, creator: Creator) -> None:
    if client_cap_is_reached(sim, creator, request.arrived_at):
        raise Refusal("reached_active_user_cap", "The daily quota of publishing users is used up.")


def is_pending_share(post: Post, now: float, window_s: float) -> bool:
    return (
        post.mode == "inbox"
        and post.init_at > now - window_s
        and post.status != "FAILED"
        and post.draft_state in ("", "waiting")
        and post.bytes_complete_at is not None
    )


def check_pending_shares(sim: "Simulator", request: Request, creator: Creator) -> None:
    now, settings = request.arrived_at, sim.settings
    pending = [
        p
        for p in list(sim.store.posts.values())
        if p.creator == creator.username and is_pending_share(p, now, settings.cap_window_s)
    ]
    if len(pending) >= settings.pending_share_cap:
        sim.violate(request, "pending_share_cap_exceeded", f"{len(pending)} shares wait already")
        raise Refusal("spam_risk_too_many_pending_share", "Too many pending shares in 24 hours.")
