"""Fills a month with posts, the table around it too, and counts what a page asks of the database.

A process of its own: `python -m calendar_app.bench.months` reads `{"in_month", "in_table",
"password", "pages": {name: path}}` from standard input, fills up to these numbers and answers with
`{"posts": how many there are, "queries": {name: statements}}`. EMAIL can sign in. The numbers may
only grow from one call to the next.
"""

import io
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "calendar_app.settings")
django.setup()

from django.core.files.base import ContentFile  # noqa: E402 - needs setup() first
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils.timezone import now as current_moment  # noqa: E402
from PIL import Image  # noqa: E402

from accounts.models import Membership, Role, Team, TikTokAccount, User  # noqa: E402
from calendar_app.bench.browser import EMAIL  # noqa: E402
from calendar_app.bench.crowding import copy_post  # noqa: E402
from calendar_app.bench.seeding import make_person  # noqa: E402
from calendar_app.month import month_of  # noqa: E402
from publishing.models import DayNote, Label, MediaAsset, MediaKind, Post  # noqa: E402
from publishing.states import State  # noqa: E402

ACCOUNTS, FILES, LABELS, NOTES = 8, 24, 6, 10
CAPTION = "A caption as long as people write them, with a few #hashtags #and #more, number {number}"
# The posts around the month stand on as many days, the last of them well before it.
OTHER_DAYS = 200
POSTER_PX = (144, 256)
TABLES = ("publishing_post", "publishing_post_labels")


def main() -> None:
    order = json.load(sys.stdin)
    now = current_moment()
    team = Team.objects.filter(name="Bench").first() or _make_team(order["password"], now)
    _fill_month(team, order["in_month"], now)
    _fill_table(team, order["in_table"], now)
    with connection.cursor() as cursor:
        for table in TABLES:
            # As PostgreSQL does by itself after a while.
            cursor.execute(f"ANALYZE {table}")
    json.dump({"posts": Post.objects.count(), "queries": _count(order["pages"])}, sys.stdout)


def _make_team(password: str, now: datetime) -> Team:
    team = Team.objects.create(name="Bench", timezone="Europe/Berlin")
    Membership.objects.create(team=team, user=make_person(password), role=Role.OWNER)
    for number in range(ACCOUNTS):
        _make_account(team, number, now)
    for number in range(FILES):
        _make_media(team, number)
    for number in range(LABELS):
        Label.objects.create(team=team, name=f"Campaign {number + 1}", hue=number * 2)
    first = month_of(now.date()).first
    for number in range(NOTES):
        DayNote.objects.create(
            team=team, date=first + timedelta(days=number * 3), text=f"Launch {number + 1}"
        )
    return team


def _make_account(team: Team, number: int, now: datetime) -> None:
    TikTokAccount.objects.create(
        team=team,
        open_id=f"bench-{number}",
        username=f"creator.{number}",
        nickname=f"Creator {number}",
        hue=number,
        refreshed_at=now,
        refresh_due_at=now + timedelta(days=1),
        access_expires_at=now + timedelta(days=1),
        refresh_expires_at=now + timedelta(days=365),
    )


def _make_media(team: Team, number: int) -> None:
    drawn = io.BytesIO()
    Image.effect_noise(POSTER_PX, 40).save(drawn, "JPEG")
    media = MediaAsset(
        team=team,
        kind=MediaKind.VIDEO,
        file=f"bench-{number}.mp4",
        original_name=f"bench-{number}.mp4",
        content_type="video/mp4",
        size_bytes=1,
        sha256=f"{number:064d}",
        width_px=720,
        height_px=1280,
    )
    media.poster.save(f"bench-{number}.jpg", ContentFile(drawn.getvalue()), save=False)
    media.save()


def _fill_month(team: Team, count: int, now: datetime) -> None:
    """Posts over the whole month, to `count`: past ones published, the others scheduled."""
    month = month_of(now.date())
    begins = datetime(month.year, month.number, 1, 8, tzinfo=UTC)
    lasts = timedelta(days=(month.next.first - month.first).days - 1)
    there = Post.objects.filter(team=team, due_at__gte=begins).count()
    accounts, files = list(team.tiktok_accounts.all()), list(team.media.all())
    posts = [
        _post(
            team,
            accounts[number % ACCOUNTS],
            files[number % FILES],
            CAPTION.format(number=number),
            begins + lasts * number / count,
            now,
        )
        for number in range(there, count)
    ]
    _label(team, Post.objects.bulk_create(posts, batch_size=500))


def _post(
    team: Team, account: TikTokAccount, media: MediaAsset, caption: str, at: datetime, now: datetime
) -> Post:
    is_past = at < now
    return Post(
        team=team,
        account=account,
        author=User.objects.get(email=EMAIL),
        media=media,
        caption=caption,
        privacy_level="PUBLIC_TO_EVERYONE",
        state=State.PUBLISHED if is_past else State.SCHEDULED,
        due_at=at,
        next_action_at=None if is_past else at,
        is_queued=not is_past,
        published_at=at if is_past else None,
    )


def _label(team: Team, posts: Sequence[Post]) -> None:
    labels = list(team.labels.all())
    through = Post.labels.through
    through.objects.bulk_create(
        [
            through(post_id=post.pk, label_id=labels[(number + more) % LABELS].pk)
            for number, post in enumerate(posts)
            for more in range(2)
        ],
        batch_size=500,
    )


def _fill_table(team: Team, size: int, now: datetime) -> None:
    """Published posts of earlier days, each with a label, up to `size` in the table."""
    missing = size - Post.objects.count()
    if missing <= 0:
        return
    account, media = team.tiktok_accounts.all()[0], team.media.all()[0]
    last = now - timedelta(days=90)
    for number in range(OTHER_DAYS):
        at = last - timedelta(days=number)
        template = _post(team, account, media, CAPTION.format(number=number), at, now)
        template.save()
        copy_post(template, missing // OTHER_DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO publishing_post_labels (post_id, label_id) "
            "SELECT id, %s FROM publishing_post WHERE due_at <= %s",
            [team.labels.all()[0].pk, last],
        )


def _count(pages: dict[str, str]) -> dict[str, int]:
    """The statements of one request each, in a session that is there already."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(
        User.objects.get(email=EMAIL), "allauth.account.auth_backends.AuthenticationBackend"
    )
    return {name: _statements(client, path) for name, path in pages.items()}


def _statements(client: Any, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} was answered with {answer.status_code}")
    return len(queries)


if __name__ == "__main__":
    main()
