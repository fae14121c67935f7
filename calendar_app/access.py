"""Who may see a page, and whose objects it may show."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh

from accounts.models import Membership, TikTokAccount
from accounts.permissions import Permission, may
from accounts.reach import has_within_reach

View = Callable[..., HttpResponseBase]
Found = TypeVar("Found", bound=Model)

SIGNED_OUT = gettext_lazy(
    "You were signed out, and what you sent was not taken. Sign in, then send it again."
)
NO_TEAM = gettext_lazy("You are not in a team yet. Ask an owner of your team for an invitation.")
NO_NEW_TEAM = gettext_lazy(
    "On this site teams are made by people who own or manage one. Ask an owner of your team."
)
ROLE_TOO_SMALL = {
    Permission.VIEW: gettext_lazy("You are not a member of this team."),
    Permission.COMMENT: gettext_lazy(
        "Viewers can look at posts. Ask an owner for another role to comment."
    ),
    Permission.PLAN: gettext_lazy(
        "Your role cannot plan posts. Ask an owner to make you an editor."
    ),
    Permission.APPROVE: gettext_lazy("Only approvers, managers and owners can approve posts."),
    Permission.CONNECT: gettext_lazy(
        "Your role cannot connect or disconnect TikTok accounts. Ask an editor."
    ),
    Permission.EXPORT: gettext_lazy("Only managers and owners can export the team’s history."),
    Permission.SET_RULES: gettext_lazy("Only managers and owners can change how the team works."),
    Permission.MANAGE_TEAM: gettext_lazy("Only managers and owners can change who is in the team."),
    Permission.MANAGE_OWNERS: gettext_lazy("Only an owner can hand the team over."),
    Permission.DELETE_DATA: gettext_lazy("Only an owner can delete this."),
    Permission.READ_OUTBOX: gettext_lazy("Only an owner can read the mail kept here."),
    Permission.RUN_SITE: gettext_lazy("This is for owners of the team that runs this site."),
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
        if request.method == "POST" and not request.user.is_authenticated:
            return _sign_in_again(request)
        return guarded(request, *args, **kwargs)

    return asking


def _sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """Back afterwards to the page with the form: the address it was sent to may show nothing."""
    messages.warning(request, SIGNED_OUT)
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()})
    parts = urlsplit(page)
    return redirect_to_login(f"{parts.path}?{parts.query}".rstrip("?") if is_ours else "/")


def demand(membership: Membership, permission: Permission) -> None:
    """Raises PermissionDenied, with words for the person, when the role is too small."""
    if not may(membership, permission):
        raise PermissionDenied(ROLE_TOO_SMALL[permission])


def find_for_member(
    request: HttpRequest, queryset: QuerySet[Found], pk: int, permission: Permission
) -> Found:
    """The object of one of this person's teams, whichever team is current.

    Http404 for anything else and for what belongs to a TikTok account outside their reach, so
    that nobody learns what exists; PermissionDenied when the role in the object's own team is too
    small. The model needs a `team`.
    """
    membership = None
    found = queryset.filter(pk=pk, team__memberships__user=request.user.pk).first()
    if found is not None:
        membership = Membership.objects.filter(
            user=request.user.pk,
            team_id=found.team_id,  # type: ignore[attr-defined]
        ).first()
    if found is None or membership is None or not has_within_reach(membership, _account_of(found)):
        raise Http404
    demand(membership, permission)
    return found


def member_in(request: HttpRequest, team_id: int) -> Membership:
    """The signed-in person in one of their teams, whichever is the current one."""
    current: Membership = request.membership  # type: ignore[attr-defined]
    if current.team_id == team_id:
        return current
    mine = Membership.objects.select_related("team", "user").filter(user=request.user.pk)
    return get_object_or_404(mine, team=team_id)


def _account_of(found: Model) -> int | None:
    """The TikTok account that it is or belongs to."""
    return found.pk if isinstance(found, TikTokAccount) else getattr(found, "account_id", None)
