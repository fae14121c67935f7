"""Who is told what: one notice for each member who wants this kind of news.

Most news is a post that the engine moved. Its `StateChange` is written with the move itself, so
`tell_of_changes` finds it however the worker died; everything else calls `tell` in the
transaction that makes it true.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.text import Truncator

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
    State.PUBLISHED: "Published on {account}: {post}",
    State.IN_INBOX: "In {account}’s TikTok inbox: {post}",
    State.FAILED: "Not posted on {account}: {post}",
    State.NEEDS_ATTENTION: "Needs attention, {account}: {post}",
    State.UNCONFIRMED: "May be on {account} or not: {post}",
}
# What TikTok calls it is in the post's story.
ARRIVED_WORDS = {
    State.PUBLISHED: "",
    State.IN_INBOX: "Open the notification in the TikTok app to finish the post.",
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
) -> int:
    """Tells every member of `team` who wants to know; returns how many that are.

    With a `key` the same person hears it once, however often this is called. What is not
    `is_mailed` is shown in the app only, whatever people chose.
    """
    # A caption has lines; a headline, which is a mail's subject too, is one.
    headline = Truncator(" ".join(headline.split())).chars(MAX_HEADLINE)
    notices = [
        Notice(
            person=member.user,
            team=team,
            kind=kind,
            post=post,
            account=account or (post.account if post else None),
            headline=headline,
            text=text,
            code=code,
            log_id=log_id,
            at=now,
            key=key,
            in_app=wish.in_app,
            by_mail=wish.by_mail and is_mailed,
        )
        for member, wish in wishes_of(team, kind)
        if wish.in_app or (wish.by_mail and is_mailed)
    ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def tell_of_move(post: Post, at: datetime, why: str, now: datetime) -> None:
    """Tells that TikTok's limits let the post go out at `at` instead of when it was due."""
    local = at.astimezone(ZoneInfo(post.team.timezone))
    tell(
        post.team,
        NoticeKind.MOVED,
        f"Moved on {post.account}: {post.headline}",
        now,
        text=f"{why} It goes out on {moment_words(local, now)}.",
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
    headline = HEADLINES[state].format(account=post.account, post=post.headline)
    tell(
        post.team,
        KIND_OF_STATE[state],
        headline,
        change.at,
        text=ARRIVED_WORDS.get(state, change.reason),
        post=post,
        code=error.code if error else "",
        log_id=error.log_id if error else "",
        key=f"change-{change.pk}",
    )
