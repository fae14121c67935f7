"""What waits for approval, and answering it from the post's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.zones import moment_words, shown_zone
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.approval import ChangesForm
from calendar_app.forms.due import DueForm, OfferForm
from calendar_app.pages.posts import show_post
from publishing.approvals import waiting_for
from publishing.approving import approve_post, request_changes
from publishing.client_links import open_links
from publishing.models import Post
from publishing.reach import posts_within_reach
from publishing.refusals import PostRefused
from publishing.scheduling import resubmit_post
from publishing.states import MoveRefused, State

SHOWN = 50


@require_safe
@team_page(Permission.VIEW)
def approvals(request: HttpRequest) -> HttpResponse:
    member: Membership = request.membership  # type: ignore[attr-defined]
    now = current_moment()
    mine = waiting_for(member)
    others = (
        posts_within_reach(member).filter(state=State.IN_REVIEW).exclude(pk__in=mine.values("pk"))
    )
    context = {
        "mine": _rows(mine),
        "others": _rows(others),
        "shown": SHOWN,
        "links": open_links(member, now)[:SHOWN],
        "may_approve": may(member, Permission.APPROVE),
        "may_revoke": may(member, Permission.PLAN) or may(member, Permission.APPROVE),
        "may_set_rules": may(member, Permission.SET_RULES),
    }
    return render(request, "approvals/approvals.html", context)


def _rows(posts: Any) -> list[Post]:
    """One more than is shown tells that there are more."""
    related = posts.select_related("account", "media", "author").order_by("due_at", "pk")
    return list(related[: SHOWN + 1])


@require_POST
@team_page(Permission.VIEW)
def post_approve(request: HttpRequest, pk: int) -> HttpResponse:
    found, now, offer = _find(request, pk), current_moment(), OfferForm(request.POST)
    if not offer.is_valid():
        messages.error(request, str(offer.errors["due_at"][0]))
        return redirect("post", found.pk)
    due_at, seen = offer.cleaned_data["due_at"], request.POST.get("seen", "")
    try:
        done = approve_post(found, request.user, seen, now, due_at=due_at)  # type: ignore[arg-type]
    except PostRefused as refused:
        return show_post(request, found, now, not_scheduled=refused)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _approved_words(done, request, now))
    return redirect("post", found.pk)


@require_http_methods(["POST"])
@team_page(Permission.VIEW)
def post_request_changes(request: HttpRequest, pk: int) -> HttpResponse:
    found, now, form = _find(request, pk), current_moment(), ChangesForm(request.POST)
    if not form.is_valid():
        return show_post(request, found, now, changes_form=form, status=422)
    try:
        request_changes(found, request.user, form.cleaned_data["comment"], now)  # type: ignore[arg-type]
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, gettext("It went back to its author, with your words."))
    return redirect("post", found.pk)


@require_POST
@team_page(Permission.VIEW)
def post_hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A held post once more, for a time that leaves room for the approval."""
    found, now = _find(request, pk, Permission.PLAN), current_moment()
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    form = DueForm(request.POST, zone=zone)
    if not form.is_valid():
        return show_post(request, found, now, form, status=422)
    try:
        resubmit_post(found, form.cleaned_data["due_at"], request.user, now)  # type: ignore[arg-type]
    except PostRefused as refused:
        for problem in refused.problems:
            form.add_error("due_time", problem.text)
        return show_post(request, found, now, form, status=422, next_free_at=refused.next_free_at)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, gettext("Handed in for approval."))
    return redirect("post", found.pk)


def _find(request: HttpRequest, pk: int, permission: Permission = Permission.APPROVE) -> Post:
    posts = Post.objects.select_related("account", "media", "team", "author")
    return find_for_member(request, posts, pk, permission)


def _approved_words(done: Post, request: HttpRequest, now: Any) -> str:
    if done.state != State.SCHEDULED or done.due_at is None:
        return gettext("Approved. It still needs the other approval.")
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    moment = moment_words(done.due_at.astimezone(zone), now)
    return gettext("Approved. It goes out on {moment}.").format(moment=moment)
