"""What every page's frame needs."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import AccountStatus, Membership
from accounts.permissions import Permission, may
from accounts.reach import accounts_within_reach
from accounts.teams import teams_of
from accounts.zones import shown_zone
from publishing.app_mode import UNAUDITED_CREATORS, creators_in_last_day, current_app_mode
from publishing.approvals import waiting_for
from publishing.noticeboard import unread_count
from publishing.pulse import beats, silent_since

THEMES = ("light", "dark")
THEME_COOKIE = "duecast_theme"
RAIL_COOKIE = "duecast_rail"
NEXT_THEME = {"": "light", "light": "dark", "dark": "auto"}

NAV_MAIN = (
    ("calendar", gettext_lazy("Calendar"), "calendar"),
    ("queue", gettext_lazy("Queue"), "list-ordered"),
    ("approvals", gettext_lazy("Approvals"), "hourglass"),
    ("library", gettext_lazy("Media"), "images"),
    ("accounts", gettext_lazy("Accounts"), "circle-user"),
    ("notices", gettext_lazy("Notices"), "bell"),
    ("activity", gettext_lazy("Activity"), "history"),
)
NAV_MORE = (
    ("team", gettext_lazy("Team"), "users"),
    ("outbox", gettext_lazy("Mail"), "mail"),
    ("operations", gettext_lazy("Operations"), "activity"),
    ("settings", gettext_lazy("Settings"), "settings"),
)
# Five entries and the button have room; the settings lead to team and accounts.
NAV_BOTTOM = (
    *(entry for entry in NAV_MAIN if entry[0] in {"calendar", "library"}),
    ("compose", gettext_lazy("New post"), "plus"),
    # Instead of the button, for people who approve and plan nothing.
    *(entry for entry in NAV_MAIN if entry[0] == "approvals"),
    *(entry for entry in reversed(NAV_MAIN) if entry[0] in {"accounts", "notices"}),
    NAV_MORE[-1],
)
# The key after "g" that goes to an entry; "m" of Mail is taken.
GO_KEYS = {
    "queue": "q",
    "approvals": "p",
    "activity": "y",
    "calendar": "c",
    "library": "m",
    "accounts": "a",
    "notices": "n",
    "team": "t",
    "outbox": "i",
    "operations": "o",
    "settings": "s",
}

MOST_UNREAD = 99


@dataclass(frozen=True)
class NavEntry:
    name: str
    word: str
    icon: str
    url: str
    is_current: bool

    @property
    def go_key(self) -> str:
        """ "" for an entry without one."""
        return GO_KEYS.get(self.name, "")


def shell(request: HttpRequest) -> dict[str, object]:
    return {
        "product_name": settings.PRODUCT_NAME,
        "product_icon_url": reverse("product_icon") if settings.PRODUCT_ICON else "",
        "operator_name": settings.OPERATOR_NAME,
        "contact_email": settings.CONTACT_EMAIL,
        "simulator_in_use": settings.SIMULATOR_IN_USE,
        "simulator_is_built_in": settings.SIMULATOR_IS_BUILT_IN,
        "app_mode": current_app_mode().value,
        "is_private_only": current_app_mode().is_private_only,
        # Asked only by a page that says it.
        "creators_used": partial(creators_in_last_day, timezone.now()),
        "creators_allowed": UNAUDITED_CREATORS,
        "has_outbox": not settings.EMAIL_URL,
        "sso_name": settings.OIDC_NAME if settings.OIDC_IS_ON else "",
        "now": timezone.now(),
        **_appearance(request),
        **_navigation(request),
    }


def _appearance(request: HttpRequest) -> dict[str, object]:
    theme = request.COOKIES.get(THEME_COOKIE, "")
    theme = theme if theme in THEMES else ""
    return {
        "theme": theme,
        "next_theme": NEXT_THEME[theme],
        "rail": "narrow" if request.COOKIES.get(RAIL_COOKIE) == "narrow" else "",
    }


def _navigation(request: HttpRequest) -> dict[str, object]:
    membership: Membership | None = getattr(request, "membership", None)
    if not membership:
        return {"membership": None, "shown_zone": ZoneInfo("UTC")}
    zone = shown_zone(membership)
    hidden = _hidden_from(membership)
    return {
        "membership": membership,
        "shown_zone": zone,
        "clock": timezone.now().astimezone(zone).strftime("%H:%M"),
        "nav_main": _entries(request, NAV_MAIN, hidden),
        "nav_more": _entries(request, NAV_MORE, hidden),
        "nav_bottom": _entries(request, NAV_BOTTOM, hidden | _no_room_for(hidden)),
        "lost_accounts": accounts_within_reach(membership)
        .filter(status=AccountStatus.RECONNECT_NEEDED)
        .only("nickname", "username", "open_id"),
        # Counted once for rail and bottom bar.
        "unread_notices": cache(partial(_unread_words, membership)),
        "approvals_waiting": cache(partial(_waiting_words, membership)),
        "may_connect": may(membership, Permission.CONNECT),
        "my_teams": cache(partial(teams_of, membership.user)),
        "may_run_site": "operations" not in hidden,
        # Asked only by a page with a frame.
        "silent_since": _silent_since,
        "new_post_url": "" if "compose" in hidden else _url("compose"),
    }


def _unread_words(membership: Membership) -> str:
    """ "3", or "" when everything is read."""
    count = unread_count(membership, MOST_UNREAD + 1)
    return f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count or "")


def _waiting_words(membership: Membership) -> str:
    """How many posts wait for this member's approval, as `_unread_words` says it."""
    count = waiting_for(membership)[: MOST_UNREAD + 1].count()
    return f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count or "")


def _silent_since() -> datetime | None:
    return silent_since(beats(), timezone.now(), settings.SCHEDULER_SILENT_S)


def _hidden_from(membership: Membership) -> set[str]:
    hidden = set()
    if not may(membership, Permission.PLAN):
        hidden.add("compose")
    if not (may(membership, Permission.PLAN) or may(membership, Permission.APPROVE)):
        hidden.add("approvals")
    if settings.EMAIL_URL or not may(membership, Permission.READ_OUTBOX):
        hidden.add("outbox")
    if not may(membership, Permission.RUN_SITE):
        hidden.add("operations")
    return hidden


def _no_room_for(hidden: set[str]) -> set[str]:
    """What the bottom bar leaves to the pages: it has five entries and the button."""
    return set() if "compose" in hidden else {"approvals"}


def _entries(
    request: HttpRequest, rows: tuple[tuple[str, str | Promise, str], ...], hidden: set[str]
) -> list[NavEntry]:
    return [
        NavEntry(name, str(word), icon, url, request.path.startswith(url))
        for name, word, icon in rows
        if name not in hidden and (url := _url(name))
    ]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
