"""What every page's frame needs."""

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, object]:
    return {
        "product_name": settings.PRODUCT_NAME,
        "simulator_in_use": settings.SIMULATOR_IN_USE,
        "membership": getattr(request, "membership", None),
        "has_outbox": not settings.EMAIL_URL,
    }
