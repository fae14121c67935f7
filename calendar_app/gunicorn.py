"""gunicorn's configuration: `gunicorn -c python:calendar_app.gunicorn`.

Threads, because pages wait for the database and for TikTok; our own logging, whose access line has
the path without its query, so that no token of a link reaches it.
"""

import copy
import gc
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger

QUIET_PATHS = ("/healthz", "/metrics", "/static/")


class PageLogger(Logger):
    """Leaves out what a machine or a page's own files ask for, unless it went wrong."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        is_quiet = environ.get("PATH_INFO", "").startswith(QUIET_PATHS)
        if is_quiet and resp.status_code < 500:
            return
        super().access(resp, req, environ, request_time)


def _logging() -> dict[str, Any]:
    config: dict[str, Any] = copy.deepcopy(settings.LOGGING)
    for name, level in (("gunicorn.access", "INFO"), ("gunicorn.error", settings.LOG_LEVEL)):
        config["loggers"][name] = {"handlers": [], "propagate": True, "level": level}
    return config


wsgi_app = "calendar_app.wsgi:application"
_host = f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND
bind = f"{_host}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
# Shorter than the supervisor's and Docker's patience, so that a restart is clean.
graceful_timeout = 8
keepalive = 5
logger_class = PageLogger
logconfig_dict = _logging()
access_log_format = "%(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    # Here and not above: the models exist once the worker has loaded the application.
    from django.urls import get_resolver

    from calendar_app import watching

    # Loaded now with all the views, and set aside with all else that stays: looking through it for
    # garbage held up one page of fifteen for 70 ms and more.
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    watching.start()
