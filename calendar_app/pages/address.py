"""Whether TikTok can fetch from this site, for people who plan and for those who run it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from calendar_app.access import team_page
from publishing.public_address import look_again, look_at_address


@require_safe
@team_page(Permission.PLAN)
def address_check(request: HttpRequest) -> HttpResponse:
    """The fragment of templates/pulling/_address_check.html, freshly looked at."""
    return render(request, "pulling/_address_finding.html", {"address": look_at_address()})


@require_POST
@team_page(Permission.RUN_SITE)
def address_check_again(request: HttpRequest) -> HttpResponse:
    look_again()
    return redirect(f"{reverse('settings')}#address")
