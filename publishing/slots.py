"""The posting plan: weekly slots of an account, and which of the coming ones are free.

A slot is a time as clocks in the team's zone show it. Where they skip it, it is the first moment
after the gap; where they show it twice, the first of the two.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.activity import note_activity
from accounts.models import TikTokAccount, User
from publishing.locks import lock_account
from publishing.models import Mode, Post, PostingSlot
from publishing.openings import openings_of_all
from publishing.states import State

# Nearer ones are too near to be offered: a person still has to agree.
AHEAD = timedelta(minutes=5)
HORIZON = timedelta(weeks=8)
# Posts further off than this are not looked at when a slot is added to the plan.
MARKED_AHEAD = timedelta(days=366)
MAX_SLOTS = 100
# A time of the week: weekday from Monday, 0, and what the clock shows.
WeekTime = tuple[int, time]


class PlanRefused(Exception):
    """The plan was not changed; the text says why in plain words."""


def slot_moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) of a slot on this day: the first at which clocks show that time, or the
    first after a gap that swallows it."""
    wall = datetime.combine(day, clock)
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return at
    # Read with the offset after the gap, it lies before it.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _first_after_gap(before, zone)


def _first_after_gap(before: datetime, zone: ZoneInfo) -> datetime:
    """Gaps begin on whole minutes and are short: looked for minute by minute."""
    offset, at = before.astimezone(zone).utcoffset(), before
    while at.astimezone(zone).utcoffset() == offset:
        at += timedelta(minutes=1)
    return at


def slot_moments(
    week: Collection[WeekTime], zone: ZoneInfo, after: datetime, until: datetime
) -> list[datetime]:
    """When the slots of this week plan come, from `after` to before `until`, each moment once."""
    first, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range(-1, (last - first).days + 1)]
    moments = {
        slot_moment(day, clock, zone)
        for day in days
        for weekday, clock in week
        if day.weekday() == weekday
    }
    return sorted(at for at in moments if after <= at < until)


def week_plans(accounts: Iterable[TikTokAccount]) -> dict[int, list[WeekTime]]:
    """Each account's slots, by its id."""
    plans: dict[int, list[WeekTime]] = {account.pk: [] for account in accounts}
    for slot in PostingSlot.objects.filter(account__in=plans):
        plans[slot.account_id].append((slot.weekday, slot.clock))
    return plans


def is_slot(account: TikTokAccount | None, at: datetime | None) -> bool:
    """Whether this is exactly one of the account's slots."""
    if account is None or at is None:
        return False
    week = week_plans([account])[account.pk]
    if not week:
        return False
    return bool(slot_moments(week, zone_of(account), at, at + timedelta(microseconds=1)))


def zone_of(account: TikTokAccount) -> ZoneInfo:
    """The zone that the account's plan is in: the team's, whoever looks at it."""
    return ZoneInfo(account.team.timezone)


def queued_posts(accounts: Iterable[TikTokAccount], after: datetime) -> QuerySet[Post]:
    """The posts that follow the plans of these accounts, in their order; canceled ones do not."""
    posts = Post.objects.filter(account__in=list(accounts), is_queued=True, due_at__gte=after)
    return posts.exclude(state=State.CANCELED).order_by("due_at", "pk")


def next_free_slots(
    accounts: Sequence[TikTokAccount], now: datetime, mode: str = Mode.DIRECT
) -> dict[int, datetime]:
    """Each account's first slot that no post has and that cap and gap allow, by the account's id.

    An account without such a slot in the next eight weeks is missing. As many queries for many
    accounts, whose teams are loaded, as for one.
    """
    after = now + AHEAD
    plans = week_plans(accounts)
    planned = [account for account in accounts if plans[account.pk]]
    if not planned:
        return {}
    taken = set(queued_posts(planned, after).values_list("account_id", "due_at"))
    openings = openings_of_all(planned, mode, after)
    free = {}
    for account in planned:
        moments = slot_moments(plans[account.pk], zone_of(account), after, now + HORIZON)
        open_moments = (
            at
            for at in moments
            if (account.pk, at) not in taken and not openings[account.pk].reasons_against(at)
        )
        if at := next(open_moments, None):
            free[account.pk] = at
    return free


def add_slots(
    account: TikTokAccount, weekdays: Collection[int], clock: time, actor: User, now: datetime
) -> int:
    """Adds this time on these days of the week; how many are new. Raises PlanRefused.

    Posts that stand at such a moment already follow the plan from then on.
    """
    with transaction.atomic():
        lock_account(account.pk)
        kept = set(account.slots.values_list("weekday", "clock"))
        new = [(day, clock) for day in sorted(set(weekdays)) if (day, clock) not in kept]
        if len(kept) + len(new) > MAX_SLOTS:
            text = gettext("A plan holds {count} times a week at most. Remove some first.")
            raise PlanRefused(text.format(count=MAX_SLOTS))
        PostingSlot.objects.bulk_create(
            PostingSlot(account=account, weekday=day, clock=at) for day, at in new
        )
        _mark_posts(account, new, now)
        if new:
            added = ", ".join(str(PostingSlot(weekday=day, clock=at)) for day, at in new)
            note_activity(
                account.team_id, actor, "plan_changed", now, account_id=account.pk, new=added
            )
    return len(new)


def _mark_posts(account: TikTokAccount, new: Collection[WeekTime], now: datetime) -> None:
    moments = slot_moments(new, zone_of(account), now, now + MARKED_AHEAD) if new else []
    Post.objects.filter(account=account, due_at__in=moments).update(is_queued=True)


def remove_slot(slot: PostingSlot, actor: User, now: datetime) -> None:
    """Takes a time out of the plan; posts that stand there stay and keep their moment."""
    with transaction.atomic():
        lock_account(slot.account.pk)
        gone, _ = PostingSlot.objects.filter(pk=slot.pk).delete()
        if gone:
            account = slot.account
            note_activity(
                account.team_id, actor, "plan_changed", now, account_id=account.pk, old=str(slot)
            )


def set_gap(account: TikTokAccount, minutes: int, actor: User, now: datetime) -> None:
    """How far apart posts of this account are planned from now on; what is planned stays."""
    with transaction.atomic():
        lock_account(account.pk)
        old = account.min_gap_min
        if old == minutes:
            return
        TikTokAccount.objects.filter(pk=account.pk).update(min_gap_min=minutes)
        note_activity(
            account.team_id,
            actor,
            "gap_changed",
            now,
            account_id=account.pk,
            old=gettext("{minutes} min").format(minutes=old),
            new=gettext("{minutes} min").format(minutes=minutes),
        )
    account.min_gap_min = minutes
