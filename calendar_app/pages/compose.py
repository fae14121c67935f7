"""The posting screen, as TikTok's content-sharing-guidelines ask for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Team, TikTokAccount, User
from accounts.permissions import Permission
from accounts.zones import moment_words, shown_zone
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.compose import (
    CHOICES,
    ChoicesForm,
    ComposeForm,
    cover_of,
)
from calendar_app.forms.due import DueForm
from calendar_app.pages.beside import beside_mark
from calendar_app.pages.caption_editor import caption_context
from calendar_app.pages.compose_conflict import conflict_context, settle_conflict
from calendar_app.pages.compose_screen import (
    Look,
    chosen,
    chosen_photos,
    error_summary,
    fixed_words,
    make_panels,
    moment_context,
    offers_inbox,
    place_problems,
    take_a_look,
    take_looks,
)
from calendar_app.pages.compose_start import Desk, choices_of, desk_of, initial_of, number_in
from calendar_app.pages.photo_order import arrange
from publishing.approvals import requested_changes
from publishing.drafts import ChangedElsewhere, drafts_changed_at, save_drafts
from publishing.duplicates import Duplicate, find_duplicates
from publishing.looks import lacks_look, must_look
from publishing.media.intake import MediaRefused, keep_upload
from publishing.media.restrictions import media_warnings
from publishing.models import Label, MediaAsset, MediaKind, Mode, Post, Presence
from publishing.presence import be_present, leave_form
from publishing.refusals import PostRefused
from publishing.scheduling import schedule_posts
from publishing.states import State

# The buttons that decide something: without one of them nothing is kept, let alone agreed to.
ACTIONS = frozenset({"draft", "keep", "anew", "now", "schedule"})
# Those that keep the form as a draft, which may be incomplete.
DRAFTING = frozenset({"draft", "keep", "anew"})
# Buttons that only show the form anew, without judging it.
LOOKS = ("look", "kind_to", "arrange", "take", "slot")
SHOWN_OF_LIBRARY = 12
# A draft may lack a moment, or hold one that cannot be.
DUE_FIELDS = frozenset(DueForm.base_fields)


# UX-1.0: whoever comes back to it sees what TikTok says then, not what it said.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.PLAN)
def compose(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _submit(request)
    desk = desk_of(request)
    form = ComposeForm(member=desk.member, zone=desk.zone, initial=initial_of(request, desk))
    return _show(request, desk, form, current_moment())


@never_cache
@require_safe
@team_page(Permission.PLAN)
def compose_creator(request: HttpRequest, pk: int) -> HttpResponse:
    """One account's creator and its empty choices, asked live from TikTok."""
    account = find_for_member(request, TikTokAccount.objects.all(), pk, Permission.PLAN)
    now = current_moment()
    kind = MediaKind.PHOTO if request.GET.get("kind") == MediaKind.PHOTO else MediaKind.VIDEO
    mode = Mode.INBOX if request.GET.get("mode") == Mode.INBOX else Mode.DIRECT
    looks = [Look(account)] if mode == Mode.INBOX else [take_a_look(account, now)]
    [panel] = make_panels(looks, [ChoicesForm(account=account)], kind, mode, now)
    context = {"panel": panel, "kind": kind, **fixed_words()}
    return render(request, "compose/_account.html", context)


@require_safe
@team_page(Permission.PLAN)
def compose_moment(request: HttpRequest) -> HttpResponse:
    """The moment that a date and a time mean, in words, or what to choose between."""
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    form = DueForm(request.GET, zone=zone, due_is_needed=False)
    form.is_valid()
    return render(request, "compose/_moment.html", moment_context(form, current_moment()))


