"""Which accounts must be connected again, told with the posts that are at risk."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext, ngettext

from accounts.models import AccountStatus, TikTokAccount
from accounts.refresh import accounts_near_end
from accounts.zones import moment_words
from publishing.models import NoticeKind, Post
from publishing.states import State
from publishing.telling import tell

LISTED_POSTS = 20


def tell_of_lost_accounts(now: datetime) -> int:
    """Tells once of each account that must be connected again; returns how many."""
    lost = TikTokAccount.objects.filter(
        status=AccountStatus.RECONNECT_NEEDED, reconnect_told_at=None
    ).select_related("team")
    return sum(_tell_of_loss(account, now) for account in lost)


def _tell_of_loss(account: TikTokAccount, now: datetime) -> bool:
    with transaction.atomic():
        claimed = TikTokAccount.objects.filter(pk=account.pk, reconnect_told_at=None)
        if not claimed.update(reconnect_told_at=now):
            return False
        tell(
            account.team,
            NoticeKind.RECONNECT_NEEDED,
            gettext("Connect {account} again").format(account=account),
            now,
            text=_lost_text(account, now),
            account=account,
            key=f"lost-{account.pk}-{account.connected_at.isoformat()}",
        )
    return True


def tell_of_near_ends(now: datetime) -> int:
    """Tells of each account whose sign-in ends within 30, 7 or 1 days; returns how many."""
    # The mark that somebody was warned and the warning are one.
    with transaction.atomic():
        near = accounts_near_end(now)
        for account, days in near:
            _tell_of_end(account, days, now)
    return len(near)


def _tell_of_end(account: TikTokAccount, days: int, now: datetime) -> None:
    if days <= 1:
        headline = gettext("{account} must be connected again tomorrow")
        text = gettext(
            "TikTok's sign-in for {account} ends tomorrow. Connect the account again before that."
        )
    else:
        headline = ngettext(
            "{account} must be connected again within {days} day",
            "{account} must be connected again within {days} days",
            days,
        )
        text = ngettext(
            "TikTok's sign-in for {account} ends within {days} day. Connect the account again "
            "before that.",
            "TikTok's sign-in for {account} ends within {days} days. Connect the account again "
            "before that.",
            days,
        )
    text = text.format(account=account, days=days)
    tell(
        account.team,
        NoticeKind.RECONNECT_NEEDED,
        headline.format(account=account, days=days),
        now,
        text=f"{text}\n\n{_posts_at_risk(account, now)}",
        account=account,
        key=f"sign-in-ends-{account.pk}-{days}-{account.refresh_expires_at:%Y-%m-%d}",
    )


def _lost_text(account: TikTokAccount, now: datetime) -> str:
    until = account.access_expires_at
    if until:
        words = gettext("{account}: it posts until {moment} and no longer.").format(
            account=account, moment=_team_words(account, until, now)
        )
    else:
        words = gettext("{account}: it is off.").format(account=account)
    at_risk = _posts_at_risk(account, now, with_paused=True)
    return f"{account.status_reason}\n\n{words}\n\n{at_risk}"


def _posts_at_risk(account: TikTokAccount, now: datetime, *, with_paused: bool = False) -> str:
    """The scheduled posts; `with_paused` also those due later that were paused already."""
    at_risk = Q(state=State.SCHEDULED)
    if with_paused:
        at_risk |= Q(state=State.NEEDS_ATTENTION, due_at__gt=now)
    posts = Post.objects.filter(at_risk, account=account).order_by("due_at")
    count = posts.count()
    if not count:
        return gettext("No scheduled post is at risk.")
    lines = [
        f"- {_team_words(account, post.due_at, now)}: {post}"
        for post in posts[:LISTED_POSTS]
        if post.due_at
    ]
    if count > LISTED_POSTS:
        lines.append(gettext("- and {count} more").format(count=count - LISTED_POSTS))
    return "\n".join([gettext("Posts at risk:"), *lines])


def _team_words(account: TikTokAccount, at: datetime, now: datetime) -> str:
    return moment_words(at.astimezone(ZoneInfo(account.team.timezone)), now)
