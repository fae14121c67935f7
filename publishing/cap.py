"""The creator's cap: about 15 posts in a rolling 24 h, counted before TikTok has to refuse.

TikTok publishes no figure, so it is a setting per account. The arithmetic is pure; the ledger
reads the posts themselves, so nothing can drift from them.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import TikTokAccount
from publishing.models import Attempt, Mode, Outcome, Post
from publishing.states import COUNTED_BY_CAP, State

# Drafts that may wait in a creator's inbox, in any 24 h
# (content-posting-api-reference-upload-video).
PENDING_SHARES = 5
COUNTED_AS_PENDING = (COUNTED_BY_CAP - {State.PUBLISHED}) | {State.IN_INBOX}
# A minute more than a day: a post may leave a little late, the one after it must not be early.
WINDOW = timedelta(hours=24, minutes=1)
# At fire time half of that minute: one that left some seconds late does not move the one that was
# planned right after its window.
SENT_WINDOW = timedelta(hours=24, seconds=30)
# As text: every post asks it before it leaves, and there is hardly ever one. The condition is that
# of the index attempt_lone.
_ANY_LONE = """
SELECT 1 FROM publishing_attempt
WHERE (outcome = 'unconfirmed' OR is_lone) AND init_intended_at > %(after)s LIMIT 1
"""


def fits(
    moments: Sequence[datetime], wanted: datetime, cap: int, window: timedelta = WINDOW
) -> bool:
    """Whether no `window` that contains `wanted` would hold more than `cap` posts.

    `moments` are those of the other posts, in any order.
    """
    before = sorted(moment for moment in moments if wanted - window < moment <= wanted)
    after = sorted(moment for moment in moments if wanted < moment < wanted + window)
    line = [*before, wanted, *after]
    return all(
        line[first + cap] - line[first] >= window for first in range(max(0, len(line) - cap))
    )


def next_free_moment(
    moments: Sequence[datetime], wanted: datetime, cap: int, window: timedelta = WINDOW
) -> datetime:
    """The first moment at `wanted` or after it at which one more post fits."""
    if fits(moments, wanted, cap, window):
        return wanted
    ends = sorted(moment + window for moment in moments if moment + window > wanted)
    return next(end for end in ends if fits(moments, end, cap, window))


def whole_minute(at: datetime) -> datetime:
    """The first moment from `at` on that a date and a time of day can name."""
    minute = at.replace(second=0, microsecond=0)
    return minute if minute == at else minute + timedelta(minutes=1)


def limit_of(account: TikTokAccount, mode: str) -> int:
    """How many posts of this mode TikTok takes in 24 h."""
    return account.daily_cap if mode == Mode.DIRECT else PENDING_SHARES


def counted_moments(
    account: TikTokAccount, around: datetime, mode: str, leave_out: int | None = None
) -> list[datetime]:
    """When posts that count went out or will, within reach of `around` and after it.

    Direct posts: scheduled, in flight, published and unconfirmed ones. Inbox drafts have a cap of
    their own; one that the creator has published no longer counts. `leave_out` is the id of the
    post in question; a try of it that TikTok may have taken counts all the same.
    """
    horizon = around - WINDOW
    near = _counted(account, mode).filter(
        Q(init_at__gt=horizon) | Q(init_at=None, next_action_at__gt=horizon)
    )
    others = near.exclude(pk=leave_out or 0).annotate(moment=Coalesce("init_at", "next_action_at"))
    planned = [post.moment for post in others.only("pk")]
    return planned + _lone_inits(account, mode, horizon)


def counted_between(
    account_ids: Iterable[int], start: datetime, end: datetime
) -> dict[tuple[int, str], list[datetime]]:
    """What `counted_moments` counts from `start` to `end`, earlier first, by account and mode.

    Three queries, however many accounts there are.
    """
    moments: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    ids = list(account_ids)
    counts = Q()
    for mode in Mode.values:
        counts |= Q(mode=mode, state__in=counted_states(mode))
        tries = lone_tries(mode, start).filter(post__account__in=ids, init_intended_at__lt=end)
        for account_id, at in tries.values_list("post__account", "init_intended_at"):
            if at:
                moments[account_id, mode].append(at)
    inside = Q(init_at__gte=start, init_at__lt=end)
    inside |= Q(init_at=None, next_action_at__gte=start, next_action_at__lt=end)
    posts = Post.objects.filter(inside, counts, account__in=ids).order_by()
    counted = posts.values_list("account", "mode", Coalesce("init_at", "next_action_at"))
    for account_id, mode, at in counted:
        moments[account_id, mode].append(at)
    return {key: sorted(line) for key, line in moments.items()}


def fullest_windows(
    moments: Sequence[datetime], edges: Sequence[datetime], window: timedelta = WINDOW
) -> list[int]:
    """For each stretch between two of the `edges`, how many posts the fullest `window` holds that
    ends with one of its posts; 0 where it has none. `moments` and `edges` are in their order."""
    fullest = [0] * (len(edges) - 1)
    first = 0
    for number, at in enumerate(moments):
        while moments[first] <= at - window:
            first += 1
        stretch = bisect_right(edges, at) - 1
        if 0 <= stretch < len(fullest):
            fullest[stretch] = max(fullest[stretch], number - first + 1)
    return fullest


def sent_moments(
    account: TikTokAccount, now: datetime, mode: str, leave_out: int | None = None
) -> list[datetime]:
    """When posts that count went out within the last day: what the cap holds at fire time."""
    sent = _counted(account, mode).filter(init_at__gt=now - SENT_WINDOW)
    moments = sent.exclude(pk=leave_out or 0).values_list("init_at", flat=True)
    known = [moment for moment in moments if moment]
    return known + _lone_inits(account, mode, now - SENT_WINDOW)


def _counted(account: TikTokAccount, mode: str) -> QuerySet[Post]:
    return Post.objects.filter(account=account, mode=mode, state__in=counted_states(mode))


def counted_states(mode: str) -> frozenset[State]:
    """Which posts of this mode TikTok may count, now or once they go out."""
    return COUNTED_BY_CAP if mode == Mode.DIRECT else COUNTED_AS_PENDING


def lone_tries(mode: str, after: datetime) -> QuerySet[Attempt]:
    """Tries begun since that TikTok took, or may have taken, and that their posts do not stand for:
    the post was sent again, given up, or let rest, whatever TikTok says of its try."""
    taken = Outcome.PUBLISHED if mode == Mode.DIRECT else Outcome.IN_INBOX
    # Exactly the condition of the index attempt_lone.
    is_lone = Q(outcome=Outcome.UNCONFIRMED) | Q(is_lone=True)
    tries = Attempt.objects.filter(
        is_lone,
        post__mode=mode,
        outcome__in=(Outcome.UNCONFIRMED, taken),
        init_intended_at__gt=after,
    )
    return tries.exclude(post__state__in=counted_states(mode), post__init_at=F("init_intended_at"))


def _lone_inits(account: TikTokAccount, mode: str, after: datetime) -> list[datetime]:
    if not _is_any_lone(after):
        return []
    tries = lone_tries(mode, after).filter(post__account=account)
    moments = tries.values_list("init_intended_at", flat=True)
    return [moment for moment in moments if moment]


def _is_any_lone(after: datetime) -> bool:
    """Whether some account has a try that `lone_tries` may find."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY_LONE, {"after": connection.ops.adapt_datetimefield_value(after)})
        return cursor.fetchone() is not None


def free_from(
    account: TikTokAccount,
    moments: Sequence[datetime],
    wanted: datetime,
    mode: str,
    window: timedelta = WINDOW,
) -> datetime:
    """`next_free_moment` that also knows what TikTok itself said about this account."""
    start = wanted
    if mode == Mode.DIRECT:
        start = max(wanted, account.cap_reached_until or wanted)
    return next_free_moment(moments, start, limit_of(account, mode), window)


def is_free(
    account: TikTokAccount, moments: Sequence[datetime], wanted: datetime, mode: str
) -> bool:
    """Whether `free_from` is `wanted` itself, without looking any further."""
    until = account.cap_reached_until if mode == Mode.DIRECT else None
    return (until is None or until <= wanted) and fits(moments, wanted, limit_of(account, mode))
