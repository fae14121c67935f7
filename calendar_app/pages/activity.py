"""The team's history: who did what, when, and what it was before; filtered and exported."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.activity import VERBS, Change, read_changes
from accounts.models import Activity, Membership
from accounts.permissions import Permission, may
from accounts.zones import shown_zone, zone_words
from calendar_app.access import team_page
from calendar_app.forms.activity import ActivityForm
from publishing.history import (
    every_row,
    find_activities,
    linked_posts,
    newer_than,
    older_than,
    place_of,
    read_place,
)

ROWS_PER_PAGE = 50
MOST_NEWS = 100
LEFT = gettext_lazy("Somebody who left")
GONE_ACCOUNT = gettext_lazy("a TikTok account that is gone")
HEADER = ["When", "Who", "What", "To what", "TikTok account", "Post", "Before", "After"]
# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PLAIN_TEXT = "'"


@dataclass(frozen=True)
class Line:
    """A row as a sentence: who, words, to what; `post_id` only where there is a page to go to."""

    row: Activity
    local: datetime
    post_id: int | None

    @property
    def day(self) -> date:
        return self.local.date()

    @property
    def clock(self) -> str:
        """ "18:30 CET" """
        return f"{self.local:%H:%M} {zone_words(self.local)}"

    @property
    def who(self) -> str:
        return self.row.actor_name or str(LEFT)

    @property
    def words(self) -> str:
        return str(VERBS.get(self.row.verb, self.row.verb))

    @property
    def is_about_account(self) -> bool:
        """Whether the account itself is what it was done to."""
        return bool(self.row.account_id) and not self.row.subject

    @property
    def account_words(self) -> str:
        if self.row.account:
            return str(self.row.account)
        return str(GONE_ACCOUNT) if self.row.account_id else ""

    @property
    def aside(self) -> str:
        """What fits into the sentence: the one value of a row that had none before."""
        return self.row.new if not self.row.old and "\n" not in self.row.new else ""

    @property
    def changes(self) -> list[Change]:
        return [] if self.aside else read_changes(self.row)


@require_safe
@team_page(Permission.VIEW)
def activity(request: HttpRequest) -> HttpResponse:
    member: Membership = request.membership  # type: ignore[attr-defined]
    zone = shown_zone(member)
    form = ActivityForm(request.GET, team=member.team, zone=zone)
    is_valid = form.is_valid()
    rows: list[Activity] = []
    if is_valid:
        found = find_activities(member, form.search())
        rows = list(older_than(found, form.cleaned_data["before"])[: ROWS_PER_PAGE + 1])
    shown, more = rows[:ROWS_PER_PAGE], rows[ROWS_PER_PAGE:]
    posts = linked_posts(member, shown)
    context = {
        "form": form,
        "lines": [_line(row, zone, posts) for row in shown],
        "older": _address(request, place_of(shown[-1])) if more else "",
        "is_later_page": bool(request.GET.get("before")),
        "newest": place_of(shown[0]) if shown else "",
        "filters": _address(request),
        "is_narrowed": any(request.GET.get(name) for name in form.fields if name != "before"),
        "may_export": may(member, Permission.EXPORT),
        "zone": zone,
    }
    return render(request, "activity/activity.html", context, status=200 if is_valid else 422)


@require_safe
@team_page(Permission.VIEW)
def activity_news(request: HttpRequest) -> HttpResponse:
    """How many rows the same filters find before the place `after`; 304 while that is the same."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    form = ActivityForm(request.GET, team=member.team, zone=shown_zone(member))
    after = request.GET.get("after", "")
    try:
        place = read_place(after) if after else None
    except ValueError:
        raise Http404 from None
    if not form.is_valid():
        raise Http404
    rows = newer_than(find_activities(member, form.search()), place)
    count = len(rows.values_list("pk", flat=True)[:MOST_NEWS])
    etag = f'"{count}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        context = {"count": count, "most": MOST_NEWS, "filters": _address(request)}
        response = render(request, "activity/_news.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@team_page(Permission.EXPORT)
def activity_export(request: HttpRequest) -> HttpResponseBase:
    """Everything that the page's filters find, as CSV."""
    member: Membership = request.membership  # type: ignore[attr-defined]
    zone = shown_zone(member)
    form = ActivityForm(request.GET, team=member.team, zone=zone)
    if not form.is_valid():
        context = {"form": form, "may_export": True, "zone": zone, "filters": _address(request)}
        return render(request, "activity/activity.html", context, status=422)
    rows = every_row(find_activities(member, form.search()))
    today = current_moment().astimezone(zone).date()
    return StreamingHttpResponse(
        _csv_lines(rows, zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="activity-{today}.csv"'},
    )


def _line(row: Activity, zone: ZoneInfo, posts: set[int]) -> Line:
    return Line(row, row.at.astimezone(zone), row.post_id if row.post_id in posts else None)


def _address(request: HttpRequest, before: object = "") -> str:
    """The page's query with the same filters, from the place `before` on."""
    query = request.GET.copy()
    query.pop("before", None)
    query.pop("after", None)
    kept = {name for name, value in query.items() if value}
    for name in set(query) - kept:
        del query[name]
    if before:
        query["before"] = str(before)
    return query.urlencode()


class _Echo:
    """What csv writes into gives the line back."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(rows: Iterator[Activity], zone: ZoneInfo) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Excel takes the file for UTF-8 by this mark alone.
    yield "\ufeff"
    yield writer.writerow(HEADER)
    for row in rows:
        yield writer.writerow([_safe_cell(cell) for cell in _cells(_line(row, zone, set()))])


def _cells(line: Line) -> list[str]:
    row = line.row
    return [
        line.local.isoformat(timespec="seconds"),
        line.who,
        line.words,
        row.subject,
        line.account_words,
        str(row.post_id or ""),
        row.old,
        row.new,
    ]


def _safe_cell(text: str) -> str:
    return f"{PLAIN_TEXT}{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text
