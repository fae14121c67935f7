"""One post: where it stands, what happened to it, and what a person may do about it now."""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Activity, Membership
from accounts.permissions import Permission, may
from accounts.zones import moment_words, shown_zone
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.approval import ChangesForm
from calendar_app.forms.comments import CommentForm
from calendar_app.forms.due import DueForm, OfferForm, due_initial
from calendar_app.pages.beside import beside_mark
from calendar_app.pages.comments import comments_context, find_post
from calendar_app.pages.compose_screen import error_summary, moment_context
from calendar_app.pages.post_actions import (
    CONSENT_ENDED,
    first_action,
    lacks_files,
    offered_actions,
    on_tiktok,
    steps_on,
)
from calendar_app.pages.post_approval import approval_context
from calendar_app.pages.post_choices import choice_rows, phone_labels
from calendar_app.pages.post_consent import consent_cards
from publishing.comments import CommentRefused, add_comment
from publishing.consent import why_no_consent
from publishing.duplicates import Duplicate, find_duplicates
from publishing.looks import LookFirst
from publishing.models import MediaKind, Mode, Post, Presence, Source
from publishing.presence import be_present
from publishing.pulling import is_fetched
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_post
from publishing.retrying import retry_post
from publishing.rules import PRIVACY_WORDS, has_public_link
from publishing.states import MoveRefused, State
from publishing.story import (
    DEEDS,
    lasting_words,
    link_wanted_until,
    next_try,
    percent_sent,
    standing_of,
    story_of,
    with_tiktok_since,
)
from publishing.taking_back import cancel_post, reopen_post
from publishing.webhooks import unmatched_report_at

# The engine, TikTok or another person may still change these without this page's doing.
WATCHED = frozenset(
    {
        State.IN_REVIEW,
        State.SCHEDULED,
        State.UPLOADING,
        State.PROCESSING,
        State.IN_INBOX,
        State.UNCONFIRMED,
    }
)
# A warning helps while the content can still change.
NOT_SENT_YET = frozenset({State.DRAFT, State.IN_REVIEW, State.SCHEDULED})
# A changed post waits for another consent only while it may still go out.
MAY_STILL_GO_OUT = frozenset(
    {State.DRAFT, State.IN_REVIEW, State.SCHEDULED, State.FAILED, State.NEEDS_ATTENTION}
)
ON_ITS_WAY = frozenset({State.SCHEDULED, State.UPLOADING, State.PROCESSING})


@require_safe
@team_page(Permission.VIEW)
def post(request: HttpRequest, pk: int) -> HttpResponse:
    return show_post(request, _find(request, pk, Permission.VIEW), current_moment())


@require_safe
@team_page(Permission.VIEW)
def post_status(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes by itself on the post's page; 304 while nothing did."""
    found = _find(request, pk, Permission.VIEW)
    now = current_moment()
    beside = _beside(request, found, now)
    etag = f'"{_mark(found, beside, now)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        context = _status(request, found, beside, now)
        response = render(request, "posts/_status.html", context)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
@team_page(Permission.VIEW)
def post_comment(request: HttpRequest, pk: int) -> HttpResponse:
    found, _ = find_post(request, pk, Permission.COMMENT)
    form, now = CommentForm(request.POST), current_moment()
    if form.is_valid():
        try:
            add_comment(found, request.user, form.cleaned_data["text"], now)  # type: ignore[arg-type]
        except CommentRefused as refused:
            form.add_error("text", refused.text)
        else:
            return redirect(f"{reverse('post', args=[found.pk])}#comments")
    return show_post(request, found, now, status=422, comment_form=form)


@require_POST
@team_page(Permission.VIEW)
def post_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk, Permission.PLAN)
    try:
        cancel_post(found, request.user, current_moment())  # type: ignore[arg-type]
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("post", found.pk)


@require_POST
@team_page(Permission.VIEW)
def post_retry(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk, Permission.PLAN)
    now, offer = current_moment(), OfferForm(request.POST)
    if not offer.is_valid():
        messages.error(request, str(offer.errors["due_at"][0]))
        return redirect("post", found.pk)
    due_at = offer.cleaned_data["due_at"]
    try:
        retry_post(found, request.user, now, due_at=due_at)  # type: ignore[arg-type]
    except PostRefused as refused:
        return show_post(request, found, now, refused=refused)
    except LookFirst as look:
        messages.error(request, str(look))
        return redirect("post_again", found.pk)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("post", found.pk)


@require_POST
@team_page(Permission.VIEW)
def post_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk, Permission.PLAN)
    try:
        ended = reopen_post(found, request.user, current_moment())  # type: ignore[arg-type]
    except LookFirst as look:
        messages.error(request, str(look))
        return redirect("post_again", found.pk)
    except MoveRefused as refused:
        messages.error(request, str(refused))
        return redirect("post", found.pk)
    if ended:
        messages.warning(request, CONSENT_ENDED)
    return redirect(f"{reverse('compose')}?draft={found.pk}")


