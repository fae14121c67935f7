"""The month, the week and the day, and the part of each that keeps itself fresh."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, may
from accounts.zones import zone_words
from calendar_app.access import team_page
from calendar_app.calendar_filters import filter_form
from calendar_app.day_axis import axis_of
from calendar_app.forms.people import zone_choices
from calendar_app.month import month_of, weekday_words
from calendar_app.pages.agenda import list_view
from calendar_app.pages.appearance import YEAR_S
from calendar_app.pages.calendar_look import (
    DAY,
    LIST,
    MONTH,
    UNDATED_DRAFTS_SHOWN,
    WEEK,
    ZONE_COOKIE,
    Look,
    read_look,
    view_links,
)
from calendar_app.pages.cap_line import CapLedger
from calendar_app.pages.month_grid import (
    change_mark,
    days_of,
    fill_in_caps,
    fill_in_notes,
    fill_in_tiles,
    posts_between,
)
from calendar_app.pages.tiles import tiles_of
from calendar_app.pages.week_grid import down, fill_in_shifts, hour_lines, week_columns
from calendar_app.wall_time import day_end, day_start
from calendar_app.week_start import CHOICES as WEEK_STARTS
from calendar_app.week_start import COOKIE as WEEK_COOKIE
from publishing.reach import posts_within_reach

ONE_DAY = timedelta(days=1)
WEEK_LONG = timedelta(days=7)
# Of each view: what its steps are, the one back and the one on.
STEP_WORDS = {
    MONTH: (gettext_lazy("Months"), gettext_lazy("Previous month"), gettext_lazy("Next month")),
    WEEK: (gettext_lazy("Weeks"), gettext_lazy("Previous week"), gettext_lazy("Next week")),
    DAY: (gettext_lazy("Days"), gettext_lazy("Previous day"), gettext_lazy("Next day")),
}
Context = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    title: str
    previous_date: date
    next_date: date


@dataclass(frozen=True)
class Grid:
    """A view that keeps itself fresh: its template, what it shows, and what stands around it: a
    title and the dates of its neighbours."""

    template: str
    part: Callable[[Look], Context]
    frame: Callable[[Look], Frame]


@require_safe
@team_page(Permission.VIEW)
def calendar(request: HttpRequest) -> HttpResponse:
    show = VIEWS.get(request.GET.get("view", ""), grid_view)
    return render(request, *show(request))


def grid_view(request: HttpRequest) -> tuple[str, Context]:
    look = read_look(request, list(GRIDS))
    mark = _mark(look)
    return "calendar/calendar.html", {
        **_around(look),
        "part": _part(look, mark),
        **filter_form(
            look.filters,
            look.membership,
            reverse("calendar"),
            look.place(),
            accounts=look.known_accounts,
            labels=look.labels,
        ),
        "live_url": look.link(look.view, look.date, "calendar_tiles"),
        "mark": mark,
        "accounts": look.known_accounts,
        "is_new": not posts_within_reach(look.membership).exists(),
        "choices_link": look.link(look.view, look.date, "calendar_choices"),
    }


@require_safe
@team_page(Permission.VIEW)
def calendar_tiles(request: HttpRequest) -> HttpResponse:
    """The view alone; 304 without looking at a single tile while nothing changed."""
    look = read_look(request, list(GRIDS))
    mark = _mark(look)
    etag = f'"{mark}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(_part(look, mark))
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def calendar_choices(request: HttpRequest) -> HttpResponse:
    """A person's second zone and first day of the week; afterwards the same view again."""
    look = read_look(request, list(GRIDS))
    if request.method == "POST":
        return _choose(request, look)
    context = {
        "look": look,
        "zones": zone_choices(),
        "week_starts": [(name, day, WEEKDAYS[day]) for name, day in WEEK_STARTS.items()],
        "choices_link": look.link(look.view, look.date, "calendar_choices"),
    }
    return render(request, "calendar/choices.html", context)


def _choose(request: HttpRequest, look: Look) -> HttpResponse:
    zone, start = request.POST.get("zone", ""), request.POST.get("week_start", "")
    known = zone if zone in dict(zone_choices()) else ""
    second_zone = ZoneInfo(known) if known else None
    shown = replace(look, second_zone=second_zone)
    response = redirect(shown.link(look.view, look.date))
    _keep(request, response, ZONE_COOKIE, known)
    if start in WEEK_STARTS:
        _keep(request, response, WEEK_COOKIE, start)
    return response


def _keep(request: HttpRequest, response: HttpResponse, cookie: str, value: str) -> None:
    response.set_cookie(cookie, value, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())


def _part(look: Look, mark: str) -> SafeString:
    """The view's HTML; drawn anew only when something that it shows is another."""
    key = f"{look.membership.team_id}:{mark}"
    kept: SafeString | None = caches["calendars"].get(key)
    if kept is None:
        kept = render_to_string("calendar/_part.html", _inside(look))
        caches["calendars"].set(key, kept)
    return kept


def _inside(look: Look) -> Context:
    grid = GRIDS[look.view]
    return {
        "look": look,
        "shown_zone": look.zone,
        "title": grid.frame(look).title,
        "template": grid.template,
        "may_plan": may(look.membership, Permission.PLAN),
        "day_link": look.link(DAY, ""),
        "plan_link": look.plan_link(),
        **grid.part(look),
    }


