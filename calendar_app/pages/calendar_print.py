"""A month on paper: every post of every day as a line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_safe

from accounts.models import Membership
from accounts.permissions import Permission
from accounts.zones import shown_zone, zone_words_on
from calendar_app.access import team_page
from calendar_app.calendar_filters import Filters, filter_form, read_filters
from calendar_app.month import Month, month_of, read_month
from calendar_app.wall_time import day_start
from calendar_app.week_start import week_start_of
from publishing.models import SHOWN_AT, DayNote
from publishing.reach import posts_within_reach

# A browser lays out no more of them in reasonable time.
MOST_POSTS = 5000


@dataclass(frozen=True)
class PrintedDay:
    date: date
    is_in_month: bool
    notes: list[DayNote]
    posts: list[Any]


@require_safe
@team_page(Permission.VIEW)
def calendar_print(request: HttpRequest) -> HttpResponse:
    member: Membership = request.membership  # type: ignore[attr-defined]
    now, zone = current_moment(), shown_zone(member)
    month = read_month(request.GET.get("month", "")) or month_of(now.astimezone(zone).date())
    filters = read_filters(request.GET, member)
    posts = _posts(member, month, filters, zone)
    days = month.weeks(week_start_of(request))
    weeks = _weeks(days, month, posts[:MOST_POSTS], _notes(member, month), zone)
    action = reverse("calendar_print")
    context = {
        "title": date_format(month.first, "F Y"),
        "weeks": weeks,
        "weekdays": [day.date for day in weeks[0]],
        "is_cut": len(posts) > MOST_POSTS,
        "most_posts": MOST_POSTS,
        "zone_letters": zone_words_on(month.first, zone),
        "previous_link": _link(month.previous, filters),
        "next_link": _link(month.next, filters),
        "back_link": f"{reverse('calendar')}?{urlencode([('month', month), *filters.address()])}",
        **filter_form(filters, member, action, [("month", str(month))]),
    }
    return render(request, "calendar/print.html", context)


def _link(month: Month, filters: Filters) -> str:
    query = urlencode([("month", month), *filters.address()])
    return f"{reverse('calendar_print')}?{query}"


def _posts(member: Membership, month: Month, filters: Filters, zone: ZoneInfo) -> list[Any]:
    """By time; one more than is printed when there are more."""
    begin, end = day_start(month.first, zone), day_start(month.next.first, zone)
    posts = filters.apply(posts_within_reach(member)).annotate(shown_at=SHOWN_AT)
    return list(
        posts.filter(shown_at__gte=begin, shown_at__lt=end)
        .select_related("account", "media")
        .prefetch_related("labels")
        .only(
            "state",
            "title",
            "caption",
            "account__nickname",
            "account__username",
            "account__open_id",
            "media__original_name",
        )
        .order_by("shown_at", "id")[: MOST_POSTS + 1]
    )


def _notes(member: Membership, month: Month) -> Iterable[DayNote]:
    first, end = month.first, month.next.first
    return DayNote.objects.filter(team=member.team_id, date__gte=first, date__lt=end)


def _weeks(
    days: list[list[date]],
    month: Month,
    posts: Iterable[Any],
    notes: Iterable[DayNote],
    zone: ZoneInfo,
) -> list[list[PrintedDay]]:
    posts_of, notes_of = defaultdict(list), defaultdict(list)
    for post in posts:
        posts_of[post.shown_at.astimezone(zone).date()].append(post)
    for note in notes:
        notes_of[note.date].append(note)
    return [
        [PrintedDay(day, month_of(day) == month, notes_of[day], posts_of[day]) for day in week]
        for week in days
    ]
