"""The words of a mail with notices: one alone, or many grouped by kind."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.models import Membership
from accounts.zones import moment_words, shown_zone
from publishing.models import Notice, NoticeKind
from publishing.noticeboard import path_of
from publishing.wishes import NOT_MAILED

LISTED = 20
NEEDS_A_HAND = frozenset(
    {NoticeKind.FAILED, NoticeKind.NEEDS_ATTENTION, NoticeKind.UNCONFIRMED, NoticeKind.PREFLIGHT}
)
# Trouble before good news.
ORDER = sorted(NoticeKind, key=lambda kind: kind in NOT_MAILED)


def letter(member: Membership, notices: Sequence[Notice], now: datetime) -> EmailMessage:
    """One mail with all these notices; of many it lists the first 20 and counts the others."""
    choices = f"{settings.SITE_URL}/notices/choices/"
    shown = sorted(notices, key=lambda one: (ORDER.index(NoticeKind(one.kind)), one.at, one.pk))
    parts = list(_parts(member, shown[:LISTED], len(notices) > 1, now))
    if len(notices) > LISTED:
        parts.append(f"and {len(notices) - LISTED} more: {settings.SITE_URL}/notices/")
    parts.append(
        f"-- \nYou get this as {member.get_role_display().lower()} of the team “{member.team}” on "
        f"{settings.PRODUCT_NAME}. Choose what is mailed, and how often: {choices}"
    )
    # RFC 3834: no holiday reply wants to answer this.
    headers = {"List-Unsubscribe": f"<{choices}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(
        subject_of(notices), "\n\n".join(parts), None, [member.user.email], headers=headers
    )


def subject_of(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return f"[{settings.PRODUCT_NAME}] {notices[0].headline}"
    posts = {one.post_id for one in notices if one.kind in NEEDS_A_HAND and one.post_id}
    others = sum(one.kind not in NEEDS_A_HAND or not one.post_id for one in notices)
    if not posts:
        return f"{len(notices)} notices from {settings.PRODUCT_NAME}"
    need = "1 post needs" if len(posts) == 1 else f"{len(posts)} posts need"
    more = f", and {others} more notice{'s'[: others != 1]}" if others else ""
    return f"{need} you on {settings.PRODUCT_NAME}{more}"


def _parts(
    member: Membership, notices: Sequence[Notice], has_titles: bool, now: datetime
) -> Iterator[str]:
    for kind, group in groupby(notices, key=lambda one: NoticeKind(one.kind)):
        if has_titles:
            yield f"{kind.label}\n{'=' * len(kind.label)}"
        for notice in group:
            yield _words(member, notice, now)


def _words(member: Membership, notice: Notice, now: datetime) -> str:
    quoted = ", ".join(
        f"{name} {value}"
        for name, value in (("TikTok’s code", notice.code), ("log id", notice.log_id))
        if value
    )
    lines = [
        notice.headline,
        moment_words(notice.at.astimezone(shown_zone(member)), now),
        notice.text,
        quoted,
        f"{settings.SITE_URL}{path_of(notice)}",
    ]
    return "\n".join(line for line in lines if line)
