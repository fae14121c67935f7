from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings

from calendar_app.checks import check_settings, find_problems

FERNET_KEY = "zPY_xQeSjoJUUZXNPGCgNSWKDP7S9NpeZHD6UV4jjSw="
HTTPS = {"SITE_URL": "https://calendar.example", "SITE_IS_HTTPS": True}
PUBLIC_HTTP = {"SITE_URL": "http://calendar.example", "SITE_IS_HTTPS": False}
TIKTOK = {
    "TIKTOK_API_URL": "https://open.tiktokapis.com",
    "SIMULATOR_IS_BUILT_IN": False,
    "SIMULATOR_IN_USE": False,
    "TIKTOK_APP_MODE": "audited",
}
SINGLE_SIGN_ON = {
    "OIDC_SERVER_URL": "https://id.example",
    "OIDC_CLIENT_ID": "duecast",
    "OIDC_CLIENT_SECRET": "secret",
}
POSTGRESQL = {
    "DATABASE_IS_SQLITE": False,
    "DATABASES": {"default": {"OPTIONS": {"pool": {"max_size": 16}}}},
}


def found(**overrides: object) -> set[str | None]:
    """Ids found in the defaults with `overrides`."""
    values = {
        "TICK_S": 2.0,
        "LOOKAHEAD_S": 5.0,
        "LEASE_S": 90.0,
        "POLL_BASE_S": 5.0,
        "TIKTOK_CONNECT_TIMEOUT_S": 10.0,
        "TIKTOK_READ_TIMEOUT_S": 30.0,
        "UPLOAD_DEADLINE_S": 3600.0,
        "TOKEN_KEYS": [FERNET_KEY],
        "DEBUG": False,
        "PORT": 8000,
        "SITE_URL": "http://localhost:8000",
        "SITE_IS_HTTPS": False,
        "SIMULATOR_PORT": 18000,
        "SIMULATOR_IS_BUILT_IN": True,
        "SIMULATOR_IN_USE": True,
        "TIKTOK_API_URL": "http://127.0.0.1:18000",
        "TIKTOK_CLIENT_KEY": "key",
        "TIKTOK_USES_PKCE": False,
        "TIKTOK_APP_MODE": "simulator",
        "VIDEO_SOURCE": "FILE_UPLOAD",
        "DATABASE_IS_SQLITE": True,
        "DATABASES": {"default": {"OPTIONS": {}}},
        "BROKER_IS_REDIS": False,
        "REDIS_PREFIX": "duecast:",
        "WEB_THREADS": 8,
        "DELIVERY_THREADS": 8,
        "CLOCK_THREADS": 4,
        "SIGNUP_OPEN": False,
        "OIDC_SERVER_URL": "",
        "OIDC_CLIENT_ID": "",
        "OIDC_CLIENT_SECRET": "",
        "EMAIL_URL": "",
        "CONTACT_EMAIL": "hello@calendar.example",
    }
    return {problem.id for problem in find_problems(SimpleNamespace(**values | overrides))}


def test_the_defaults_are_sound():
    assert found() == set()


def test_a_public_site_with_tiktok_s_keys_is_sound():
    production = {**HTTPS, **TIKTOK, **POSTGRESQL, "BROKER_IS_REDIS": True}

    assert found(**production) == set()


def test_django_runs_the_checks():
    assert check_settings() == find_problems(django_settings)


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"LOOKAHEAD_S": 3.9}, "duecast.E001"),
        ({"LEASE_S": 49.0}, "duecast.E002"),
        ({"TOKEN_KEYS": [FERNET_KEY, "short"]}, "duecast.E003"),
        ({**HTTPS, **TIKTOK, "DEBUG": True}, "duecast.E004"),
        ({"SIMULATOR_PORT": 8000}, "duecast.E006"),
        ({"TIKTOK_CLIENT_KEY": "", "SIMULATOR_IS_BUILT_IN": False}, "duecast.E007"),
        ({**TIKTOK}, "duecast.E008"),
        ({**POSTGRESQL, "BROKER_IS_REDIS": True, "WEB_THREADS": 17}, "duecast.E009"),
        ({**HTTPS, **TIKTOK, "TIKTOK_APP_MODE": "simulator"}, "duecast.E010"),
        (
            {**TIKTOK, "TIKTOK_USES_PKCE": True, "VIDEO_SOURCE": "PULL_FROM_URL"},
            "duecast.E011",
        ),
        ({**PUBLIC_HTTP}, "duecast.W001"),
        ({**HTTPS}, "duecast.W002"),
        ({**HTTPS, **TIKTOK, "CONTACT_EMAIL": ""}, "duecast.W009"),
        ({"SIGNUP_OPEN": True}, "duecast.W003"),
        ({"OIDC_SERVER_URL": "https://id.example"}, "duecast.E013"),
        ({"OIDC_CLIENT_ID": "id", "OIDC_CLIENT_SECRET": "secret"}, "duecast.E013"),
        ({**SINGLE_SIGN_ON, "OIDC_SERVER_URL": "id.example"}, "duecast.E014"),
        ({**SINGLE_SIGN_ON, "OIDC_SERVER_URL": "http://id.example"}, "duecast.W013"),
        ({**POSTGRESQL}, "duecast.W004"),
        ({"BROKER_IS_REDIS": True, "REDIS_PREFIX": ""}, "duecast.W005"),
        ({**HTTPS, **TIKTOK, "POLL_BASE_S": 1.9}, "duecast.W006"),
        ({"UPLOAD_DEADLINE_S": 3601.0}, "duecast.W007"),
        (
            {"TIKTOK_API_URL": "http://fake.example", "SIMULATOR_IS_BUILT_IN": False},
            "duecast.W008",
        ),
    ],
)
def test_a_bad_combination_is_found_and_nothing_else(overrides, problem):
    assert found(**overrides) == {problem}


def test_tiktok_refuses_to_send_people_back_to_plain_http():
    assert found(**TIKTOK, **PUBLIC_HTTP) == {"duecast.E005", "duecast.W001"}


@pytest.mark.parametrize(
    "overrides",
    [
        {"LOOKAHEAD_S": 4.0},
        {"LEASE_S": 50.0},
        {**TIKTOK, "TIKTOK_USES_PKCE": True},
        {"DEBUG": True},
        {"CONTACT_EMAIL": ""},
        {"SIGNUP_OPEN": True, "EMAIL_URL": "smtp://mail.example"},
        SINGLE_SIGN_ON,
        {**SINGLE_SIGN_ON, "OIDC_SERVER_URL": "http://localhost:9000"},
        {"BROKER_IS_REDIS": True},
        {**POSTGRESQL, "BROKER_IS_REDIS": True, "WEB_THREADS": 16},
        {"TIKTOK_API_URL": "http://localhost:9", "SIMULATOR_IS_BUILT_IN": False},
        {"POLL_BASE_S": 0.1},
        {"SIMULATOR_PORT": 8000, "TIKTOK_API_URL": "http://simulator:8000"},
    ],
)
def test_a_combination_that_works_is_left_alone(overrides):
    assert found(**overrides) == set()
