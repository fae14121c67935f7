"""Figures for Prometheus, to whoever has METRICS_TOKEN or runs the site."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may
from calendar_app.metrics import CONTENT_TYPE, render
from calendar_app.vitals import take_vitals


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _has_token(request) and not _runs_site(request):
        return HttpResponse(
            "Send METRICS_TOKEN as a bearer token, or sign in as an owner of the first team.\n",
            status=401,
            content_type="text/plain",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(render(take_vitals(timezone.now())), content_type=CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(settings.METRICS_TOKEN)
        and scheme.lower() == "bearer"
        and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    )


def _runs_site(request: HttpRequest) -> bool:
    return may(request.membership or None, Permission.RUN_SITE)  # type: ignore[attr-defined]
