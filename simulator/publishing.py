"""The three init calls (contract 6 to 8)."""

import secrets
import time
from typing import TYPE_CHECKING, Any

from simulator import limits
from simulator import validation as rules
from simulator.access import authorize, json_object
from simulator.pulls import check_ownership
from simulator.records import Creator, Post, Token
from simulator.wire import Refusal, Request, Response, ok

if TYPE_CHECKING:
    from simulator.app import Simulator


def video_init(sim: "Simulator", request: Request) -> Response:
    """POST /v2/post/publish/video/init/"""
    token, creator = authorize(sim, request, "video.publish")
    limits.check_rate(sim, request, token, "video_init")
    body = json_object(sim, request)
    rules.check_top(sim, request, body, ("post_info", "source_info"))
    info = rules.part(sim, request, body, "post_info")
    rules.check_fields(sim, request, info, rules.VIDEO_INFO, "post_info")
    rules.check_text(sim, request, info, "title", 2200)
    rules.check_toggles(sim, request, info, rules.VIDEO_TOGGLES)
    source = _video_source(sim, request, body)
    with sim.store.lock:
        _check_direct(sim, request, creator, info)
        return _begin_video(sim, request, token, creator, "direct", info, source)


def inbox_init(sim: "Simulator", request: Request) -> Response:
    """POST /v2/post/publish/inbox/video/init/"""
    token, creator = authorize(sim, request, "video.upload")
    limits.check_rate(sim, request, token, "inbox_init")
    body = json_object(sim, request)
    rules.check_top(sim, request, body, ("source_info",))
    source = _video_source(sim, request, body)
    with sim.store.lock:
        _check_banned(creator)
        limits.check_pending_shares(sim, request, creator)
        return _begin_video(sim, request, token, creator, "inbox", {}, source)


def content_init(sim: "Simulator", request: Request) -> Response:
    """POST /v2/post/publish/content/init/"""
    token, creator = authorize(sim, request, "video.publish", "video.upload")
    limits.check_rate(sim, request, token, "content_init")
    body = json_object(sim, request)
    known = ("media_type", "post_mode", "is_aigc", "post_info", "source_info")
    rules.check_top(sim, request, body, known)
    mode = _photo_mode(sim, request, token, body)
    info = body.get("post_info", {}) if mode == "inbox" else None
    info = info if isinstance(info, dict) else rules.part(sim, request, body, "post_info")
    _check_photo_info(sim, request, info, mode)
    source = _photo_source(sim, request, body)
    with sim.store.lock:
        if mode == "direct":
            _check_direct(sim, request, creator, info)
        else:
            _check_banned(creator)
            _check_app_version(creator)
            limits.check_pending_shares(sim, request, creator)
        check_ownership(sim, request, source["photo_images"])
        info = info | {"is_aigc": body.get("is_aigc", False)}
        post = _new_post(sim, request, token, creator, mode, info, "PULL_FROM_URL", "photo")
        post.urls = list(source["photo_images"])
        post.cover_index = source["photo_cover_index"]
        sim.processing.begin_pull(post)
    return ok({"publish_id": post.publish_id})


def _photo_mode(sim: "Simulator", request: Request, token: Token, body: dict[str, Any]) -> str:
    if body.get("media_type") != "PHOTO":
        raise rules.bad(sim, request, "The media type is invalid")
    modes = {"DIRECT_POST": ("direct", "video.publish"), "MEDIA_UPLOAD": ("inbox", "video.upload")}
    if body.get("post_mode") not in modes:
        raise rules.bad(sim, request, "The post mode is invalid")
    if not isinstance(body.get("is_aigc", False), bool):
        raise rules.bad(sim, request, "is_aigc is of the wrong type", "wrong_type")
    mode, scope = modes[body["post_mode"]]
    if scope not in token.scopes:
        sim.violate(request, "scope_not_granted", f"needs {scope}")
        raise Refusal("scope_not_authorized", "The user did not authorize the scope required.")
    return mode


def _check_photo_info(sim: "Simulator", request: Request, info: dict[str, Any], mode: str) -> None:
    known = rules.PHOTO_INFO if mode == "direct" else rules.PHOTO_DRAFT_INFO
    rules.check_fields(sim, request, info, known, "post_info")
    rules.check_text(sim, request, info, "title", 90)
    rules.check_text(sim, request, info, "description", 4000)
    if mode == "direct":
        rules.check_toggles(sim, request, info, rules.PHOTO_TOGGLES)


def _photo_source(sim: "Simulator", request: Request, body: dict[str, Any]) -> dict[str, Any]:
    source = rules.part(sim, request, body, "source_info")
    rules.check_fields(sim, request, source, rules.PHOTO_SOURCE, "source_info")
    images = source.get("photo_images", [])
    if source.get("source") != "PULL_FROM_URL":
        raise rules.bad(sim, request, "The source is invalid")
    if not 1 <= len(images) <= rules.MAX_PHOTOS or not all(isinstance(u, str) for u in images):
        raise rules.bad(sim, request, "The photo images are missing or too many")
    if not 0 <= source.get("photo_cover_index", -1) < len(images):
        raise rules.bad(sim, request, "The photo cover index is invalid")
    return source


