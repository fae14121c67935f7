"""The posting screen, as TikTok's content-sharing-guidelines ask for it."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership, Team, TikTokAccount, User
from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.compose import (
    DIRECT_CHOICES,
    ComposeForm,
    new_form_token,
    postable_accounts,
)
from calendar_app.forms.due import DueForm, due_initial
from calendar_app.month import read_day
from calendar_app.pages.compose_screen import (
    Look,
    caption_length,
    chosen,
    creator_context,
    error_summary,
    fixed_words,
    moment_context,
    take_a_look,
)
from calendar_app.templatetags.duecast import moment_words
from calendar_app.wall_time import shown_zone
from publishing.media.intake import MediaRefused, keep_upload
from publishing.models import Mode, Post
from publishing.planning import PostRefused, save_draft, schedule_post
from publishing.states import State

# Where a problem of publishing.rules stands on this form when the names differ.
FIELD_OF_PROBLEM = {"due_at": "due_time"}


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.PLAN)
def compose(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _submit(request)
    membership: Membership = request.membership  # type: ignore[attr-defined]
    draft = named_draft(request)
    team = draft.team if draft else membership.team
    zone = shown_zone(membership)
    if draft:
        initial = _from_draft(draft) | due_initial(draft.due_at, zone)
    else:
        initial = _from_link(request.GET, team)
    form = ComposeForm(team=team, zone=zone, initial=initial)
    return _show(request, form, current_moment(), draft=draft)


@require_safe
@team_page(Permission.PLAN)
def compose_creator(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts of the screen that depend on the account, asked live from TikTok."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    account = find_for_member(request, TikTokAccount.objects.all(), pk, Permission.PLAN)
    zone = shown_zone(membership)
    form = ComposeForm(team=account.team, zone=zone, initial={"account": account.pk})
    look = take_a_look(account, current_moment())
    context = creator_context(form, look) | {"is_fragment": True}
    return render(request, "compose/_creator_parts.html", context)


@require_safe
@team_page(Permission.PLAN)
def compose_moment(request: HttpRequest) -> HttpResponse:
    """The moment that a date and a time mean, in words, or what to choose between."""
    zone = shown_zone(request.membership)  # type: ignore[attr-defined]
    form = DueForm(request.GET, zone=zone, due_is_needed=False)
    form.is_valid()
    return render(request, "compose/_moment.html", moment_context(form, current_moment()))


def _submit(request: HttpRequest) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    now = current_moment()
    draft = named_draft(request)
    team = draft.team if draft else membership.team
    data, upload_problems = _take_upload(request, team, membership.user, now)
    action = data.get("action", "schedule")
    zone = shown_zone(membership)
    form = ComposeForm(data, team=team, zone=zone, due_is_needed=action == "schedule")
    if upload_problems:
        form.errors.pop("media", None)
        for text in upload_problems:
            form.add_error("media", text)
    if not form.is_valid():
        return _show(request, form, now, draft=draft)
    if action == "draft":
        return _save_draft(request, form, draft, now)
    return _schedule(request, form, draft, now, due_at=_due_at(form, action, now))


def _save_draft(
    request: HttpRequest, form: ComposeForm, draft: Post | None, now: datetime
) -> HttpResponse:
    token, plan = form.cleaned_data["form_token"], form.plan(form.cleaned_data["due_at"])
    try:
        post = save_draft(plan.known_account.team, request.user, plan, token, now)  # type: ignore[arg-type]
    except PostRefused as refused:
        _add_problems(form, refused)
        return _show(request, form, now, draft=draft)
    messages.success(request, "Draft saved.")
    return redirect("post", post.pk)


def _schedule(
    request: HttpRequest,
    form: ComposeForm,
    draft: Post | None,
    now: datetime,
    due_at: datetime | None,
) -> HttpResponse:
    token, plan = form.cleaned_data["form_token"], form.plan(due_at)
    look = take_a_look(plan.known_account, now) if plan.mode == Mode.DIRECT else None
    if look and look.problem:
        form.add_error("account", look.problem.text)
        return _show(request, form, now, draft=draft, look=look)
    creator = look.creator if look else None
    try:
        post = schedule_post(plan.known_account.team, request.user, plan, token, creator, now)  # type: ignore[arg-type]
    except PostRefused as refused:
        _add_problems(form, refused)
        context = {"next_free_at": refused.next_free_at}
        return _show(request, form, now, draft=draft, look=look, **context)
    messages.success(request, _scheduled_words(post, form, now))
    return redirect("post", post.pk)


def _show(
    request: HttpRequest,
    form: ComposeForm,
    now: datetime,
    *,
    draft: Post | None,
    look: Look | None = None,
    **more: Any,
) -> HttpResponse:
    account = chosen(form, "account")
    if look is None and account is not None:
        look = take_a_look(account, now)
    context = {
        **creator_context(form, look),
        **moment_context(form, now),
        **fixed_words(),
        "accounts": form.fields["account"].queryset,  # type: ignore[attr-defined]
        "account": account,
        "media": chosen(form, "media"),
        "caption_utf16": caption_length(form),
        "draft": draft,
        "error_list": error_summary(form),
        "offers_inbox": settings.TIKTOK_OFFERS_INBOX,
        "csrf_cookie_name": settings.CSRF_COOKIE_NAME,
        **more,
    }
    return render(request, "compose/compose.html", context)


def named_draft(request: HttpRequest) -> Post | None:
    """The draft that ?draft= names; 404 when it is a stranger's or no draft any more."""
    pk = request.GET.get("draft")
    if pk is None:
        return None
    if not (pk.isascii() and pk.isdigit()):
        raise Http404
    drafts = Post.objects.filter(state=State.DRAFT).select_related("team")
    return find_for_member(request, drafts, int(pk), Permission.PLAN)