@require_POST
@team_page(Permission.PLAN)
def compose_autosave(request: HttpRequest) -> HttpResponse:
    """Keeps what the form holds as drafts; answers with what to say beside the button."""
    desk, now = desk_of(request), current_moment()
    form = ComposeForm(
        request.POST, member=desk.member, zone=desk.zone, due_is_needed=False, is_complete=False
    )
    form.is_valid()
    choices = choices_of(form, desk)
    if not all(one.is_valid() for one in choices) or form.errors.keys() - DUE_FIELDS:
        problems = [row["text"] for row in error_summary(form, choices)]
        return _saved(request, now, status=422, problems=problems)
    plans = form.plans(choices, form.cleaned_data.get("due_at"))
    token, seen_at = form.cleaned_data["form_token"], form.cleaned_data["seen_at"]
    try:
        posts = save_drafts(desk.team, _person(request), plans, token, now, seen_at)
    except ChangedElsewhere as changed:
        more = conflict_context(changed.conflict, token, _person(request), desk.zone, now)
        return _saved(request, now, status=409, problems=[str(changed)], **more)
    except PostRefused as refused:
        return _saved(request, now, status=409, problems=[str(refused)])
    return _saved(
        request,
        now,
        seen_at=drafts_changed_at(desk.team, _person(request), token),
        duplicates_of_accounts=_duplicates(posts, now),
        may_plan=True,
    )


def _saved(
    request: HttpRequest,
    now: datetime,
    *,
    status: int = 200,
    problems: Sequence[str] = (),
    **more: Any,
) -> HttpResponse:
    context = {"saved_at": now, "problems": problems, **more}
    return render(request, "compose/_saved.html", context, status=status)


def _duplicates(posts: Sequence[Post], now: datetime) -> list[list[Duplicate]]:
    """Per account, what it has had lately or gets soon."""
    return [
        find_duplicates(
            post.account,
            [file.sha256 for file in post.files()],
            post.caption,
            post.due_at or now,
            post.pk,
        )
        for post in posts
        if post.account
    ]


def _submit(request: HttpRequest) -> HttpResponse:
    desk, now = desk_of(request), current_moment()
    data, upload_problems = _take_uploads(request, desk.team, _person(request), now)
    settle_conflict(data)
    action = data.get("action", "")
    form = ComposeForm(
        data,
        member=desk.member,
        zone=desk.zone,
        due_is_needed=action == "schedule",
        is_complete=action not in DRAFTING,
    )
    choices = choices_of(form, desk)
    if action not in ACTIONS or any(name in data for name in LOOKS):
        return _show_again(request, desk, form, choices, now, upload_problems=upload_problems)
    is_valid = all([form.is_valid(), *[one.is_valid() for one in choices]])
    for text in upload_problems:
        form.add_error("media", text)
    if not is_valid or upload_problems:
        return _show(request, desk, form, now, choices=choices)
    if action in DRAFTING:
        return _save_draft(request, desk, form, choices, now)
    due_at = now if action == "now" else form.cleaned_data["due_at"]
    return _schedule(request, desk, form, choices, now, due_at)


def _save_draft(
    request: HttpRequest,
    desk: Desk,
    form: ComposeForm,
    choices: list[ChoicesForm],
    now: datetime,
) -> HttpResponse:
    token, seen_at = form.cleaned_data["form_token"], form.cleaned_data["seen_at"]
    plans = form.plans(choices, form.cleaned_data["due_at"])
    try:
        posts = save_drafts(desk.team, _person(request), plans, token, now, seen_at)
    except ChangedElsewhere as changed:
        return _show_conflict(request, desk, form, choices, now, changed)
    except PostRefused as refused:
        place_problems(form, choices, refused.problems)
        return _show(request, desk, form, now, choices=choices)
    if request.POST["action"] != "draft":
        messages.success(request, gettext("Your version is saved."))
        return redirect(f"{reverse('compose')}?draft={token}")
    leave_form(token, _person(request))
    saved = ngettext("Draft saved.", "{n} drafts saved.", len(posts))
    messages.success(request, saved.format(n=len(posts)))
    return _to_posts(posts, desk.zone)


