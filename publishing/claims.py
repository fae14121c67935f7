"""The tick: finds posts whose moment is near, leases them and sends their wake-ups."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.translation import gettext

from publishing import leases, work
from publishing.follow_up import lose_track
from publishing.leases import BATCH, Lease
from publishing.models import Post
from publishing.states import State
from tiktok.client import App

log = logging.getLogger("duecast.claims")
MAX_LEASES_LOST = 3
# What TikTok said of a creator so long ago still counts as said in the seconds before.
CROWD_AHEAD_S = 30.0

Wake = Callable[[Lease, Post], None]


def tick(now: Callable[[], datetime], lookahead_s: float, lease_s: float, wake: Wake) -> int:
    """Leases everything due within the look-ahead and calls `wake` for each; returns how many.

    A crowd is claimed half a minute ahead, or a third of a lease: TikTok is asked about all its
    creators before its moment, and from that on only what must not be earlier is left to do. Two
    ticks at once are harmless: a row is claimed once.
    """
    total = _claim_all(now, lookahead_s, lease_s, wake)
    far_s = min(CROWD_AHEAD_S, lease_s / 3)
    if far_s > lookahead_s and leases.is_crowd(now() + timedelta(seconds=far_s), now()):
        total += _claim_all(now, far_s, lease_s, wake, of_crowd=True)
    return total


def _claim_all(
    now: Callable[[], datetime],
    ahead_s: float,
    lease_s: float,
    wake: Wake,
    *,
    of_crowd: bool = False,
) -> int:
    total = 0
    while True:
        moment = now()
        due = moment + timedelta(seconds=ahead_s)
        claimed = leases.claim_due(due, moment, lease_s, of_crowd=of_crowd)
        for lease, post in claimed:
            wake(lease, post)
        total += len(claimed)
        if len(claimed) < BATCH:
            return total


def lost_too_often(post: Post) -> bool:
    """Three leases lost in a row: whatever kills the workers, a person has to look.

    Asking TikTok for its verdict goes on for a day: meanwhile there is nothing to decide.
    """
    if post.leases_lost < MAX_LEASES_LOST or post.state != State.PROCESSING:
        return post.leases_lost >= MAX_LEASES_LOST
    # The lease was taken a moment ago; the question has been due since `next_action_at`.
    return bool(
        post.lease_until
        and post.next_action_at
        and post.lease_until - post.next_action_at > timedelta(days=1)
    )


def hold_for_person(lease: Lease, app: App, now: Callable[[], datetime]) -> None:
    """Stops a post whose delivery was cut off three times in a row."""
    stay = work.begin(lease.post_id, lease.token, app, now)
    if stay is None:
        return
    with work.settling(stay):
        if stay.post.state == State.PROCESSING:
            lose_track(stay)
            return
        raise work.Unfit(
            gettext(
                "Sending this post was cut off three times in a row. Look at the worker's log "
                "before you send it again."
            )
        )
