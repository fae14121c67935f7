"""The words of a mail with notices: one alone, or many grouped by kind."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models import Membership, Role
from accounts.zones import moment_words, shown_zone
from publishing.models import Notice, NoticeKind
from publishing.noticeboard import path_of
from publishing.wishes import NOT_MAILED

LISTED = 20
NEEDS_A_HAND = frozenset(
    {
        NoticeKind.FAILED,
        NoticeKind.NEEDS_ATTENTION,
        NoticeKind.UNCONFIRMED,
        NoticeKind.PREFLIGHT,
        NoticeKind.APPROVAL_ASKED,
        NoticeKind.APPROVAL_LATE,
        NoticeKind.CHANGES_REQUESTED,
    }
)
WHY = {
    Role.OWNER: gettext_lazy("You get this as owner of the team “{team}” on {product}."),
    Role.MANAGER: gettext_lazy("You get this as manager of the team “{team}” on {product}."),
    Role.EDITOR: gettext_lazy("You get this as editor of the team “{team}” on {product}."),
    Role.APPROVER: gettext_lazy("You get this as approver of the team “{team}” on {product}."),
    Role.VIEWER: gettext_lazy("You get this as viewer of the team “{team}” on {product}."),
}
# Trouble before good news.
ORDER = sorted(NoticeKind, key=lambda kind: kind in NOT_MAILED)


def letter(member: Membership, notices: Sequence[Notice], now: datetime) -> EmailMessage:
    """One mail with all these notices; of many it lists the first 20 and counts the others."""
    choices = f"{settings.SITE_URL}/notices/choices/"
    shown = sorted(notices, key=lambda one: (ORDER.index(NoticeKind(one.kind)), one.at, one.pk))
    parts = list(_parts(member, shown[:LISTED], len(notices) > 1, now))
    if len(notices) > LISTED:
        words = gettext("and {count} more: {url}")
        parts.append(words.format(count=len(notices) - LISTED, url=f"{settings.SITE_URL}/notices/"))
    why = WHY[Role(member.role)].format(team=member.team, product=settings.PRODUCT_NAME)
    choose = gettext("Choose what is mailed, and how often: {url}").format(url=choices)
    parts.append(f"-- \n{why} {choose}")
    # RFC 3834: no holiday reply wants to answer this.
    headers = {"List-Unsubscribe": f"<{choices}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(
        subject_of(notices), "\n\n".join(parts), None, [member.user.email], headers=headers
    )


def subject_of(notices: Sequence[Notice]) -> str:
    count = len(notices)
    if count == 1:
        return f"[{settings.PRODUCT_NAME}] {notices[0].headline}"
    posts = {one.post_id for one in notices if one.kind in NEEDS_A_HAND and one.post_id}
    others = sum(one.kind not in NEEDS_A_HAND or not one.post_id for one in notices)
    if not posts:
        words = ngettext("{count} notice from {product}", "{count} notices from {product}", count)
        return words.format(count=count, product=settings.PRODUCT_NAME)
    need = ngettext(
        "{count} post needs you on {product}", "{count} posts need you on {product}", len(posts)
    ).format(count=len(posts), product=settings.PRODUCT_NAME)
    if not others:
        return need
    words = ngettext("{need}, and {count} more notice", "{need}, and {count} more notices", others)
    return words.format(need=need, count=others)


def _parts(
    member: Membership, notices: Sequence[Notice], has_titles: bool, now: datetime
) -> Iterator[str]:
    for kind, group in groupby(notices, key=lambda one: NoticeKind(one.kind)):
        if has_titles:
            title = str(kind.label)
            yield f"{title}\n{'=' * len(title)}"
        for notice in group:
            yield _words(member, notice, now)


def _words(member: Membership, notice: Notice, now: datetime) -> str:
    quoted = [gettext("TikTok’s code {code}").format(code=notice.code)] if notice.code else []
    if notice.log_id:
        quoted.append(gettext("log id {log_id}").format(log_id=notice.log_id))
    lines = [
        notice.headline,
        moment_words(notice.at.astimezone(shown_zone(member)), now),
        notice.text,
        ", ".join(quoted),
        f"{settings.SITE_URL}{path_of(notice)}",
    ]
    return "\n".join(line for line in lines if line)
