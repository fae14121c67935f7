"""Whether TikTok can fetch media from this site, as far as the site itself can tell.

Content Posting API, media-transfer-guide (PULL_FROM_URL): https, a domain name and no IP address,
no redirect, reachable until the download ends. The site asks itself at its public address for a
word that only it can know; from inside, that is a hint and no proof.
"""

import ipaddress
import secrets
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from publishing.pulling import PULL_PATH
from publishing.rules import Problem

SELF_CHECK_PATH = f"{PULL_PATH}self-check/"
KEPT_S = 60
CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S = 3.0, 5.0
MAX_ANSWER_BYTES = 200


class Standing(StrEnum):
    UNKNOWN = "unknown"
    OK = "ok"
    # Seen from here something is wrong, and TikTok may see it otherwise.
    WARNING = "warning"
    # TikTok would fetch nothing.
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What is known of the public address: a fixed code, what it means, what to do."""

    standing: Standing
    code: str
    text: str | Promise
    advice: str | Promise = ""


UNLOOKED = Finding(
    Standing.UNKNOWN,
    "not_looked",
    gettext_lazy("Whether TikTok can fetch from this site was not checked yet."),
)
REACHED = Finding(
    Standing.OK,
    "reached",
    gettext_lazy("This site answers at its public address, without a redirect."),
)
ONLY_SIMULATOR = Finding(
    Standing.OK,
    "only_simulator",
    gettext_lazy("This site answers at its address, which will do for the simulator."),
    gettext_lazy(
        "TikTok itself would not accept it: it fetches from https addresses with a domain name "
        "only."
    ),
)
NOT_HTTPS = Finding(
    Standing.PROBLEM,
    "address_not_https",
    gettext_lazy("TikTok fetches media from https addresses only, and this site's is http."),
    gettext_lazy(
        "Whoever runs this site has to put it behind https and set SITE_URL to the new address."
    ),
)
NO_DOMAIN = Finding(
    Standing.PROBLEM,
    "address_without_domain",
    gettext_lazy("TikTok fetches media from a domain name only, and this site's address has none."),
    gettext_lazy("Whoever runs this site has to give it a domain name and set SITE_URL to it."),
)
UNREACHABLE = Finding(
    Standing.WARNING,
    "address_unreachable",
    gettext_lazy(
        "This server cannot reach itself at its public address. Behind some routers that is normal."
    ),
    gettext_lazy(
        "Open the address from outside, for example on a phone without Wi-Fi, to be sure."
    ),
)
CERTIFICATE = Finding(
    Standing.WARNING,
    "address_certificate",
    gettext_lazy(
        "Seen from this server, the public address has no valid certificate, or does not speak TLS."
    ),
    gettext_lazy("Open the address from outside: a browser must show it without a warning."),
)
BUSY = Finding(
    Standing.WARNING,
    "address_busy",
    gettext_lazy("Something in front of this site answered with an error of its own."),
    gettext_lazy("Check again in a minute. If it stays, look at the reverse proxy's log."),
)
REDIRECTS = Finding(
    Standing.PROBLEM,
    "address_redirects",
    gettext_lazy(
        "The public address redirects, and TikTok follows no redirect when it fetches media."
    ),
    format_lazy(
        gettext_lazy(
            "Let {path} through to this site, and set SITE_URL to the address people end up at."
        ),
        path=PULL_PATH,
    ),
)
REFUSED = Finding(
    Standing.PROBLEM,
    "address_refused",
    gettext_lazy("Something in front of this site refuses what TikTok would ask for."),
    format_lazy(
        gettext_lazy("Let {path} through to this site without a sign-in or a filter."),
        path=PULL_PATH,
    ),
)
OTHER_ANSWER = Finding(
    Standing.PROBLEM,
    "address_of_another",
    gettext_lazy("Something else than this site answers at its public address."),
    format_lazy(
        gettext_lazy("Let {path} through to this site, unchanged, or correct SITE_URL."),
        path=PULL_PATH,
    ),
)


def check_public_address() -> list[Problem]:
    """What stands in the way of a post that TikTok fetches, as far as is known without asking."""
    found = known_finding()
    if found.standing != Standing.PROBLEM:
        return []
    return [Problem("media", found.code, f"{found.text} {found.advice}")]


def known_finding() -> Finding:
    """What the address itself tells, or the last look at it; asks nobody."""
    if found := judge(settings.SITE_URL, settings.SIMULATOR_IN_USE):
        return found
    kept = cache.get(_key())
    return Finding(**kept) if kept else UNLOOKED


def look_at_address() -> Finding:
    """`known_finding`, and a question to ourselves when the last one is a minute old.

    Not to be called inside a transaction: it may wait some seconds for the network.
    """
    found = known_finding()
    return _look(settings.SITE_URL) if found.standing == Standing.UNKNOWN else found


def look_again() -> Finding:
    """`look_at_address` that forgets what it knew."""
    cache.delete(_key())
    return look_at_address()


def judge(site_url: str, is_simulator: bool) -> Finding | None:
    """What is wrong with an address by its looks alone; None when it has to be tried."""
    if is_simulator or is_fit_for_tiktok(site_url):
        return None
    return NOT_HTTPS if urlsplit(site_url).scheme != "https" else NO_DOMAIN


def is_fit_for_tiktok(site_url: str) -> bool:
    parts = urlsplit(site_url)
    return parts.scheme == "https" and _is_domain(parts.hostname or "")


def expected_answer(nonce: str) -> str:
    """What this site, and nobody without its SECRET_KEY, answers to `nonce`."""
    return salted_hmac("duecast.self-check", nonce, algorithm="sha256").hexdigest()


def _is_domain(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host.rstrip(".") and not host.endswith(".localhost")
    return False


def _key() -> str:
    return f"public-address-{settings.SITE_URL}"


def _look(site_url: str) -> Finding:
    nonce = secrets.token_urlsafe(32)
    found = _ask(f"{site_url}{SELF_CHECK_PATH}{nonce}", expected_answer(nonce))
    if found == REACHED and not is_fit_for_tiktok(site_url):
        found = ONLY_SIMULATOR
    words = {"text": str(found.text), "advice": str(found.advice)}
    cache.set(_key(), asdict(found) | words, KEPT_S)
    return found


def _ask(url: str, expected: str) -> Finding:
    try:
        status, body = _fetch(url)
    except requests.exceptions.SSLError:
        return CERTIFICATE
    except (requests.RequestException, urllib3.exceptions.HTTPError):
        return UNREACHABLE
    if 300 <= status < 400:
        return REDIRECTS
    if status >= 500:
        return BUSY
    if status >= 400:
        return REFUSED
    return REACHED if constant_time_compare(body, expected) else OTHER_ANSWER


def _fetch(url: str) -> tuple[int, bytes]:
    with requests.Session() as session:
        # A proxy of the environment cannot reach this machine's own loopback.
        session.trust_env = _is_domain(urlsplit(url).hostname or "")
        with session.get(
            url,
            # Without an auth of ours, requests would take one from ~/.netrc.
            auth=lambda request: request,
            timeout=(CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer.status_code, _read(answer, time.monotonic() + ANSWER_TIMEOUT_S)


def _read(answer: requests.Response, deadline_s: float) -> bytes:
    body = b""
    while len(body) <= MAX_ANSWER_BYTES and time.monotonic() < deadline_s:
        block = answer.raw.read1(MAX_ANSWER_BYTES)
        if not block:
            break
        body += block
    return body
