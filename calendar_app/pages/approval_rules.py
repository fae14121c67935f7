"""Whether posts need approval before they go out: for the team, and for single accounts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.approval_rules import change_approval_rules
from accounts.permissions import Permission
from calendar_app.access import team_page
from calendar_app.forms.approval import ApprovalRulesForm
from publishing.approvals import APPROVING_ROLES


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.SET_RULES)
def approval_rules(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    team = membership.team
    form = ApprovalRulesForm(request.POST or None, team=team)
    if request.method == "POST" and form.is_valid():
        change_approval_rules(
            team,
            membership.user,
            form.rule(),
            form.cleaned_data["client_counts"],
            form.by_account(),
            current_moment(),
        )
        text = gettext("Saved. The rules hold for posts handed in from now on.")
        messages.success(request, text)
        return redirect("approval_rules")
    members = team.memberships.filter(role__in=APPROVING_ROLES, user__is_active=True)
    context = {"form": form, "approvers": members.select_related("user").order_by("pk")}
    status = 422 if request.method == "POST" else 200
    return render(request, "approvals/rules.html", context, status=status)
