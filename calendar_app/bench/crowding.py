"""Fills the post table and times what runs every few seconds; a process of its own.

`python -m calendar_app.bench.crowding` reads `{"sizes", "due_today", "due_now", "runs"}` from
standard input and answers with a JSON list, one entry for each size in order, of
`{"posts", "work": {name: {"p50_s", "queries"}}}`. The table only grows.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - needs setup() first
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils.timezone import now as current_moment  # noqa: E402

from accounts.models import Team, TikTokAccount, User  # noqa: E402
from calendar_app.percentiles import percentile  # noqa: E402
from publishing import claims  # noqa: E402
from publishing.leases import FREE, Lease  # noqa: E402
from publishing.models import MediaAsset, MediaKind, Post  # noqa: E402
from publishing.preflight import sweep  # noqa: E402
from publishing.preflight.moments import next_check_at  # noqa: E402
from publishing.states import State  # noqa: E402
from publishing.telling import tell_of_changes  # noqa: E402

LOOKAHEAD_S = 5.0
LEASE_S = 90.0
CAPTION = "A caption as long as people write them, with a few #hashtags #and #more"
# How each database writes an identifier that no other post has.
NEW_TOKEN = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


def main() -> None:
    order = json.load(sys.stdin)
    call_command("migrate", interactive=False, verbosity=0)
    moment = current_moment()
    template = _make_template(moment)
    _plan_today(template, order["due_today"], moment)
    due_now = _plan_today(template, order["due_now"], moment, lasts=timedelta(0))
    results = []
    for size in order["sizes"]:
        _fill_up(template, size)
        results.append({"posts": Post.objects.count(), "work": _time_all(moment, due_now, order)})
    json.dump(results, sys.stdout)


def _make_template(now: datetime) -> Post:
    team = Team.objects.create(name="Bench")
    person = User.objects.create_user("bench@example.com", None)
    account = TikTokAccount.objects.create(
        team=team,
        open_id="bench",
        username="bench",
        nickname="bench",
        refreshed_at=now,
        refresh_due_at=now + timedelta(days=1),
        access_expires_at=now + timedelta(days=1),
        refresh_expires_at=now + timedelta(days=365),
    )
    media = MediaAsset.objects.create(
        team=team,
        kind=MediaKind.VIDEO,
        file="bench.mp4",
        original_name="bench.mp4",
        content_type="video/mp4",
        size_bytes=1,
        sha256="0" * 64,
        width_px=720,
        height_px=1280,
    )
    return Post.objects.create(
        team=team,
        account=account,
        author=person,
        media=media,
        caption=CAPTION,
        privacy_level="PUBLIC_TO_EVERYONE",
        state=State.PUBLISHED,
        due_at=now - timedelta(days=30),
        init_at=now - timedelta(days=30),
        published_at=now - timedelta(days=30),
    )


def _plan_today(
    template: Post, count: int, now: datetime, lasts: timedelta = timedelta(hours=23)
) -> list[int]:
    """Scheduled posts from an hour ahead on, over `lasts`; with no length they are due now."""
    first_at = now + timedelta(hours=1) if lasts else now - timedelta(seconds=1)
    posts = []
    for number in range(count):
        at = first_at + lasts * number / count
        posts.append(
            Post(
                team_id=template.team_id,
                account_id=template.account_id,
                author_id=template.author_id,
                media_id=template.media_id,
                caption=CAPTION,
                privacy_level="PUBLIC_TO_EVERYONE",
                state=State.SCHEDULED,
                due_at=at,
                next_action_at=at,
                preflight_at=next_check_at(at, now),
            )
        )
    return [post.pk for post in Post.objects.bulk_create(posts, batch_size=1000)]


def _fill_up(template: Post, size: int) -> None:
    """Published posts up to `size`, copied by the database itself."""
    missing = size - Post.objects.count()
    if missing > 0:
        copy_post(template, missing)
    with connection.cursor() as cursor:
        # As PostgreSQL does by itself after a while.
        cursor.execute("ANALYZE publishing_post")


def copy_post(template: Post, count: int) -> None:
    """`count` more posts like this one, made by the database itself."""
    fields = [field for field in Post._meta.concrete_fields if not field.primary_key]
    names = [field.column or field.name for field in fields]
    values = [
        NEW_TOKEN[connection.vendor] if name == "form_token" else f"template.{name}"
        for name in names
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO publishing_post ({', '.join(names)}) "  # noqa: S608 - names of ours
            "WITH RECURSIVE series(number) AS "
            "(SELECT 1 UNION ALL SELECT number + 1 FROM series WHERE number < %s) "
            f"SELECT {', '.join(values)} FROM series, publishing_post AS template "
            "WHERE template.id = %s",
            [count, template.pk],
        )


def _time_all(now: datetime, due_now: list[int], order: dict[str, Any]) -> dict[str, Any]:
    runs = order["runs"]
    due = Post.objects.filter(pk__in=due_now)
    later, leased = now + timedelta(days=30), {**FREE, "next_action_at": now}
    due.update(next_action_at=later)
    times = {
        "Tick, nothing due": _time(runs, lambda: _tick(now)),
        "Sweep ahead, nothing to check": _time(runs, lambda: sweep.claim_next(now)),
        "News, nothing to tell": _time(runs, tell_of_changes),
    }
    times[f"Tick, {len(due_now)} due"] = _time(
        runs, lambda: _tick(now), before=lambda: due.update(**leased)
    )
    return times


def _tick(now: datetime) -> None:
    claims.tick(lambda: now, LOOKAHEAD_S, LEASE_S, _wake_nobody)


def _wake_nobody(lease: Lease, post: Post) -> None:
    """No worker runs."""


def _time(
    runs: int, work: Callable[[], object], before: Callable[[], object] = lambda: None
) -> dict[str, Any]:
    """The median of `runs` and the statements of one; `before` is not counted."""
    before()
    with CaptureQueriesContext(connection) as queries:
        work()
    times = []
    for _ in range(runs):
        before()
        began_s = time.perf_counter()
        work()
        times.append(time.perf_counter() - began_s)
    return {"p50_s": percentile(times, 0.5), "queries": len(queries)}


if __name__ == "__main__":
    main()
