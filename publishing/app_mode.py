"""How far TikTok has approved this instance's app, and what that allows.

Sources: content-sharing-guidelines (unaudited clients), add-a-sandbox.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from accounts.models import TikTokAccount
from publishing.models import Mode, Post
from publishing.states import COUNTED_BY_CAP

# Creators who may post through one app that is not audited, in 24 h (api-contract.md, section 14).
UNAUDITED_CREATORS = 5
WINDOW = timedelta(hours=24)
# When a post of which account goes out or went out.
Use = tuple[datetime, int]


class AppMode(StrEnum):
    SIMULATOR = "simulator"
    SANDBOX = "tiktok-sandbox"
    UNAUDITED = "unaudited"
    AUDITED = "audited"

    @property
    def is_private_only(self) -> bool:
        """Whether TikTok takes posts for "Only me" on private accounts and no others."""
        return self in {AppMode.SANDBOX, AppMode.UNAUDITED}


def current_app_mode() -> AppMode:
    return AppMode(settings.TIKTOK_APP_MODE)


def creators_fit(uses: Sequence[Use], wanted: datetime, account_id: int) -> bool:
    """Whether no 24 h window around `wanted` would see more creators than an unaudited app may.

    `uses` are those of the other posts, in any order.
    """
    near = [(at, who) for at, who in uses if abs(at - wanted) < WINDOW]
    starts = [at for at, _ in near if at <= wanted] + [wanted]
    return all(
        len({who for at, who in near if start <= at < start + WINDOW} | {account_id})
        <= UNAUDITED_CREATORS
        for start in starts
    )


def planned_uses(around: datetime, leave_out: int | None) -> list[Use]:
    """Direct posts of the whole instance within a day of `around`: sent, on their way, planned."""
    posts = Post.objects.filter(mode=Mode.DIRECT, state__in=COUNTED_BY_CAP)
    moments = posts.annotate(moment=Coalesce("init_at", "next_action_at")).filter(
        moment__gt=around - WINDOW, moment__lt=around + WINDOW
    )
    return [
        (at, who)
        for at, who in moments.exclude(pk=leave_out or 0).values_list("moment", "account_id")
        if at and who
    ]


def creators_in_last_day(now: datetime) -> int:
    """How many creators this instance has posted for in the last 24 h.

    One look into the index for each account, however many posts there are.
    """
    sent = Post.objects.filter(
        account=OuterRef("pk"),
        mode=Mode.DIRECT,
        state__in=COUNTED_BY_CAP,
        init_at__gt=now - WINDOW,
    )
    return TikTokAccount.objects.filter(Exists(sent)).count()


def next_creator_at(account: TikTokAccount, now: datetime) -> datetime:
    """When this account may post through an unaudited app: `now`, or when a place frees.

    A creator who has posted in the window goes on posting.
    """
    recent = Post.objects.filter(
        Q(mode=Mode.DIRECT, state__in=COUNTED_BY_CAP), init_at__gt=now - WINDOW
    )
    last: dict[int, datetime] = {}
    for who, at in recent.order_by("init_at").values_list("account_id", "init_at"):
        if who and at:
            last[who] = at
    if account.pk in last or len(last) < UNAUDITED_CREATORS:
        return now
    return sorted(last.values())[len(last) - UNAUDITED_CREATORS] + WINDOW
