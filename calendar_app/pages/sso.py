"""The way to the single sign-on's provider; allauth takes the answer."""

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from requests import RequestException

from calendar_app.oidc import PROVIDER

AWAY = gettext_lazy("{name} does not answer. Try again in a minute, or sign in with your password.")


@never_cache
@require_safe
def sso_login(request: HttpRequest) -> HttpResponse:
    """Always begins a sign-in and never joins the provider's account to whoever is signed in: as
    a link it could be put under somebody else's hand.

    It is a link because the browser would hold a form to our own addresses through all redirects
    of the provider, which nobody knows beforehand.
    """
    if not settings.OIDC_IS_ON:
        raise Http404
    provider = get_adapter(request).get_provider(request, PROVIDER)
    try:
        answer: HttpResponse = provider.redirect(
            request, AuthProcess.LOGIN, next_url=_own_address(request)
        )
    except (RequestException, ValueError, KeyError):
        messages.error(request, AWAY.format(name=settings.OIDC_NAME))
        return redirect("account_login")
    return answer


def _own_address(request: HttpRequest) -> str | None:
    asked = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, {request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else None
