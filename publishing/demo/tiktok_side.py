"""The demo's half of TikTok: its creators at the simulator, connected and really posted to.

Everything goes over HTTP, as a person in a browser or the engine would do it, so that profiles
on the simulator show what the calendar says.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore

from accounts.connecting import begin_connect, finish_connect
from accounts.models import Team, TikTokAccount, User
from accounts.refresh import Outcome, refresh_account
from accounts.tiktok_app import asked_scopes, tiktok_app
from publishing.demo.brand import CREATORS, DemoCreator
from publishing.inits import video_post_info
from publishing.models import MediaAsset, Mode
from publishing.plan import Plan
from tiktok.client import (
    App,
    ChunkPlan,
    FileSource,
    PublishStatus,
    fetch_status,
    init_inbox_video,
    init_video,
    upload_chunk,
)

TIMEOUT_S = 10
START_TIMEOUT_S = 30
VERDICT_TIMEOUT_S = 10
# Posts of three weeks arrive at the simulator within seconds: more than a creator's day allows.
DEMO_DAILY_CAP = 200
IN_A_HURRY = {
    "processing_s": 0,
    "moderation_s": 0,
    "rate_limits": {"video_init": 1000, "inbox_init": 1000, "status": 10_000},
}
# How long the one post "in processing" stays there.
LONG_PROCESSING_S = 1800
FINAL = frozenset({"PUBLISH_COMPLETE", "SEND_TO_USER_INBOX", "FAILED"})


class SimulatorMissing(Exception):
    """The simulator cannot be reached or started; the text says what to do."""


@dataclass(frozen=True)
class Delivery:
    """What TikTok said about one post that was really sent. `upload_url` is "" once unneeded."""

    publish_id: str
    init_log_id: str
    status: PublishStatus | None
    upload_url: str = ""
    bytes_confirmed: int = 0


@contextmanager
def simulator_at_hand() -> Iterator[None]:
    """The simulator answers while the block lasts; started here unless it runs already."""
    if _answers():
        yield
        return
    if not settings.SIMULATOR_IS_BUILT_IN:
        raise SimulatorMissing(f"No simulator answers at {settings.TIKTOK_API_URL}.")
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_simulator"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _await_answer(process)
        yield
    finally:
        process.terminate()
        process.wait(START_TIMEOUT_S)


def _answers() -> bool:
    try:
        return _session().get(f"{settings.TIKTOK_API_URL}/healthz", timeout=TIMEOUT_S).ok
    except requests.ConnectionError:
        return False


def _await_answer(process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while not _answers():
        if process.poll() is not None or time.monotonic() > deadline_s:
            raise SimulatorMissing(
                "The simulator did not start. Run ./duecast simulator to see why."
            )
        time.sleep(0.05)


def _session() -> requests.Session:
    session = requests.Session()
    # A proxy for the outside world has no business between us and our own simulator.
    session.trust_env = False
    return session


def _control(path: str, body: dict[str, Any] | None = None) -> Any:
    address = f"{settings.TIKTOK_API_URL}/control/{path}"
    method = "GET" if body is None else "POST"
    answer = _session().request(method, address, json=body, timeout=TIMEOUT_S)
    answer.raise_for_status()
    return answer.json()


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Processing takes no time and rate windows are wide, then all is as before."""
    before = _control("settings")
    _control("settings", IN_A_HURRY)
    try:
        yield
    finally:
        _control("settings", {name: before[name] for name in IN_A_HURRY})


def add_creators() -> None:
    for creator in CREATORS.values():
        _control("creators", asdict(creator) | {"daily_cap": DEMO_DAILY_CAP})


def process_slowly(creator: DemoCreator) -> None:
    """The creator's next post stays in processing for half an hour."""
    _control(
        "outcome",
        {"creator": creator.username, "next": 1, "processing_s": LONG_PROCESSING_S},
    )


