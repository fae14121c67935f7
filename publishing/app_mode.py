"""How far TikTok has approved this instance's app, and what that allows.

Sources: content-sharing-guidelines (unaudited clients), add-a-sandbox.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.functions import Coalesce

from accounts.models import TikTokAccount
from publishing.cap import SENT_WINDOW, lone_tries
from publishing.models import Mode, Post
from publishing.states import COUNTED_BY_CAP

# Creators who may post through one app that is not audited, in 24 h (api-contract.md, section 14).
UNAUDITED_CREATORS = 5
# A minute more than a day: a post may leave a little late, the one after it must not be early.
WINDOW = timedelta(hours=24, minutes=1)
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


def next_fitting(uses: Sequence[Use], wanted: datetime, account_id: int) -> datetime:
    """The first moment at `wanted` or after it at which this creator fits too."""
    if creators_fit(uses, wanted, account_id):
        return wanted
    ends = sorted(at + WINDOW for at, _ in uses if at + WINDOW > wanted)
    return next(end for end in ends if creators_fit(uses, end, account_id))


def place_frees_at(last_uses: Mapping[int, datetime], account_id: int, now: datetime) -> datetime:
    """When this creator may post: `now`, or when one of the others has not for 24 h.

    `last_uses` hold the latest post of each creator within the last 24 h. Who has posted in the
    window goes on posting.
    """
    if account_id in last_uses or len(last_uses) < UNAUDITED_CREATORS:
        return now
    return sorted(last_uses.values())[len(last_uses) - UNAUDITED_CREATORS] + SENT_WINDOW


def lock_creators() -> None:
    """Makes whoever counts creators wait for whoever does: the oldest account's row stands for all.

    To be taken before any other account, since accounts are locked in the order of their keys.
    """
    if current_app_mode().is_private_only:
        TikTokAccount.objects.select_for_update(no_key=True).order_by("pk").only("pk").first()


def planned_uses(around: datetime, leave_out: Collection[int] = ()) -> list[Use]:
    """The instance's direct posts from a day before `around` on: sent, on their way or planned."""
    near = Q(init_at__gt=around - WINDOW) | Q(init_at=None, next_action_at__gt=around - WINDOW)
    posts = Post.objects.filter(near, mode=Mode.DIRECT, state__in=COUNTED_BY_CAP)
    moments = posts.annotate(moment=Coalesce("init_at", "next_action_at"))
    planned = moments.exclude(pk__in=leave_out).values_list("moment", "account_id")
    uses = [(at, who) for at, who in planned if at and who]
    return uses + _lone_uses(around - WINDOW)


def _lone_uses(after: datetime) -> list[Use]:
    tries = lone_tries(Mode.DIRECT, after)
    uses = tries.values_list("init_intended_at", "post__account_id")
    return [(at, who) for at, who in uses if at and who]


def creators_in_last_day(now: datetime) -> int:
    """How many creators this instance has posted for in the last 24 h.

    One look into the index for each account, however many posts there are.
    """
    sent = Post.objects.filter(
        account=OuterRef("pk"),
        mode=Mode.DIRECT,
        state__in=COUNTED_BY_CAP,
        init_at__gt=now - SENT_WINDOW,
    )
    tries = lone_tries(Mode.DIRECT, now - SENT_WINDOW)
    may_have = Q(pk__in=tries.values("post__account_id"))
    return TikTokAccount.objects.filter(Exists(sent) | may_have).count()


def next_creator_at(account: TikTokAccount, now: datetime) -> datetime:
    """`place_frees_at` for what this instance has sent."""
    return place_frees_at(_last_uses(now), account.pk, now)


def _last_uses(now: datetime) -> dict[int, datetime]:
    """The latest post within the last 24 h of each creator who has one, by account id."""
    after = now - SENT_WINDOW
    sent = Post.objects.filter(mode=Mode.DIRECT, state__in=COUNTED_BY_CAP, init_at__gt=after)
    last = dict(sent.values("account").annotate(last=Max("init_at")).values_list("account", "last"))
    for at, who in _lone_uses(after):
        last[who] = max(at, last.get(who, at))
    return last


def first_place_frees_at(now: datetime) -> datetime:
    """When the first of the creators who posted in the last 24 h no longer counts.

    A day from `now` when this instance has sent nothing: others use the app too.
    """
    return min(_last_uses(now).values(), default=now) + WINDOW


def has_posted_in_last_day(account: TikTokAccount, now: datetime) -> bool:
    return account.pk in _last_uses(now)
