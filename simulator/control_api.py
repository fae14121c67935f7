"""The control API: JSON under /control/, for tests, benchmarks and curious people.

It is refused to anything that came through a reverse proxy.
"""

import re
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from simulator import creators, faults, limits, oauth
from simulator.consent import SCOPES
from simulator.processing import sha256_of
from simulator.records import Creator, Post, Token
from simulator.settings import Settings
from simulator.wire import Request, Response, json_response

if TYPE_CHECKING:
    from simulator.app import Simulator

Call = Callable[["Simulator", Request, dict[str, Any]], Any]

PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via")
OUTCOME_FIELDS = {
    "fail_reason",
    "processing_s",
    "moderation_s",
    "download_delay_s",
    "gives_post_id",
    "post_id_count",
}


def guarded(call: Call) -> Callable[["Simulator", Request], Response]:
    """A control call with its body read, its mistakes told, and proxies turned away."""

    def handle(sim: "Simulator", request: Request) -> Response:
        if request.through_prefix or any(request.headers.get(h) for h in PROXY_HEADERS):
            return Response(404)
        try:
            body = request.json() if request.body else {}
            if not isinstance(body, dict):
                raise ValueError("the body must be a JSON object")
            return json_response(call(sim, request, body))
        except (ValueError, TypeError) as error:
            return json_response({"error": str(error)}, 400)
        except KeyError as error:
            return json_response({"error": f"missing or unknown: {error}"}, 404)

    return handle


