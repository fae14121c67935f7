"""Pages for people: all creators, one creator's profile, and the way a draft is finished."""

import time
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from simulator.html import page
from simulator.records import Creator, Post
from simulator.wire import Request, Response, redirect

if TYPE_CHECKING:
    from simulator.app import Simulator

LEVEL_NAMES = {
    "PUBLIC_TO_EVERYONE": "Everyone",
    "MUTUAL_FOLLOW_FRIENDS": "Friends",
    "FOLLOWER_OF_CREATOR": "Followers",
    "SELF_ONLY": "Only me",
}


def index(sim: "Simulator", request: Request) -> Response:
    """GET /"""
    rows = "".join(_creator_row(sim, creator) for creator in list(sim.store.creators.values()))
    return page(sim, "Creators", f'<h1>Creators</h1><ul class="creators">{rows}</ul>')


def profile(sim: "Simulator", request: Request) -> Response:
    """GET /@username, also for the links to single posts."""
    creator = sim.store.creators.get(request.parameters["username"])
    if creator is None:
        return page(sim, "Not found", "<h1>No such creator</h1>", 404)
    posts = [p for p in reversed(sim.store.posts_in_order()) if p.creator == creator.username]
    post_id = request.parameters.get("post_id")
    if post_id:
        posts = [p for p in posts if post_id in map(str, p.post_ids)]
        if not posts:
            return page(sim, "Not found", "<h1>No such post</h1>", 404)
    return page(sim, f"@{creator.username}", _profile_body(sim, creator, posts))


def stylesheet(sim: "Simulator", request: Request) -> Response:
    """GET /simulator.css"""
    body = files("simulator").joinpath("simulator.css").read_bytes()
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(body=body, content_type="text/css; charset=utf-8", headers=headers)


def finish_draft(sim: "Simulator", request: Request) -> Response:
    """POST /drafts/<number>: the creator posts or discards a draft."""
    number = int(request.parameters["number"])
    post = next((p for p in sim.store.posts_in_order() if p.number == number), None)
    if post is None or post.draft_state != "waiting":
        return page(sim, "Not found", "<h1>This draft is finished already</h1>", 404)
    if request.form().get("action") == ["publish"]:
        sim.processing.publish_draft(post, times=1, level="PUBLIC_TO_EVERYONE")
    else:
        post.draft_state = "discarded"
        sim.store.save(post)
    return redirect(f"{sim.base_path}/@{post.creator}")


def _creator_row(sim: "Simulator", creator: Creator) -> str:
    own = [p for p in list(sim.store.posts.values()) if p.creator == creator.username]
    shown = sum(p.published_at is not None for p in own)
    drafts = sum(p.draft_state == "waiting" for p in own)
    name = escape(creator.username)
    counts = f"{shown} posted" + (f", {drafts} in the inbox" if drafts else "")
    return (
        f'<li><a href="{sim.base_path}/@{name}">{_avatar(sim, creator, 48)}'
        f"<span><strong>{escape(creator.nickname)}</strong> @{name}<br>"
        f"<small>{escape(counts)}{_traits(creator)}</small></span></a></li>"
    )


def _traits(creator: Creator) -> str:
    traits = {
        "private account": creator.is_private,
        "comments off": creator.comment_disabled,
        "duet off": creator.duet_disabled,
        "stitch off": creator.stitch_disabled,
        "banned from posting": creator.is_banned,
        f"videos up to {creator.max_video_post_duration_sec} s": True,
    }
    return "".join(f" · {name}" for name, holds in traits.items() if holds)


def _avatar(sim: "Simulator", creator: Creator, size_px: int) -> str:
    source = f"{sim.base_path}/avatars/{escape(creator.username)}.png"
    return f'<img class="avatar" src="{source}" width="{size_px}" height="{size_px}" alt="">'


