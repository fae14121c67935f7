"""The creator's cap: about 15 posts in a rolling 24 h, counted before TikTok has to refuse.

TikTok publishes no figure, so it is a setting per account. The arithmetic is pure; the ledger
reads the posts themselves, so nothing can drift from them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

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
    return planned + _unconfirmed_inits(account, mode, horizon)


def sent_moments(
    account: TikTokAccount, now: datetime, mode: str, leave_out: int | None = None
) -> list[datetime]:
    """When posts that count went out within the last day: what the cap holds at fire time."""
    sent = _counted(account, mode).filter(init_at__gt=now - SENT_WINDOW)
    moments = sent.exclude(pk=leave_out or 0).values_list("init_at", flat=True)
    known = [moment for moment in moments if moment]
    return known + _unconfirmed_inits(account, mode, now - SENT_WINDOW)


def _counted(account: TikTokAccount, mode: str) -> QuerySet[Post]:
    return Post.objects.filter(account=account, mode=mode, state__in=_states(mode))


def _states(mode: str) -> frozenset[State]:
    return COUNTED_BY_CAP if mode == Mode.DIRECT else COUNTED_AS_PENDING


def unconfirmed_tries(mode: str, after: datetime) -> QuerySet[Attempt]:
    """Tries begun since that TikTok may have taken and that their posts no longer stand for: the
    post was sent again, given up, or let rest."""
    tries = Attempt.objects.filter(
        post__mode=mode, outcome=Outcome.UNCONFIRMED, init_intended_at__gt=after
    )
    return tries.exclude(post__state__in=_states(mode), post__init_at=F("init_intended_at"))


def _unconfirmed_inits(account: TikTokAccount, mode: str, after: datetime) -> list[datetime]:
    tries = unconfirmed_tries(mode, after).filter(post__account=account)
    moments = tries.values_list("init_intended_at", flat=True)
    return [moment for moment in moments if moment]


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
