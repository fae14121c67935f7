from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from accounts.models import User


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.membership:  # type: ignore[attr-defined]
        return redirect("/calendar/")
    if not User.objects.exists():
        return redirect("first_run")
    return render(request, "home/home.html", {"signup_is_open": settings.SIGNUP_OPEN})


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here for pages that name no icon, such as the simulator's."""
    return redirect(static("mark.svg"))
