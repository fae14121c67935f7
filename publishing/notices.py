"""Mails to people whose hand is needed."""

from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q

from accounts.models import AccountStatus, Role, Team, TikTokAccount
from publishing.models import Post
from publishing.states import State

LISTED_POSTS = 20


def tell_owners(team: Team, subject: str, body: str) -> None:
    """One mail to each owner, who then need not know each other's addresses."""
    owners = team.members.filter(memberships__role=Role.OWNER, is_active=True).distinct()
    for owner in owners:
        send_mail(f"[{settings.PRODUCT_NAME}] {subject}", body, None, [owner.email])


def tell_of_lost_accounts(now: datetime) -> int:
    """Tells owners once of each account that must be connected again; returns how many."""
    lost = TikTokAccount.objects.filter(
        status=AccountStatus.RECONNECT_NEEDED, reconnect_told_at=None
    ).select_related("team")
    told = 0
    for account in lost:
        claimed = TikTokAccount.objects.filter(pk=account.pk, reconnect_told_at=None)
        if claimed.update(reconnect_told_at=now):
            tell_owners(account.team, f"Connect {account} again", _lost_text(account, now))
            told += 1
    return told


def tell_of_near_ends(near: list[tuple[TikTokAccount, int]]) -> None:
    """Tells owners that an account's sign-in ends in so many days."""
    for account, days in near:
        when = "tomorrow" if days <= 1 else f"within {days} days"
        text = (
            f"TikTok's sign-in for {account} ends {when}. Connect the account again before that: "
            f"{settings.SITE_URL}/accounts/\n\n{_posts_at_risk(account)}"
        )
        tell_owners(account.team, f"{account} must be connected again {when}", text)


def _lost_text(account: TikTokAccount, now: datetime) -> str:
    until = account.access_expires_at
    until_words = (
        f"it posts until {until:%a %d %b, %H:%M} UTC and no longer" if until else "it is off"
    )
    return (
        f"{account.status_reason}\n\n{account}: {until_words}.\n\n"
        f"Connect it again: {settings.SITE_URL}/accounts/\n\n"
        f"{_posts_at_risk(account, paused_after=now)}"
    )


def _posts_at_risk(account: TikTokAccount, paused_after: datetime | None = None) -> str:
    """The scheduled posts; with `paused_after` also those due later that were paused already."""
    at_risk = Q(state=State.SCHEDULED)
    if paused_after:
        at_risk |= Q(state=State.NEEDS_ATTENTION, due_at__gt=paused_after)
    posts = Post.objects.filter(at_risk, account=account).order_by("due_at")
    count = posts.count()
    if not count:
        return "No scheduled post is at risk."
    lines = [f"- {post.due_at:%a %d %b %Y, %H:%M} UTC: {post}" for post in posts[:LISTED_POSTS]]
    more = [f"- and {count - LISTED_POSTS} more"] if count > LISTED_POSTS else []
    return "\n".join(["Posts at risk:", *lines, *more])
