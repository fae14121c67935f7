"""Planned misbehaviour: what goes wrong, where, how often, and for whom.

Kinds: `status` (any HTTP answer), `error` (a documented error code in the right envelope),
`html`, `garbled` (a broken 200), `cut_answer` (half an answer), `drop`, `slow`, `cut_body`
(hang up inside the request's body). `when="after"` lets the request take effect first.
"""

import random
import time
from collections.abc import Callable
from dataclasses import fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from simulator.records import Fault
from simulator.settings import change_fields
from simulator.wire import (
    ERROR_STATUS,
    OAUTH_ERRORS,
    Dropped,
    OAuthRefusal,
    Refusal,
    Request,
    Response,
    html_response,
    oauth_refused,
    refused,
)

if TYPE_CHECKING:
    from simulator.app import Simulator

KINDS = {"status", "error", "html", "garbled", "cut_answer", "drop", "slow", "cut_body"}

NAMED: dict[str, dict[str, Any]] = {
    "drop_before": {"kind": "drop", "when": "before"},
    "drop_after": {"kind": "drop", "when": "after"},
    "reset_before": {"kind": "drop", "when": "before", "reset": True},
    "reset_after": {"kind": "drop", "when": "after", "reset": True},
    "slow_before": {"kind": "slow", "when": "before", "seconds": 5.0},
    "slow_after": {"kind": "slow", "when": "after", "seconds": 5.0},
    "garbled": {"kind": "garbled", "when": "after", "status": 200},
    "garbled_before": {"kind": "garbled", "when": "before", "status": 200},
    "cut_answer": {"kind": "cut_answer", "when": "after"},
    "cut_body": {"kind": "cut_body", "after_bytes": 1},
    "html": {"kind": "html", "status": 502},
    "html_200": {"kind": "html", "status": 200},
    "unavailable": {"kind": "status", "status": 503},
    "unavailable_after": {"kind": "status", "status": 503, "when": "after"},
}

HTML_BODY = "<!doctype html><title>Bad gateway</title><h1>502 Bad Gateway</h1>"
GARBLED_BODY = b'{"data": {"publish_id": "v_pub'


def create(sim: "Simulator", values: dict[str, Any]) -> Fault:
    """A fault from JSON. `name` alone may be a named fault or any documented error code.

    Raises ValueError for unknown names, kinds or fields.
    """
    name = str(values.get("name", values.get("kind", "")))
    known = {f.name for f in fields(Fault)} - {"number", "hits", "seen", "name"}
    base = dict(NAMED.get(name, {}))
    if not base and "kind" not in values:
        if name not in ERROR_STATUS and name not in OAUTH_ERRORS:
            raise ValueError(f"unknown fault: {name!r}")
        base = {"kind": "error", "code": name, "status": ERROR_STATUS.get(name, 400)}
    base |= {k: v for k, v in values.items() if k != "name"}
    if base["kind"] not in KINDS or not base.keys() <= known:
        raise ValueError(f"unknown kind or field in {sorted(base)}")
    if base["kind"] == "error" and "status" not in base:
        base["status"] = ERROR_STATUS.get(base.get("code", ""), 400)
    if not 0 < base.get("share", 1.0) <= 1:
        raise ValueError("share must be above 0 and at most 1")
    fault = Fault(number=sim.store.next_number(), name=name, kind=base.pop("kind"))
    change_fields(fault, base)
    sim.store.save(fault)
    return fault


def whose(sim: "Simulator", request: Request) -> str:
    """The username a request is about, or "" when nothing tells."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        token = sim.store.tokens.get(secret.strip())
        return token.creator if token else ""
    post = sim.store.posts_by_upload.get(request.query_value("upload_id"))
    if post is not None:
        return post.creator
    if request.path.startswith("/v2/oauth/"):
        form = request.form()
        owner = sim.store.codes.get(form.get("code", [""])[0])
        token = sim.store.tokens.get(form.get("refresh_token", form.get("token", [""]))[0])
        return (owner or token).creator if (owner or token) else ""  # type: ignore[union-attr]
    return ""


def take(sim: "Simulator", request: Request) -> Fault | None:
    """The first fault that fits this request, counted as hit."""
    with sim.store.lock:
        for fault in list(sim.store.faults.values()):
            if fits(fault, request) and fault.kind != "cut_body":
                if not _use_up(sim, fault, request):
                    continue
                return fault
            if fits(fault, request) and _use_up(sim, fault, request):
                request.cut_after_bytes = fault.after_bytes
                request.keeps_partial = fault.keep
                request.resets = fault.reset
                return fault
    return None


def fits(fault: Fault, request: Request) -> bool:
    if fault.count is not None and len(fault.hits) >= fault.count:
        return False
    if fault.method and fault.method != request.method:
        return False
    if fault.creator and fault.creator != request.creator:
        return False
    return fnmatchcase(request.path, fault.path)


def _use_up(sim: "Simulator", fault: Fault, request: Request) -> bool:
    if fault.skip > 0:
        fault.skip -= 1
        sim.store.save(fault)
        return False
    if fault.share < 1 and not _is_drawn(fault):
        return False
    hit = {
        "at": request.arrived_at,
        "order": request.order,
        "path": request.path,
        "creator": request.creator,
    }
    fault.hits.append(hit)
    sim.store.save(fault)
    return True


def _is_drawn(fault: Fault) -> bool:
    """Whether this request is one of the fault's share; the same seed draws the same ones."""
    fault.seen += 1
    draw = random.Random(f"{fault.seed} {fault.seen}")
    return draw.random() < fault.share


def before(fault: Fault, request: Request) -> Response | None:
    """The answer that takes the handler's place, or None to let the request work."""
    if fault.kind == "cut_body" and not request.is_upload:
        raise Dropped(fault.reset)
    if fault.when != "before" or fault.kind == "cut_body":
        return None
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return None
    if fault.kind == "drop":
        raise Dropped(fault.reset)
    return _answer(fault, request)


def after(fault: Fault, request: Request, response: Response) -> Response:
    """What becomes of the handler's answer."""
    if fault.when != "after":
        return response
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return response
    if response.on_lost:
        response.on_lost()
    if fault.kind == "drop":
        raise Dropped(fault.reset)
    if fault.kind == "cut_answer":
        response.cut_at = len(response.body) // 2
        return response
    return _answer(fault, request)


def _answer(fault: Fault, request: Request) -> Response:
    makers: dict[str, Callable[[], Response]] = {
        "status": lambda: Response(fault.status, fault.body.encode(), fault.content_type),
        "error": lambda: _error(fault, request),
        "html": lambda: html_response(fault.body or HTML_BODY, fault.status),
        "garbled": lambda: Response(200, fault.body.encode() or GARBLED_BODY),
        "cut_answer": lambda: Response(200, GARBLED_BODY, cut_at=len(GARBLED_BODY) // 2),
    }
    response = makers[fault.kind]()
    response.headers.update(fault.headers)
    return response


def _error(fault: Fault, request: Request) -> Response:
    message = fault.message or "Injected by the simulator."
    if request.path.startswith("/v2/oauth/"):
        return oauth_refused(OAuthRefusal(fault.code, message), fault.status)
    return refused(Refusal(fault.code, message, fault.status))