def _profile_body(sim: "Simulator", creator: Creator, posts: list[Post]) -> str:
    head = (
        f'<section class="profile">{_avatar(sim, creator, 96)}'
        f"<div><h1>{escape(creator.nickname)}</h1><p>@{escape(creator.username)}"
        f"<small>{_traits(creator)}</small></p><p>{escape(creator.bio)}</p></div></section>"
    )
    drafts = [p for p in posts if p.draft_state == "waiting"]
    shown = [p for p in posts if p.published_at is not None]
    rest = [p for p in posts if p not in drafts and p not in shown and p.phase != "uploading"]
    return (
        head
        + _section("Inbox", "drafts", "".join(_draft(sim, p) for p in drafts))
        + _section(
            "Posts", "posts", "".join(_post(sim, p) for p in shown) or "<p>No posts yet.</p>"
        )
        + _section("Not published", "unpublished", "".join(_unpublished(p) for p in rest))
    )


def _section(title: str, name: str, body: str) -> str:
    return f'<section class="{name}"><h2>{title}</h2>{body}</section>' if body else ""


def _post(sim: "Simulator", post: Post) -> str:
    info = post.post_info
    caption = escape(str(info.get("title", "")))
    description = escape(str(info.get("description", "")))
    level = LEVEL_NAMES.get(str(info.get("privacy_level")), "Unknown")
    flags = "".join(f"<li>{escape(flag)}</li>" for flag in flags_of(post))
    ids = ", ".join(map(str, post.post_ids)) or "no public id"
    return (
        f'<article class="post" id="post-{post.number}">{_media(sim, post)}'
        f'<p class="caption">{caption}</p><p class="caption">{description}</p>'
        f'<ul class="flags"><li class="level">{level}</li>{flags}</ul>'
        f"<p><small>{_moment(post.published_at)} · {escape(ids)}</small></p></article>"
    )


def flags_of(post: Post) -> list[str]:
    """The labels and interactions of a post in words."""
    info = post.post_info
    flags = []
    if info.get("brand_content_toggle"):
        flags.append("Paid partnership")
    elif info.get("brand_organic_toggle"):
        flags.append("Promotional content")
    if info.get("is_aigc"):
        flags.append("Creator labeled as AI-generated")
    if not post.is_direct:
        return flags
    kinds = ["comment"] if post.media_type == "photo" else ["comment", "duet", "stitch"]
    for kind in kinds:
        state = "off" if info.get(f"disable_{kind}") else "on"
        flags.append(f"{kind.capitalize()} {state}")
    if info.get("auto_add_music"):
        flags.append("Music added")
    return flags


def _media(sim: "Simulator", post: Post) -> str:
    base = f"{sim.base_path}/media/{post.number}"
    if post.media_type == "video":
        return f'<video controls preload="metadata" src="{base}/video"></video>'
    first = post.cover_index
    order = [first, *(i for i in range(len(post.media)) if i != first)]
    images = "".join(
        f'<img src="{base}/photo-{i}" alt="Photo {i + 1}" loading="lazy">' for i in order
    )
    return f'<div class="photos">{images}</div>'


def _draft(sim: "Simulator", post: Post) -> str:
    return (
        f'<article class="post" id="post-{post.number}">{_media(sim, post)}'
        f'<p class="caption">{escape(str(post.post_info.get("title", "")))}</p>'
        "<p>A draft waits to be finished.</p>"
        f'<form method="post" action="{sim.base_path}/drafts/{post.number}">'
        '<button name="action" value="publish">Post to everyone</button> '
        '<button name="action" value="discard" class="quiet">Discard</button></form></article>'
    )


def _unpublished(post: Post) -> str:
    state = post.fail_reason or post.draft_state or post.status
    return f"<p>{_moment(post.init_at)} · {escape(post.media_type)} · {escape(state)}</p>"


def _moment(at: float | None) -> str:
    return time.strftime("%a %d %b %Y, %H:%M:%S UTC", time.gmtime(at or 0))
