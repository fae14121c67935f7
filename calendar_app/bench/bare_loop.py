"""The calls that one post makes to TikTok, from one process and with nothing around them."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from calendar_app.bench.lateness import video_info
from tiktok.client import (
    App,
    FileSource,
    check_upload_url,
    fetch_creator_info,
    fetch_status,
    init_video,
    plan_chunks,
    upload_chunk,
)

VIDEO_BYTES = 2_000_000
# As many as a deliveries worker has (DELIVERY_THREADS).
THREADS = 8
PAUSE_S = 0.05


class Step(StrEnum):
    """The lines of an attempt's journal, each written before the next call."""

    CLAIMED = "claimed"
    CREATOR_CHECKED = "creator_checked"
    INIT_INTENDED = "init_intended"
    INITIALISED = "initialised"
    BYTES_SENT = "bytes_sent"
    VERDICT = "verdict"


Write = Callable[[int, Step], None]


def write_nothing(post: int, step: Step) -> None:
    """Keeps no journal."""


def run(
    app: App, grants: Sequence[dict[str, Any]], file: Path, write: Write = write_nothing
) -> None:
    """One post for each grant, `write(number of the post, step)` at each line of its journal."""
    with ThreadPoolExecutor(THREADS) as pool:
        posted = pool.map(partial(_post, app, file, write), range(len(grants)), grants)
        list(posted)


def _post(app: App, path: Path, write: Write, number: int, grant: dict[str, Any]) -> None:
    token, plan = grant["access_token"], plan_chunks(VIDEO_BYTES, VIDEO_BYTES)
    write(number, Step.CLAIMED)
    fetch_creator_info(app, token)
    write(number, Step.CREATOR_CHECKED)
    write(number, Step.INIT_INTENDED)
    source = FileSource.from_plan(plan)
    begun = init_video(app, token, video_info(grant["username"]), source)
    url = check_upload_url(app, begun.upload_url or "")
    write(number, Step.INITIALISED)
    with path.open("rb") as file:
        upload_chunk(app, url, file, 0, VIDEO_BYTES - 1, VIDEO_BYTES, "video/mp4")
    write(number, Step.BYTES_SENT)
    while fetch_status(app, token, begun.publish_id).status != "PUBLISH_COMPLETE":
        time.sleep(PAUSE_S)
    write(number, Step.VERDICT)
