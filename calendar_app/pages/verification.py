"""Files by which TikTok verifies our address, and what to enter in its developer portal."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import SiteVerification
from accounts.permissions import Permission
from accounts.scopes import WORDS
from accounts.tiktok_app import asked_scopes
from accounts.verification import add_verification, file_body, remove_verification
from calendar_app.access import team_page
from calendar_app.forms.site import VerificationForm
from calendar_app.review import missing_for_review
from publishing.webhooks import last_event

# Label in TikTok's portal → the page that belongs there.
PORTAL_FIELDS = (
    ("Web/Desktop URL", "home"),
    ("Privacy Policy URL", "privacy"),
    ("Terms of Service URL", "terms"),
    ("Redirect URI (Login Kit, Web)", "account_callback"),
    ("Callback URL (Webhooks)", "tiktok_webhook"),
)


@require_safe
def verification_file(request: HttpRequest, token: str) -> HttpResponse:
    body = file_body(token)
    if body is None:
        raise Http404
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.RUN_SITE)
def verification(request: HttpRequest) -> HttpResponse:
    form = VerificationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        member = request.membership  # type: ignore[attr-defined]
        added = add_verification(form.cleaned_data["token"], member, timezone.now())
        words = gettext("{file} is served. Press Verify at TikTok.")
        messages.success(request, words.format(file=added.file_name))
        return redirect("verification")
    context = {
        "form": form,
        "files": SiteVerification.objects.select_related("added_by"),
        "site_url": settings.SITE_URL,
        "missing": missing_for_review(settings),
        "portal": [(label, settings.SITE_URL + reverse(name)) for label, name in PORTAL_FIELDS],
        "last_event": last_event(),
        "scopes": [(scope, WORDS[scope][0]) for scope in asked_scopes()],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "verification/verification.html", context, status=status)


@require_POST
@team_page(Permission.RUN_SITE)
def verification_remove(request: HttpRequest, pk: int) -> HttpResponse:
    removed = get_object_or_404(SiteVerification, pk=pk)
    remove_verification(removed, request.membership, timezone.now())  # type: ignore[attr-defined]
    words = gettext("{file} is no longer served.")
    messages.success(request, words.format(file=removed.file_name))
    return redirect("verification")
