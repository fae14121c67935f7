"""What a person decides about themselves."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, may
from accounts.teams import may_create_team, teams_of
from calendar_app.forms.people import PersonForm
from calendar_app.review import missing_for_review
from publishing.public_address import known_finding
from publishing.pulling import PULL_PATH


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    team_zone = membership.team.timezone if membership else ""
    form = PersonForm(request.POST or None, instance=request.user, team_zone=team_zone)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, gettext("Saved."))
        return redirect("settings")
    status = 422 if request.method == "POST" else 200
    runs_site = may(membership or None, Permission.RUN_SITE)
    context = {
        "form": form,
        "may_run_site": runs_site,
        "has_second_factor": is_mfa_enabled(request.user),
        "teams": teams_of(request.user),  # type: ignore[arg-type]
        "may_create_team": may_create_team(request.user),  # type: ignore[arg-type]
        "may_delete_team": may(membership or None, Permission.DELETE_DATA),
        "offers_inbox": django_settings.TIKTOK_OFFERS_INBOX,
        "missing": missing_for_review(django_settings) if runs_site else [],
        "address": known_finding() if runs_site else None,
        "site_url": django_settings.SITE_URL,
        "pull_prefix": f"{django_settings.SITE_URL}{PULL_PATH}",
    }
    return render(request, "settings/settings.html", context, status=status)
