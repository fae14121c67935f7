"""The calendar as a list: one line per post, by day or sorted by another column."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.zones import shown_zone, zone_words_on
from calendar_app.access import team_page
from calendar_app.bulk_actions import ACTIONS
from calendar_app.calendar_filters import Filters, filter_form, read_filters
from calendar_app.forms.bulk import BulkForm
from calendar_app.month import month_of, read_day
from calendar_app.pages.calendar_look import LIST, view_links
from calendar_app.wall_time import day_end, day_start
from publishing.models import SHOWN_AT, Post
from publishing.reach import posts_within_reach
from publishing.states import State

TEMPLATE = "calendar/agenda.html"
DAYS_SHOWN = 28
LINES_PER_PAGE = 50
# How far an empty list looks for the nearest post; a text is looked for in each of them.
NEAR = timedelta(days=366)
NEAR_WITH_TEXT = timedelta(days=92)

HEADLINE = Coalesce(
    NullIf("title", Value("")), NullIf("caption", Value("")), "media__original_name", Value("")
)
WAY_OF_A_POST = Case(*(When(state=state, then=Value(place)) for place, state in enumerate(State)))
# What each column sorts by; posts alike in it stand by time.
ORDERS: dict[str, tuple[Any, Any]] = {
    "time": (gettext_lazy("Time"), SHOWN_AT),
    "account": (gettext_lazy("Account"), Lower("account__nickname")),
    "post": (gettext_lazy("Post"), Lower(HEADLINE)),
    "author": (
        gettext_lazy("Author"),
        Lower(Coalesce(NullIf("author__name", Value("")), "author__email")),
    ),
    "state": (gettext_lazy("State"), WAY_OF_A_POST),
}


@dataclass(frozen=True)
class Agenda:
    """What the address asks for; `sort` is a key of ORDERS, "-" before it turns the order."""

    member: Membership
    first: date
    filters: Filters
    sort: str
    page: int
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return shown_zone(self.member)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def last(self) -> date:
        return self.first + timedelta(days=DAYS_SHOWN - 1)

    @property
    def is_by_day(self) -> bool:
        return self.sort.removeprefix("-") == "time"

    def address(self) -> list[tuple[str, str]]:
        """The list as pairs of a query, without what goes without saying."""
        parts = {
            "date": str(self.first) if self.first != self.today else "",
            "sort": self.sort if self.sort != "time" else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return [pair for pair in parts.items() if pair[1]] + self.filters.address()

    @property
    def url(self) -> str:
        return list_url(self.address())

    @property
    def begin(self) -> datetime:
        return day_start(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return day_end(self.last, self.zone)

    def posts(self) -> QuerySet[Any]:
        """All that fit the filters, whenever, with `shown_at`."""
        reached = posts_within_reach(self.member).annotate(shown_at=SHOWN_AT)
        return self.filters.apply(reached)

    def posts_shown(self) -> QuerySet[Any]:
        """Those of these weeks, in the order asked for."""
        found = self.posts().filter(shown_at__gte=self.begin, shown_at__lt=self.end)
        is_turned = self.sort.startswith("-")
        if self.is_by_day:
            by_time = found.order_by("shown_at", "id")
            return by_time.reverse() if is_turned else by_time
        _, by = ORDERS[self.sort.removeprefix("-")]
        order = by.desc(nulls_last=True) if is_turned else by.asc(nulls_last=True)
        return found.order_by(order, "shown_at", "id")


@dataclass(frozen=True)
class Column:
    """One head of the list and the way to its order; `turned` is what a screen reader says."""

    name: str
    word: str
    url: str
    turned: str


@dataclass(frozen=True)
class Day:
    """The posts of one day; `date` is None when the list is not by day."""

    date: date | None
    posts: list[Post]


@require_safe
@team_page(Permission.VIEW)
def agenda(request: HttpRequest) -> HttpResponse:
    return render(request, *list_view(request))


def list_view(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """The list's template and what it shows."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    return TEMPLATE, list_context(read_list(request.GET, member, current_moment()))


def list_url(pairs: Sequence[tuple[str, str]]) -> str:
    return f"{reverse('agenda')}?{urlencode(pairs)}" if pairs else reverse("agenda")


def read_list(query: QueryDict, member: Membership, now: datetime) -> Agenda:
    """What cannot be read counts as not asked."""
    today = now.astimezone(shown_zone(member)).date()
    sort, page = query.get("sort", ""), query.get("page", "")
    return Agenda(
        member=member,
        first=read_day(query.get("date", "")) or today,
        filters=read_filters(query, member),
        sort=sort if sort.removeprefix("-") in ORDERS else "time",
        page=int(page) if page.isascii() and page.isdigit() and len(page) <= 9 else 1,
        now=now,
    )