def _around(look: Look) -> Context:
    frame = GRIDS[look.view].frame(look)
    letters = _letters(look.date, look)
    return {
        "look": look,
        "title": frame.title,
        "may_plan": may(look.membership, Permission.PLAN),
        "zone_letters": letters[0],
        "second_letters": letters[-1] if look.second_zone else "",
        "switch": view_links(look.view, look.date, look.filters, look.second()),
        "print_link": look.month_link("calendar_print"),
        "step_words": STEP_WORDS[look.view],
        "today_link": look.link(look.view, look.today),
        "previous_link": look.link(look.view, frame.previous_date),
        "next_link": look.link(look.view, frame.next_date),
        "plan_link": look.plan_link(),
    }


def _month_frame(look: Look) -> Frame:
    month = month_of(look.date)
    return Frame(date_format(month.first, "F Y"), month.previous.first, month.next.first)


def _month_part(look: Look) -> Context:
    month = month_of(look.date)
    days = days_of(look.days, look.today)
    ledger = _ledger(look)
    fill_in_notes(days, look.notes)
    fill_in_caps(days, ledger)
    fill_in_tiles(days, look.posts(), look.zone, ledger)
    for day in days.values():
        day.is_outside = month_of(day.date) != month
    cells = list(days.values())
    return {
        "weekdays": weekday_words(look.first_weekday),
        "weeks": [cells[first : first + 7] for first in range(0, len(cells), 7)],
        **_undated_part(look, ledger),
    }


def _week_frame(look: Look) -> Frame:
    dates = look.days
    return Frame(_span_words(dates[0], dates[-1]), look.date - WEEK_LONG, look.date + WEEK_LONG)


def _letters(day: date, look: Look) -> list[str]:
    """What both zones are called at noon of that day, the same moment for both."""
    noon = datetime.combine(day, time(12), tzinfo=look.zone)
    zones = [zone for zone in (look.zone, look.second_zone) if zone]
    return [zone_words(noon.astimezone(zone)) for zone in zones]


def _week_part(look: Look) -> Context:
    dates = look.days
    days = days_of(dates, look.today)
    axis = axis_of(dates, look.zone)
    ledger = _ledger(look)
    fill_in_notes(days, look.notes)
    fill_in_caps(days, ledger)
    columns = week_columns(days, look.posts(), axis, ledger, look.now)
    fill_in_shifts(columns, look.zone, look.second_zone)
    return {
        "columns": columns,
        "hours": hour_lines(axis, dates[0], look.second_zone),
        "week_letters": _letters(dates[0], look),
        "axis": ",".join(str(slot) for slot in axis.slots),
        "length": down(axis.length_min),
        **_undated_part(look, ledger),
    }


def _day_frame(look: Look) -> Frame:
    return Frame(date_format(look.date, "l j F Y"), look.date - ONE_DAY, look.date + ONE_DAY)


def _day_part(look: Look) -> Context:
    standing = posts_between(look.posts(), look.date, look.date, look.zone)
    ids = list(standing.values_list("pk", flat=True))
    tiles = tiles_of(ids, _ledger(look))
    return {
        "tiles": [tiles[pk] for pk in ids],
        "is_past": look.date < look.today,
        "notes": look.notes,
    }


GRIDS: dict[str, Grid] = {
    MONTH: Grid("calendar/_month.html", _month_part, _month_frame),
    WEEK: Grid("calendar/_week.html", _week_part, _week_frame),
    DAY: Grid("calendar/_day.html", _day_part, _day_frame),
}
# `?view=…` → the page's template and context.
VIEWS: dict[str, Callable[[HttpRequest], tuple[str, Context]]] = {
    **dict.fromkeys(GRIDS, grid_view),
    LIST: list_view,
}


def _undated_part(look: Look, ledger: CapLedger) -> Context:
    shown = [pk for pk, _ in look.undated[:UNDATED_DRAFTS_SHOWN]]
    tiles = tiles_of(shown, ledger) if shown else {}
    return {
        "undated": [tiles[pk] for pk in shown],
        "has_more_undated": len(look.undated) > len(shown),
    }


def _ledger(look: Look) -> CapLedger:
    edges = [day_start(day, look.zone) for day in look.days]
    return CapLedger(look.accounts, [*edges, day_end(look.days[-1], look.zone)])


def _mark(look: Look) -> str:
    """Changes with everything that the view shows; a day earlier counts for the caps. Whoever
    labels a post changes its `updated_at`."""
    posts = posts_between(look.posts(), look.days[0] - ONE_DAY, look.days[-1], look.zone)
    return change_mark(
        posts,
        get_language(),
        look.address,
        look.zone,
        look.today,
        look.membership.role,
        look.first_weekday,
        look.undated,
        [(label.pk, label.name, label.hue) for label in look.labels],
        [(note.pk, note.date, note.kind, note.text) for note in look.notes],
        [
            (
                account.pk,
                str(account),
                account.hue,
                account.avatar.name,
                account.daily_cap,
                account.cap_reached_until,
            )
            for account in look.accounts
        ],
    )


def _span_words(first: date, last: date) -> str:
    """From day to day, with the month and the year of the first where they are others."""
    if first.year != last.year:
        start = date_format(first, "j F Y")
    elif first.month != last.month:
        start = date_format(first, "j F")
    else:
        start = f"{first.day}"
    return f"{start} – {date_format(last, 'j F Y')}"
