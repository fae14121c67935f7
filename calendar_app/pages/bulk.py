"""Doing the same to the posts ticked in the list, and what became of each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Membership
from accounts.permissions import Permission
from calendar_app.access import team_page
from calendar_app.bulk_actions import ACTIONS, Batch, Result, Titles, move_each
from calendar_app.pages.agenda import TEMPLATE, list_context, read_list
from publishing.bulk import Outcome
from publishing.models import Post
from publishing.reach import posts_within_reach

# The last result of this session; another one takes its place.
RESULT = "bulk_result"
LONGEST_HEADLINE = 80
NOTHING_TICKED = gettext_lazy("Tick the posts first.")
MOVED_BACK = Titles(
    gettext_lazy("No post was moved back"),
    gettext_lazy("{count} of {asked} posts moved back"),
    ngettext_lazy("{count} post moved back", "{count} posts moved back", "count"),
)


@require_POST
@team_page(Permission.PLAN)
def bulk(request: HttpRequest) -> HttpResponse:
    member: Membership = request.membership  # type: ignore[attr-defined]
    name, now = request.POST.get("action", ""), current_moment()
    if name not in ACTIONS:
        raise Http404
    action, seen = ACTIONS[name], _read_ticks(request.POST)
    shown = read_list(QueryDict(request.POST.get("back", "")), member, now)
    form = action.form(request.POST, member=member)
    if not seen:
        form.add_error(None, NOTHING_TICKED)
    if not form.is_valid():
        context = list_context(shown, ticked=set(seen), refused=form)
        return render(request, TEMPLATE, context, status=422)
    batch = Batch(_find(member, seen), seen, member, now)
    result = action.act(batch, form)
    _keep(request, action.titles, result, len(seen), urlencode(shown.address()))
    return redirect("bulk_result")


@require_safe
@team_page(Permission.PLAN)
def bulk_result(request: HttpRequest) -> HttpResponse:
    result = request.session.get(RESULT)
    if result is None:
        return redirect("agenda")
    back = read_list(QueryDict(result["back"]), request.membership, current_moment())  # type: ignore[attr-defined]
    return render(request, "calendar/bulk.html", {"result": result, "back_url": back.url})


@require_POST
@team_page(Permission.PLAN)
def bulk_undo(request: HttpRequest) -> HttpResponse:
    member: Membership = request.membership  # type: ignore[attr-defined]
    result = request.session.get(RESULT, {})
    if not result.get("moved") or result["token"] != request.POST.get("token"):
        messages.error(request, gettext("This can no longer be undone from here."))
        return redirect("agenda")
    moved = [(pk, *map(datetime.fromisoformat, moments)) for pk, *moments in result["moved"]]
    before = {pk: old for pk, old, _ in moved}
    after = {pk: new for pk, _, new in moved}
    batch = Batch(_find(member, after), after, member, current_moment())
    undone = move_each(batch, lambda post, due_at: before[post.pk])
    _keep(request, MOVED_BACK, undone, len(after), result["back"])
    return redirect("bulk_result")


def _read_ticks(sent: QueryDict) -> dict[int, datetime | None]:
    """Each ticked post and when it stood in the list: "12@2026-11-26T17:30:00+00:00"."""
    ticked = sent.getlist("shown" if "all" in sent else "post")
    pairs = (text.partition("@") for text in ticked)
    # 18 digits fit into the database's integers.
    return {
        int(pk): _read_moment(moment)
        for pk, _, moment in pairs
        if pk.isascii() and pk.isdigit() and len(pk) <= 18
    }


def _read_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _find(member: Membership, ids: Iterable[int]) -> list[Post]:
    """Those within this member's reach, in the list's order. Http404 when there are none."""
    posts = posts_within_reach(member).filter(pk__in=list(ids))
    found = list(posts.select_related("account__team", "media", "team").order_by("due_at", "id"))
    if not found:
        raise Http404
    return found


def _keep(request: HttpRequest, titles: Titles, result: Result, asked: int, back: str) -> None:
    outcomes = result.outcomes
    count = sum(outcome.is_done for outcome in outcomes)
    request.session[RESULT] = {
        "token": uuid4().hex,
        "title": titles.words(count, asked),
        "refused": [_line(outcome) for outcome in outcomes if not outcome.is_done],
        "done": [_line(outcome) for outcome in outcomes if outcome.is_done],
        "gone": asked - len(outcomes),
        "moved": [[pk, old.isoformat(), new.isoformat()] for pk, old, new in result.moved],
        "back": back,
    }


def _line(outcome: Outcome) -> dict[str, Any]:
    post = outcome.post
    return {
        "pk": post.pk,
        "headline": Truncator(post.headline).chars(LONGEST_HEADLINE),
        "account": str(post.account or gettext("No account yet")),
        "state": post.state,
        "text": outcome.text,
    }