def list_context(
    shown: Agenda,
    *,
    ticked: Collection[int] = (),
    refused: BulkForm | None = None,
) -> dict[str, Any]:
    """What calendar/agenda.html shows, in a fixed number of queries.

    `refused` is the form of an action that cannot be read, `ticked` the posts it was meant for.
    """
    page = Paginator(_with_lines(shown.posts_shown()), LINES_PER_PAGE).get_page(shown.page)
    shown = replace(shown, page=page.number)
    keeps = replace(shown, page=1, filters=Filters()).address()
    return {
        "shown": shown,
        "title": _title(shown),
        "page": page,
        "days": _days(shown, page),
        "columns": _columns(shown),
        "nearest": _nearest(shown) if not page.object_list else [],
        "zone_letters": zone_words_on(shown.first, shown.zone),
        "switch": view_links(LIST, shown.first, shown.filters),
        "print_link": _month_url(shown, "calendar_print"),
        **_bulk_bar(shown, ticked, refused),
        **_steps(shown),
        **filter_form(shown.filters, shown.member, list_url([]), keeps),
    }


def _with_lines(posts: QuerySet[Any]) -> QuerySet[Any]:
    """The posts with what a line shows, without its tokens."""
    found = posts.select_related("account", "media", "author").prefetch_related("labels")
    return found.only(
        "state",
        "title",
        "caption",
        "due_at",
        "published_at",
        "preflight_problems",
        "account__nickname",
        "account__username",
        "account__open_id",
        "account__avatar",
        "account__hue",
        "media__poster",
        "media__original_name",
        "author__name",
        "author__email",
    )


def _days(shown: Agenda, page: Page[Any]) -> list[Day]:
    if not shown.is_by_day:
        return [Day(None, list(page))]
    by_day = groupby(page, key=lambda post: post.shown_at.astimezone(shown.zone).date())
    return [Day(day, list(posts)) for day, posts in by_day]


def _columns(shown: Agenda) -> list[Column]:
    return [_column(shown, name, str(word)) for name, (word, _) in ORDERS.items()]


def _column(shown: Agenda, name: str, word: str) -> Column:
    turned = {name: "ascending", f"-{name}": "descending"}.get(shown.sort, "")
    leads_to = f"-{name}" if shown.sort == name else name
    return Column(name, word, replace(shown, sort=leads_to, page=1).url, turned)


def _month_url(shown: Agenda, name: str) -> str:
    query = [("month", str(month_of(shown.first))), *shown.filters.address()]
    return f"{reverse(name)}?{urlencode(query)}"


def _steps(shown: Agenda) -> dict[str, str]:
    """To the weeks before and after, and to the other pages of these weeks."""
    span = timedelta(days=DAYS_SHOWN)
    return {
        "previous_link": replace(shown, first=shown.first - span, page=1).url,
        "next_link": replace(shown, first=shown.first + span, page=1).url,
        "today_link": replace(shown, first=shown.today, page=1).url,
        "page_before_link": replace(shown, page=shown.page - 1).url,
        "page_after_link": replace(shown, page=shown.page + 1).url,
    }


def _bulk_bar(shown: Agenda, ticked: Collection[int], refused: BulkForm | None) -> dict[str, Any]:
    """The forms of what can be done to several posts; only for who may plan."""
    if not may(shown.member, Permission.PLAN):
        return {"may_plan": False}
    forms = {
        name: refused if type(refused) is action.form else action.form(member=shown.member)
        for name, action in ACTIONS.items()
    }
    return {
        "may_plan": True,
        "back": urlencode(shown.address()),
        "ticked": ticked,
        "refused_form": refused,
        "bulk_forms": forms,
        "bulk_buttons": {name: action for name, action in ACTIONS.items() if action.button},
    }


def _nearest(shown: Agenda) -> list[tuple[str, datetime, str]]:
    """Where an empty list goes on: the nearest post before and the one after."""
    posts, begin, end = shown.posts(), shown.begin, shown.end
    near = NEAR_WITH_TEXT if shown.filters.text else NEAR
    before = posts.filter(shown_at__lt=begin, shown_at__gte=begin - near)
    after = posts.filter(shown_at__gte=end, shown_at__lt=end + near)
    found = [
        (gettext("Earlier"), before.order_by("-shown_at", "-id").first()),
        (gettext("Later"), after.order_by("shown_at", "id").first()),
    ]
    return [
        (word, post.shown_at, replace(shown, first=_day_of(post, shown), page=1).url)
        for word, post in found
        if post
    ]


def _day_of(post: Any, shown: Agenda) -> date:
    day: date = post.shown_at.astimezone(shown.zone).date()
    return day


def _title(shown: Agenda) -> str:
    first, last = shown.first, shown.last
    start = date_format(first, "j M" if first.year == last.year else "j M Y")
    return f"{start} – {date_format(last, 'j M Y')}"
