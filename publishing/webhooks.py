"""What TikTok reports by webhook: kept at once, worked off later, in any order.

Polling stays the truth: nothing here is needed for a post to be published, found or failed. What
only a webhook can tell is that an access was removed or that a post is no longer public.
"""

import hashlib
import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_lazy

from accounts.models import TikTokAccount
from accounts.removal import believe_removal, removal_counts
from publishing import verdict
from publishing.disconnecting import pause_posts
from publishing.journal import add_line
from publishing.models import Attempt, NoticeKind, Post, WebhookEvent
from publishing.states import State
from publishing.telling import tell
from tiktok import webhooks as wire
from tiktok.client import PublishStatus

KEPT = timedelta(days=30)
# The answer to an init is stored within its timeouts; a number still unknown then is not ours.
PATIENCE = timedelta(hours=1)
BATCH = 100
# The same news in the words of status/fetch. What was public once has been published.
STATUS_BY_EVENT = {
    wire.PUBLISH_COMPLETE: "PUBLISH_COMPLETE",
    wire.PUBLISH_FAILED: "FAILED",
    wire.INBOX_DELIVERED: "SEND_TO_USER_INBOX",
    wire.PUBLICLY_AVAILABLE: "PUBLISH_COMPLETE",
    wire.NO_LONGER_PUBLICLY_AVAILABLE: "PUBLISH_COMPLETE",
}
REPORTS_OF_A_POST = (wire.PUBLISH_COMPLETE, wire.INBOX_DELIVERED, wire.PUBLICLY_AVAILABLE)
AVAILABILITY = (wire.PUBLICLY_AVAILABLE, wire.NO_LONGER_PUBLICLY_AVAILABLE)
NOT_PUBLIC = gettext_lazy(
    "TikTok says that it is no longer public: it was deleted, made private or taken down."
)


def receive(event: wire.WebhookEvent, now: datetime) -> None:
    """Keeps the event to be worked off; a second delivery of it changes nothing."""
    fresh = WebhookEvent(
        key=_key(event),
        event=_fitting("event", event.event),
        publish_id=_fitting("publish_id", event.publish_id),
        post_id=_fitting("post_id", event.post_id),
        user_openid=_fitting("user_openid", event.user_openid),
        reason=_fitting("reason", event.reason),
        created_at=event.created_at,
        received_at=now,
    )
    WebhookEvent.objects.bulk_create([fresh], ignore_conflicts=True)


def waiting() -> list[int]:
    """The ids of events that can be worked off now, oldest first.

    One whose publish_id nobody knows yet waits: it may have overtaken the answer to its init.
    """
    ready = WebhookEvent.objects.filter(_is_ready(), worked_off_at=None)
    return list(ready.order_by("id").values_list("pk", flat=True)[:BATCH])


def work_off(event_id: int, now: datetime) -> str:
    """Takes the event's news into its post or account; returns what became of it, for the log.

    Safe to run twice, also at once: the event is claimed under the lock of what it is about.
    """
    event = WebhookEvent.objects.filter(pk=event_id, worked_off_at=None).first()
    if event is None:
        return "worked off already"
    with transaction.atomic():
        if event.event in STATUS_BY_EVENT and event.publish_id:
            return _tell_post(event, now)
        if event.event == wire.AUTHORIZATION_REMOVED and event.user_openid:
            return _tell_account(event, now)
        return "noted" if _claim(event, now) else "worked off already"


def last_event() -> WebhookEvent | None:
    """The event that arrived last, whatever it said."""
    return WebhookEvent.objects.order_by("-received_at", "-id").first()


def unmatched_report_at(post: Post) -> datetime | None:
    """When TikTok reported a post of this creator that may be this one; None when it did not.

    Only for a post whose publish_id nobody knows, because the answer to its init was lost.
    """
    if post.state != State.UNCONFIRMED:
        return None
    attempt = post.attempts.filter(publish_id="").last()
    if attempt is None or attempt.init_intended_at is None:
        return None
    # TikTok's moments are whole seconds.
    since = attempt.init_intended_at - timedelta(seconds=1)
    reports = WebhookEvent.objects.filter(
        event__in=REPORTS_OF_A_POST,
        user_openid=post.known_account.open_id,
        created_at__gte=since,
        created_at__lt=since + timedelta(days=1),
    )
    return (
        reports.exclude(Exists(_attempts_of_event()))
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )


def clean_up(now: datetime) -> int:
    """Lets events rest that are about nothing here; removes what was kept long enough.

    Returns how many were removed.
    """
    unknown = WebhookEvent.objects.filter(worked_off_at=None, received_at__lt=now - PATIENCE)
    unknown.exclude(_is_ready()).update(worked_off_at=now)
    return WebhookEvent.objects.filter(received_at__lt=now - KEPT).delete()[0]


