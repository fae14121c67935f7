"""From a request to an answer: route, body, fault before, handler, fault after, log."""

import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator import faults
from simulator.limits import RateWindows
from simulator.records import Creator
from simulator.settings import Options, Settings
from simulator.store import Store
from simulator.wire import (
    Dropped,
    OAuthRefusal,
    Refusal,
    Request,
    Response,
    html_response,
    json_response,
    oauth_refused,
    refused,
)

BODY_LIMIT_BYTES = 8_000_000

Handler = Callable[["Simulator", Request], Response]


@dataclass
class Route:
    """`streams` leaves the body to the handler; `is_tiktok` calls are logged and meet faults."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    streams: bool = False
    is_tiktok: bool = True


class Simulator:
    """The whole of it: options, store, rate windows, and the threads that carry posts on."""

    def __init__(self, options: Options, store: Store) -> None:
        from simulator.processing import Processing
        from simulator.routes import ROUTES
        from simulator.webhooks import Webhooks

        self.options = options
        self.store = store
        self.routes = ROUTES
        self.rates = RateWindows()
        self.webhooks = Webhooks(self)
        self.processing = Processing(self)
        self.base_path = urlsplit(options.public_url).path.rstrip("/")

    @property
    def settings(self) -> Settings:
        return self.store.settings

    def start(self) -> None:
        self.webhooks.start()
        self.processing.start()

    def stop(self) -> None:
        self.processing.stop()
        self.webhooks.stop()
        self.store.close()

    def outside_url(self, request: Request, path: str) -> str:
        """An absolute link for a browser."""
        if self.options.public_url:
            return self.options.public_url.rstrip("/") + path
        return self.direct_url(request, path)

    def direct_url(self, request: Request, path: str) -> str:
        """An absolute link for the API client, to the host that it called."""
        host = request.headers.get("Host") or f"{self.options.host}:{self.options.port}"
        return f"http://{host}{path}"

    def violate(self, request: Request, kind: str, reason: str) -> None:
        """Write down a request that a correct client would not have sent."""
        if request.order <= self.store.reset_order:
            return  # It came before a reset and was slow.
        entry = {
            "at": request.arrived_at,
            "order": request.order,
            "kind": kind,
            "reason": reason,
            "method": request.method,
            "path": request.path,
            "creator": request.creator,
        }
        self.store.add_violation(entry)

    def outcome(self, name: str, creator: Creator | None, own: dict[str, Any]) -> Any:
        """A switch for one post: its own, else its creator's, else the global one."""
        if name in own:
            return own[name]
        if creator is not None and name in creator.outcome:
            return creator.outcome[name]
        return getattr(self.settings, name)

    def answer(self, request: Request) -> Response:
        """The answer to a request. Raises Dropped when there shall be none."""
        if self.base_path and request.path.startswith(self.base_path + "/"):
            request.path = request.path.removeprefix(self.base_path)
            request.through_prefix = True
        route = self._find_route(request)
        if route is None:
            read_body(request)
            if request.path.startswith("/v2/"):
                self.violate(request, "unknown_endpoint", "no such path and method")
            return html_response("<!doctype html><title>404</title><p>Not found.", 404)
        if not route.is_tiktok:
            read_body(request)
            return self._handle(route, request)
        return self._answer_logged(route, request)

    def _answer_logged(self, route: Route, request: Request) -> Response:
        entry: dict[str, Any] = {
            "order": request.order,
            "at": request.arrived_at,
            "method": request.method,
            "path": request.path,
            "creator": "",
            "status": None,
            "code": "",
            "fault": "",
            "bytes": request.content_length or 0,
            "seconds": None,
        }
        self.store.begin_request(entry)
        try:
            response = self._answer_with_faults(route, request, entry)
            entry["status"] = response.status
            entry["code"] = response.headers.pop("X-Code", "")
            return response
        except (Dropped, ConnectionError, TimeoutError):
            entry["status"] = 0
            raise
        finally:
            entry["creator"] = request.creator
            entry["seconds"] = round(time.monotonic() - request.arrived_monotonic_s, 6)
            if request.order > self.store.reset_order:
                self.store.log_request(entry)

    def _answer_with_faults(
        self, route: Route, request: Request, entry: dict[str, Any]
    ) -> Response:
        request.is_upload = route.streams
        if not route.streams:
            read_body(request)
        request.creator = faults.whose(self, request)
        fault = faults.take(self, request)
        if fault is None:
            return self._handle(route, request)
        entry["fault"] = fault.name
        request.is_faulted = True
        early = faults.before(fault, request)
        if early is not None:
            if route.streams:
                read_body(request, keep=False)
            return early
        return faults.after(fault, request, self._handle(route, request))

    def _find_route(self, request: Request) -> Route | None:
        method = "GET" if request.method == "HEAD" else request.method
        for route in self.routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == method:
                request.parameters = match.groupdict()
                return route
        return None

    def _handle(self, route: Route, request: Request) -> Response:
        try:
            self.processing.catch_up()
            return route.handler(self, request)
        except Refusal as refusal:
            response = refused(refusal)
            response.headers["X-Code"] = refusal.code
            return response
        except OAuthRefusal as oauth:
            response = oauth_refused(oauth, self.settings.oauth_error_status)
            response.headers["X-Code"] = oauth.error
            return response
        except (Dropped, ConnectionError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001  # the traceback is the report; the client gets a 500
            traceback.print_exc()
            return json_response({"simulator_error": traceback.format_exc()}, 500)


def read_body(request: Request, keep: bool = True) -> None:
    """Take the whole body off the socket; `keep=False` throws it away."""
    left = request.content_length or 0
    if keep and left > BODY_LIMIT_BYTES:
        raise Dropped
    parts = []
    while left > 0:
        part = request.stream.read(min(left, 1 << 20))
        if not part:
            raise Dropped
        left -= len(part)
        if keep:
            parts.append(part)
    request.body = b"".join(parts)
