"""Whether a post may stand at a moment: cap, gap and creators, and the words that refuse it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils.translation import gettext, ngettext

from accounts.models import Team, TikTokAccount
from publishing import cap
from publishing.app_mode import UNAUDITED_CREATORS
from publishing.edits import moment_in_history
from publishing.gap import nearest_post
from publishing.models import Mode, Post
from publishing.openings import CAP, GAP, Openings, openings_of
from publishing.refusals import PostRefused
from publishing.rules import Problem


def keep_limits_together(moves: Sequence[tuple[Post, datetime]]) -> None:
    """Each is asked for beside those that stay and those that were moved before it."""
    leave_out = [post.pk for post, _ in moves]
    moved: list[tuple[Post, datetime]] = []
    for post, due_at in moves:
        openings = openings_of(post.known_account, post.mode, due_at, leave_out)
        for one, at in moved:
            if one.account_id == post.account_id:
                openings = openings.with_post(at, one.mode)
            elif one.account_id and one.mode == Mode.DIRECT:
                openings = openings.with_uses([(at, one.account_id)])
        refuse_unless_free(openings, due_at)
        moved.append((post, due_at))


def keep_limits(posts: Sequence[Post], now: datetime) -> None:
    """Runs under the accounts' locks. Raises PostRefused with every limit in the way."""
    problems: list[Problem] = []
    frees: list[datetime] = []
    for number, post in enumerate(posts):
        try:
            keep_limit(post, post.due_at or now, leave_out=[post.pk], beside=posts[:number])
        except PostRefused as refused:
            problems += refused.problems
            frees += [refused.next_free_at] if refused.next_free_at else []
    if problems:
        raise PostRefused(problems, next_free_at=max(frees, default=None))


def keep_limit(
    post: Post,
    due_at: datetime,
    *,
    leave_out: Collection[int],
    beside: Sequence[Post] = (),
    keeps_gap: bool = True,
) -> None:
    """`leave_out` are the posts whose places are given up for this one, `beside` are the posts of
    the same form that are scheduled with it."""
    if post.account is None:
        return
    with_it = [(one.due_at, one.account_id) for one in beside if one.due_at and one.account_id]
    openings = openings_of(post.account, post.mode, due_at, leave_out).with_uses(with_it)
    refuse_unless_free(openings, due_at, keeps_gap=keeps_gap)


def refuse_unless_free(openings: Openings, at: datetime, *, keeps_gap: bool = True) -> None:
    """Raises PostRefused with the first limit in the way and the next moment without any."""
    reasons = [code for code in openings.reasons_against(at) if keeps_gap or code != GAP]
    if not reasons:
        return
    free_at = openings.next_from(at)
    account = openings.account
    ending = gettext("The next free moment for {account} is {moment}.").format(
        account=account, moment=moment_text(free_at, account.team)
    )
    text = f"{_words_against(reasons[0], openings, at)} {ending}"
    raise PostRefused([Problem("due_at", reasons[0], text, account.pk)], next_free_at=free_at)


def _words_against(code: str, openings: Openings, at: datetime) -> str:
    account = openings.account
    if code == CAP:
        return _too_many(openings.mode, account)
    if code == GAP:
        other = moment_text(nearest_post(openings.others, at), account.team)
        minutes = account.min_gap_min
        return ngettext(
            "{account} keeps {minutes} minute between its posts, and another one has {moment}.",
            "{account} keeps {minutes} minutes between its posts, and another one has {moment}.",
            minutes,
        ).format(account=account, minutes=minutes, moment=other)
    return gettext(
        "Until TikTok has audited this app, it lets {count} creators post within 24 hours, and "
        "others fill that day."
    ).format(count=UNAUDITED_CREATORS)


def _too_many(mode: str, account: TikTokAccount) -> str:
    limit = cap.limit_of(account, mode)
    if mode == Mode.DIRECT:
        text = ngettext(
            "{account} would have more than {limit} posts in 24 hours.",
            "{account} would have more than {limit} posts in 24 hours.",
            limit,
        )
    else:
        text = ngettext(
            "{account} would have more than {limit} drafts in its TikTok inbox within 24 hours; "
            "TikTok takes no more until some are posted or discarded there.",
            "{account} would have more than {limit} drafts in its TikTok inbox within 24 hours; "
            "TikTok takes no more until some are posted or discarded there.",
            limit,
        )
    return text.format(account=account, limit=limit)


def moment_text(moment: datetime | None, team: Team) -> str:
    """As journal, history and reasons name a moment."""
    return moment_in_history(moment, team) if moment else gettext("no time")
