"""The month as a grid, one day as a list, and the parts of both that keep themselves fresh."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_safe

from accounts.models import Membership, TikTokAccount
from accounts.permissions import Permission, may
from accounts.zones import shown_zone, zone_words
from calendar_app.access import team_page
from calendar_app.month import MONDAY_WEEK, Month, month_of, read_day, read_month
from calendar_app.pages.month_grid import (
    NEEDS_A_HAND,
    change_mark,
    month_weeks,
    posts_between,
    shown_posts,
    with_rows,
)
from publishing.models import Post
from publishing.states import State

UNDATED_DRAFTS_SHOWN = 8


@dataclass(frozen=True)
class Look:
    """What the address asks for: a month, or one day of it, of all accounts or of one."""

    membership: Membership
    month: Month
    day: date | None
    account_id: int | None
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return shown_zone(self.membership)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def address(self) -> dict[str, str]:
        shown = {"day": str(self.day)} if self.day else {"month": str(self.month)}
        return shown | self._account()

    def _account(self) -> dict[str, str]:
        return {"account": str(self.account_id)} if self.account_id else {}

    def plan_link(self) -> str:
        """To the posting screen; the date is to be added at its end."""
        return f"{reverse('compose')}?{urlencode(self._account() | {'date': ''})}"

    def link(self, **shown: object) -> str:
        """To another month or day; what is shown stands at its end."""
        query = urlencode(self._account() | {name: str(value) for name, value in shown.items()})
        return f"{reverse('calendar')}?{query}" if query else reverse("calendar")


@require_safe
@team_page(Permission.VIEW)
def calendar(request: HttpRequest) -> HttpResponse:
    look = _read(request)
    accounts = list(look.membership.team.tiktok_accounts.all())
    undated = Post.objects.filter(
        team=look.membership.team, state=State.DRAFT, due_at=None
    ).order_by("-updated_at")
    context = {
        **_part(look),
        "live_url": f"{reverse('calendar_tiles')}?{urlencode(look.address)}",
        "mark": _mark(look),
        "accounts": accounts,
        "account": next((a for a in accounts if a.pk == look.account_id), None),
        "undated": with_rows(undated)[: UNDATED_DRAFTS_SHOWN + 1],
        "undated_shown": UNDATED_DRAFTS_SHOWN,
        "is_new": not Post.objects.filter(team=look.membership.team).exists(),
        "zone_letters": zone_words(look.now.astimezone(look.zone)),
    }
    return render(request, "calendar/calendar.html", context)


@require_safe
@team_page(Permission.VIEW)
def calendar_tiles(request: HttpRequest) -> HttpResponse:
    """The grid or the list alone; 304 without looking at a single tile while nothing changed."""
    look = _read(request)
    etag = f'"{_mark(look)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = render(request, "calendar/_part.html", _part(look))
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _read(request: HttpRequest) -> Look:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    now = current_moment()
    today = now.astimezone(shown_zone(membership)).date()
    day = read_day(request.GET.get("day", ""))
    month = read_month(request.GET.get("month", "")) or month_of(day or today)
    asked = request.GET.get("account", "")
    mine = TikTokAccount.objects.filter(team=membership.team)
    is_mine = asked.isascii() and asked.isdigit() and mine.filter(pk=asked).exists()
    return Look(membership, month, day, int(asked) if is_mine else None, now)


def _posts(look: Look) -> Any:
    return shown_posts(look.membership.team, look.account_id)


def _mark(look: Look) -> str:
    if look.day:
        posts = posts_between(_posts(look), look.day, look.day, look.zone)
    else:
        weeks = look.month.weeks()
        posts = posts_between(_posts(look), weeks[0][0], weeks[-1][-1], look.zone)
    return change_mark(posts, look.address, look.zone, look.today, look.membership.role)


def _part(look: Look) -> dict[str, Any]:
    context = {
        "look": look,
        "may_plan": may(look.membership, Permission.PLAN),
        "needs_a_hand": NEEDS_A_HAND,
        "today_link": f"{look.link()}#day-{look.today}",
        "day_link": look.link(day=""),
        "plan_link": look.plan_link(),
    }
    return context | (_day_part(look, look.day) if look.day else _month_part(look))


def _month_part(look: Look) -> dict[str, Any]:
    return {
        "weekdays": MONDAY_WEEK,
        "weeks": month_weeks(_posts(look), look.month, look.zone, look.today),
        "title": f"{look.month.first:%B %Y}",
        "previous_link": look.link(month=look.month.previous),
        "next_link": look.link(month=look.month.next),
    }


def _day_part(look: Look, day: date) -> dict[str, Any]:
    one = timedelta(days=1)
    return {
        "posts": with_rows(posts_between(_posts(look), day, day, look.zone)),
        "title": f"{day:%A %-d %B %Y}",
        "is_past": day < look.today,
        "previous_link": look.link(day=day - one),
        "next_link": look.link(day=day + one),
        "month_link": look.link(month=month_of(day)),
    }
