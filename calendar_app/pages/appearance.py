"""Theme and menu width: kept in cookies, so that the first byte of a page has them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from calendar_app.context import RAIL_COOKIE, THEME_COOKIE

CHOICES = {
    "theme": (THEME_COOKIE, {"auto", "light", "dark"}),
    "rail": (RAIL_COOKIE, {"narrow", "wide"}),
}
YEAR_S = 365 * 24 * 3600


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    for name, (cookie, allowed) in CHOICES.items():
        value = request.POST.get(name, "")
        if value in allowed:
            response.set_cookie(
                cookie, value, max_age=YEAR_S, samesite="Lax", secure=request.is_secure()
            )
    return response
