"""Where a person is signed in, and ending that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

# The first that fits: Edge says Chrome too, and Chrome says Safari.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": gettext_lazy("an iPhone"),
    "iPad": gettext_lazy("an iPad"),
    "Windows": "Windows",
    "Mac OS X": gettext_lazy("a Mac"),
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class Row:
    session: UserSession
    words: str
    is_current: bool


@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    found = UserSession.objects.purge_and_list(request.user)
    found.sort(key=lambda one: one.last_seen_at, reverse=True)
    rows = [Row(one, browser_words(one.user_agent), _is_current(request, one)) for one in found]
    rows.sort(key=lambda row: not row.is_current)
    return render(request, "settings/sessions.html", {"rows": rows})


@require_POST
@login_required
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    mine = UserSession.objects.filter(user=request.user.pk)
    session = get_object_or_404(mine, pk=pk)
    is_current = _is_current(request, session)
    session.end()
    if is_current:
        logout(request)
        return redirect("home")
    messages.success(request, gettext("Signed out there."))
    return redirect("sessions")


@require_POST
@login_required
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    others = UserSession.objects.filter(user=request.user.pk)
    for session in others.exclude(session_key=request.session.session_key):
        session.end()
    messages.success(request, gettext("Signed out everywhere else."))
    return redirect("sessions")


def browser_words(user_agent: str) -> str:
    """ "Firefox on Windows", as far as the browser says so."""
    browser = _first(BROWSERS, user_agent, gettext("A browser"))
    system = _first(SYSTEMS, user_agent, "")
    if not system:
        return browser
    return gettext("{browser} on {system}").format(browser=browser, system=system)


def _first(names: Mapping[str, object], text: str, otherwise: str) -> str:
    return next((str(word) for mark, word in names.items() if re.search(mark, text)), otherwise)


def _is_current(request: HttpRequest, session: UserSession) -> bool:
    return bool(session.session_key == request.session.session_key)