def _from_draft(draft: Post) -> dict[str, Any]:
    kept = {name: getattr(draft, name) for name in (*DIRECT_CHOICES, "mode", "caption")}
    return kept | {
        "form_token": draft.form_token,
        "account": draft.account_id,
        "media": draft.media_id,
    }


def _from_link(query: QueryDict, team: Team) -> dict[str, Any]:
    """What a link may fill in: where and when, never a choice that TikTok wants made by hand."""
    accounts = [str(pk) for pk in postable_accounts(team).values_list("pk", flat=True)]
    asked = query.get("account", "")
    day: date | None = read_day(query.get("date", ""))
    return {
        "form_token": new_form_token(),
        "account": asked if asked in accounts else accounts[0] if len(accounts) == 1 else None,
        "due_date": day,
    }


def _take_upload(
    request: HttpRequest, team: Team, person: User, now: datetime
) -> tuple[QueryDict, list[str]]:
    """The form's data with a file that came along kept as media, and why it was refused."""
    data = request.POST.copy()
    upload = request.FILES.get("file")
    if upload is None:
        return data, []
    try:
        media = keep_upload(team, person, upload, now)
    except MediaRefused as error:
        return data, error.problems
    data["media"] = str(media.pk)
    return data, []


def _due_at(form: ComposeForm, action: str, now: datetime) -> datetime | None:
    return now if action == "now" else form.cleaned_data["due_at"]


def _add_problems(form: ComposeForm, refused: PostRefused) -> None:
    for problem in refused.problems:
        field = FIELD_OF_PROBLEM.get(problem.field, problem.field)
        form.add_error(field if field in form.fields else None, problem.text)


def _scheduled_words(post: Post, form: ComposeForm, now: datetime) -> str:
    if post.due_at is None or post.due_at <= now:
        return "On its way. It may take a few minutes until TikTok shows it on the profile."
    return f"Scheduled for {moment_words(post.due_at.astimezone(form.zone), now)}."
