"""How the site runs, for those who run it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from calendar_app.access import team_page
from calendar_app.operations import rows, versions
from calendar_app.vitals import take_vitals
from publishing.models import PulseName


@require_safe
@never_cache
@team_page(Permission.RUN_SITE)
def operations(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    vitals = take_vitals(timezone.now())
    context = {
        "rows": rows(vitals, membership),
        "versions": versions(),
        "has_ticked": PulseName.TICK in vitals.beats,
        "site_url": settings.SITE_URL,
        "has_metrics_token": bool(settings.METRICS_TOKEN),
    }
    return render(request, "operations/operations.html", context)