def get_state(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return {
        "now": time.time(),
        "settings": sim.settings.as_dict(),
        "creators": get_creators(sim, request, body),
        "posts": get_posts(sim, request, body),
        "tokens": [_token_view(t) for t in list(sim.store.tokens.values())],
        "faults": get_faults(sim, request, body),
        "webhooks": get_webhooks(sim, request, body),
    }


def get_settings(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return sim.settings.as_dict()


def change_settings(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    with sim.store.lock:
        sim.settings.change(body)
        sim.store.save_settings()
        return sim.settings.as_dict()


def get_creators(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return [_creator_view(sim, c) for c in list(sim.store.creators.values())]


def put_creator(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return _creator_view(sim, creators.put_creator(sim, body))


def add_other_posts(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """Posts that another API client made for a creator; they fill the same cap."""
    creator = _creator(sim, body)
    with sim.store.lock:
        creator.other_posts += [float(body.get("at", time.time()))] * int(body.get("count", 1))
        sim.store.save(creator)
    return _creator_view(sim, creator)


def set_outcome(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """Global, for one creator, or (`next`: n) for the next n posts of one or any creator."""
    values = {k: v for k, v in body.items() if k not in ("creator", "next")}
    unknown = values.keys() - OUTCOME_FIELDS
    if unknown:
        raise ValueError(f"unknown outcome: {', '.join(sorted(unknown))}")
    Settings().change(values)
    with sim.store.lock:
        if body.get("next"):
            owner = {"creator": _creator(sim, body).username} if body.get("creator") else {}
            sim.store.next_outcomes += [values | owner for _ in range(int(body["next"]))]
        elif body.get("creator"):
            creator = _creator(sim, body)
            creator.outcome = creator.outcome | values
            sim.store.save(creator)
        else:
            sim.settings.change(values)
        sim.store.save_settings()
    return {"next_outcomes": sim.store.next_outcomes}


def issue_tokens(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """A token pair without the consent page; the body is that of a token exchange."""
    creator, now = _creator(sim, body), time.time()
    scopes = list(body.get("scopes", SCOPES))
    with sim.store.lock:
        access, refresh = oauth.new_grant(sim, creator.username, scopes, now)
    return oauth.token_body(sim, access, refresh, now)


def end_tokens(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """Expire or revoke a creator's tokens (`kind`: access, refresh or both)."""
    creator, why = _creator(sim, body), str(body.get("why", "expired"))
    kinds = {"access", "refresh"} if body.get("kind", "both") == "both" else {body["kind"]}
    ended = 0
    with sim.store.lock:
        for token in list(sim.store.tokens.values()):
            is_meant = token.creator == creator.username and token.kind in kinds
            if is_meant and not token.dead_because:
                token.dead_because, ended = why, ended + 1
                sim.store.save(token)
    return {"ended": ended}


def disconnect(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """The creator withdraws access inside TikTok: tokens die, posts under way fail."""
    creator = _creator(sim, body)
    ended = end_tokens(sim, request, body | {"why": "access removed by the user", "kind": "both"})
    creator.granted_scopes = []
    sim.store.save(creator)
    sim.processing.remove_access(creator)
    sim.webhooks.authorization_removed(creator, int(body.get("reason", 1)))
    return ended


def get_posts(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """All posts in the order of their init, or those of ?creator=."""
    wanted = request.query_value("creator")
    posts = [p for p in sim.store.posts_in_order() if wanted in ("", p.creator)]
    return [_post_view(sim, p) for p in posts]


def act_on_post(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """`action`: publish or discard (drafts), take_down, or expire_upload."""
    post = sim.store.posts[body["publish_id"]]
    action = body.get("action")
    with sim.store.lock:
        if action in ("publish", "discard") and post.draft_state != "waiting":
            raise ValueError("this post is no waiting draft")
        if action == "publish":
            level = body.get("privacy_level", "PUBLIC_TO_EVERYONE")
            sim.processing.publish_draft(post, int(body.get("times", 1)), level)
        elif action == "discard":
            post.draft_state = "discarded"
        elif action == "take_down":
            sim.processing.take_down(post)
        elif action == "expire_upload":
            post.upload_expires_at = time.time() - 1
        else:
            raise ValueError(f"unknown action: {action!r}")
        sim.store.save(post)
    return _post_view(sim, post)


def get_faults(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return [asdict(f) for f in list(sim.store.faults.values())]


def add_fault(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return asdict(faults.create(sim, body))


def remove_faults(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """All of them, or the one with `number`."""
    wanted = body.get("number")
    for fault in list(sim.store.faults.values()):
        if wanted in (None, fault.number):
            sim.store.remove(fault)
    return get_faults(sim, request, body)


def get_requests(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return _log(sim.store.requests, request)


def get_violations(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return _log(sim.store.violations, request)


def clear_violations(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    sim.store.clear_log("violations")
    return {}


def get_webhooks(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    return [asdict(w) for w in list(sim.store.webhooks.values())]


def send_webhook(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """Send any event, well or badly signed, `copies` times, or a `raw_body` as it is."""
    url = body.get("url") or sim.settings.webhook_url
    if not url:
        raise ValueError("no webhook_url is set")
    open_id = body.get("user_openid", "")
    if body.get("creator"):
        open_id = _creator(sim, body).open_id
    text = body.get("raw_body") or sim.webhooks.envelope(
        body["event"],
        body.get("content", {}),
        open_id,
        int(body.get("create_time", time.time())),
    )
    signature = body.get("signature", "valid")
    event = body.get("event", "raw")
    copies = range(int(body.get("copies", 1)))
    return [asdict(sim.webhooks.enqueue(event, text, url, signature)) for _ in copies]


def reset(sim: "Simulator", request: Request, body: dict[str, Any]) -> Any:
    """Back to the default creators and settings; posts, tokens, faults and logs are gone."""
    with sim.store.lock:
        url = sim.settings.webhook_url
        sim.store.reset()
        sim.rates.clear()
        sim.settings.webhook_url = url
        creators.add_defaults(sim)
        sim.store.save_settings()
    return {}


def _creator(sim: "Simulator", body: dict[str, Any]) -> Creator:
    creator = sim.store.creator_by_name(str(body["creator"]))
    if creator is None:
        raise KeyError(f"creator {body['creator']}")
    return creator


def _creator_view(sim: "Simulator", creator: Creator) -> dict[str, Any]:
    now = time.time()
    used = len(limits.own_posts(sim, creator, now)) + len(limits.other_posts(sim, creator, now))
    return creator.as_dict() | {"posts_in_window": used, "cap": limits.cap_of(sim, creator)}


def _post_view(sim: "Simulator", post: Post) -> dict[str, Any]:
    view = post.as_dict() | {"sha256": sha256_of(sim, post)}
    return {k: v for k, v in view.items() if k not in ("upload_token", "head")}


def _token_view(token: Token) -> dict[str, Any]:
    view = {k: v for k, v in token.as_dict().items() if k not in ("token", "successor")}
    return view | {"ends_with": token.token[-6:]}


def _log(entries: list[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
    """Entries in order of arrival, narrowed by ?since= (order), path (regex), creator, kind."""
    since = int(request.query_value("since") or 0)
    pattern = re.compile(request.query_value("path") or ".*")
    creator, kind = request.query_value("creator"), request.query_value("kind")
    kept = [
        e
        for e in list(entries)
        if e["order"] > since
        and pattern.search(e["path"])
        and creator in ("", e["creator"])
        and kind in ("", e.get("kind"))
    ]
    return sorted(kept, key=lambda e: e["order"])


CALLS: list[tuple[str, str, Call]] = [
    ("GET", "state", get_state),
    ("GET", "settings", get_settings),
    ("POST", "settings", change_settings),
    ("GET", "creators", get_creators),
    ("POST", "creators", put_creator),
    ("POST", "other_posts", add_other_posts),
    ("POST", "outcome", set_outcome),
    ("POST", "tokens/issue", issue_tokens),
    ("POST", "tokens/end", end_tokens),
    ("POST", "disconnect", disconnect),
    ("GET", "posts", get_posts),
    ("POST", "posts", act_on_post),
    ("GET", "faults", get_faults),
    ("POST", "faults", add_fault),
    ("DELETE", "faults", remove_faults),
    ("GET", "requests", get_requests),
    ("GET", "violations", get_violations),
    ("DELETE", "violations", clear_violations),
    ("GET", "webhooks", get_webhooks),
    ("POST", "webhooks", send_webhook),
    ("POST", "reset", reset),
]
