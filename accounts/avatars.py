"""Fetching a creator's picture, small and made anew by us before anybody is shown it."""

import io
import logging
import time
from urllib.parse import urlsplit
from uuid import uuid4

import requests
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from accounts.models import TikTokAccount
from tiktok.app import API_URL, App

logger = logging.getLogger("duecast.accounts")

SIDE_PX = 96
MAX_BYTES = 2_000_000
MAX_SIDE_PX = 4096
TIMEOUTS_S = (5, 5)
DEADLINE_S = 10
CONTENT_TYPES = {"image/jpeg", "image/png", "image/webp"}
AUTHORIZE_PATH = "/v2/auth/authorize/"


class AvatarRefused(Exception):
    """Not a picture we take."""


def keep_avatar(app: App, account: TikTokAccount, url: str) -> bool:
    """Stores the picture behind TikTok's `url`. A failure is harmless: False."""
    if not url:
        return False
    try:
        picture = shrink(fetch_picture(app, url))
    except AvatarRefused as refusal:
        logger.info("An avatar was not taken: %s", refusal, extra={"account": account.pk})
        return False
    old_name = account.avatar.name
    account.avatar.save(f"{uuid4().hex}.webp", ContentFile(picture), save=False)
    TikTokAccount.objects.filter(pk=account.pk).update(avatar=account.avatar.name)
    if old_name:
        account.avatar.storage.delete(old_name)
    return True


def fetch_picture(app: App, url: str) -> bytes:
    """The bytes behind `url`, at most 2 MB. Raises AvatarRefused.

    Only https, or the simulator's own address; no redirect is followed.
    """
    address = _address(app, url)
    deadline_s = time.monotonic() + DEADLINE_S
    try:
        with requests.get(
            address, timeout=TIMEOUTS_S, allow_redirects=False, stream=True
        ) as response:
            if response.status_code != 200:
                raise AvatarRefused(f"HTTP {response.status_code}")
            if response.headers.get("Content-Type", "").split(";")[0] not in CONTENT_TYPES:
                raise AvatarRefused("not a JPEG, PNG or WebP picture")
            return _read(response, deadline_s)
    except (requests.RequestException, ValueError) as error:
        # The link carries its own signature, so only the kind of failure is told.
        raise AvatarRefused(type(error).__name__) from None


def shrink(picture: bytes) -> bytes:
    """A square WebP of 96 px, upright, without metadata. Raises AvatarRefused."""
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as image:
            # Known from the header, before a huge picture takes memory.
            if max(image.size) > MAX_SIDE_PX:
                raise AvatarRefused("too many pixels")
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise AvatarRefused(type(error).__name__) from None
    small = io.BytesIO()
    ImageOps.fit(upright, (SIDE_PX, SIDE_PX)).save(small, "WEBP", quality=85)
    return small.getvalue()


def _address(app: App, url: str) -> str:
    if app.api_url != API_URL:
        # The simulator names its pages as browsers see them, through our proxy. Asking our own
        # web server from one of its threads could wait for itself.
        front = app.authorize_url.removesuffix(AUTHORIZE_PATH)
        if url.startswith(f"{front}/"):
            return app.endpoint(url.removeprefix(front))
        if url.startswith(f"{app.api_url.rstrip('/')}/"):
            return url
    if urlsplit(url).scheme != "https":
        raise AvatarRefused("its link is not https")
    return url


def _read(response: requests.Response, deadline_s: float) -> bytes:
    body = bytearray()
    for block in response.iter_content(64 << 10):
        body += block
        if len(body) > MAX_BYTES:
            raise AvatarRefused("too many bytes")
        # The read timeout is per block: a trickling answer would never reach it.
        if time.monotonic() > deadline_s:
            raise AvatarRefused("too slow")
    return bytes(body)
