"""Display API reads: `video/list` and `video/query` (contract 13)."""

from typing import TYPE_CHECKING, Any

from simulator import limits
from simulator.access import authorize, invalid, json_object
from simulator.records import Creator, Post
from simulator.wire import Request, Response, ok

if TYPE_CHECKING:
    from simulator.app import Simulator

FIELDS = {
    "id",
    "create_time",
    "cover_image_url",
    "share_url",
    "video_description",
    "title",
    "duration",
    "height",
    "width",
    "embed_html",
    "embed_link",
    "like_count",
    "comment_count",
    "share_count",
    "view_count",
}
MAX_COUNT = 20


def list_videos(sim: "Simulator", request: Request) -> Response:
    """POST /v2/video/list/"""
    creator, wanted, body = _begin(sim, request, "video_list", {"cursor", "max_count"})
    count = body.get("max_count", 10)
    cursor = body.get("cursor", 0)
    if not isinstance(count, int) or not 1 <= count <= MAX_COUNT or not isinstance(cursor, int):
        sim.violate(request, "invalid_params", "max_count or cursor is out of range")
        raise invalid(sim, "max_count or cursor is invalid.")
    public = sorted(_public(sim, creator), key=lambda pair: -created_ms(pair[1]))
    older = [pair for pair in public if not cursor or created_ms(pair[1]) < cursor]
    shown = older[:count]
    return ok(
        {
            "videos": [_video(sim, request, post_id, p, wanted) for post_id, p in shown],
            "cursor": created_ms(shown[-1][1]) if shown else cursor,
            "has_more": len(older) > count,
        }
    )


def query_videos(sim: "Simulator", request: Request) -> Response:
    """POST /v2/video/query/"""
    creator, wanted, body = _begin(sim, request, "video_query", {"filters"})
    filters = body.get("filters")
    ids = filters.get("video_ids") if isinstance(filters, dict) else None
    if not isinstance(ids, list) or not 1 <= len(ids) <= MAX_COUNT:
        sim.violate(request, "invalid_params", "filters.video_ids needs 1 to 20 ids")
        raise invalid(sim, "filters.video_ids is invalid.")
    found = [pair for pair in _public(sim, creator) if str(pair[0]) in map(str, ids)]
    return ok({"videos": [_video(sim, request, post_id, p, wanted) for post_id, p in found]})


def _begin(
    sim: "Simulator", request: Request, endpoint: str, known: set[str]
) -> tuple[Creator, list[str], dict[str, Any]]:
    token, creator = authorize(sim, request, "video.list")
    limits.check_rate(sim, request, token, endpoint)
    wanted = [f for f in request.query_value("fields").split(",") if f]
    body = json_object(sim, request, may_be_empty=True)
    if not wanted or not set(wanted) <= FIELDS:
        sim.violate(request, "unknown_field", "fields is empty or holds an unknown field")
        raise invalid(sim, "The fields parameter is missing or holds an unknown field.")
    if not body.keys() <= known:
        sim.violate(request, "unknown_field", ", ".join(sorted(body.keys() - known)))
    return creator, wanted, body


def _public(sim: "Simulator", creator: Creator) -> list[tuple[int, Post]]:
    return [
        (post_id, post)
        for post in sim.store.posts_in_order()
        if post.creator == creator.username
        for post_id in post.post_ids
    ]


def created_ms(post: Post) -> int:
    return int((post.published_at or 0) * 1000)


def _video(
    sim: "Simulator", request: Request, post_id: int, post: Post, wanted: list[str]
) -> dict[str, Any]:
    text = str(post.post_info.get("title", ""))[:150]
    kind = "photo" if post.media_type == "photo" else "video"
    share = sim.outside_url(request, f"/@{post.creator}/{kind}/{post_id}")
    values = dict.fromkeys(("like_count", "comment_count", "share_count", "view_count"), 0) | {
        "id": str(post_id),
        "create_time": int(post.published_at or 0),
        "cover_image_url": sim.outside_url(request, f"/avatars/{post.creator}.png"),
        "share_url": share,
        "video_description": text,
        "title": text,
        "duration": 0,
        "height": 0,
        "width": 0,
        "embed_html": "",
        "embed_link": share,
    }
    return {f: values[f] for f in wanted}
