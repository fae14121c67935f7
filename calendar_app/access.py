"""Who may see a page, and whose objects it may show."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import Membership
from accounts.permissions import Permission, may

View = Callable[..., HttpResponseBase]
Found = TypeVar("Found", bound=Model)

NO_TEAM = "You are not in a team yet. Ask an owner of your team for an invitation."
ROLE_TOO_SMALL = {
    Permission.VIEW: "You are not a member of this team.",
    Permission.PLAN: "Viewers can look at posts. Ask an owner to make you an editor to plan them.",
    Permission.CONNECT: "Viewers cannot connect or disconnect TikTok accounts. Ask an editor.",
    Permission.MANAGE_TEAM: "Only an owner can change who is in the team.",
    Permission.DELETE_DATA: "Only an owner can delete this.",
    Permission.READ_OUTBOX: "Only an owner can read the mail kept here.",
    Permission.RUN_SITE: "This is for owners of the team that runs this site.",
}


def team_page(permission: Permission) -> Callable[[View], View]:
    """A page of the current team: sign-in first, then 403 without team or permission."""

    def decorate(view: View) -> View:
        @_sign_in_first
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.membership:  # type: ignore[attr-defined]
                raise PermissionDenied(NO_TEAM)
            demand(request.membership, permission)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _sign_in_first(view: View) -> View:
    guarded: View = login_required(view)

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # The sign-in page must not land inside a fragment: load the whole page again.
        if request.htmx and not request.user.is_authenticated:  # type: ignore[attr-defined]
            return HttpResponseClientRefresh()
        return guarded(request, *args, **kwargs)

    return asking


def demand(membership: Membership, permission: Permission) -> None:
    """Raises PermissionDenied, with words for the person, when the role is too small."""
    if not may(membership, permission):
        raise PermissionDenied(ROLE_TOO_SMALL[permission])


def find_for_member(
    request: HttpRequest, queryset: QuerySet[Found], pk: int, permission: Permission
) -> Found:
    """The object of one of this person's teams, whichever team is current.

    Http404 for anything else, so that nobody learns what exists; PermissionDenied when the
    role in the object's own team is too small. The model needs a `team`.
    """
    membership = None
    found = queryset.filter(pk=pk, team__memberships__user=request.user.pk).first()
    if found is not None:
        membership = Membership.objects.filter(
            user=request.user.pk,
            team_id=found.team_id,  # type: ignore[attr-defined]
        ).first()
    if found is None or membership is None:
        raise Http404
    demand(membership, permission)
    return found
