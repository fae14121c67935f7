"""How near each account comes to its cap on each day, for the line under the day's number."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from accounts.models import TikTokAccount
from publishing.cap import WINDOW, counted_between, fits, fullest_windows, limit_of
from publishing.models import Mode, Post
from publishing.states import State

SHOWN_A_DAY = 4


@dataclass(frozen=True)
class Fill:
    """The fullest 24 hours of an account that end on a day."""

    account: TikTokAccount
    mode: str
    used: int
    limit: int

    @property
    def share(self) -> float:
        return self.used / max(self.limit, 1)

    @property
    def is_full(self) -> bool:
        return self.used >= self.limit

    @property
    def words(self) -> str:
        text = (
            gettext("{account}: {used} of {limit} inbox drafts")
            if self.mode == Mode.INBOX
            else gettext("{account}: {used} of {limit} posts")
        )
        return text.format(account=self.account, used=self.used, limit=self.limit)


@dataclass(frozen=True)
class DayFill:
    """All accounts' fills of one day, the fullest first."""

    fills: list[Fill]

    @property
    def fullest(self) -> Fill:
        return self.fills[0]

    @property
    def shown(self) -> list[Fill]:
        return self.fills[:SHOWN_A_DAY]

    @property
    def more(self) -> int:
        return len(self.fills) - len(self.shown)

    @property
    def full_accounts(self) -> list[int]:
        """Those that may have no more direct posts, for what is dragged over the day."""
        return [fill.account.pk for fill in self.fills if fill.is_full and fill.mode == Mode.DIRECT]


class CapLedger:
    """What counts against the caps of `accounts` between the first and the last of `edges`."""

    def __init__(self, accounts: Iterable[TikTokAccount], edges: Sequence[datetime]) -> None:
        self.accounts = {account.pk: account for account in accounts}
        self.edges = edges
        self.moments = counted_between(self.accounts, edges[0] - WINDOW, edges[-1] + WINDOW)

    def days(self) -> list[DayFill | None]:
        """For each stretch between two edges; None where nothing counts."""
        found: list[list[Fill]] = [[] for _ in self.edges[1:]]
        for (account_id, mode), moments in self.moments.items():
            account = self.accounts[account_id]
            limit = limit_of(account, mode)
            for fills, used in zip(found, fullest_windows(moments, self.edges), strict=True):
                if used:
                    fills.append(Fill(account, mode, used, limit))
        return [
            DayFill(sorted(fills, key=lambda fill: -fill.share)) if fills else None
            for fills in found
        ]

    def is_over(self, post: Post) -> bool:
        """Whether the post has no place at its moment beside the others."""
        if post.account_id not in self.accounts or post.due_at is None:
            return False
        limit = limit_of(self.accounts[post.account_id], post.mode)
        return not fits(self._others(post, post.due_at), post.due_at, limit)

    def _others(self, post: Post, at: datetime) -> list[datetime]:
        moments = self.moments.get((post.account_id or 0, post.mode), [])
        near = moments[bisect_right(moments, at - WINDOW) : bisect_left(moments, at + WINDOW)]
        if post.state == State.SCHEDULED and post.next_action_at in near:
            near.remove(post.next_action_at)
        return near
