from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.scopes import WORDS
from accounts.tiktok_app import asked_scopes

HOUR_S = 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and request.membership:  # type: ignore[attr-defined]
        return redirect("/calendar/")
    if not User.objects.exists():
        return redirect("first_run")
    context = {
        "signup_is_open": settings.SIGNUP_OPEN,
        "offers_inbox": settings.TIKTOK_OFFERS_INBOX,
        "permissions": get_text_list(
            [gettext("“{name}”").format(name=WORDS[scope][0]) for scope in asked_scopes()],
            gettext("and"),
        ),
    }
    return render(request, "home/home.html", context)


@require_safe
def product_icon(request: HttpRequest) -> HttpResponseBase:
    if not settings.PRODUCT_ICON:
        raise Http404
    icon = Path(settings.PRODUCT_ICON)
    content_type = "image/svg+xml" if icon.suffix.lower() == ".svg" else "image/png"
    response = FileResponse(icon.open("rb"), content_type=content_type)
    response["Cache-Control"] = f"public, max-age={HOUR_S}"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask here for pages that name no icon, such as the simulator's."""
    if settings.PRODUCT_ICON:
        return redirect("product_icon")
    return redirect(static("mark.svg"))
