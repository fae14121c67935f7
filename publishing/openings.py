"""When an account may post: cap, gap and (before the audit) creators as one question."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import TikTokAccount
from publishing import cap
from publishing.app_mode import Use, creators_fit, current_app_mode, next_fitting, planned_uses
from publishing.gap import keeps_gap, next_apart
from publishing.models import Mode, Post
from publishing.states import COUNTED_BY_CAP, State

CAP, GAP, CREATORS = "cap_reached", "too_close", "creators_reached"
# Whatever the mode: what went out, is on its way or is planned.
KEPT_APART = COUNTED_BY_CAP | {State.IN_INBOX}


@dataclass(frozen=True)
class Openings:
    """What the account's other posts leave free for one of this mode.

    `counted` are the moments that its cap counts, `others` all that the gap keeps away from,
    `uses` those of all creators, where TikTok counts creators.
    """

    account: TikTokAccount
    mode: str
    counted: tuple[datetime, ...] = ()
    others: tuple[datetime, ...] = ()
    uses: tuple[Use, ...] | None = None

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=self.account.min_gap_min)

    def reasons_against(self, at: datetime) -> list[str]:
        """The codes of what is in the way of exactly this moment; empty when it is free."""
        checks = {
            CAP: cap.is_free(self.account, self.counted, at, self.mode),
            GAP: keeps_gap(self.others, at, self.gap),
            CREATORS: self.uses is None or creators_fit(self.uses, at, self.account.pk),
        }
        return [code for code, is_free in checks.items() if not is_free]

    def next_from(self, wanted: datetime) -> datetime:
        """`wanted`, or the first whole minute after it that nothing is against."""
        at = wanted
        while True:
            free_at = self._creators_fit(next_apart(self.others, self._within_cap(at), self.gap))
            if free_at == at:
                return at
            at = cap.whole_minute(free_at)

    def with_post(self, at: datetime, mode: str) -> "Openings":
        """The same with one more post of the account."""
        is_counted = mode == self.mode
        uses = self.uses
        if uses is not None and mode == Mode.DIRECT:
            uses = (*uses, (at, self.account.pk))
        counted = (*self.counted, at) if is_counted else self.counted
        return replace(self, counted=counted, others=(*self.others, at), uses=uses)

    def with_uses(self, uses: Iterable[Use]) -> "Openings":
        """The same with posts of other creators that are planned along with this one."""
        return self if self.uses is None else replace(self, uses=(*self.uses, *uses))

    def _within_cap(self, at: datetime) -> datetime:
        return cap.free_from(self.account, self.counted, at, self.mode)

    def _creators_fit(self, at: datetime) -> datetime:
        return at if self.uses is None else next_fitting(self.uses, at, self.account.pk)


def openings_of(
    account: TikTokAccount, mode: str, around: datetime, leave_out: Collection[int] = ()
) -> Openings:
    """What is free from `around` on. `leave_out` are the ids of posts that give up their place."""
    return openings_of_all([account], mode, around, leave_out)[account.pk]


def openings_of_all(
    accounts: Sequence[TikTokAccount], mode: str, around: datetime, leave_out: Collection[int] = ()
) -> dict[int, Openings]:
    """`openings_of` several accounts by id, in as many queries as for one."""
    after = around - cap.WINDOW
    counted: dict[int, list[datetime]] = {account.pk: [] for account in accounts}
    others: dict[int, list[datetime]] = {account.pk: [] for account in accounts}
    for account_id, post_mode, state, at in _planned(counted, after, leave_out):
        others[account_id].append(at)
        if post_mode == mode and state in cap.counted_states(mode):
            counted[account_id].append(at)
    tries = cap.lone_tries(mode, after).filter(post__account__in=counted)
    for account_id, tried_at in tries.values_list("post__account_id", "init_intended_at"):
        if account_id and tried_at:
            counted[account_id].append(tried_at)
    uses = _uses(mode, around, leave_out)
    return {
        account.pk: Openings(
            account, mode, tuple(counted[account.pk]), tuple(others[account.pk]), uses
        )
        for account in accounts
    }


def _planned(
    account_ids: Iterable[int], after: datetime, leave_out: Collection[int]
) -> list[tuple[int, str, str, datetime]]:
    near = Q(init_at__gt=after) | Q(init_at=None, next_action_at__gt=after)
    posts = Post.objects.filter(near, account__in=list(account_ids), state__in=KEPT_APART)
    moments = posts.annotate(moment=Coalesce("init_at", "next_action_at"))
    rows = moments.exclude(pk__in=leave_out).order_by()
    return list(rows.values_list("account_id", "mode", "state", "moment"))


def _uses(mode: str, around: datetime, leave_out: Collection[int]) -> tuple[Use, ...] | None:
    if mode != Mode.DIRECT or not current_app_mode().is_private_only:
        return None
    return tuple(planned_uses(around, leave_out))
