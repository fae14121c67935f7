"""Combinations of settings that do not work (duecast.E…) or deserve a word (duecast.W…).

A single bad value is refused by its reader in calendar_app/readers.py. The pure rules take the
settings as an argument; docs/settings.md lists the ids.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning, register

# A claimed task must reach its worker before its due moment, whatever the broker's delay.
CLAIM_MARGIN_S = 2
# A lease is renewed between two network calls, so it must outlast one and a pause of the machine.
LEASE_MARGIN_S = 10
# TikTok's upload URL lives an hour (api-contract.md §6).
UPLOAD_URL_LIFE_S = 3600
# 30 status calls a minute and account (api-contract.md §14).
FASTEST_POLL_S = 2
CHECKS_TAG = "duecast"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


@register(CHECKS_TAG)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    return find_problems(django_settings)


def find_problems(settings: Any) -> list[CheckMessage]:
    """Every bad combination in `settings` (django.conf.settings or anything with its names)."""
    parts = (_engine, _secrets, _site, _tiktok, _storage, _people)
    return [problem for part in parts for problem in part(settings)]


def _engine(settings: Any) -> Iterator[CheckMessage]:
    if settings.LOOKAHEAD_S < settings.TICK_S + CLAIM_MARGIN_S:
        yield Error(
            f"LOOKAHEAD_S ({settings.LOOKAHEAD_S:g}) must be at least TICK_S + {CLAIM_MARGIN_S} "
            f"({settings.TICK_S + CLAIM_MARGIN_S:g}): posts would be claimed after they are due.",
            id="duecast.E001",
        )
    longest_call_s = settings.TIKTOK_CONNECT_TIMEOUT_S + settings.TIKTOK_READ_TIMEOUT_S
    shortest_lease_s = longest_call_s + LEASE_MARGIN_S
    if shortest_lease_s > settings.LEASE_S:
        yield Error(
            f"LEASE_S ({settings.LEASE_S:g}) must be at least TIKTOK_CONNECT_TIMEOUT_S + "
            f"TIKTOK_READ_TIMEOUT_S + {LEASE_MARGIN_S} ({shortest_lease_s:g}): "
            "a slow call would lose its post to another worker.",
            id="duecast.E002",
        )
    if settings.UPLOAD_DEADLINE_S > UPLOAD_URL_LIFE_S:
        yield Warning(
            f"UPLOAD_DEADLINE_S ({settings.UPLOAD_DEADLINE_S:g}) is longer than the "
            f"{UPLOAD_URL_LIFE_S} s that TikTok accepts an upload for.",
            id="duecast.W007",
        )


def _secrets(settings: Any) -> Iterator[CheckMessage]:
    for number, key in enumerate(settings.TOKEN_KEYS, start=1):
        if not _is_fernet_key(key):
            yield Error(
                f"TOKEN_KEYS: key number {number} is not a Fernet key (32 bytes in URL-safe "
                "base64). Leave TOKEN_KEYS out and ./duecast makes one.",
                id="duecast.E003",
            )


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _site(settings: Any) -> Iterator[CheckMessage]:
    if settings.SITE_IS_HTTPS and settings.DEBUG:
        yield Error(
            "DEBUG is on and SITE_URL is https: error pages would show settings to the public. "
            "Leave DEBUG out.",
            id="duecast.E004",
        )
    if settings.SITE_IS_HTTPS and not settings.CONTACT_EMAIL:
        yield Warning(
            f"SITE_URL ({settings.SITE_URL}) is public and CONTACT_EMAIL is empty: people have no "
            "address to write to, and TikTok's review asks for one.",
            id="duecast.W009",
        )
    if not settings.SITE_IS_HTTPS and not _is_local(settings.SITE_URL):
        yield Warning(
            f"SITE_URL ({settings.SITE_URL}) is http on a host that is not this machine: "
            "passwords and session cookies travel unencrypted. Put a TLS proxy in front "
            "(docs/reverse-proxy.md) and set an https SITE_URL.",
            id="duecast.W001",
        )


def _tiktok(settings: Any) -> Iterator[CheckMessage]:
    if settings.SIMULATOR_IN_USE:
        yield from _simulator(settings)
    else:
        yield from _real_tiktok(settings)
    if not settings.TIKTOK_CLIENT_KEY:
        yield Error(
            "TIKTOK_API_URL is set and TIKTOK_CLIENT_KEY is not: no account could be connected.",
            id="duecast.E007",
        )


def _simulator(settings: Any) -> Iterator[CheckMessage]:
    if settings.SITE_IS_HTTPS:
        yield Warning(
            f"SITE_URL ({settings.SITE_URL}) is public and posts go to a simulator, not to "
            "TikTok. Set TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET.",
            id="duecast.W002",
        )
    if settings.SIMULATOR_IS_BUILT_IN:
        if settings.SIMULATOR_PORT == settings.PORT and _is_local(settings.TIKTOK_API_URL):
            yield Error(
                f"PORT and SIMULATOR_PORT are both {settings.PORT}.",
                id="duecast.E006",
            )
    elif settings.TIKTOK_API_URL.startswith("http://") and not _is_local(settings.TIKTOK_API_URL):
        yield Warning(
            f"TIKTOK_API_URL ({settings.TIKTOK_API_URL}) is http on another machine: tokens and "
            "the client secret travel unencrypted.",
            id="duecast.W008",
        )


def _real_tiktok(settings: Any) -> Iterator[CheckMessage]:
    if not settings.SITE_IS_HTTPS and not _is_local(settings.SITE_URL):
        yield Error(
            f"SITE_URL ({settings.SITE_URL}) is http: TikTok sends people back only to https, "
            "or to localhost for a desktop app's keys. Nobody could connect an account.",
            id="duecast.E005",
        )
    elif not settings.SITE_IS_HTTPS and not settings.TIKTOK_USES_PKCE:
        yield Error(
            f"SITE_URL ({settings.SITE_URL}) is on localhost: TikTok allows that to a desktop "
            "app's keys only, and asks them for PKCE. Set TIKTOK_USES_PKCE=true, or an https "
            "SITE_URL.",
            id="duecast.E008",
        )
    if settings.TIKTOK_APP_MODE == "simulator":
        yield Error(
            "TIKTOK_APP_MODE is simulator and posts go to TikTok. Set it to tiktok-sandbox, "
            "unaudited or audited, whichever your app is at TikTok.",
            id="duecast.E010",
        )
    if settings.VIDEO_SOURCE == "PULL_FROM_URL" and not settings.SITE_IS_HTTPS:
        yield Error(
            f"VIDEO_SOURCE is PULL_FROM_URL and SITE_URL ({settings.SITE_URL}) is not https: "
            "TikTok could fetch no video. Set an https SITE_URL, or VIDEO_SOURCE=FILE_UPLOAD.",
            id="duecast.E011",
        )
    if settings.POLL_BASE_S < FASTEST_POLL_S:
        yield Warning(
            f"POLL_BASE_S ({settings.POLL_BASE_S:g}) asks for a status more often than TikTok's "
            f"30 times a minute; use at least {FASTEST_POLL_S}.",
            id="duecast.W006",
        )


def _storage(settings: Any) -> Iterator[CheckMessage]:
    if not settings.DATABASE_IS_SQLITE and not settings.BROKER_IS_REDIS:
        yield Warning(
            "The database is PostgreSQL and the broker is a file in DATA_DIR: workers on another "
            "machine would get no tasks. Set CELERY_BROKER_URL to a Redis.",
            id="duecast.W004",
        )
    if settings.BROKER_IS_REDIS and not settings.REDIS_PREFIX:
        yield Warning(
            "REDIS_PREFIX is empty: another program with the same Redis would share its keys.",
            id="duecast.W005",
        )
    threads = max(settings.WEB_THREADS, settings.DELIVERY_THREADS, settings.CLOCK_THREADS)
    pool = settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
    if pool and pool["max_size"] < threads:
        yield Error(
            f"DATABASE_POOL_SIZE ({pool['max_size']}) is smaller than the {threads} threads of "
            "one process (WEB_THREADS, DELIVERY_THREADS, CLOCK_THREADS): they would wait for a "
            "connection and fail.",
            id="duecast.E009",
        )


def _people(settings: Any) -> Iterator[CheckMessage]:
    yield from _single_sign_on(settings)
    if settings.SIGNUP_OPEN and not settings.EMAIL_URL:
        yield Warning(
            "SIGNUP_OPEN is on and EMAIL_URL is not set: people who sign up get no mail to "
            "confirm their address; only an owner can read it, on the page of mails.",
            id="duecast.W003",
        )


def _single_sign_on(settings: Any) -> Iterator[CheckMessage]:
    names = ("OIDC_SERVER_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    missing = [name for name in names if not getattr(settings, name)]
    if missing and len(missing) < len(names):
        yield Error(
            f"Single sign-on is half set: {' and '.join(missing)} missing. Set all of "
            f"{', '.join(names)}, or none.",
            id="duecast.E013",
        )
    url = settings.OIDC_SERVER_URL
    if url and not url.startswith(("https://", "http://")):
        yield Error(
            f"OIDC_SERVER_URL ({url}) must be the issuer's address, like https://id.example.",
            id="duecast.E014",
        )
    elif url.startswith("http://") and not _is_local(url):
        yield Warning(
            f"OIDC_SERVER_URL ({url}) is http on another machine: whoever can change what passes "
            "there signs in as anybody.",
            id="duecast.W013",
        )


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in LOCAL_HOSTS
