"""Moving a post to another day or time: dropped on the calendar, or by "Move to…"."""

import json
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.zones import moment_words, shown_zone
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.due import due_initial
from calendar_app.forms.moving import NO_DATE, MoveForm
from calendar_app.pages.compose_screen import error_summary, moment_context
from publishing.models import Post
from publishing.moving import MOVABLE, move_post, nearest_moment
from publishing.reach import posts_within_reach
from publishing.refusals import PostRefused
from publishing.states import MoveRefused, State

MOVED_MEANWHILE = gettext_lazy(
    "Somebody else moved this post meanwhile. It is shown where it stands now."
)
# Messages with a button stay until they are closed.
STAYS = "stays"


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def post_move(request: HttpRequest, pk: int) -> HttpResponse:
    """The form as a page, or alone for the calendar's dialog; a move that is refused shows it with
    the reason and the nearest moment that is free."""
    reached = posts_within_reach(request.membership)  # type: ignore[attr-defined]
    posts = reached.select_related("account", "team")
    post, now = find_for_member(request, posts, pk, Permission.PLAN), current_moment()
    form = _form(request, post, now)
    if request.method != "POST":
        return _show(request, post, form, now)
    if not form.is_valid():
        return _refuse(request, post, form, now)
    return _move(request, post, form, now)


def _form(request: HttpRequest, post: Post, now: datetime) -> MoveForm:
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    return MoveForm(
        request.POST if request.method == "POST" else None,
        initial=due_initial(post.due_at, zone) | {"seen": _exact(post.due_at)},
        zone=zone,
        is_undated=post.due_at is None,
        now=now,
    )


def _move(request: HttpRequest, post: Post, form: MoveForm, now: datetime) -> HttpResponse:
    before, due_at = post.due_at, form.cleaned_data["due_at"]
    if form.cleaned_data["seen"] not in {"", _exact(before)}:
        form.add_error(None, MOVED_MEANWHILE)
        return _refuse(request, post, form, now)
    try:
        move_post(post, due_at, request.user, now)  # type: ignore[arg-type]
    except PostRefused as refused:
        for problem in refused.problems:
            form.add_error("due_time", problem.text)
        free_at = refused.next_free_at or nearest_moment(post, due_at, now)
        return _refuse(request, post, form, now, free_at)
    except MoveRefused as refused:
        form.add_error(None, str(refused))
        return _refuse(request, post, form, now)
    return _tell(request, post, before, now)


def _tell(request: HttpRequest, post: Post, before: datetime | None, now: datetime) -> HttpResponse:
    """What happened, with the way back."""
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    at = post.due_at
    if at:
        moment = moment_words(at.astimezone(zone), now)
        words = gettext("Moved to {moment}.").format(moment=moment)
    else:
        words = gettext("Has no date now.")
    context: dict[str, Any] = {
        "post": post,
        "words": words,
        "exact": _exact(before),
        "seen": _exact(at),
        "next": _next(request),
    }
    text = mark_safe(render_to_string("calendar/_moved.html", context, request))  # noqa: S308
    messages.success(request, text, extra_tags=STAYS)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(context["next"])
    response = render(request, "calendar/_moved_message.html")
    response["HX-Trigger"] = json.dumps({"post:moved": {"post": post.pk}})
    return response


def _refuse(
    request: HttpRequest,
    post: Post,
    form: MoveForm,
    now: datetime,
    free_at: datetime | None = None,
) -> HttpResponse:
    return _show(request, post, form, now, free_at=free_at, status=422)


def _show(
    request: HttpRequest, post: Post, form: MoveForm, now: datetime, status: int = 200, **more: Any
) -> HttpResponse:
    template = "calendar/_move.html" if request.htmx else "calendar/move.html"  # type: ignore[attr-defined]
    context = {
        "post": post,
        "can_move": post.state in MOVABLE,
        "is_draft": post.state == State.DRAFT,
        "next": _next(request),
        "error_list": error_summary(form),
        "seen": _exact(post.due_at),
        **moment_context(form, now),
        **more,
    }
    return render(request, template, context, status=status)


def _next(request: HttpRequest) -> str:
    """The page to go back to; only one of ours."""
    target = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if is_ours else reverse("calendar")


def _exact(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else NO_DATE
