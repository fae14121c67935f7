"""One HTTP exchange with TikTok: sessions, timeouts, and what a network failure means.

Nothing here logs, and no exception keeps the request: its address and headers hold secrets. Whoever
listens hears a call without them (`tiktok.exchanges`).
"""

import logging
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3.exceptions

from tiktok.app import App
from tiktok.connections import UploadAdapter
from tiktok.errors import NotConnected, Refused, TikTokError, Unavailable
from tiktok.exchanges import tell

# A router may have forgotten an older connection. A call lost on it would look like one that
# TikTok may have acted on, and a photo post would end as "unconfirmed" for nothing.
_MAX_IDLE_S = 15.0
_MAX_ANSWER_BYTES = 4 << 20
_READ_BYTES = 64 << 10


@dataclass(frozen=True)
class Outgoing:
    """A request. `secrets` are the values that must not come back in an error's words."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] | None = field(default=None, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    data: Any = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    # urllib3 writes the body under the connect timeout, and a block has to fit into it.
    write_timeout_s: float | None = None


@dataclass(frozen=True)
class Answer:
    """What came back, unjudged. Header names are lower case."""

    http_status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def send(app: App, outgoing: Outgoing) -> Answer:
    """Sends once, follows no redirect. Raises NotConnected, Unavailable, or Refused when
    the request cannot be sent as it is."""
    began_s = time.monotonic()
    outcome: Answer | TikTokError
    try:
        outcome = _exchange(app, outgoing)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        outcome = _network_error(error)
    tell(outgoing, outcome, time.monotonic() - began_s)
    if isinstance(outcome, TikTokError):
        # Outside the handler: the original names the address with its query, and as context of
        # ours it would be printed with every traceback.
        raise outcome
    return outcome


def forget_connections() -> None:
    """Closes this thread's connections, for when one of them is in an unknown state."""
    for kept in _sessions.by_trust_env.values():
        kept.session.close()


def _exchange(app: App, outgoing: Outgoing) -> Answer:
    connect_timeout_s = max(app.connect_timeout_s, outgoing.write_timeout_s or 0)
    with _session(app.trust_env).request(
        outgoing.method,
        outgoing.url,
        headers=dict(outgoing.headers),
        params=outgoing.params,
        json=outgoing.json,
        data=outgoing.data,
        # Without an auth of ours, requests would take one from ~/.netrc under trust_env.
        auth=_keep_headers,
        timeout=(connect_timeout_s, app.read_timeout_s),
        allow_redirects=False,
        stream=True,
    ) as response:
        body = _read_body(response, time.monotonic() + app.read_timeout_s)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body, outgoing.secrets)


def _read_body(response: requests.Response, deadline_s: float) -> bytes:
    body = bytearray()
    # read1 returns what is there; iter_content would wait for a full block, and as the read
    # timeout is per socket operation, a trickling answer would never end.
    while block := response.raw.read1(_READ_BYTES, decode_content=True):
        body += block
        if len(body) > _MAX_ANSWER_BYTES or time.monotonic() > deadline_s:
            raise requests.exceptions.ReadTimeout
    return bytes(body)


def _network_error(error: Exception) -> TikTokError:
    if _never_connected(error):
        return NotConnected("not_connected", "TikTok could not be reached.")
    if isinstance(error, ValueError):
        return Refused("unsendable", "The request could not be sent as it is.")
    if isinstance(error, requests.Timeout):
        return Unavailable("timeout", "TikTok did not answer in time.")
    return Unavailable("connection_lost", "The connection to TikTok was lost.")


def _never_connected(error: Exception) -> bool:
    if isinstance(error, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, urllib3.exceptions.SSLError):
        # A refused certificate ends the handshake, before the request.
        return any(isinstance(arg, ssl.SSLCertVerificationError) for arg in reason.args)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


@dataclass
class _Kept:
    session: requests.Session
    used_s: float


class _Sessions(threading.local):
    def __init__(self) -> None:
        self.by_trust_env: dict[bool, _Kept] = {}


_sessions = _Sessions()


def _session(trust_env: bool) -> requests.Session:
    now_s = time.monotonic()
    kept = _sessions.by_trust_env.get(trust_env)
    if kept is None:
        kept = _sessions.by_trust_env[trust_env] = _Kept(_new_session(trust_env), now_s)
    if now_s - kept.used_s > _MAX_IDLE_S:
        kept.session.close()
    kept.used_s = now_s
    return kept.session


def _new_session(trust_env: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = trust_env
    session.headers["User-Agent"] = "Duecast"
    # One session serves many accounts; a cookie would tie them together.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, UploadAdapter())
    return session


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _cut_queries(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args
        )
    return True


# At debug level urllib3 logs each address; the query of an upload address is its credential.
logging.getLogger("urllib3.connectionpool").addFilter(_cut_queries)