def _video_source(sim: "Simulator", request: Request, body: dict[str, Any]) -> dict[str, Any]:
    source = rules.part(sim, request, body, "source_info")
    rules.check_fields(sim, request, source, rules.VIDEO_SOURCE, "source_info")
    if source.get("source") == "FILE_UPLOAD":
        rules.check_chunk_plan(sim, request, source)
    elif source.get("source") == "PULL_FROM_URL":
        if not source.get("video_url"):
            raise rules.bad(sim, request, "The video url is missing")
    else:
        raise rules.bad(sim, request, "The source is invalid")
    return source


def _check_direct(
    sim: "Simulator", request: Request, creator: Creator, info: dict[str, Any]
) -> None:
    """The refusals of a direct post that depend on the creator and the client."""
    rules.check_level(sim, request, info)
    _check_banned(creator)
    limits.check_daily_cap(sim, request, creator)
    limits.check_client_cap(sim, request, creator)
    level = info["privacy_level"]
    if not sim.settings.audited and (not creator.is_private or level != "SELF_ONLY"):
        raise Refusal(
            "unaudited_client_can_only_post_to_private_accounts",
            "Please review our integration guidelines.",
        )
    if level not in creator.options():
        sim.violate(request, "privacy_not_offered", f"{level} is not offered to this creator")
        raise Refusal("privacy_level_option_mismatch", "The privacy level is not offered.")


def _check_banned(creator: Creator) -> None:
    if creator.is_banned:
        raise Refusal("spam_risk_user_banned_from_posting", "The user is banned from posting.")


def _check_app_version(creator: Creator) -> None:
    if not creator.app_version_ok:
        raise Refusal("app_version_check_failed", "The user's app is older than 31.8.")


def _begin_video(
    sim: "Simulator",
    request: Request,
    token: Token,
    creator: Creator,
    mode: str,
    info: dict[str, Any],
    source: dict[str, Any],
) -> Response:
    if source["source"] == "PULL_FROM_URL":
        check_ownership(sim, request, [source["video_url"]])
        post = _new_post(sim, request, token, creator, mode, info, "PULL_FROM_URL", "video")
        post.urls = [source["video_url"]]
        sim.processing.begin_pull(post)
        return ok({"publish_id": post.publish_id})
    post = _new_post(sim, request, token, creator, mode, info, "FILE_UPLOAD", "video")
    post.size_bytes = source["video_size"]
    post.chunk_size_bytes = source["chunk_size"]
    post.chunk_count = source["total_chunk_count"]
    post.upload_id = str(7_600_000_000_000_000_000 + post.number)
    post.upload_token = secrets.token_urlsafe(16)
    post.upload_expires_at = time.time() + sim.settings.upload_url_life_s
    sim.store.save(post)
    query = f"upload_id={post.upload_id}&upload_token={post.upload_token}"
    url = sim.direct_url(request, f"/upload?{query}")
    return ok({"publish_id": post.publish_id, "upload_url": url})


def _new_post(
    sim: "Simulator",
    request: Request,
    token: Token,
    creator: Creator,
    mode: str,
    info: dict[str, Any],
    source: str,
    media_type: str,
) -> Post:
    number = sim.store.next_number()
    pulls = source == "PULL_FROM_URL"
    post = Post(
        number=number,
        publish_id=f"{_prefix(mode, media_type, pulls)}{number}{secrets.token_hex(6)}",
        creator=creator.username,
        media_type=media_type,
        mode=mode,
        source=source,
        grant=token.grant,
        init_at=request.arrived_at,
        init_monotonic_s=request.arrived_monotonic_s,
        init_order=request.order,
        post_info=_forced(creator, info, mode),
        outcome=_take_outcome(sim, creator),
        status="PROCESSING_DOWNLOAD" if pulls else "PROCESSING_UPLOAD",
        phase="downloading" if pulls else "uploading",
    )
    sim.store.save(post)
    return post


def _prefix(mode: str, media_type: str, pulls: bool) -> str:
    if media_type == "photo":
        return "p_pub_url~v2."
    if mode == "inbox":
        return "v_inbox_url~v2." if pulls else "v_inbox_file~v2."
    return "v_pub_url~v2." if pulls else "v_pub_file~v2-1."


def _forced(creator: Creator, info: dict[str, Any], mode: str) -> dict[str, Any]:
    """The post's choices, with what the account forbids forced on."""
    if mode == "inbox":
        return dict(info)
    forced = {
        "disable_comment": creator.comment_disabled,
        "disable_duet": creator.duet_disabled or creator.is_private,
        "disable_stitch": creator.stitch_disabled or creator.is_private,
    }
    return dict(info) | {name: True for name, is_forced in forced.items() if is_forced}


def _take_outcome(sim: "Simulator", creator: Creator) -> dict[str, Any]:
    """The outcome set for the next post, if one waits for this creator or for anyone."""
    for outcome in sim.store.next_outcomes:
        if outcome.get("creator") in (None, "", creator.username):
            sim.store.next_outcomes.remove(outcome)
            sim.store.save_settings()
            return {k: v for k, v in outcome.items() if k != "creator"}
    return {}
