"""Which team a signed-in person is working in, and what they see where there is no page."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from allauth.usersessions.models import UserSession
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow

from accounts.models import Membership

SESSION_KEY = "team_id"
SEEN_KEY = "seen"
SEEN_EVERY_S = 3600
RETRY_AFTER_S = 30
log = logging.getLogger("duecast.web")


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership of the team chosen last, else of the one joined first."""
    if not request.user.is_authenticated:
        return None
    memberships = Membership.objects.filter(user=request.user).select_related("team", "user")
    team_id = request.session.get(SESSION_KEY)
    chosen = memberships.filter(team_id=team_id).first() if team_id else None
    return chosen or memberships.order_by("joined_at", "id").first()


class CurrentTeamMiddleware:
    """Sets `request.membership`, lazily: None for anonymous people and those without a team."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = SimpleLazyObject(lambda: current_membership(request))  # type: ignore[attr-defined]
        return self.get_response(request)


class SessionsMiddleware:
    """Keeps the list of where people are signed in, looked at an hour at most after it changed.

    allauth's own would write a row at every request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that asked for neither session nor person shall not do so because of this.
        if request.session.accessed and request.user.is_authenticated:
            _note_session(request, timezone.now().timestamp())
        return response


def _note_session(request: HttpRequest, now_s: float) -> None:
    session = request.session
    key, seen_s = session.get(SEEN_KEY, ("", 0))
    # Signing in, or another password, gives the session a new key.
    if session.session_key and (key != session.session_key or now_s - seen_s > SEEN_EVERY_S):
        UserSession.objects.create_from_request(request)
        session[SEEN_KEY] = [session.session_key, now_s]


class WrongMethodMiddleware:
    """A page in plain words where a browser opens an address that only takes a form, HTTP 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_refused = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        is_browser = "text/html" in request.headers.get("Accept", "")
        if is_refused and is_browser and request.method == "GET":
            response.content = render_to_string("405.html", request=request)
        return response


class ServerGoneMiddleware:
    """A page in plain words, HTTP 503, while the database or Redis does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | RedisGone | RedisSlow):
            return None
        log.error("%s: %s", request.path, error)
        # Without the request: what a page's frame shows comes from the database.
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
