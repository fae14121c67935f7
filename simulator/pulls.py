"""PULL_FROM_URL (contract 10): ownership by prefix, real HTTP, no redirects."""

import io
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from PIL import Image, UnidentifiedImageError

from simulator.records import Post
from simulator.wire import Refusal, Request

if TYPE_CHECKING:
    from simulator.app import Simulator

PULL_TIMEOUT_S = 20
MAX_PHOTO_BYTES = 20 * 1_048_576
MAX_VIDEO_BYTES = 4096 * 1_048_576
# The careful reading of "maximum 1080p": a 1254 x 1254 photo was refused.
MAX_SHORT_PX, MAX_LONG_PX = 1080, 1920
PART_BYTES = 1 << 18
VIDEO_TYPES = {"video/mp4", "video/quicktime", "video/webm"}


class PullFailed(Exception):
    """A pull that ends the post with this `fail_reason`."""


def check_ownership(sim: "Simulator", request: Request, urls: list[str]) -> None:
    """403 unless every URL lies under a verified prefix."""
    if not all(_is_owned(url, sim.options.verified_prefixes) for url in urls):
        sim.violate(request, "url_not_owned", "a media URL is under no verified prefix")
        raise Refusal("url_ownership_unverified", "Please review our URL ownership rules.")


def pull(sim: "Simulator", post: Post) -> None:
    """Fetch a post's media and hand the post on; runs in a thread of its own."""
    creator = sim.store.creators[post.creator]
    delay_s = sim.outcome("download_delay_s", creator, post.outcome)
    try:
        _wait(post, delay_s)
        post.media, post.downloaded_bytes = [], 0
        for index, url in enumerate(post.urls):
            name = "video" if post.media_type == "video" else f"photo-{index}"
            post.media.append({"name": name, "content_type": _fetch(sim, post, url, name)})
    except PullFailed as failure:
        sim.processing.fail(post, str(failure))
    else:
        sim.processing.bytes_complete(post, time.time())


def start(sim: "Simulator", post: Post) -> None:
    threading.Thread(target=pull, args=(sim, post), daemon=True).start()


def _is_owned(url: str, prefixes: list[str]) -> bool:
    parts = urlsplit(url)
    if parts.username or "/../" in parts.path + "/" or "/%2e" in parts.path.lower():
        return False
    return any(url.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)


def _wait(post: Post, delay_s: float) -> None:
    ends = time.monotonic() + delay_s
    while time.monotonic() < ends:
        _stop_if_cancelled(post)
        time.sleep(min(0.05, delay_s))


def _stop_if_cancelled(post: Post) -> None:
    if post.cancel_asked:
        raise PullFailed("publish_cancelled")


def _fetch(sim: "Simulator", post: Post, url: str, name: str) -> str:
    """One file to disk; gives its content type. Raises PullFailed."""
    is_video = post.media_type == "video"
    failure = "video_pull_failed" if is_video else "photo_pull_failed"
    limit = MAX_VIDEO_BYTES if is_video else MAX_PHOTO_BYTES
    session = requests.Session()
    session.trust_env = False
    url, headers = _way_to(sim, url)
    try:
        with session.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=PULL_TIMEOUT_S
        ) as answer:
            if answer.status_code != 200:
                raise PullFailed(failure)
            _save(sim, post, answer, name, limit)
    except requests.RequestException:
        raise PullFailed(failure) from None
    path = sim.store.media_path(post, name)
    if is_video:
        with path.open("rb") as file:
            post.head = file.read(64).hex()
        told = answer.headers.get("Content-Type", "").partition(";")[0]
        # It is served again on our own pages, so nothing but a video type is taken over.
        return told if told in VIDEO_TYPES else "video/mp4"
    return check_photo(path.read_bytes())


def _way_to(sim: "Simulator", url: str) -> tuple[str, dict[str, str]]:
    """Where to connect for a URL; its host is told in the headers, as a proxy would."""
    if not sim.options.fetch_from:
        return url, {}
    parts = urlsplit(url)
    there = urlsplit(sim.options.fetch_from)
    return parts._replace(scheme=there.scheme, netloc=there.netloc).geturl(), {"Host": parts.netloc}


def _save(sim: "Simulator", post: Post, answer: requests.Response, name: str, limit: int) -> None:
    path = sim.store.media_path(post, name)
    path.parent.mkdir(exist_ok=True)
    size = 0
    with path.open("wb") as file:
        for part in answer.iter_content(PART_BYTES):
            _stop_if_cancelled(post)
            size += len(part)
            if size > limit:
                raise PullFailed("file_format_check_failed")
            file.write(part)
            post.downloaded_bytes += len(part)
    expected = answer.headers.get("Content-Length")
    if expected and not answer.headers.get("Content-Encoding") and int(expected) != size:
        raise PullFailed("video_pull_failed" if name == "video" else "photo_pull_failed")


def check_photo(data: bytes) -> str:
    """The content type of a JPEG or WebP of legal size. Raises PullFailed."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            kind, size = image.format, image.size
    except (UnidentifiedImageError, OSError):
        raise PullFailed("file_format_check_failed") from None
    if kind not in ("JPEG", "WEBP"):
        raise PullFailed("file_format_check_failed")
    if min(size) > MAX_SHORT_PX or max(size) > MAX_LONG_PX:
        raise PullFailed("picture_size_check_failed")
    return f"image/{kind.lower()}"