def _schedule(
    request: HttpRequest,
    desk: Desk,
    form: ComposeForm,
    choices: list[ChoicesForm],
    now: datetime,
    due_at: datetime | None,
) -> HttpResponse:
    token, seen_at = form.cleaned_data["form_token"], form.cleaned_data["seen_at"]
    plans = form.plans(choices, due_at)
    looks = take_looks([one.account for one in choices], form.cleaned_data["mode"], now)
    for look, one in zip(looks, choices, strict=True):
        if look.problem:
            text = gettext("{account} cannot post now. {why}")
            one.add_error(None, text.format(account=look.account, why=look.problem.text))
    if any(look.problem for look in looks):
        return _show(request, desk, form, now, choices=choices, looks=looks)
    creators = {look.account.pk: look.creator for look in looks if look.creator}
    try:
        posts = schedule_posts(desk.team, _person(request), plans, token, creators, now, seen_at)
    except ChangedElsewhere as changed:
        return _show_conflict(request, desk, form, choices, now, changed, looks=looks)
    except PostRefused as refused:
        place_problems(form, choices, refused.problems)
        more: dict[str, Any] = {"next_free_at": refused.next_free_at}
        return _show(request, desk, form, now, choices=choices, looks=looks, **more)
    leave_form(token, _person(request))
    messages.success(request, _scheduled_words(posts, desk.zone, now))
    return _to_posts(posts, desk.zone)


def _to_posts(posts: Sequence[Post], zone: ZoneInfo) -> HttpResponse:
    due_at = posts[0].due_at
    if len(posts) == 1 or due_at is None:
        return redirect("post", posts[0].pk)
    return redirect(f"{reverse('calendar')}?day={due_at.astimezone(zone).date()}")


def _show_again(
    request: HttpRequest,
    desk: Desk,
    form: ComposeForm,
    choices: list[ChoicesForm],
    now: datetime,
    **more: Any,
) -> HttpResponse:
    """The same form with everything typed, and nothing judged yet but a file that came along."""
    typed = {name: form[name].value() for name in form.fields}
    unjudged = [
        ChoicesForm(account=one.account, initial={name: one[name].value() for name in CHOICES})
        for one in choices
    ]
    fresh = ComposeForm(member=desk.member, zone=desk.zone, initial=typed)
    return _show(request, desk, fresh, now, choices=unjudged, **more)


def _show_conflict(
    request: HttpRequest,
    desk: Desk,
    form: ComposeForm,
    choices: list[ChoicesForm],
    now: datetime,
    changed: ChangedElsewhere,
    **more: Any,
) -> HttpResponse:
    """The same form with everything typed, and what somebody else wrote beside it."""
    token = form.cleaned_data["form_token"]
    more |= conflict_context(changed.conflict, token, _person(request), desk.zone, now)
    return _show(request, desk, form, now, choices=choices, status=409, **more)


