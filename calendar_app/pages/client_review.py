"""What a client sees by their link, without an account and without a cookie.

The address is the secret: nothing on the way may keep or pass it on, and a page that cannot be
opened looks the same whatever the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from calendar_app.forms.approval import ClientAnswerForm
from calendar_app.pages.post_choices import choice_rows, phone_labels
from calendar_app.ranges import serve_file
from publishing.client_links import (
    ANSWERABLE,
    answer_by_client,
    answers_through,
    find_client_link,
    media_of_link,
    posts_of_link,
)
from publishing.models import Approval, ClientLink, Decision, MediaAsset, MediaKind, Post
from publishing.states import MoveRefused, State

POSTS_PER_PAGE = 10
# What becomes of a post, to somebody who knows nothing of how it is sent.
STANDING = {
    State.DRAFT: gettext_lazy("The team is working on it"),
    State.IN_REVIEW: gettext_lazy("Waiting for approval"),
    State.SCHEDULED: gettext_lazy("Planned"),
    State.PUBLISHED: gettext_lazy("Published"),
    State.IN_INBOX: gettext_lazy("Handed to the creator"),
}
UNDER_WAY = gettext_lazy("With the team")

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Card:
    """One post of the link: its look, what was said about it, and the form to say more."""

    post: Post
    photos: list[MediaAsset]
    labels: list[str]
    choices: Any
    standing: str
    answers: list[Approval]
    form: ClientAnswerForm | None
    seen: str
    problem: str = ""


def by_link(view: View) -> View:
    """Opens the link of the address for `view`; the answer is for this reader's eyes alone.

    Forms need no token of their own: nobody can send one who does not know the address. Without
    the header that a referrer would make, browsers send no origin that could be checked either.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        now = current_moment()
        try:
            link = find_client_link(token, now)
            if link is None:
                raise Http404
            response = view(request, link, token, now, **kwargs)
        except Http404:
            response = render(request, "approvals/client_nothing.html", status=404)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-store"
        return response

    return opened


@by_link
@require_safe
def client_review(
    request: HttpRequest, link: ClientLink, token: str, now: datetime
) -> HttpResponse:
    return _show(request, link, token, now)


@by_link
@require_safe
def client_media(
    request: HttpRequest, link: ClientLink, token: str, now: datetime, *, pk: int
) -> HttpResponseBase:
    media = _media(link, pk)
    if media.deleted_at:
        raise Http404
    return _serve(request, media.file, media.content_type, media)


@by_link
@require_safe
def client_poster(
    request: HttpRequest, link: ClientLink, token: str, now: datetime, *, pk: int
) -> HttpResponseBase:
    media = _media(link, pk)
    if not media.poster:
        raise Http404
    return _serve(request, media.poster, "image/jpeg", media)


@by_link
@require_POST
def client_answer(
    request: HttpRequest, link: ClientLink, token: str, now: datetime, *, pk: int
) -> HttpResponse:
    found = posts_of_link(link).filter(pk=pk).first()
    if found is None:
        raise Http404
    form = ClientAnswerForm(request.POST, prefix=str(pk))
    if not form.is_valid():
        return _show(request, link, token, now, {pk: form}, status=422)
    said = form.cleaned_data
    decision, comment = Decision(said["decision"]), said["comment"].strip()
    try:
        answer_by_client(link, found, decision, said["name"], comment, said["seen"], now)
    except MoveRefused as refused:
        return _show(request, link, token, now, {pk: form}, {pk: str(refused)}, status=409)
    page = request.GET.get("page", "")
    query = f"?answered={pk}" + (f"&page={page}" if page.isdigit() else "")
    return redirect(f"{reverse('client_review', args=[token])}{query}#answered")


def _media(link: ClientLink, pk: int) -> MediaAsset:
    media = media_of_link(link, pk)
    if media is None:
        raise Http404
    return media


def _serve(
    request: HttpRequest, stored: Any, content_type: str, media: MediaAsset
) -> HttpResponseBase:
    # The name that the team gave its file is not the client's to know.
    name = f"{media.kind}-{media.pk}"
    try:
        return serve_file(request, stored, content_type=content_type, name=name, etag=media.sha256)
    except FileNotFoundError as error:
        raise Http404 from error


def _show(
    request: HttpRequest,
    link: ClientLink,
    token: str,
    now: datetime,
    forms: dict[int, ClientAnswerForm] | None = None,
    problems: dict[int, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    posts = posts_of_link(link).select_related("account", "media")
    page = Paginator(posts, POSTS_PER_PAGE).get_page(request.GET.get("page"))
    said = list(answers_through(link).filter(post__in=list(page)).order_by("at", "pk"))
    name = said[-1].person_name if said else ""
    context = {
        "link": link,
        "review_token": token,
        "page": page,
        "cards": [
            _card(
                post, link, name, [one for one in said if one.post_id == post.pk], forms, problems
            )
            for post in page
        ],
        "answered": request.GET.get("answered", ""),
        "shown_zone": ZoneInfo(link.team.timezone),
        "now": now,
    }
    return render(request, "approvals/client_review.html", context, status=status)


def _card(
    post: Post,
    link: ClientLink,
    name: str,
    answers: list[Approval],
    forms: dict[int, ClientAnswerForm] | None,
    problems: dict[int, str] | None,
) -> Card:
    files = post.files()
    form = (forms or {}).get(post.pk)
    if form is None and post.state in ANSWERABLE:
        form = ClientAnswerForm(initial={"name": name}, prefix=str(post.pk))
    return Card(
        post=post,
        photos=files if post.kind == MediaKind.PHOTO else [],
        labels=phone_labels(post),
        choices=choice_rows(post.choices(), len(files)),
        standing=str(STANDING.get(State(post.state), UNDER_WAY)),
        answers=answers,
        form=form,
        seen=post.fingerprint(),
        problem=(problems or {}).get(post.pk, ""),
    )
