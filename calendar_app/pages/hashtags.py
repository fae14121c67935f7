"""The team's hashtag groups: looking at them, adding, changing, deleting."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.hashtags import HashtagGroupForm
from calendar_app.pages.compose_start import team_of_form
from publishing.hashtags import GroupRefused, add_group, change_group, delete_group
from publishing.models import HashtagGroup


@require_safe
@team_page(Permission.VIEW)
def hashtags(request: HttpRequest) -> HttpResponse:
    return _show(request, HashtagGroupForm())


@require_safe
@team_page(Permission.PLAN)
def hashtags_menu(request: HttpRequest) -> HttpResponse:
    """The groups as the posting screen offers them; ?draft= says whose form it is."""
    context = {"hashtag_groups": HashtagGroup.objects.filter(team=team_of_form(request))}
    return render(request, "hashtags/_menu.html", context)


@require_POST
@team_page(Permission.PLAN)
def hashtags_add(request: HttpRequest) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    form = HashtagGroupForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    name, words = form.cleaned_data["name"], form.cleaned_data["hashtags"]
    try:
        add_group(membership.team, membership.user, name, words, current_moment())
    except GroupRefused as refused:
        form.add_error(refused.field or None, refused.text)
        return _show(request, form, status=422)
    messages.success(request, gettext("“{name}” is saved.").format(name=name))
    return redirect("hashtags")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def hashtags_edit(request: HttpRequest, pk: int) -> HttpResponse:
    group = find_for_member(request, HashtagGroup.objects.all(), pk, Permission.PLAN)
    initial = {"name": group.name, "hashtags": group.hashtags}
    form = HashtagGroupForm(request.POST or None, initial=initial)
    context = {"group": group, "form": form}
    if request.method != "POST":
        return render(request, "hashtags/edit.html", context)
    if not form.is_valid():
        return render(request, "hashtags/edit.html", context, status=422)
    try:
        name, words = form.cleaned_data["name"], form.cleaned_data["hashtags"]
        change_group(group, request.user, name, words, current_moment())  # type: ignore[arg-type]
    except GroupRefused as refused:
        form.add_error(refused.field or None, refused.text)
        return render(request, "hashtags/edit.html", context, status=422)
    messages.success(request, gettext("“{name}” is saved.").format(name=name))
    return redirect("hashtags")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def hashtags_delete(request: HttpRequest, pk: int) -> HttpResponse:
    group = find_for_member(request, HashtagGroup.objects.all(), pk, Permission.PLAN)
    if request.method != "POST":
        return render(request, "hashtags/delete.html", {"group": group})
    delete_group(group, request.user, current_moment())  # type: ignore[arg-type]
    messages.success(request, gettext("“{name}” is deleted.").format(name=group.name))
    return redirect("hashtags")


def _show(request: HttpRequest, form: HashtagGroupForm, status: int = 200) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    groups = HashtagGroup.objects.filter(team=membership.team)
    context = {
        "groups": groups.select_related("created_by"),
        "form": form,
        "may_plan": may(membership, Permission.PLAN),
    }
    return render(request, "hashtags/hashtags.html", context, status=status)