def connect_creator(team: Team, person: User, creator: DemoCreator, now: datetime) -> TikTokAccount:
    """Walks through the consent page and back, as a person would."""
    app, session = tiktok_app(), SessionStore()
    redirect_uri = f"{settings.SITE_URL}/accounts/callback/"
    link = begin_connect(
        session, app, redirect_uri=redirect_uri, force_consent=True, team=team, now=now
    )
    answer = _session().post(
        f"{settings.TIKTOK_API_URL}/v2/auth/authorize/decide",
        data=[
            *parse_qsl(urlsplit(link).query),
            ("creator", creator.username),
            ("decision", "allow"),
            *(("granted", scope) for scope in asked_scopes()),
        ],
        allow_redirects=False,
        timeout=TIMEOUT_S,
    )
    query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    account = finish_connect(session, app, team, person, query, redirect_uri, now).account
    # The permission to read a username is not asked for; the posting screen would learn it.
    TikTokAccount.objects.filter(pk=account.pk).update(username=creator.username)
    account.refresh_from_db()
    return account


def deliver_whole(plan: Plan) -> Delivery:
    """Sends the video and waits for the verdict."""
    app = tiktok_app()
    begun = _init(app, plan, _one_part(plan.known_media))
    _send_part(app, begun.upload_url, plan.known_media, 0, plan.known_media.size_bytes - 1)
    status = _await_verdict(app, plan, begun.publish_id)
    return Delivery(begun.publish_id, begun.init_log_id, status)


def deliver_and_leave(plan: Plan) -> Delivery:
    """Sends the video; TikTok is still processing it."""
    app = tiktok_app()
    begun = _init(app, plan, _one_part(plan.known_media))
    _send_part(app, begun.upload_url, plan.known_media, 0, plan.known_media.size_bytes - 1)
    return begun


def deliver_one_part(plan: Plan, chunk_size_bytes: int) -> Delivery:
    """Begins the upload and stops after its first part."""
    app, size_bytes = tiktok_app(), plan.known_media.size_bytes
    parts = ChunkPlan(size_bytes, chunk_size_bytes, size_bytes // chunk_size_bytes)
    begun = _init(app, plan, parts)
    _send_part(app, begun.upload_url, plan.known_media, 0, chunk_size_bytes - 1)
    return Delivery(begun.publish_id, begun.init_log_id, None, begun.upload_url, chunk_size_bytes)


def free_rate_windows(accounts: Iterable[TikTokAccount], now: datetime) -> None:
    """New access tokens: TikTok counts calls per token, and the demo has used this minute up."""
    for account in accounts:
        TikTokAccount.objects.filter(pk=account.pk).update(refresh_due_at=now)
        if refresh_account(tiktok_app(), account, now) != Outcome.REFRESHED:
            raise SimulatorMissing(f"The simulator did not renew the tokens of {account}.")


def _one_part(media: MediaAsset) -> ChunkPlan:
    return ChunkPlan(media.size_bytes, media.size_bytes, 1)


def _init(app: App, plan: Plan, parts: ChunkPlan) -> Delivery:
    token, source = plan.known_account.access_token, FileSource.from_plan(parts)
    if plan.mode == Mode.INBOX:
        result = init_inbox_video(app, token, source)
    else:
        result = init_video(app, token, video_post_info(plan), source)
    return Delivery(result.publish_id, result.log_id, None, result.upload_url or "")


def _send_part(app: App, upload_url: str, media: MediaAsset, first: int, last: int) -> None:
    with Path(media.file.path).open("rb") as file:
        upload_chunk(app, upload_url, file, first, last, media.size_bytes, media.content_type)


def _await_verdict(app: App, plan: Plan, publish_id: str) -> PublishStatus:
    """The final status, with the public id when this audience gets one."""
    wants_id = plan.mode == Mode.DIRECT and plan.privacy_level == "PUBLIC_TO_EVERYONE"
    deadline_s = time.monotonic() + VERDICT_TIMEOUT_S
    while True:
        status = fetch_status(app, plan.known_account.access_token, publish_id)
        if status.status in FINAL and (status.public_post_ids or not wants_id):
            return status
        if time.monotonic() > deadline_s:
            raise SimulatorMissing(f"The simulator gave no verdict on {publish_id} in time.")
        time.sleep(0.01)