@require_POST
@team_page(Permission.VIEW)
def post_reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    now = current_moment()
    found = _find(request, pk, Permission.PLAN)
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    form = DueForm(request.POST, zone=zone)
    if not form.is_valid():
        return show_post(request, found, now, form, status=422)
    due_at = form.cleaned_data["due_at"]
    try:
        reschedule_post(found, due_at, request.user, now)  # type: ignore[arg-type]
    except PostRefused as refused:
        for problem in refused.problems:
            form.add_error("due_time", problem.text)
        return show_post(request, found, now, form, status=422, next_free_at=refused.next_free_at)
    except MoveRefused as refused:
        messages.error(request, str(refused))
    else:
        moment = moment_words(due_at.astimezone(zone), now)
        messages.success(request, gettext("Moved to {moment}.").format(moment=moment))
    return redirect("post", found.pk)


def _find(request: HttpRequest, pk: int, permission: Permission) -> Post:
    posts = Post.objects.select_related("account", "media", "team", "author")
    return find_for_member(request, posts, pk, permission)


def show_post(
    request: HttpRequest,
    found: Post,
    now: datetime,
    form: DueForm | None = None,
    *,
    changes_form: ChangesForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The post's page; with a form that was refused, opened at it."""
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    is_moving = form is not None
    form = form or DueForm(zone=zone, initial=due_initial(found.due_at, zone))
    files = found.files()
    beside = _beside(request, found, now)
    context = {
        **_status(request, found, beside, now),
        **moment_context(form, now),
        "media": found.media,
        "photos": files if found.kind == MediaKind.PHOTO else [],
        "labels": phone_labels(found),
        "choices": choice_rows(found.choices(), len(files)),
        "live_url": reverse("post_status", args=[found.pk]),
        "mark": _mark(found, beside, now),
        "is_moving": is_moving,
        "error_list": error_summary(form) if is_moving else [],
        **comments_context(request, found),
        "changes_form": changes_form or ChangesForm(),
        "seen": found.fingerprint(),
        **more,
    }
    return render(request, "posts/post.html", context, status=status)


def _beside(request: HttpRequest, found: Post, now: datetime) -> list[Presence]:
    return be_present(found.form_token, request.user, now, is_editing=False)  # type: ignore[arg-type]


def _status(
    request: HttpRequest, found: Post, beside: list[Presence], now: datetime
) -> dict[str, Any]:
    membership = Membership.objects.filter(user=request.user, team=found.team).first()  # type: ignore[misc]
    may_act = may(membership, Permission.PLAN)
    return {
        "post": found,
        "beside": beside,
        "is_page": True,
        "post_labels": found.labels.all(),
        "standing": standing_of(found),
        "next_try": next_try(found),
        "with_tiktok_since": with_tiktok_since(found),
        "with_tiktok_for": _with_tiktok_for(found, now),
        "is_fetched": is_fetched(found),
        "link_wanted_until": link_wanted_until(found),
        "story": story_of(found),
        "percent": percent_sent(found) if _is_sending_bytes(found) else None,
        "caption_to_paste": _caption_to_paste(found),
        "is_watched": found.state in WATCHED or found.next_action_at is not None,
        "is_on_its_way": found.state in ON_ITS_WAY and found.mode == Mode.DIRECT,
        "may_plan": may_act,
        "actions": offered_actions(found) if may_act else set(),
        "first_action": first_action(found),
        "lacks_files": found.state == State.FAILED and lacks_files(found),
        "consents": consent_cards(found),
        "steps": steps_on(found),
        "duplicates": _duplicates(found, now),
        "preflight_problems": found.preflight_problems if found.is_warned else [],
        "why_no_consent": why_no_consent(found) if found.state in MAY_STILL_GO_OUT else "",
        "on_tiktok": on_tiktok(found),
        "where_words": gettext("the simulated TikTok") if settings.SIMULATOR_IN_USE else "TikTok",
        "has_public_link": has_public_link(found),
        "reported_at": unmatched_report_at(found),
        **approval_context(found, membership, now),
        "privacy_word": PRIVACY_WORDS.get(found.privacy_level, found.privacy_level),
    }


def _with_tiktok_for(found: Post, now: datetime) -> str:
    since = with_tiktok_since(found)
    return lasting_words(now - since) if since else ""


def _is_sending_bytes(found: Post) -> bool:
    uploads = found.attempts.filter(ended_at=None, source=Source.FILE_UPLOAD)
    return found.state == State.UPLOADING and uploads.exists()


def _caption_to_paste(found: Post) -> str:
    """TikTok takes no caption with an inbox video; the creator brings it along."""
    is_left_here = found.mode == Mode.INBOX and found.kind == MediaKind.VIDEO
    return found.caption if is_left_here else ""


def _duplicates(found: Post, now: datetime) -> list[Duplicate]:
    if found.account is None or found.state not in NOT_SENT_YET:
        return []
    sha256s = [file.sha256 for file in found.files()]
    return find_duplicates(found.account, sha256s, found.caption, found.due_at or now, found.pk)


def _mark(found: Post, beside: list[Presence], now: datetime) -> str:
    """Changes whenever the status fragment would."""
    attempt = found.attempts.last()
    seen = (
        found.state,
        found.updated_at,
        found.note,
        beside_mark(beside),
        # Another name or colour of a label changes no post.
        list(found.labels.values_list("name", "hue")),
        unmatched_report_at(found),
        _with_tiktok_for(found, now),
        found.journal.aggregate(last=Max("pk"))["last"],
        Activity.objects.filter(post_id=found.pk, verb__in=DEEDS).aggregate(last=Max("pk"))["last"],
        found.approvals.aggregate(last=Max("pk"))["last"],
        attempt and (attempt.pk, attempt.bytes_confirmed, attempt.polls, attempt.ended_at),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
