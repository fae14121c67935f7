"""The team's labels: looking at them, adding, changing, deleting; and choosing those of a post."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.labels import LabelForm, PostLabelsForm
from publishing.labels import (
    LabelRefused,
    add_label,
    change_label,
    delete_label,
    free_hue,
    label_post,
)
from publishing.models import Label, Post


@require_safe
@team_page(Permission.VIEW)
def labels(request: HttpRequest) -> HttpResponse:
    team = request.membership.team  # type: ignore[attr-defined]
    return _show(request, LabelForm(initial={"hue": free_hue(team)}))


@require_POST
@team_page(Permission.PLAN)
def labels_add(request: HttpRequest) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    form = LabelForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    name, hue = form.cleaned_data["name"], form.cleaned_data["hue"]
    try:
        add_label(membership.team, membership.user, name, hue, current_moment())
    except LabelRefused as refused:
        form.add_error(refused.field or None, refused.text)
        return _show(request, form, status=422)
    messages.success(request, gettext("“{name}” is saved.").format(name=name))
    return redirect("labels")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def label_edit(request: HttpRequest, pk: int) -> HttpResponse:
    label = find_for_member(request, Label.objects.all(), pk, Permission.PLAN)
    form = LabelForm(request.POST or None, initial={"name": label.name, "hue": label.hue})
    context = {"label": label, "form": form}
    if request.method != "POST":
        return render(request, "labels/edit.html", context)
    if not form.is_valid():
        return render(request, "labels/edit.html", context, status=422)
    name, hue = form.cleaned_data["name"], form.cleaned_data["hue"]
    try:
        change_label(label, request.user, name, hue, current_moment())  # type: ignore[arg-type]
    except LabelRefused as refused:
        form.add_error(refused.field or None, refused.text)
        return render(request, "labels/edit.html", context, status=422)
    messages.success(request, gettext("“{name}” is saved.").format(name=name))
    return redirect("labels")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def label_delete(request: HttpRequest, pk: int) -> HttpResponse:
    label = find_for_member(request, Label.objects.all(), pk, Permission.PLAN)
    if request.method != "POST":
        context = {"label": label, "post_count": label.posts.count()}
        return render(request, "labels/delete.html", context)
    delete_label(label, request.user, current_moment())  # type: ignore[arg-type]
    messages.success(request, gettext("“{name}” is deleted.").format(name=label.name))
    return redirect("labels")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def post_labels(request: HttpRequest, pk: int) -> HttpResponse:
    """Labels are the team's own order, so they may change whatever became of the post."""
    posts = Post.objects.select_related("team", "media")
    found = find_for_member(request, posts, pk, Permission.PLAN)
    if request.method == "POST":
        form = PostLabelsForm(request.POST, team=found.team)
        form.is_valid()
        label_post(found, form.cleaned_data["labels"], request.user, current_moment())  # type: ignore[arg-type]
        return redirect("post", found.pk)
    context = {
        "post": found,
        "team_labels": Label.objects.filter(team=found.team),
        "chosen_label_ids": [str(label.pk) for label in found.labels.all()],
    }
    return render(request, "labels/post.html", context)


def _show(request: HttpRequest, form: LabelForm, status: int = 200) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    context = {
        "labels": Label.objects.filter(team=membership.team),
        "form": form,
        "may_plan": may(membership, Permission.PLAN),
    }
    return render(request, "labels/labels.html", context, status=status)
