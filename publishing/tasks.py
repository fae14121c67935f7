"""Celery's door to publishing: each task loads by id, calls one function, and may run twice."""

from datetime import datetime
from time import monotonic

from celery import Task, shared_task
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils.timezone import now as current_moment

from accounts.refresh import refresh_due_accounts
from accounts.tiktok_app import tiktok_app
from publishing import (
    approving,
    claims,
    delivery,
    edits,
    exchanges,
    importing,
    looking,
    notice_mails,
    noticeboard,
    presence,
    pulse,
    reconnecting,
    telling,
    webhooks,
)
from publishing import follow_up as following
from publishing.leases import Lease
from publishing.media.library import remove_forgotten
from publishing.media.uploads import remove_stale_uploads
from publishing.models import Post, PulseName, RateUse
from publishing.preflight import sweep
from publishing.states import ARRIVED, State


@shared_task
def tick() -> str:
    began_s = monotonic()
    claimed = claims.tick(current_moment, settings.LOOKAHEAD_S, settings.LEASE_S, _wake)
    # After the claims: a post that is due must not wait for news about others.
    for event_id in webhooks.waiting():
        work_off_webhook.apply_async((event_id,), expires=settings.TICK_S * 5)
    pulse.beat(PulseName.TICK, current_moment(), monotonic() - began_s)
    return f"claimed {claimed}"


@shared_task
def deliveries_pulse() -> str:
    """Runs on the deliveries queue: that it runs at all is the news."""
    pulse.beat(PulseName.DELIVERIES, current_moment())
    return "alive"


def _wake(lease: Lease, post: Post) -> None:
    if post.state in ARRIVED:
        _send(look, lease, post.next_action_at)
    elif claims.lost_too_often(post):
        claims.hold_for_person(lease, tiktok_app(), current_moment)
    elif post.state == State.PROCESSING:
        _send(follow_up, lease, post.next_action_at)
    else:
        _send(prepare, lease)


def _send(task: Task, lease: Lease, at: datetime | None = None) -> None:
    """Wakes a worker at `at`, or at once.

    The message dies with its lease: a worker that is behind drops what has been claimed again
    instead of falling further behind.
    """
    eta = at if at and at > current_moment() else None
    task.apply_async((lease.post_id, lease.token), eta=eta, expires=lease.length_s)


@shared_task
def prepare(post_id: int, token: str) -> str:
    ready = delivery.prepare(post_id, token, tiktok_app(), current_moment)
    if ready is None:
        return "nothing is left to deliver"
    lease, due_at = ready
    _send(deliver, lease, due_at)
    return f"due {due_at.isoformat()}"


@shared_task
def deliver(post_id: int, token: str) -> str:
    return delivery.deliver(post_id, token, tiktok_app(), current_moment)


@shared_task
def follow_up(post_id: int, token: str) -> str:
    return following.follow_up(post_id, token, tiktok_app(), current_moment)


@shared_task
def look(post_id: int, token: str) -> str:
    return looking.look(post_id, token, tiktok_app(), current_moment)


@shared_task
def work_off_webhook(event_id: int) -> str:
    return webhooks.work_off(event_id, current_moment())


@shared_task
def check_ahead() -> str:
    return f"checked {sweep.check_ahead(current_moment)}"


@shared_task
def hold_late_approvals() -> str:
    return f"held {approving.hold_late(current_moment())}"


@shared_task
def tell_people() -> str:
    return f"told of {telling.tell_of_changes()}"


@shared_task
def mail_notices() -> str:
    return f"mailed {notice_mails.mail_notices(current_moment())}"


@shared_task
def note_edits() -> str:
    return f"noted {edits.settle_quiet_edits(current_moment())}"


@shared_task
def refresh_tokens() -> str:
    now = current_moment()
    refresh_due_accounts(tiktok_app(), now)
    return f"lost {reconnecting.tell_of_lost_accounts(now)}"


@shared_task
def warn_about_token_ends() -> str:
    return f"warned {reconnecting.tell_of_near_ends(current_moment())}"


@shared_task
def clean_up() -> str:
    now = current_moment()
    RateUse.objects.filter(frees_at__lt=now).delete()
    SessionStore.clear_expired()
    webhooks.clean_up(now)
    noticeboard.forget_old(now)
    exchanges.clean_up(now)
    importing.forget_old(now)
    presence.clean_up(now)
    stale = remove_stale_uploads(settings.UPLOAD_KEEP_S, now)
    return f"stale uploads {stale}, forgotten media {remove_forgotten()}"
