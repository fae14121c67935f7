"""Who is told what: one notice for each member who wants this kind of news.

Most news is a post that the engine moved. Its `StateChange` is written with the move itself, so
`tell_of_changes` finds it however the worker died; everything else calls `tell` in the
transaction that makes it true.
"""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy

from accounts.models import Team, TikTokAccount
from accounts.zones import moment_words
from publishing.models import JournalLine, Notice, NoticeKind, Post, StateChange
from publishing.states import ARRIVED, State
from publishing.wishes import wishes_of

BATCH = 200
KIND_OF_STATE = {
    State.PUBLISHED: NoticeKind.PUBLISHED,
    State.IN_INBOX: NoticeKind.PUBLISHED,
    State.FAILED: NoticeKind.FAILED,
    State.NEEDS_ATTENTION: NoticeKind.NEEDS_ATTENTION,
    State.UNCONFIRMED: NoticeKind.UNCONFIRMED,
}
HEADLINES = {
    State.PUBLISHED: gettext_lazy("Published on {account}: {post}"),
    State.IN_INBOX: gettext_lazy("In {account}’s TikTok inbox: {post}"),
    State.FAILED: gettext_lazy("Not posted on {account}: {post}"),
    State.NEEDS_ATTENTION: gettext_lazy("Needs attention, {account}: {post}"),
    State.UNCONFIRMED: gettext_lazy("May be on {account} or not: {post}"),
}
LATE_HEADLINE = gettext_lazy("Not approved in time, {account}: {post}")
# What TikTok calls it is in the post's story.
ARRIVED_WORDS = {
    State.PUBLISHED: "",
    State.IN_INBOX: gettext_lazy("Open the notification in the TikTok app to finish the post."),
}
MAX_HEADLINE = 200


def tell(
    team: Team,
    kind: NoticeKind,
    headline: str,
    now: datetime,
    *,
    text: str = "",
    post: Post | None = None,
    account: TikTokAccount | None = None,
    code: str = "",
    log_id: str = "",
    key: str = "",
    is_mailed: bool = True,
    people: Collection[int] | None = None,
) -> int:
    """Tells every member of `team` who wants to know and may see the account, or those of them
    whose ids are `people`; returns how many that are.

    With a `key` the same person hears it once, however often this is called. What is not
    `is_mailed` is shown in the app only, whatever people chose.
    """
    account = account or (post.account if post else None)
    # A caption has lines; a headline, which is a mail's subject too, is one.
    headline = Truncator(" ".join(headline.split())).chars(MAX_HEADLINE)
    notices = [
        Notice(
            person=member.user,
            team=team,
            kind=kind,
            post=post,
            account=account,
            headline=headline,
            text=text,
            code=code,
            log_id=log_id,
            at=now,
            key=key,
            in_app=wish.in_app,
            by_mail=wish.by_mail and is_mailed,
        )
        for member, wish in wishes_of(team, kind, account)
        if (people is None or member.user_id in people)
        and (wish.in_app or (wish.by_mail and is_mailed))
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def tell_of_move(post: Post, at: datetime, why: str, now: datetime) -> None:
    """Tells that TikTok's limits let the post go out at `at` instead of when it was due."""
    local = at.astimezone(ZoneInfo(post.team.timezone))
    tell(
        post.team,
        NoticeKind.MOVED,
        gettext("Moved on {account}: {post}").format(account=post.account, post=post.headline),
        now,
        text=gettext("{reason} It goes out on {moment}.").format(
            reason=why, moment=moment_words(local, now)
        ),
        post=post,
        key=f"moved-{post.pk}-{at.isoformat()}",
    )


def tell_of_changes() -> int:
    """Tells of every post the engine has moved to an end or to a person; returns how many."""
    total = 0
    while True:
        changes = StateChange.objects.filter(is_told=False).order_by("at", "id")
        batch = list(changes.select_related("post__team", "post__account", "post__media")[:BATCH])
        for change in batch:
            with transaction.atomic():
                # Two sweeps at once: the one that turns the mark tells.
                mine = StateChange.objects.filter(pk=change.pk, is_told=False)
                if mine.update(is_told=True):
                    _tell(change)
        total += len(batch)
        if len(batch) < BATCH:
            return total


def _tell(change: StateChange) -> None:
    post = change.post
    state = State(change.new)
    error = None
    if state not in ARRIVED:
        lines = JournalLine.objects.filter(attempt=post.attempts.last(), at__lte=change.at)
        error = lines.exclude(code="").last()
    # Whoever wrote it and whoever should have approved it hear of it alike.
    is_late = change.old == State.IN_REVIEW
    headline = LATE_HEADLINE if is_late else HEADLINES[state]
    tell(
        post.team,
        NoticeKind.APPROVAL_LATE if is_late else KIND_OF_STATE[state],
        headline.format(account=post.account, post=post.headline),
        change.at,
        text=str(ARRIVED_WORDS.get(state, change.reason)),
        post=post,
        code=error.code if error else "",
        log_id=error.log_id if error else "",
        key=f"change-{change.pk}",
    )
