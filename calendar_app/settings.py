"""Every setting of Duecast, read from the environment; docs/settings.md explains each one.

A bad value stops the start with a sentence that names the variable; bad combinations are system
checks in calendar_app/checks.py. Code below this layer receives values as arguments or reads
them through django.conf.settings at its edge.
"""

import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf.global_settings import LANGUAGES
from django.core.exceptions import ImproperlyConfigured

from calendar_app import sqlite_broker
from calendar_app.oidc import oidc_provider
from calendar_app.readers import (
    read_bool,
    read_choice,
    read_email,
    read_icon,
    read_int,
    read_seconds,
    read_secret,
    read_text,
)

BASE_DIR = Path(__file__).resolve().parent.parent

# --- where it lives

DATA_DIR = Path(read_text("DATA_DIR", "var")).absolute()
SECRETS_DIR = DATA_DIR / "secrets"
# On the same file system as the media, so that a finished upload is renamed, not copied.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
try:
    FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"DATA_DIR: cannot write to {DATA_DIR} ({error.strerror})."
    ) from error
PORT = read_int("PORT", 8000, 1, 65535)
BIND = read_text("BIND", "127.0.0.1")
SITE_URL = read_text("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname or _site.path:
    raise ImproperlyConfigured(
        f"SITE_URL must be http(s)://host[:port] without a path, not {SITE_URL!r}."
    )
SITE_IS_HTTPS = _site.scheme == "https"
PRODUCT_NAME = read_text("PRODUCT_NAME", "Duecast")
PRODUCT_ICON = read_icon("PRODUCT_ICON")
# Who answers for this instance; the public pages name both.
OPERATOR_NAME = read_text("OPERATOR_NAME")
CONTACT_EMAIL = read_email("CONTACT_EMAIL")

# --- secrets

SECRET_KEY = read_secret("SECRET_KEY", SECRETS_DIR)
# The first key encrypts, all of them decrypt: rotate by putting a new one in front.
TOKEN_KEYS = [key.strip() for key in read_secret("TOKEN_KEYS", SECRETS_DIR).split(",")]

# --- TikTok

TIKTOK_CLIENT_KEY = read_text("TIKTOK_CLIENT_KEY")
# Far from PORT, so that a second instance can have the next port.
_simulator_port = PORT + 10_000 if PORT <= 55_535 else PORT - 10_000
SIMULATOR_PORT = read_int("SIMULATOR_PORT", _simulator_port, 1, 65535)
SIMULATOR_HOST = read_text("SIMULATOR_HOST", "127.0.0.1")
TIKTOK_API_URL = read_text("TIKTOK_API_URL").rstrip("/")
SIMULATOR_IS_BUILT_IN = not (TIKTOK_API_URL or TIKTOK_CLIENT_KEY)
if SIMULATOR_IS_BUILT_IN:
    TIKTOK_API_URL = f"http://{SIMULATOR_HOST}:{SIMULATOR_PORT}"
    TIKTOK_CLIENT_KEY = "duecast-simulator"
    TIKTOK_CLIENT_SECRET = read_secret("SIMULATOR_CLIENT_SECRET", SECRETS_DIR)
    TIKTOK_AUTHORIZE_URL = f"{SITE_URL}/simulator/v2/auth/authorize/"
else:
    TIKTOK_API_URL = TIKTOK_API_URL or "https://open.tiktokapis.com"
    TIKTOK_CLIENT_SECRET = read_secret("TIKTOK_CLIENT_SECRET", SECRETS_DIR)
    TIKTOK_AUTHORIZE_URL = read_text(
        "TIKTOK_AUTHORIZE_URL", "https://www.tiktok.com/v2/auth/authorize/"
    )
# Anything but TikTok's own host is a simulator, and every page says so.
SIMULATOR_IN_USE = TIKTOK_API_URL != "https://open.tiktokapis.com"
# What TikTok allows this app; see docs/settings.md. Nobody is audited without saying so.
TIKTOK_APP_MODE = read_choice(
    "TIKTOK_APP_MODE",
    "simulator" if SIMULATOR_IN_USE else "unaudited",
    {"simulator", "tiktok-sandbox", "unaudited", "audited"},
)
# How TikTok gets videos; photos are always fetched by it.
VIDEO_SOURCE = read_choice("VIDEO_SOURCE", "FILE_UPLOAD", {"FILE_UPLOAD", "PULL_FROM_URL"})
# How long after the verdict the address that TikTok fetched from still answers.
PULL_MARGIN_S = read_seconds("PULL_MARGIN_S", 600)
# Three days of TikTok's retries and an hour; a second delivery changes nothing, however late.
WEBHOOK_TOLERANCE_S = read_int("WEBHOOK_TOLERANCE_S", 262_800, 1, 2_592_000)
TIKTOK_USES_PKCE = read_bool("TIKTOK_USES_PKCE", False)
TIKTOK_OFFERS_INBOX = read_bool("TIKTOK_OFFERS_INBOX", True)
TIKTOK_LISTS_VIDEOS = read_bool("TIKTOK_LISTS_VIDEOS", False)
TIKTOK_CONNECT_TIMEOUT_S = read_seconds("TIKTOK_CONNECT_TIMEOUT_S", 10)
TIKTOK_READ_TIMEOUT_S = read_seconds("TIKTOK_READ_TIMEOUT_S", 30)
TIKTOK_DAILY_CAP = read_int("TIKTOK_DAILY_CAP", 15, 1, 1000)

# --- the engine's lengths of time

# Whole seconds: django-celery-beat keeps intervals as integers, and 0.5 would become 0.
TICK_S = read_int("TICK_S", 2, 1)
LOOKAHEAD_S = read_seconds("LOOKAHEAD_S", 5)
LEASE_S = read_seconds("LEASE_S", 90)
POLL_BASE_S = read_seconds("POLL_BASE_S", 5)
RETRY_BASE_S = read_seconds("RETRY_BASE_S", 30)
REFRESH_SWEEP_S = read_int("REFRESH_SWEEP_S", 30, 1)
PREFLIGHT_SWEEP_S = read_int("PREFLIGHT_SWEEP_S", 30, 1)
OVERDUE_S = read_seconds("OVERDUE_S", 14_400)
UPLOAD_CHUNK_BYTES = read_int("UPLOAD_CHUNK_BYTES", 32_000_000, 5_242_880, 64_000_000)
# For all uploads of one deliveries process together; 0 sets no limit.
UPLOAD_LIMIT_BYTES_PER_S = read_int("UPLOAD_LIMIT_BYTES_PER_S", 0)
UPLOAD_DEADLINE_S = read_seconds("UPLOAD_DEADLINE_S", 3600)
MAX_UPLOAD_BYTES = read_int("MAX_UPLOAD_BYTES", 4_000_000_000, 1_000_000)
TEAM_QUOTA_BYTES = read_int("TEAM_QUOTA_BYTES", 0)
UPLOAD_KEEP_S = read_seconds("UPLOAD_KEEP_S", 86_400)
UPLOAD_SILENCE_S = read_seconds("UPLOAD_SILENCE_S", 60)
DELIVERY_THREADS = read_int("DELIVERY_THREADS", 8, 1, 256)
CLOCK_THREADS = read_int("CLOCK_THREADS", 4, 1, 64)
WEB_THREADS = read_int("WEB_THREADS", 8, 1, 256)
WEB_WORKERS = read_int("WEB_WORKERS", 1, 1, 64)

# --- watching it run

# After how long without a tick people are told; docs/operations.md.
SCHEDULER_SILENT_S = read_seconds("SCHEDULER_SILENT_S", 180)
MIN_FREE_BYTES = read_int("MIN_FREE_BYTES", 1_000_000_000)
METRICS_TOKEN = read_secret("METRICS_TOKEN", SECRETS_DIR, default="")

# --- people

SIGNUP_OPEN = read_bool("SIGNUP_OPEN", False)
# Single sign-on by OpenID Connect; off until all three are set. docs/team.md.
OIDC_SERVER_URL = read_text("OIDC_SERVER_URL").rstrip("/")
OIDC_CLIENT_ID = read_text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = read_secret("OIDC_CLIENT_SECRET", SECRETS_DIR, default="")
OIDC_NAME = read_text("OIDC_NAME") or "Single sign-on"
OIDC_IS_ON = bool(OIDC_SERVER_URL and OIDC_CLIENT_ID and OIDC_CLIENT_SECRET)

# --- database, broker, cache

DATABASE_URL = read_secret(
    "DATABASE_URL", SECRETS_DIR, default=f"sqlite:///{DATA_DIR / 'duecast.sqlite3'}"
)
_database = {}
if DATABASE_URL.startswith(("postgres://", "postgresql://", "sqlite:///")):
    with contextlib.suppress(KeyError, ValueError):
        _database = environ.Env.db_url_config(DATABASE_URL)
if not _database:
    raise ImproperlyConfigured(
        "DATABASE_URL must look like postgres://user:password@host/name or sqlite:////path."
    )
DATABASE_IS_SQLITE = _database["ENGINE"] == "django.db.backends.sqlite3"
if DATABASE_IS_SQLITE:
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    _database["OPTIONS"] = {
        "pool": {
            "min_size": 1,
            "max_size": read_int("DATABASE_POOL_SIZE", 16, 2, 500),
            "timeout": 20,
        },
        # Statements are planned once for a connection: measured on 600 posts due at one moment,
        # PostgreSQL took 8 ms of a core for each instead of 13. With values bound by the client
        # no two texts are alike.
        "server_side_binding": True,
        "prepare_threshold": 5,
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = read_secret(
    "CELERY_BROKER_URL", SECRETS_DIR, default=f"sqlite-lease:///{DATA_DIR / 'broker.sqlite3'}"
)
BROKER_IS_REDIS = CELERY_BROKER_URL.startswith(("redis://", "rediss://"))
if not BROKER_IS_REDIS and not CELERY_BROKER_URL.startswith("sqlite-lease://"):
    raise ImproperlyConfigured("CELERY_BROKER_URL must begin with redis:// or sqlite-lease://.")
REDIS_PREFIX = read_text("REDIS_PREFIX", "duecast:")
CACHES: dict[str, dict[str, Any]]
if BROKER_IS_REDIS:
    # Loads Redis's client, which the embedded set-up does without.
    from calendar_app import redis_broker

    redis_broker.register()
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CELERY_BROKER_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": REDIS_PREFIX,
        "unacked_restore_throttle": 1,
    }
else:
    sqlite_broker.register()
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "django_cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
# Rendered calendars, each found by a mark of all that it shows: 100 of at most 100 KB a process.
CACHES["calendars"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "calendars",
    "TIMEOUT": 300,
    "OPTIONS": {"MAX_ENTRIES": 100},
}

# --- Celery: one queue for clock work, one for deliveries, nothing in them older than seconds

CELERY_TASK_DEFAULT_QUEUE = "clock"
CELERY_TASK_ROUTES = {
    "publishing.tasks.prepare": {"queue": "deliveries"},
    "publishing.tasks.deliver": {"queue": "deliveries"},
    "publishing.tasks.deliveries_pulse": {"queue": "deliveries"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# With the default of 1 s an ETA under half a second ahead was measured up to 855 ms late.
CELERY_WORKER_TIMER_PRECISION = 0.05
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    "claim what is due": {
        "task": "publishing.tasks.tick",
        "schedule": TICK_S,
        "options": {"expire_seconds": max(TICK_S * 5, 10)},
    },
    "check ahead": {
        "task": "publishing.tasks.check_ahead",
        "schedule": PREFLIGHT_SWEEP_S,
        "options": {"expire_seconds": max(PREFLIGHT_SWEEP_S, 10)},
    },
    "hold what was not approved": {
        "task": "publishing.tasks.hold_late_approvals",
        "schedule": 15.0,
        "options": {"expire_seconds": 30},
    },
    "see that deliveries work": {
        "task": "publishing.tasks.deliveries_pulse",
        "schedule": 30.0,
        "options": {"expire_seconds": 30},
    },
    "tell people": {
        "task": "publishing.tasks.tell_people",
        "schedule": TICK_S * 2,
        "options": {"expire_seconds": max(TICK_S * 10, 10)},
    },
    "mail notices": {
        "task": "publishing.tasks.mail_notices",
        "schedule": 30.0,
        "options": {"expire_seconds": 60},
    },
    "note edits": {
        "task": "publishing.tasks.note_edits",
        "schedule": 60.0,
        "options": {"expire_seconds": 60},
    },
    "refresh tokens": {
        "task": "publishing.tasks.refresh_tokens",
        "schedule": REFRESH_SWEEP_S,
        "options": {"expire_seconds": max(REFRESH_SWEEP_S * 2, 10)},
    },
    "warn about tokens that end": {
        "task": "publishing.tasks.warn_about_token_ends",
        "schedule": 3600.0,
        "options": {"expire_seconds": 3600},
    },
    "clean up": {
        "task": "publishing.tasks.clean_up",
        "schedule": 3600.0,
        "options": {"expire_seconds": 3600},
    },
}

# --- mail: SMTP when EMAIL_URL is set, a local outbox that owners can read otherwise

# A server that says nothing must not hold a thread that ticks need.
EMAIL_TIMEOUT = 10
EMAIL_URL = read_secret("EMAIL_URL", SECRETS_DIR, default="")
if EMAIL_URL:
    try:
        vars().update(environ.Env.email_url_config(EMAIL_URL))
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp+tls://user:password@host:587."
        ) from error
else:
    EMAIL_BACKEND = "accounts.outbox.OutboxBackend"
DEFAULT_FROM_EMAIL = read_text("DEFAULT_FROM_EMAIL", f"{PRODUCT_NAME} <duecast@{_site.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Django

DEBUG = read_bool("DEBUG", False)
_local_hosts = [] if SITE_IS_HTTPS else ["localhost", "127.0.0.1"]
ALLOWED_HOSTS = [
    _site.hostname,
    *_local_hosts,
    *(host.strip() for host in read_text("ALLOWED_HOSTS").split(",") if host.strip()),
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
INTERNAL_IPS: list[str] = []
ROOT_URLCONF = "calendar_app.urls"
WSGI_APPLICATION = "calendar_app.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "django_celery_beat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "accounts",
    "publishing",
    "calendar_app",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "calendar_app.middleware.CurrentTeamMiddleware",
    "calendar_app.middleware.SessionsMiddleware",
    "calendar_app.middleware.WrongMethodMiddleware",
    "calendar_app.middleware.ServerGoneMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # A host's own texts come first (docs/review.md).
        "DIRS": [DATA_DIR / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "calendar_app.context.shell",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{PRODUCT_NAME}] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = PRODUCT_NAME
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "accounts.sso.SocialAccountAdapter"
# The first sign-on joins the provider's account to the one with the same confirmed address.
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = (
    oidc_provider(OIDC_SERVER_URL, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME)
    if OIDC_IS_ON
    else {}
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/calendar/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# One for the whole instance: pages, mails and what the history keeps speak the same.
LANGUAGE_CODE = read_choice("INTERFACE_LANGUAGE", "en", {code for code, _ in LANGUAGES})
LOCALE_PATHS = [DATA_DIR / "locale", BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o640
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SITE_IS_HTTPS
# TikTok follows no redirect when it fetches media.
SECURE_REDIRECT_EXEMPT = [r"^pull/"]
SECURE_HSTS_SECONDS = read_int("HSTS_S", 31_536_000) if SITE_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = read_bool("HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = False
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if read_bool("BEHIND_PROXY", SITE_IS_HTTPS) else None
)
# The proxy in front names the client; without one the header is anybody's.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE_PROXY_SSL_HEADER else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Two instances on one machine share the host name, so the port is part of the cookie's name.
SESSION_COOKIE_NAME = f"duecast_session_{PORT}"
CSRF_COOKIE_NAME = f"duecast_csrf_{PORT}"
# TikTok redirects back to us from another site; Strict would drop the session there.
SESSION_COOKIE_SAMESITE = "Lax"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        # Chromium applies form-action to redirects too: "Connect" is a form that ends at TikTok.
        "form-action": ["'self'", "{0.scheme}://{0.netloc}".format(urlsplit(TIKTOK_AUTHORIZE_URL))],
        "frame-ancestors": ["'none'"],
    }
}
SILENCED_SYSTEM_CHECKS = [
    # Including subdomains and preloading HSTS are decisions about a whole domain: settings.
    "security.W005",
    "security.W021",
]

# --- logs

LOG_FORMAT = read_choice("LOG_FORMAT", "text", {"text", "json"})
LOG_LEVEL = read_choice("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "calendar_app.logs.RedactSecrets"}},
    "formatters": {
        "text": {"()": "calendar_app.logs.TextFormatter"},
        "json": {"()": "calendar_app.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["redact"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": [], "propagate": True},
        "django": {"handlers": [], "propagate": True},
        "celery": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "PIL": {"level": "WARNING"},
    },
}
