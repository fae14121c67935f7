"""The thread of comments on a post: shown, kept fresh, changed and deleted."""

import hashlib
import json
from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from calendar_app.access import find_for_member, member_in, team_page
from calendar_app.forms.comments import CommentForm
from publishing.comments import (
    CommentRefused,
    delete_comment,
    edit_comment,
    may_delete,
    may_edit,
)
from publishing.mentions import best_handle, handles_of
from publishing.models import Comment, Post
from publishing.reach import members_within_reach

SHOWN = 100
ALL = 2000
NOT_YOURS = gettext_lazy("Only who wrote a comment can change it.")
NOT_YOURS_TO_DELETE = gettext_lazy("Only who wrote a comment, managers and owners can delete it.")


def find_post(request: HttpRequest, pk: int, permission: Permission) -> tuple[Post, Membership]:
    """The post, and the person's membership in its team; refuses as `find_for_member` does."""
    posts = Post.objects.select_related("account", "media", "team", "author")
    found = find_for_member(request, posts, pk, permission)
    return found, member_in(request, found.team_id)


@require_safe
@team_page(Permission.VIEW)
def post_comments(request: HttpRequest, pk: int) -> HttpResponse:
    """The thread as it is now; 304 while nothing changed."""
    found, member = find_post(request, pk, Permission.VIEW)
    etag = f'"{_mark(found)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        context = {"post": found, **_thread(request, found, member)}
        response = render(request, "comments/_thread.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def comment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    comment, member = _find_comment(request, pk)
    if not may_edit(comment, member):
        raise PermissionDenied(NOT_YOURS)
    form = CommentForm(request.POST or None, initial={"text": comment.text})
    if form.is_valid():
        try:
            edit_comment(comment, form.cleaned_data["text"], current_moment())
        except CommentRefused as refused:
            form.add_error("text", refused.text)
        else:
            return _back_to(comment)
    context = {
        "post": comment.post,
        "comment": comment,
        "comment_form": form,
        "people": _people(comment.post, member),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "comments/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def comment_delete(request: HttpRequest, pk: int) -> HttpResponse:
    comment, member = _find_comment(request, pk)
    if not may_delete(comment, member):
        raise PermissionDenied(NOT_YOURS_TO_DELETE)
    if request.method != "POST":
        context = {"post": comment.post, "comment": comment}
        return render(request, "comments/delete.html", context)
    # Somebody else may have been first.
    with suppress(CommentRefused):
        delete_comment(comment, member.user, current_moment())
    return _back_to(comment)


def comments_context(request: HttpRequest, found: Post) -> dict[str, Any]:
    """What the post's page shows of its comments."""
    member = Membership.objects.filter(user=request.user.pk, team=found.team_id).first()
    if member is None:
        return {}
    may_comment = may(member, Permission.COMMENT)
    query = "?comments=all" if _wants_all(request) else ""
    return {
        **_thread(request, found, member),
        "comments_url": reverse("post_comments", args=[found.pk]) + query,
        "comments_mark": _mark(found),
        "comment_form": CommentForm() if may_comment else None,
        "people": _people(found, member) if may_comment else "[]",
    }


def _find_comment(request: HttpRequest, pk: int) -> tuple[Comment, Membership]:
    comment = Comment.objects.select_related("author").filter(pk=pk, deleted_at=None).first()
    if comment is None:
        raise Http404
    # Its post decides who may know of it.
    comment.post, member = find_post(request, comment.post_id, Permission.VIEW)
    return comment, member


def _back_to(comment: Comment) -> HttpResponse:
    return redirect(f"{reverse('post', args=[comment.post_id])}#comment-{comment.pk}")


def _wants_all(request: HttpRequest) -> bool:
    return request.GET.get("comments") == "all"


def _thread(request: HttpRequest, found: Post, member: Membership) -> dict[str, Any]:
    most = ALL if _wants_all(request) else SHOWN
    rows = Comment.objects.filter(post=found).order_by("-at", "-id")
    latest = rows.select_related("author").prefetch_related("mentions")[: most + 1]
    shown = list(latest)[:most][::-1]
    return {
        "comments": [
            {
                "row": row,
                "may_edit": may_edit(row, member),
                "may_delete": may_delete(row, member),
            }
            for row in shown
        ],
        "has_earlier_comments": len(latest) > most and not _wants_all(request),
    }


def _people(found: Post, member: Membership) -> str:
    """Who can be called from here, as the completion list wants it."""
    people = [one.user for one in members_within_reach(found).select_related("user")]
    handles = handles_of(people)
    rows = [
        {"handle": best_handle(one, handles), "name": str(one)}
        for one in people
        if one.pk != member.user_id
    ]
    return json.dumps(sorted(rows, key=lambda row: row["name"].lower()))


def _mark(found: Post) -> str:
    """Changes whenever the thread would."""
    seen = Comment.objects.filter(post=found).aggregate(
        count=Count("pk"), edited=Max("edited_at"), deleted=Max("deleted_at"), last=Max("pk")
    )
    return hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:32]
