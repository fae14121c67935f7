"""Which posts stand on which day of the calendar, in a fixed number of queries."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate

from accounts.models import Team
from calendar_app.month import Month
from calendar_app.wall_time import day_end, day_start
from publishing.models import Post
from publishing.states import State

MAX_TILES_A_DAY = 4
NEEDS_A_HAND = frozenset({State.FAILED, State.UNCONFIRMED, State.NEEDS_ATTENTION})


@dataclass
class Day:
    """One cell: its first few posts by time, and how many more there are."""

    date: date
    is_today: bool
    is_past: bool
    is_in_month: bool
    posts: list[Post] = field(default_factory=list)
    more: int = 0


def shown_posts(team: Team, account_id: int | None) -> QuerySet[Post]:
    posts = Post.objects.filter(team=team)
    return posts.filter(account_id=account_id) if account_id else posts


def posts_between(posts: QuerySet[Post], first: date, last: date, zone: ZoneInfo) -> QuerySet[Post]:
    """The posts due on the days from `first` to `last` (both included) as `zone` counts days."""
    return posts.filter(due_at__gte=day_start(first, zone), due_at__lt=day_end(last, zone))


def month_weeks(
    posts: QuerySet[Post], month: Month, zone: ZoneInfo, today: date
) -> list[list[Day]]:
    """The weeks of the month with the posts to show; one query."""
    weeks = [
        [Day(day, day == today, day < today, day.month == month.number) for day in week]
        for week in month.weeks()
    ]
    days = {day.date: day for week in weeks for day in week}
    for post in _first_of_each_day(posts_between(posts, min(days), max(days), zone), zone):
        day = days[post.day]
        day.posts.append(post)
        day.more = post.on_day - len(day.posts)
    return weeks


def with_rows(posts: QuerySet[Post]) -> QuerySet[Post]:
    """The posts with what a tile or a line shows, without its tokens and long texts."""
    return posts.select_related("account", "media").only(
        "state",
        "kind",
        "title",
        "caption",
        "due_at",
        "mode",
        "note",
        "preflight_problems",
        "account__nickname",
        "account__username",
        "account__open_id",
        "account__avatar",
        "account__hue",
        "media__poster",
        "media__original_name",
    )


def change_mark(posts: QuerySet[Post], *more: object) -> str:
    """A short text that changes when any of the posts does, or anything of `more`; one query."""
    last = posts.order_by().aggregate(at=Max("updated_at"), count=Count("pk"))
    seen = "|".join(str(part) for part in (last["at"], last["count"], *more))
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def _first_of_each_day(posts: QuerySet[Post], zone: ZoneInfo) -> QuerySet[Any]:
    """Posts with their `day` and how many there are `on_day`."""
    day = TruncDate("due_at", tzinfo=zone)
    by_time = [F("due_at").asc(), F("id").asc()]
    return (
        with_rows(posts)
        .annotate(day=day)
        .annotate(
            rank=Window(RowNumber(), partition_by=[F("day")], order_by=by_time),
            on_day=Window(Count("id"), partition_by=[F("day")]),
        )
        .filter(rank__lte=MAX_TILES_A_DAY)
        .order_by("due_at", "id")
    )
