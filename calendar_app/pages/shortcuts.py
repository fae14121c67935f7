"""The keys that lead through the product, for browsers without script and for reading."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from calendar_app.access import team_page


@require_safe
@team_page(Permission.VIEW)
def shortcuts(request: HttpRequest) -> HttpResponse:
    return render(request, "help/shortcuts.html")
