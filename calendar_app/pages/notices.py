"""What the team's posts and accounts have to tell the signed-in person, and what they want told."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from accounts.zones import shown_zone
from calendar_app.access import find_for_member, team_page
from calendar_app.forms.notices import NoticeChoicesForm
from publishing.models import MailPace, Notice
from publishing.noticeboard import mark_read, notices_of, open_notice, unread_of
from publishing.wishes import chosen_pace, keep_wishes, wishes_by_kind

NOTICES_PER_PAGE = 30


@require_safe
@team_page(Permission.VIEW)
def notices(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    only_unread = request.GET.get("show") == "unread"
    chosen = unread_of(membership) if only_unread else notices_of(membership)
    pages = Paginator(chosen.select_related("account"), NOTICES_PER_PAGE)
    context = {
        "notices": pages.get_page(request.GET.get("page")),
        "only_unread": only_unread,
        "newest": notices_of(membership).order_by("-pk").values_list("pk", flat=True).first(),
    }
    return render(request, "notices/notices.html", context)


@require_POST
@team_page(Permission.VIEW)
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Notice.objects.filter(person=request.user.pk, in_app=True)
    notice = find_for_member(request, mine, pk, Permission.VIEW)
    return redirect(open_notice(notice, current_moment()))


@require_POST
@team_page(Permission.VIEW)
def notices_read(request: HttpRequest) -> HttpResponse:
    up_to = request.POST.get("up_to", "")
    if not (up_to.isascii() and up_to.isdigit() and len(up_to) < 19):
        raise Http404
    mark_read(request.membership, int(up_to), current_moment())  # type: ignore[attr-defined]
    return redirect("notices")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def notice_choices(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    form = NoticeChoicesForm(
        request.POST or None, wishes=wishes_by_kind(membership), pace=chosen_pace(membership)
    )
    if request.method == "POST" and form.is_valid():
        keep_wishes(membership, form.wishes(), MailPace(form.cleaned_data["pace"]))
        messages.success(request, gettext("Saved."))
        return redirect("notice_choices")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "zone": shown_zone(membership)}
    return render(request, "notices/choices.html", context, status=status)
