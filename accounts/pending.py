"""Connects that were begun in this browser session and wait for TikTok's answer."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache

SESSION_KEY = "tiktok_connects"
LIFE = timedelta(minutes=10)
# Tabs that may be connecting at the same time; the oldest goes first.
MAX_PENDING = 5


@dataclass(frozen=True)
class Pending:
    """What has to be the same when the person comes back. `verifier` is "" without PKCE."""

    team_id: int
    redirect_uri: str
    verifier: str


def remember(session: SessionBase, pending: Pending, now: datetime) -> str:
    """The unguessable state that stands for `pending`."""
    state = secrets.token_urlsafe(32)
    waiting = dict(session.get(SESSION_KEY, {}))
    waiting[state] = {
        "begun_at": now.timestamp(),
        "team": pending.team_id,
        "redirect_uri": pending.redirect_uri,
        "verifier": pending.verifier,
    }
    newest = sorted(waiting, key=lambda each: waiting[each]["begun_at"])[-MAX_PENDING:]
    session[SESSION_KEY] = {each: waiting[each] for each in newest}
    return state


def take(session: SessionBase, state: str, now: datetime) -> Pending | None:
    """What this state stood for, once. None when it is unknown, used or older than 10 minutes."""
    waiting = dict(session.get(SESSION_KEY, {}))
    found = waiting.pop(state, None)
    if found is None:
        return None
    session[SESSION_KEY] = waiting
    if now.timestamp() - found["begun_at"] > LIFE.total_seconds() or not _is_first_use(state):
        return None
    return Pending(found["team"], found["redirect_uri"], found["verifier"])


def _is_first_use(state: str) -> bool:
    # Two requests at once both find the state in the session; this lets one of them through.
    digest = hashlib.sha256(state.encode()).hexdigest()
    return cache.add(f"connect-state-{digest}", True, timeout=2 * LIFE.total_seconds())
