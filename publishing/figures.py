"""What tells whether publishing runs well; what a figure costs does not grow with the past."""

from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import AccountStatus, TikTokAccount
from publishing.models import Attempt, Breaker, Post
from publishing.states import State

# Those that have not come to an end; the index on the state counts each of them.
OPEN = (
    State.IN_REVIEW,
    State.SCHEDULED,
    State.UPLOADING,
    State.PROCESSING,
    State.NEEDS_ATTENTION,
    State.UNCONFIRMED,
    State.FAILED,
)
NEED_SOMEONE = (State.NEEDS_ATTENTION, State.UNCONFIRMED, State.FAILED)
ATTEMPTS_READ = 1000
LATENESS_REACH = timedelta(hours=24)


def posts_by_state() -> dict[State, int]:
    """How many posts stand in each of the states that are not an end, with 0 for none."""
    counted = Post.objects.filter(state__in=OPEN).order_by().values_list("state")
    found = dict(counted.annotate(number=Count("pk")))
    return {state: found.get(state, 0) for state in OPEN}


def posts_due(now: datetime) -> int:
    """How many scheduled posts have not begun though their moment has come."""
    return Post.objects.filter(state=State.SCHEDULED, due_at__lte=now).count()


def oldest_overdue(now: datetime) -> Post | None:
    overdue = Post.objects.filter(state=State.SCHEDULED, due_at__lte=now)
    return overdue.select_related("account", "media").order_by("due_at").first()


def lateness_s(now: datetime) -> list[float]:
    """Seconds from due to init of each attempt of the last 24 hours, of the last 1,000 at most.

    Waits that TikTok's limits and retries demanded count; a post that was moved to a later moment
    after its attempt does not.
    """
    # Two queries: joined, the database might begin with every post there is.
    newest = Attempt.objects.order_by("-id").values_list("post_id", "init_intended_at")
    recent = [
        (post_id, init_at)
        for post_id, init_at in newest[:ATTEMPTS_READ]
        if init_at and now - init_at <= LATENESS_REACH
    ]
    posts = Post.objects.filter(pk__in={post_id for post_id, _ in recent})
    due_at = {pk: at for pk, at in posts.order_by().values_list("pk", "due_at") if at}
    waited = [(init_at - due_at[pk]).total_seconds() for pk, init_at in recent if pk in due_at]
    return [seconds for seconds in waited if seconds >= 0]


def open_breakers() -> list[Breaker]:
    """What holds the posts of several accounts now, the oldest first; `waiting` counts them."""
    waiting = Count("held", filter=Q(held__state=State.SCHEDULED))
    return list(
        Breaker.objects.exclude(opened_at=None).annotate(waiting=waiting).order_by("opened_at")
    )


def accounts_by_status() -> dict[AccountStatus, int]:
    counted = TikTokAccount.objects.filter(deleted_at=None).order_by().values_list("status")
    found = dict(counted.annotate(number=Count("pk")))
    return {status: found.get(status, 0) for status in AccountStatus}


def failing_refreshes() -> int:
    """How many connected accounts' last token refresh failed."""
    connected = TikTokAccount.objects.filter(status=AccountStatus.CONNECTED, deleted_at=None)
    return connected.filter(refresh_failures__gt=0).count()
