"""Several teams: which of them is the current one, and another one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Membership
from accounts.teams import TeamRefused, create_team, may_create_team
from calendar_app.access import NO_NEW_TEAM
from calendar_app.forms.people import TeamForm
from calendar_app.middleware import SESSION_KEY


@require_POST
@login_required
def team_switch(request: HttpRequest) -> HttpResponse:
    sent = request.POST.get("team", "")
    mine = Membership.objects.filter(user=request.user.pk)
    # 18 digits fit into the database's integers.
    is_number = sent.isascii() and sent.isdigit() and len(sent) <= 18
    if not is_number or not mine.filter(team=int(sent)).exists():
        raise Http404
    request.session[SESSION_KEY] = int(sent)
    return redirect("calendar")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team_new(request: HttpRequest) -> HttpResponse:
    if not may_create_team(request.user):  # type: ignore[arg-type]
        raise PermissionDenied(NO_NEW_TEAM)
    form = TeamForm(request.POST or None)
    if request.method != "POST":
        return render(request, "team/new.html", {"form": form})
    if form.is_valid():
        name, zone = form.cleaned_data["name"], form.cleaned_data["timezone"]
        try:
            membership = create_team(request.user, name, zone, timezone.now())  # type: ignore[arg-type]
        except TeamRefused as refused:
            form.add_error(None, refused.text)
        else:
            request.session[SESSION_KEY] = membership.team_id
            text = gettext("{team} is made. Invite its people next.").format(team=name)
            messages.success(request, text)
            return redirect("team")
    return render(request, "team/new.html", {"form": form}, status=422)
