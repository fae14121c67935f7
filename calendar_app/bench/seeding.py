"""Fills an instance's database; a process of its own: `python -m calendar_app.bench.seeding`.

Reads an order as JSON from standard input:
`{"accounts": [{"username", "open_id", "access_token", …}], "posts": [{"username", "caption",
"due_in_s", "size_bytes", "mode"}], "password"}`; without `mode` a post is direct. Answers with
`{caption: due moment in epoch seconds}`. Accounts and videos that exist are used again, so that a
second order can add posts to them. With a password, EMAIL can sign in.

Planning thousands of posts takes minutes. They are planned for tomorrow then, and an order with
"begin_in_s" moves all of them so that the first is due that many seconds from now.
"""

import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402 - needs setup() first
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils.timezone import now as current_moment  # noqa: E402

from accounts.models import Membership, Role, Team, TikTokAccount, User  # noqa: E402
from accounts.tiktok_app import asked_scopes, tiktok_app  # noqa: E402
from calendar_app.bench.browser import EMAIL  # noqa: E402
from calendar_app.bench.videos import bench_name, make_video  # noqa: E402
from publishing.models import MediaAsset, MediaKind, Mode, Post  # noqa: E402
from publishing.plan import Plan  # noqa: E402
from publishing.preflight.moments import check_anew  # noqa: E402
from publishing.scheduling import schedule_post  # noqa: E402
from publishing.states import State  # noqa: E402
from tiktok.client import CreatorInfo, fetch_creator_info  # noqa: E402


def main() -> None:
    order = json.load(sys.stdin)
    if order.get("accounts"):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    if "begin_in_s" in order:
        due_at = begin(timedelta(seconds=order["begin_in_s"]))
    else:
        due_at = fill(order["accounts"], order["posts"], order.get("password"))
    json.dump({caption: moment.timestamp() for caption, moment in due_at.items()}, sys.stdout)


def fill(
    grants: list[dict[str, Any]], posts: list[dict[str, Any]], password: str | None
) -> dict[str, datetime]:
    """Connect an account for each grant, then plan the posts; each caption's due moment."""
    person = User.objects.filter(email=EMAIL).first() or make_person(password)
    team, is_new = Team.objects.get_or_create(name="Bench")
    if is_new:
        Membership.objects.create(team=team, user=person, role=Role.OWNER)
    for grant in grants:
        _connect(team, grant, current_moment())
    accounts = {one.username: one for one in TikTokAccount.objects.all()}
    names = {post["username"] for post in posts if _mode_of(post) == Mode.DIRECT}
    offers = {name: fetch_creator_info(tiktok_app(), accounts[name].access_token) for name in names}
    media = {size: _keep_media(team, size) for size in {post["size_bytes"] for post in posts}}
    with transaction.atomic():
        now = current_moment()
        return {
            post["caption"]: _plan(
                person, accounts[post["username"]], offers.get(post["username"]),
                media[post["size_bytes"]], post, now,
            )
            for post in posts
        }  # fmt: skip


def begin(wait: timedelta) -> dict[str, datetime]:
    """Moves every scheduled post by the same length; each caption's new moment."""
    posts = list(Post.objects.filter(state=State.SCHEDULED).order_by("due_at"))
    now = current_moment()
    moved = now + wait - (posts[0].due_at or now)
    due_at = {}
    for post in posts:
        due_at[post.caption] = post.due_at = post.next_action_at = (post.due_at or now) + moved
        for name, value in check_anew(post.due_at, now).items():
            setattr(post, name, value)
    columns = ["due_at", "next_action_at", *check_anew(now, now)]
    Post.objects.bulk_update(posts, columns, batch_size=500)
    return due_at


def make_person(password: str | None) -> User:
    person = User.objects.create_user(EMAIL, password)
    EmailAddress.objects.create(user=person, email=EMAIL, primary=True, verified=True)
    return person


def _connect(team: Team, grant: dict[str, Any], now: datetime) -> None:
    life_s = grant["expires_in"]
    account = TikTokAccount(
        team=team,
        open_id=grant["open_id"],
        username=grant["username"],
        nickname=grant["username"],
        scopes=list(asked_scopes()),
        # Bursts are measured, a gap would spread them.
        min_gap_min=0,
        refreshed_at=now,
        refresh_due_at=now + timedelta(seconds=life_s * 0.75),
        access_expires_at=now + timedelta(seconds=life_s),
        refresh_expires_at=now + timedelta(seconds=grant["refresh_expires_in"]),
    )
    account.access_token = grant["access_token"]
    account.refresh_token = grant["refresh_token"]
    account.save()


def _keep_media(team: Team, size_bytes: int) -> MediaAsset:
    name = bench_name(size_bytes)
    if kept := team.media.filter(original_name=name).first():
        return kept
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    return MediaAsset.objects.create(
        team=team,
        kind=MediaKind.VIDEO,
        file=name,
        original_name=name,
        content_type="video/mp4",
        size_bytes=size_bytes,
        sha256=make_video(settings.MEDIA_ROOT / name, size_bytes),
        width_px=720,
        height_px=1280,
        duration_ms=30_000,
        codec="h264",
        frame_rate=30.0,
    )


def _plan(
    person: User,
    account: TikTokAccount,
    offer: CreatorInfo | None,
    media: MediaAsset,
    post: dict[str, Any],
    now: datetime,
) -> datetime:
    due_at, mode = now + timedelta(seconds=post["due_in_s"]), _mode_of(post)
    plan = Plan(
        account=account,
        media=media,
        mode=mode,
        caption=post["caption"],
        privacy_level="PUBLIC_TO_EVERYONE" if mode == Mode.DIRECT else "",
        due_at=due_at,
    )
    schedule_post(account.team, person, plan, uuid4(), offer, now)
    return due_at


def _mode_of(post: dict[str, Any]) -> Mode:
    return Mode(post.get("mode", Mode.DIRECT))


if __name__ == "__main__":
    main()
