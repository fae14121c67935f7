"""`status/fetch` and `cancel` (contract 10.1 and 11)."""

from typing import TYPE_CHECKING, Any

from simulator import limits
from simulator.access import authorize, json_object
from simulator.records import Creator, Post
from simulator.wire import Refusal, Request, Response, ok

if TYPE_CHECKING:
    from simulator.app import Simulator


def fetch(sim: "Simulator", request: Request) -> Response:
    """POST /v2/post/publish/status/fetch/"""
    token, creator = authorize(sim, request, "video.publish", "video.upload")
    limits.check_rate(sim, request, token, "status")
    post = _find(sim, request, creator)
    with sim.store.lock:
        data: dict[str, Any] = {"status": post.status}
        if post.status == "FAILED":
            data["fail_reason"] = post.fail_reason
        if post.source == "FILE_UPLOAD":
            data["uploaded_bytes"] = post.uploaded_bytes
        else:
            data["downloaded_bytes"] = post.downloaded_bytes
        if post.post_ids:
            data["publicaly_available_post_id"] = list(post.post_ids)
        # Whoever asks knows the progress, so a wrong offset afterwards is its own mistake.
        post.upload_answer_lost = False
    return ok(data)


def cancel(sim: "Simulator", request: Request) -> Response:
    """POST /v2/post/publish/cancel/: only a pull still in progress."""
    _, creator = authorize(sim, request, "video.publish", "video.upload")
    post = _find(sim, request, creator)
    with sim.store.lock:
        if post.phase != "downloading":
            raise Refusal("publish_not_cancellable", "The post can no longer be cancelled.")
        post.cancel_asked = True
        sim.processing.fail(post, "publish_cancelled")
    return ok({})


def _find(sim: "Simulator", request: Request, creator: Creator) -> Post:
    body = json_object(sim, request)
    unknown = body.keys() - {"publish_id"}
    if unknown:
        sim.violate(request, "unknown_field", ", ".join(sorted(unknown)))
    post = sim.store.posts.get(str(body.get("publish_id", "")))
    if post is None:
        sim.violate(request, "unknown_publish_id", "no post has this publish_id")
        raise Refusal("invalid_publish_id", "The publish_id does not exist.")
    if post.creator != creator.username:
        sim.violate(request, "foreign_publish_id", "the post belongs to another creator")
        message = "The publish_id does not belong to this user."
        raise Refusal("token_not_authorized_for_specified_publish_id", message)
    return post
