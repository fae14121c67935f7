"""Is it there already? What is known of a post that TikTok may have, and the decision about it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.due import OfferForm
from calendar_app.pages.post_actions import CONSENT_ENDED, on_tiktok
from publishing.again import MARKABLE, mark_arrived
from publishing.looks import must_look, note_look
from publishing.models import Attempt, Mode, Post
from publishing.profile_videos import (
    ProfileUnavailable,
    ProfileVideo,
    look_at_profile,
    may_list,
)
from publishing.refusals import PostRefused
from publishing.retrying import RETRYABLE, calls_end_at, retry_post
from publishing.rules import has_public_link
from publishing.states import MoveRefused, State
from publishing.taking_back import REOPENABLE, reopen_post
from publishing.verdict import taken_tries

# What is on the profile changes; whoever decides later looks again.
LOOK_LASTS = timedelta(minutes=10)
SALT = "post-again"
LOOK_AGAIN = gettext_lazy(
    "Nothing was decided: this page must have been opened by you within the last 10 minutes. Look "
    "again, then decide."
)
TICK_IT = gettext_lazy("Tick this once you have looked and not found it.")


class NotLooked(Exception):
    """The decision comes without a look of this person at this try."""


@dataclass(frozen=True)
class Try:
    """What is known of one try. `line` is the last one in which TikTok answered an error."""

    attempt: Attempt
    code: str
    message: str
    log_id: str


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def post_again(request: HttpRequest, pk: int) -> HttpResponse:
    posts = Post.objects.select_related("account", "media", "team", "author")
    found = find_for_member(request, posts, pk, Permission.PLAN)
    now = current_moment()
    if not must_look(found):
        messages.info(request, gettext("There is nothing to decide about this post now."))
        return redirect("post", found.pk)
    if request.method != "POST":
        return _show(request, found, now)
    try:
        videos = _videos_looked_at(request, found)
    except NotLooked:
        messages.error(request, LOOK_AGAIN)
        return redirect("post_again", found.pk)
    if request.POST.get("decision") == "there":
        return _mark(request, found, videos, now)
    if not request.POST.get("looked"):
        return _show(request, found, now, error=str(TICK_IT))
    if request.POST.get("decision") == "edit":
        return _edit(request, found, now)
    return _send_again(request, found, now)


def _mark(request: HttpRequest, found: Post, videos: dict[str, int], now: datetime) -> HttpResponse:
    video_id = request.POST.get("video", "")
    if video_id not in videos:
        video_id = ""
    created_s = videos.get(video_id)
    created_at = datetime.fromtimestamp(created_s, UTC) if created_s else None
    try:
        mark_arrived(
            found,
            request.user,  # type: ignore[arg-type]
            now,
            public_post_id=video_id,
            created_at=created_at,
        )
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("post", found.pk)


def _send_again(request: HttpRequest, found: Post, now: datetime) -> HttpResponse:
    is_later = request.POST.get("decision") == "later"
    offer = OfferForm(request.POST if is_later else {}, is_needed=is_later)
    if not offer.is_valid():
        return _show(request, found, now, error=str(offer.errors["due_at"][0]))
    due_at = offer.cleaned_data["due_at"]
    person: User = request.user  # type: ignore[assignment]
    try:
        retry_post(found, person, now, due_at=due_at, has_looked=True)
    except PostRefused as refused:
        return _show(request, found, now, refused=refused)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("post", found.pk)


def _edit(request: HttpRequest, found: Post, now: datetime) -> HttpResponse:
    person: User = request.user  # type: ignore[assignment]
    try:
        if found.state == State.DRAFT:
            note_look(found, person, now)
        elif reopen_post(found, person, now, has_looked=True):
            messages.warning(request, CONSENT_ENDED)
    except MoveRefused as refused:
        messages.error(request, str(refused))
        return redirect("post", found.pk)
    return redirect(f"{reverse('compose')}?draft={found.pk}")


def _show(
    request: HttpRequest,
    found: Post,
    now: datetime,
    *,
    error: str = "",
    refused: PostRefused | None = None,
) -> HttpResponse:
    account = found.known_account
    videos: list[ProfileVideo] = []
    unavailable = None
    if may_list(account):
        try:
            videos = look_at_profile(found, now)
        except ProfileUnavailable as why:
            unavailable = why
    ends_at = calls_end_at(found)
    context = {
        "post": found,
        "account": account,
        "tries": _tries(found),
        "videos": videos,
        "unavailable": unavailable,
        "may_list": may_list(account),
        "asks_for_list": settings.TIKTOK_LISTS_VIDEOS,
        "is_draft": found.mode == Mode.INBOX,
        "is_public": has_public_link(found),
        "on_tiktok": on_tiktok(found),
        "opens_at": ends_at if ends_at and ends_at > now else None,
        "may_mark": found.state in MARKABLE,
        "may_retry": found.state in RETRYABLE,
        "may_edit": found.state in REOPENABLE or found.state == State.DRAFT,
        "look": _sign(request, found, videos),
        "error": error,
        "refused": refused,
    }
    response = render(request, "posts/again.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _tries(found: Post) -> list[Try]:
    """Those that TikTok may have taken, the latest first."""
    return [_try(one) for one in taken_tries(found).order_by("-number")]


def _try(attempt: Attempt) -> Try:
    lines = list(attempt.lines.all())
    trouble = next((line for line in reversed(lines) if line.code), None)
    return Try(
        attempt,
        trouble.code if trouble else "",
        trouble.message if trouble else "",
        next((line.log_id for line in reversed(lines) if line.log_id), ""),
    )


def _bound_to(request: HttpRequest, found: Post) -> list[int]:
    """A look counts for this person, this post and its latest try only."""
    last = taken_tries(found).last()
    return [found.pk, request.user.pk or 0, last.pk if last else 0]


def _sign(request: HttpRequest, found: Post, videos: list[ProfileVideo]) -> str:
    offered = {
        video.id: int(video.created_at.timestamp()) if video.created_at else 0
        for video in videos
        if video.known_as is None
    }
    return signing.dumps({"for": _bound_to(request, found), "videos": offered}, salt=SALT)


def _videos_looked_at(request: HttpRequest, found: Post) -> dict[str, int]:
    """The ids that were offered, with the second of each. Raises NotLooked."""
    try:
        look = signing.loads(request.POST.get("look", ""), salt=SALT, max_age=LOOK_LASTS)
    except signing.BadSignature as error:
        raise NotLooked from error
    if look["for"] != _bound_to(request, found):
        raise NotLooked
    videos: dict[str, int] = look["videos"]
    return videos
