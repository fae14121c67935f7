"""For machines that watch: whether all works (/healthz), whether web does (/healthz/web)."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from calendar_app.faults import database_answers, find_faults


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    return _answer(find_faults(timezone.now()))


@require_safe
@never_cache
def web_health(request: HttpRequest) -> HttpResponse:
    """Restarting web mends neither scheduler nor broker nor disk, so they do not count here."""
    return _answer([] if database_answers() else ["database: does not answer"])


def _answer(faults: list[str]) -> HttpResponse:
    status = 503 if faults else 200
    return HttpResponse("\n".join(faults) or "ok", status=status, content_type="text/plain")