def _is_ready() -> Q:
    return ~Q(event__in=STATUS_BY_EVENT) | Q(publish_id="") | Q(Exists(_attempts_of_event()))


def _attempts_of_event() -> QuerySet[Attempt]:
    return Attempt.objects.filter(publish_id=OuterRef("publish_id"))


def _claim(event: WebhookEvent, now: datetime) -> bool:
    mine = WebhookEvent.objects.filter(pk=event.pk, worked_off_at=None)
    return bool(mine.update(worked_off_at=now))


def _tell_post(event: WebhookEvent, now: datetime) -> str:
    attempt = Attempt.objects.filter(publish_id=event.publish_id).first()
    if attempt and event.event in AVAILABILITY:
        # Before the post, as planning locks them: a notice refers to both.
        TikTokAccount.objects.select_for_update(no_key=True).filter(posts=attempt.post_id).first()
    locked = Post.objects.select_for_update().filter(pk=attempt.post_id) if attempt else None
    post = locked.first() if locked is not None else None
    if attempt is None or post is None:
        return "waits for its post"
    if not _claim(event, now):
        return "worked off already"
    verdict.apply_status(attempt, _status_in(event), now)
    post.refresh_from_db()
    if event.event in AVAILABILITY and post.state == State.PUBLISHED:
        _note_availability(post, event, now)
    return f"post {post.pk} is {post.state}"


def _tell_account(event: WebhookEvent, now: datetime) -> str:
    """The account's tokens go and its posts pause, as if the creator had told us first."""
    accounts = TikTokAccount.objects.select_for_update(no_key=True).filter(
        open_id=event.user_openid
    )
    account = accounts.first()
    if not _claim(event, now):
        return "worked off already"
    if account is None or not removal_counts(account, event.created_at):
        return "about no permission that is held"
    cause = believe_removal(account, event.reason)
    way_out = gettext("Connect {account} again, then press Retry.").format(account=account)
    note = f"{cause} {way_out}"
    return f"paused {pause_posts(account, note, now)}"


def _status_in(event: WebhookEvent) -> PublishStatus:
    return PublishStatus(
        status=STATUS_BY_EVENT[event.event],
        fail_reason=event.reason,
        public_post_ids=(event.post_id,) if event.post_id else (),
        uploaded_bytes=None,
        downloaded_bytes=None,
        log_id="",
    )


def _note_availability(post: Post, event: WebhookEvent, now: datetime) -> None:
    """By the latest of what TikTok said, in whatever order it came."""
    if event.post_id != post.public_post_id:
        return
    gone_at = _gone_since(event)
    if bool(gone_at) == bool(post.taken_down_at):
        return
    if gone_at:
        add_line(post, "taken_down", now, str(NOT_PUBLIC))
        _tell_of_loss(post, gone_at, now)
    else:
        add_line(post, "public_again", now)
    Post.objects.filter(pk=post.pk).update(
        taken_down_at=gone_at,
        note=str(NOT_PUBLIC) if gone_at else "",
        next_action_at=None,
        updated_at=now,
    )


def _tell_of_loss(post: Post, gone_at: datetime, now: datetime) -> None:
    headline = gettext("No longer public on {account}: {post}").format(
        account=post.account, post=post.headline
    )
    key = f"taken-down-{post.pk}-{gone_at.isoformat()}"
    text = str(NOT_PUBLIC)
    tell(post.team, NoticeKind.TAKEN_DOWN, headline, now, text=text, post=post, key=key)


def _gone_since(event: WebhookEvent) -> datetime | None:
    said: QuerySet[WebhookEvent] = WebhookEvent.objects.filter(
        event__in=AVAILABILITY, publish_id=event.publish_id, post_id=event.post_id
    )
    # Within one second "no longer" is the later word; it also sorts first.
    at = Coalesce("created_at", "received_at")
    last = said.annotate(at=at).order_by("-at", "event").values("event", "at").first()
    if last is None or last["event"] == wire.PUBLICLY_AVAILABLE:
        return None
    return last["at"]


def _key(event: wire.WebhookEvent) -> str:
    # With the post id: a draft posted twice gives two events within one second.
    words = [event.event, event.publish_id, event.post_id, event.user_openid, event.reason]
    created = event.created_at.isoformat() if event.created_at else ""
    return hashlib.sha256(json.dumps([*words, created]).encode()).hexdigest()


def _fitting(column: str, text: str) -> str:
    """`text` as the column can hold it: PostgreSQL refuses more, and some characters."""
    length = WebhookEvent._meta.get_field(column).max_length  # type: ignore[union-attr]
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:length]
