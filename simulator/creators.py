"""Creators: the default ones, `user/info`, `creator_info/query`, and their avatars."""

import base64
import colorsys
import hashlib
import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont

from simulator import limits
from simulator.access import authorize, invalid, json_object
from simulator.records import Creator
from simulator.settings import change_fields
from simulator.wire import Refusal, Request, Response, ok

if TYPE_CHECKING:
    from simulator.app import Simulator

DEFAULT_CREATORS: list[dict[str, Any]] = [
    {"username": "maple.bakery", "nickname": "Maple Bakery", "bio": "Bread before dawn."},
    {"username": "northwind.bikes", "nickname": "Northwind Bikes", "bio": "Two wheels, any road."},
    {"username": "quiet.studio", "nickname": "Quiet Studio", "is_private": True},
    {
        "username": "hushed.gallery",
        "nickname": "Hushed Gallery",
        "comment_disabled": True,
        "duet_disabled": True,
        "stitch_disabled": True,
    },
    {
        "username": "short.takes",
        "nickname": "Short Takes",
        "max_video_post_duration_sec": 60,
    },
]

BASIC_FIELDS = {
    "open_id",
    "union_id",
    "avatar_url",
    "avatar_url_100",
    "avatar_large_url",
    "display_name",
}
PROFILE_FIELDS = {"bio_description", "profile_deep_link", "username", "is_verified"}
STATS_FIELDS = {"follower_count", "following_count", "likes_count", "video_count"}
FIELD_SCOPES = (
    dict.fromkeys(BASIC_FIELDS, "user.info.basic")
    | dict.fromkeys(PROFILE_FIELDS, "user.info.profile")
    | dict.fromkeys(STATS_FIELDS, "user.info.stats")
)


def put_creator(sim: "Simulator", values: dict[str, Any]) -> Creator:
    """Add a creator, or change the one with this username. Raises ValueError."""
    username = values.get("username")
    if not isinstance(username, str) or not username or "/" in username:
        raise ValueError("username is missing")
    with sim.store.lock:
        creator = sim.store.creators.get(username) or Creator(
            username=username,
            nickname=username,
            open_id="-000" + _digest(f"{sim.options.client_key}/{username}")[:32],
            union_id=_digest(f"union/{username}")[:36],
        )
        change_fields(creator, values)
        sim.store.save(creator)
    return creator


def add_defaults(sim: "Simulator") -> None:
    for values in DEFAULT_CREATORS:
        put_creator(sim, values)


def user_info(sim: "Simulator", request: Request) -> Response:
    """GET /v2/user/info/ (contract 4)."""
    token, creator = authorize(sim, request, "user.info.basic")
    limits.check_rate(sim, request, token, "user_info")
    wanted = [f for f in request.query_value("fields").split(",") if f]
    unknown = [f for f in wanted if f not in FIELD_SCOPES]
    if not wanted or unknown:
        sim.violate(request, "unknown_field", f"fields is empty or unknown: {unknown}")
        raise invalid(sim, "The fields parameter is missing or holds an unknown field.")
    if any(FIELD_SCOPES[f] not in token.scopes for f in wanted):
        sim.violate(request, "scope_not_granted", "a field needs a scope that was not granted")
        raise Refusal("scope_permission_missed", "Additional scope permissions are required.")
    values = _user_fields(sim, request, creator)
    return ok({"user": {f: values[f] for f in wanted}})


def _user_fields(sim: "Simulator", request: Request, creator: Creator) -> dict[str, Any]:
    avatar = sim.outside_url(request, f"/avatars/{creator.username}.png")
    public = [
        p for p in list(sim.store.posts.values()) if p.creator == creator.username and p.post_ids
    ]
    return {
        "open_id": creator.open_id,
        "union_id": creator.union_id,
        "avatar_url": avatar,
        "avatar_url_100": avatar,
        "avatar_large_url": avatar,
        "display_name": creator.nickname,
        "bio_description": creator.bio,
        "profile_deep_link": sim.outside_url(request, f"/@{creator.username}"),
        "username": creator.username,
        "is_verified": creator.is_verified,
        "follower_count": creator.follower_count,
        "following_count": creator.following_count,
        "likes_count": creator.likes_count,
        "video_count": len(public),
    }


def creator_info(sim: "Simulator", request: Request) -> Response:
    """POST /v2/post/publish/creator_info/query/: three codes come with HTTP 200 (contract 5)."""
    token, creator = authorize(sim, request, "video.publish")
    limits.check_rate(sim, request, token, "creator_info")
    if json_object(sim, request, may_be_empty=True):
        sim.violate(request, "unknown_field", "this call has no body fields")
    now = request.arrived_at
    with sim.store.lock:
        if creator.is_banned:
            raise Refusal("spam_risk_user_banned_from_posting", "The user is banned.", 200)
        if limits.cap_is_reached(sim, creator, now):
            limits.tell_cap(sim, creator, now)
            raise Refusal("spam_risk_too_many_posts", "The daily post cap is reached.", 200)
        if limits.client_cap_is_reached(sim, creator, now):
            raise Refusal("reached_active_user_cap", "The quota of publishing users is used.", 200)
    hides = creator.is_private
    return ok(
        {
            "creator_avatar_url": sim.outside_url(request, f"/avatars/{creator.username}.png"),
            "creator_username": creator.username,
            "creator_nickname": creator.nickname,
            "privacy_level_options": creator.options(),
            "comment_disabled": creator.comment_disabled,
            "duet_disabled": creator.duet_disabled or hides,
            "stitch_disabled": creator.stitch_disabled or hides,
            "max_video_post_duration_sec": creator.max_video_post_duration_sec,
        }
    )


def avatar(sim: "Simulator", request: Request) -> Response:
    """GET /avatars/<username>.png"""
    creator = sim.store.creators.get(request.parameters["username"])
    if creator is None:
        return Response(404)
    body = draw_avatar(creator.username, _initials(creator.nickname))
    return Response(
        body=body, content_type="image/png", headers={"Cache-Control": "public, max-age=7200"}
    )


@lru_cache(maxsize=512)
def draw_avatar(username: str, initials: str) -> bytes:
    """A PNG of 200 px with initials on a colour made from the username."""
    hue = hashlib.sha256(username.encode()).digest()[0] / 255
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, 0.38, 0.45))
    image = Image.new("RGB", (200, 200), (red, green, blue))
    draw = ImageDraw.Draw(image)
    draw.text((100, 100), initials, fill="white", font=ImageFont.load_default(84), anchor="mm")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _initials(nickname: str) -> str:
    return "".join(word[0] for word in nickname.split()[:2]).upper() or "?"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
