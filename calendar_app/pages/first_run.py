"""The first person of a new installation, let in by the link that the start printed."""

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.first_run import FirstRunRefused, create_first_owner
from accounts.models import User
from calendar_app.forms.people import WelcomeForm

SESSION_KEY = "first_run_token"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    if User.objects.exists():
        return redirect("home")
    if "token" in request.GET:
        # Out of the address bar, so that it does not stay in the history.
        request.session[SESSION_KEY] = request.GET["token"]
        return redirect("first_run")
    token = request.session.get(SESSION_KEY, "")
    if request.method == "POST":
        return _create(request, token)
    return _show(request, WelcomeForm(), token)


def _create(request: HttpRequest, token: str) -> HttpResponse:
    form = WelcomeForm(request.POST)
    if not form.is_valid():
        return _show(request, form, token, status=422)
    try:
        user = create_first_owner(token, now=timezone.now(), **form.cleaned_data)
    except FirstRunRefused as refused:
        form.add_error(None, refused.text)
        return _show(request, form, token, status=422)
    del request.session[SESSION_KEY]
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("accounts")


def _show(request: HttpRequest, form: WelcomeForm, token: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "has_token": bool(token)}
    return render(request, "first_run/first_run.html", context, status=status)
