"""Mails kept on this machine while there is no mail server."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import OutboxMail
from accounts.permissions import Permission
from calendar_app.access import team_page

MAILS_PER_PAGE = 30


@require_safe
@team_page(Permission.READ_OUTBOX)
def outbox(request: HttpRequest) -> HttpResponse:
    if settings.EMAIL_URL:
        raise Http404
    pages = Paginator(OutboxMail.objects.all(), MAILS_PER_PAGE)
    return render(request, "outbox/outbox.html", {"mails": pages.get_page(request.GET.get("page"))})
