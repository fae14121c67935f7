"""The creator's cap: about 15 posts in a rolling 24 h, counted before TikTok has to refuse.

TikTok publishes no figure, so it is a setting per account. The arithmetic is pure; the ledger
reads the posts themselves, so nothing can drift from them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import TikTokAccount
from publishing.models import Mode, Post
from publishing.states import COUNTED_BY_CAP

# A minute more than a day: a post may leave a little late, the one after it must not be early.
WINDOW = timedelta(hours=24, minutes=1)


def fits(moments: Sequence[datetime], wanted: datetime, cap: int) -> bool:
    """Whether no 24 h window that contains `wanted` would hold more than `cap` posts.

    `moments` are those of the other posts, in any order.
    """
    before = sorted(moment for moment in moments if wanted - WINDOW < moment <= wanted)
    after = sorted(moment for moment in moments if wanted < moment < wanted + WINDOW)
    line = [*before, wanted, *after]
    return all(
        line[first + cap] - line[first] >= WINDOW for first in range(max(0, len(line) - cap))
    )


def next_free_moment(moments: Sequence[datetime], wanted: datetime, cap: int) -> datetime:
    """The first moment at `wanted` or after it at which one more post fits."""
    if fits(moments, wanted, cap):
        return wanted
    ends = sorted(moment + WINDOW for moment in moments if moment + WINDOW > wanted)
    return next(end for end in ends if fits(moments, end, cap))


def counted_moments(account: TikTokAccount, around: datetime, leave_out: int) -> list[datetime]:
    """When posts that count went out or will, within reach of `around` and after it.

    Scheduled, in flight, published and unconfirmed posts count; inbox drafts have a cap of their
    own. `leave_out` is the id of the post in question.
    """
    horizon = around - WINDOW
    posts = Post.objects.filter(account=account, mode=Mode.DIRECT, state__in=COUNTED_BY_CAP)
    near = posts.filter(Q(init_at__gt=horizon) | Q(init_at=None, next_action_at__gt=horizon))
    others = near.exclude(pk=leave_out).annotate(moment=Coalesce("init_at", "next_action_at"))
    return [post.moment for post in others.only("pk")]


def sent_moments(account: TikTokAccount, now: datetime, leave_out: int) -> list[datetime]:
    """When posts that count went out within the last day: what the cap holds at fire time."""
    sent = Post.objects.filter(
        account=account, mode=Mode.DIRECT, state__in=COUNTED_BY_CAP, init_at__gt=now - WINDOW
    )
    moments = sent.exclude(pk=leave_out).values_list("init_at", flat=True)
    return [moment for moment in moments if moment]


def free_from(account: TikTokAccount, moments: Sequence[datetime], wanted: datetime) -> datetime:
    """`next_free_moment` that also knows what TikTok itself said about this account."""
    start = max(wanted, account.cap_reached_until or wanted)
    return next_free_moment(moments, start, account.daily_cap)
