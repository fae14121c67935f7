"""Privacy Policy and Terms of Service: public, and a host can put own texts in their place."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, may
from calendar_app.review import missing_for_review


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/privacy.html", _context(request))


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/terms.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    runs_site = may(request.membership or None, Permission.RUN_SITE)  # type: ignore[attr-defined]
    return {
        "offers_inbox": settings.TIKTOK_OFFERS_INBOX,
        "lists_videos": settings.TIKTOK_LISTS_VIDEOS,
        "missing": missing_for_review(settings) if runs_site else [],
    }
