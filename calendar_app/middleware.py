"""Which team a signed-in person is working in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership

SESSION_KEY = "team_id"


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
