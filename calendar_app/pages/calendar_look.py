"""What the address of a calendar page asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy

from accounts.models import Membership, TikTokAccount
from accounts.reach import accounts_within_reach
from accounts.zones import shown_zone
from calendar_app.calendar_filters import Filters, read_filters
from calendar_app.forms.people import zone_choices
from calendar_app.month import month_of, read_day, read_month, week_of
from calendar_app.week_start import week_start_of
from publishing.models import DayNote, Label, Post
from publishing.reach import posts_within_reach
from publishing.states import State

ZONE_COOKIE = "duecast_second_zone"
MONTH, WEEK, DAY, LIST = "month", "week", "day", "list"
# What the switch between views offers, in its order.
SWITCH = {
    MONTH: gettext_lazy("Month"),
    WEEK: gettext_lazy("Week"),
    LIST: gettext_lazy("List"),
}
UNDATED_DRAFTS_SHOWN = 12


@dataclass(frozen=True)
class Look:
    """A view at a date, with what is filtered and the second zone that is shown.

    What the view, its mark and its filters all need is asked for once.
    """

    membership: Membership
    view: str
    date: Date
    filters: Filters
    second_zone: ZoneInfo | None
    first_weekday: int
    now: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        return shown_zone(self.membership)

    @property
    def today(self) -> Date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def days(self) -> list[Date]:
        if self.view == MONTH:
            return [day for week in month_of(self.date).weeks(self.first_weekday) for day in week]
        return week_of(self.date, self.first_weekday) if self.view == WEEK else [self.date]

    def posts(self) -> QuerySet[Post]:
        return self.filters.apply(posts_within_reach(self.membership))

    @cached_property
    def undated(self) -> list[tuple[int, datetime]]:
        """Id and last change of the latest drafts without a date, and of one more."""
        drafts = self.posts().filter(state=State.DRAFT, due_at=None).order_by("-updated_at", "-pk")
        return list(drafts.values_list("pk", "updated_at")[: UNDATED_DRAFTS_SHOWN + 1])

    @cached_property
    def known_accounts(self) -> list[TikTokAccount]:
        """All that the member may see, without their tokens."""
        accounts = accounts_within_reach(self.membership)
        return list(
            accounts.only(
                "nickname",
                "username",
                "open_id",
                "hue",
                "avatar",
                "daily_cap",
                "cap_reached_until",
            )
        )

    @property
    def accounts(self) -> list[TikTokAccount]:
        """Those whose posts are shown."""
        wanted = self.filters.account_ids
        return [one for one in self.known_accounts if not wanted or one.pk in wanted]

    @cached_property
    def labels(self) -> list[Label]:
        return list(Label.objects.filter(team=self.membership.team_id))

    @cached_property
    def notes(self) -> list[DayNote]:
        first, last = self.days[0], self.days[-1]
        team = self.membership.team_id
        return list(DayNote.objects.filter(team=team, date__gte=first, date__lte=last))

    def place(self) -> list[tuple[str, str]]:
        """What stays in the address whatever is filtered."""
        return [("view", self.view), ("date", str(self.date)), *self.second()]

    @property
    def address(self) -> str:
        return self.link(self.view, self.date)

    def link(self, view: str, day: object, path: str = "calendar") -> str:
        """To another view or date; the date stands at its end, "" for one to be added."""
        query = [("view", view), *self.second(), *self.filters.address(), ("date", str(day))]
        return f"{reverse(path)}?{urlencode(query)}"

    def second(self) -> list[tuple[str, str]]:
        return [("zone", self.second_zone.key)] if self.second_zone else []

    def month_link(self, path: str) -> str:
        """To a page of the whole month."""
        query = [("month", str(month_of(self.date))), *self.filters.address()]
        return f"{reverse(path)}?{urlencode(query)}"

    def plan_link(self) -> str:
        """To the posting screen; the date is to be added at its end."""
        accounts = [("account", str(pk)) for pk in self.filters.account_ids]
        return f"{reverse('compose')}?{urlencode([*accounts, ('date', '')])}"


def view_links(
    shown: str, day: Date, filters: Filters, second: Sequence[tuple[str, str]] = ()
) -> list[tuple[str, str, str, bool]]:
    """The switch between the views: name, word, link and whether it is the one shown."""
    query = [*second, *filters.address(), ("date", str(day))]
    return [
        (
            view,
            str(word),
            f"{reverse('calendar')}?{urlencode([('view', view), *query])}",
            view == shown,
        )
        for view, word in SWITCH.items()
    ]


def read_look(request: HttpRequest, views: Sequence[str]) -> Look:
    """What cannot be read counts as not asked; `views` are those that there are, first the usual.

    `?month=2026-11` and `?day=2026-11-26` are links of old.
    """
    membership: Membership = request.membership  # type: ignore[attr-defined]
    query, now = request.GET, current_moment()
    today = now.astimezone(shown_zone(membership)).date()
    month, day = read_month(query.get("month", "")), read_day(query.get("day", ""))
    view = query.get("view", DAY if day else MONTH)
    asked = read_day(query.get("date", "")) or day
    if asked is None and month:
        asked = today if month_of(today) == month else month.first
    return Look(
        membership,
        view if view in views else views[0],
        asked or today,
        read_filters(query, membership),
        _second_zone(request, membership),
        week_start_of(request),
        now,
    )


def _second_zone(request: HttpRequest, membership: Membership) -> ZoneInfo | None:
    name = request.GET.get("zone", request.COOKIES.get(ZONE_COOKIE, ""))
    if name not in dict(zone_choices()) or name == shown_zone(membership).key:
        return None
    return ZoneInfo(name)
