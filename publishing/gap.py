"""The pause a team keeps between two posts of one account: pure arithmetic.

It is a rule for planning only. At fire time it holds nothing: a post that was planned in good
order and is late goes out as soon as it can, however near the next one is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta


def keeps_gap(moments: Sequence[datetime], wanted: datetime, gap: timedelta) -> bool:
    """Whether `wanted` is at least `gap` away from every other post, before and after it."""
    return all(abs(moment - wanted) >= gap for moment in moments)


def next_apart(moments: Sequence[datetime], wanted: datetime, gap: timedelta) -> datetime:
    """The first moment at `wanted` or after it that keeps the gap."""
    at = wanted
    for moment in sorted(moments):
        if abs(moment - at) < gap:
            at = moment + gap
    return at


def nearest_post(moments: Sequence[datetime], wanted: datetime) -> datetime:
    """Which of the others is nearest."""
    return min(moments, key=lambda moment: abs(moment - wanted))
