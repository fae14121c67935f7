"""Waiting for webhooks that a simulator sends, and working them off as a worker would."""

import time
from collections.abc import Callable
from typing import Any

from django.utils.timezone import now as current_moment

from publishing import webhooks
from publishing.models import WebhookEvent


def wait_for(condition: Callable[[], Any], timeout_s: float = 30) -> Any:
    give_up_at = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < give_up_at, "the condition never came true"
        time.sleep(0.02)
    return value


def arrived(event: str, count: int = 1) -> list[WebhookEvent]:
    """Events of this name, once so many are kept."""
    found = WebhookEvent.objects.filter(event=event)
    wait_for(lambda: found.count() >= count)
    return list(found)


def work_off(*events: WebhookEvent) -> list[str]:
    """These in this order, or all that wait."""
    ids = [event.pk for event in events] or webhooks.waiting()
    return [webhooks.work_off(pk, current_moment()) for pk in ids]