def _show(
    request: HttpRequest,
    desk: Desk,
    form: ComposeForm,
    now: datetime,
    *,
    choices: list[ChoicesForm] | None = None,
    looks: list[Look] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    choices = choices_of(form, desk) if choices is None else choices
    is_photo, mode = form["kind"].value() == MediaKind.PHOTO, form["mode"].value()
    kind = MediaKind.PHOTO if is_photo else MediaKind.VIDEO
    if looks is None:
        looks = take_looks([one.account for one in choices], mode, now)
    photos = chosen_photos(form)
    cover = cover_of(photos, number_in(form["cover"].value()))
    video = chosen(form, "media")
    beside = _beside(request, desk, now)
    context = {
        **moment_context(form, now),
        **fixed_words(),
        **caption_context(desk.member, now),
        "kind": kind,
        "accounts": form.fields["accounts"].queryset,  # type: ignore[attr-defined]
        "chosen_ids": [one.account.pk for one in choices],
        "panels": make_panels(looks, choices, kind, mode, now),
        "account": choices[0].account if choices else None,
        "media": cover if is_photo else video,
        "photos": photos,
        "cover": cover,
        "cover_timestamp_ms": None if is_photo else number_in(form["cover_timestamp_ms"].value()),
        "duplicates_of_accounts": _duplicates(desk.drafts, now),
        "may_plan": True,
        "draft": bool(desk.drafts),
        "beside": beside,
        "beside_mark": beside_mark(beside),
        "team_labels": Label.objects.filter(team=desk.team),
        "chosen_label_ids": [str(pk) for pk in form["labels"].value() or ()],
        "requested_changes": requested_changes(desk.drafts),
        "look_first": [draft for draft in desk.drafts if lacks_look(draft, _person(request), now)],
        "copied": desk.copied if desk.copied and must_look(desk.copied) else None,
        "team_id": desk.team.pk,
        "media_warnings": [] if is_photo or not video else media_warnings(video),
        "library": _newest_media(desk.team, kind, photos),
        "is_typed": request.method == "POST",
        "is_blocked": any(look.problem for look in looks),
        "error_list": error_summary(form, choices),
        "offers_inbox": offers_inbox(),
        "csrf_cookie_name": settings.CSRF_COOKIE_NAME,
        **more,
    }
    return render(request, "compose/compose.html", context, status=status)


def _beside(request: HttpRequest, desk: Desk, now: datetime) -> list[Presence]:
    """Who else has these drafts open; nobody knows of a form that was never saved."""
    if not desk.drafts:
        return []
    return be_present(desk.drafts[0].form_token, _person(request), now, is_editing=True)


def _take_uploads(
    request: HttpRequest, team: Team, person: User, now: datetime
) -> tuple[QueryDict, list[str]]:
    """The form's data with the files that came along kept as media, and why some were refused."""
    data = request.POST.copy()
    if "kind_to" in data:
        data["kind"] = data.get("kind_to", "")
    if "arrange" in data:
        arrange(data)
    if "slot" in data:
        data["due_date"], _, data["due_time"] = data.get("slot", "").partition(" ")
    taken = team.media.filter(pk=number_in(data.get("take")) or 0, deleted_at=None).first()
    if taken:
        _put(data, taken)
    problems: list[str] = []
    kind = MediaKind.PHOTO if data.get("kind") == MediaKind.PHOTO else MediaKind.VIDEO
    for upload in request.FILES.getlist("file"):
        try:
            _put(data, keep_upload(team, person, upload, now, kind))
        except MediaRefused as error:
            problems += error.problems
    return data, problems


def _newest_media(team: Team, kind: str, photos: Sequence[MediaAsset]) -> list[MediaAsset]:
    taken = [photo.pk for photo in photos]
    return list(
        team.media.filter(kind=kind, deleted_at=None).exclude(pk__in=taken)[:SHOWN_OF_LIBRARY]
    )


def _put(data: QueryDict, media: MediaAsset) -> None:
    if media.kind == MediaKind.PHOTO:
        data.appendlist("photos", str(media.pk))
    else:
        data["media"] = str(media.pk)


def _person(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _scheduled_words(posts: Sequence[Post], zone: ZoneInfo, now: datetime) -> str:
    due_at, count = posts[0].due_at, len(posts)
    waiting = sum(post.state == State.IN_REVIEW for post in posts)
    if waiting:
        return _handed_in_words(waiting, count - waiting)
    if due_at is None or due_at <= now:
        text = ngettext(
            "On its way. It may take a few minutes until TikTok shows it on the profile.",
            "{n} posts are on their way. It may take a few minutes until TikTok shows it on the "
            "profile.",
            count,
        )
        return text.format(n=count)
    text = ngettext("Scheduled for {moment}.", "{n} posts scheduled for {moment}.", count)
    return text.format(n=count, moment=moment_words(due_at.astimezone(zone), now))


def _handed_in_words(waiting: int, scheduled: int) -> str:
    if scheduled:
        text = gettext("{waiting} handed in for approval, {scheduled} scheduled.")
        return text.format(waiting=waiting, scheduled=scheduled)
    text = ngettext("Handed in for approval.", "{n} handed in for approval.", waiting)
    return text.format(n=waiting)
