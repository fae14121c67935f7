"""What a person decides about themselves."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from calendar_app.forms.people import PersonForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    team_zone = membership.team.timezone if membership else ""
    form = PersonForm(request.POST or None, instance=request.user, team_zone=team_zone)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings")
    status = 422 if request.method == "POST" else 200
    return render(request, "settings/settings.html", {"form": form}, status=status)
