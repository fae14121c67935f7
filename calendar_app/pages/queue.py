"""The queue: every account's coming slots, the posts in them, and moving along."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AccountStatus, Membership, TikTokAccount
from accounts.permissions import Permission, may
from accounts.reach import accounts_within_reach
from accounts.zones import moment_words, shown_zone
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.plan import PlaceForm
from publishing.looks import LookFirst
from publishing.models import Post
from publishing.openings import CAP, GAP
from publishing.queue import (
    MOVABLE,
    Place,
    Queue,
    add_to_queue,
    move_in_queue,
    queues_of,
    remove_from_queue,
)
from publishing.reach import posts_within_reach
from publishing.refusals import PostRefused
from publishing.states import MoveRefused, State

SHOWN_OF_ONE = 60
# Of all accounts together the page shows about 36 places, and of none fewer than three.
SHOWN, SHOWN_OF_EACH = 36, range(3, 9)
DRAFTS_SHOWN = 20
WHY_NOT = {
    CAP: gettext_lazy("The daily cap is reached by then"),
    GAP: gettext_lazy("Too close to another post"),
}
OTHERS_POST = gettext_lazy("Too many creators post that day")


@dataclass(frozen=True)
class Row:
    """A place and where its posts would go by a step up or down; None at an end."""

    place: Place
    up: Any
    down: Any
    why_not: str


@require_safe
@team_page(Permission.VIEW)
def queue(request: HttpRequest) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    now = current_moment()
    known = _accounts(membership)
    chosen = [account for account in known if str(account.pk) == request.GET.get("account")]
    queues = queues_of(chosen or known, now, SHOWN_OF_ONE if chosen else _shown_of(len(known)))
    context = {
        "queues": [(one, _rows(one)) for one in queues],
        "is_one": bool(chosen),
        "drafts": _drafts_without_time(membership, chosen or known),
        "movable": MOVABLE,
        "may_plan": may(membership, Permission.PLAN),
        "may_set_rules": may(membership, Permission.SET_RULES),
    }
    return render(request, "queue/queue.html", context)


def _shown_of(accounts: int) -> int:
    return min(max(SHOWN // max(accounts, 1), SHOWN_OF_EACH[0]), SHOWN_OF_EACH[-1])


@require_POST
@team_page(Permission.VIEW)
def queue_add(request: HttpRequest, pk: int) -> HttpResponse:
    post, now = _find(request, pk), current_moment()
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]

    def add() -> str:
        at = add_to_queue(post, request.user, now)  # type: ignore[arg-type]
        text = gettext("The draft has the slot {moment}. It goes out once somebody schedules it.")
        return text.format(moment=moment_words(at.astimezone(zone), now))

    return _change(request, post, add)


@require_POST
@team_page(Permission.VIEW)
def queue_move(request: HttpRequest, pk: int) -> HttpResponse:
    post, now, form = _find(request, pk), current_moment(), PlaceForm(request.POST)
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]

    def move() -> str:
        if not form.is_valid():
            raise MoveRefused(gettext("Choose a place in the queue."))
        to = form.cleaned_data["to"]
        move_in_queue(post, to, request.user, now)  # type: ignore[arg-type]
        moment = moment_words(to.astimezone(zone), now)
        return gettext("Moved to {moment}.").format(moment=moment)

    return _change(request, post, move)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def queue_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks whether the later posts move up, then takes the post out."""
    post, now = _find(request, pk), current_moment()
    if request.method != "POST":
        return render(request, "queue/remove.html", {"post": post})
    shuffles = request.POST.get("later") == "move_up"

    def remove() -> str:
        remove_from_queue(post, request.user, now, shuffles=shuffles)  # type: ignore[arg-type]
        return gettext("It is a draft without a time now.")

    return _change(request, post, remove)


def _change(request: HttpRequest, post: Post, change: Callable[[], str]) -> HttpResponse:
    """Makes the change and goes back to the queue, with words when it was refused."""
    try:
        messages.success(request, change())
    except LookFirst as look:
        messages.error(request, str(look))
        return redirect("post_again", post.pk)
    except (MoveRefused, PostRefused) as refused:
        messages.error(request, str(refused))
    query = {"account": post.account_id} if request.POST.get("is_one") else {}
    address = f"{reverse('queue')}?{urlencode(query)}" if query else reverse("queue")
    return redirect(f"{address}#post-{post.pk}")


def _find(request: HttpRequest, pk: int) -> Post:
    posts = Post.objects.select_related("account", "media")
    return find_for_member(request, posts, pk, Permission.PLAN)


def _accounts(membership: Membership) -> list[TikTokAccount]:
    known = accounts_within_reach(membership).filter(deleted_at=None)
    kept = known.exclude(status=AccountStatus.DISCONNECTED)
    return list(kept.select_related("team"))


def _rows(one: Queue) -> list[Row]:
    moments = [place.at for place in one.places]
    ups, downs = [None, *moments], [*moments[1:], None]
    return [
        Row(place, up, down, _why_not(place.reasons))
        for place, up, down in zip(one.places, ups, downs, strict=False)
    ]


def _why_not(reasons: list[str]) -> str:
    return str(WHY_NOT.get(reasons[0], OTHERS_POST)) if reasons else ""


def _drafts_without_time(membership: Membership, accounts: list[TikTokAccount]) -> list[Post]:
    drafts = posts_within_reach(membership).filter(state=State.DRAFT, due_at=None)
    mine = drafts.filter(account__in=accounts).select_related("account", "media")
    return list(mine.order_by("-updated_at", "-pk")[:DRAFTS_SHOWN])
