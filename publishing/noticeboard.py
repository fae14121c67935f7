"""What a person finds among their notices, and what they have read of it."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import Membership
from publishing.models import Notice, NoticeKind
from publishing.reach import within_reach

KEPT = timedelta(days=90)
ABOUT_COMMENTS = frozenset({NoticeKind.MENTIONED, NoticeKind.COMMENTED})


def notices_of(member: Membership) -> QuerySet[Notice]:
    """What this member is shown in the app, newest first."""
    mine = Notice.objects.filter(person=member.user_id, team=member.team_id, in_app=True)
    return mine.filter(within_reach(member))


def unread_of(member: Membership) -> QuerySet[Notice]:
    return notices_of(member).filter(read_at=None)


def unread_count(member: Membership, most: int) -> int:
    """How many notices this member has not read; counting ends at `most`."""
    return unread_of(member)[:most].count()


def mark_read(member: Membership, up_to: int, now: datetime) -> int:
    """Marks what a page showed: what came after the notice with the id `up_to` stays unread.

    Returns how many that were.
    """
    return unread_of(member).filter(pk__lte=up_to).update(read_at=now)


def open_notice(notice: Notice, now: datetime) -> str:
    """Marks it read; the path of the page that it is about."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=now)
    return path_of(notice)


def path_of(notice: Notice) -> str:
    if notice.post_id:
        place = "#comments" if notice.kind in ABOUT_COMMENTS else ""
        return f"/posts/{notice.post_id}/{place}"
    return "/accounts/" if notice.account_id else "/notices/"


def forget_old(now: datetime) -> int:
    """Deletes what nobody looks up any more; returns how many notices that were."""
    return Notice.objects.filter(at__lt=now - KEPT).delete()[0]
