"""Review by a client without an account: a secret link to certain posts, and their answers.

Whoever holds the link may answer, so it holds 256 random bits, expires, and can be revoked. An
answer is the proxy of the member who made the link, who vouches for whoever gets it: it counts only
where the team's rule says so, and only while that member could give the very same answer. So nobody
approves their own post, or gives two approvals, by a link to themself.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.activity import note_activity
from accounts.models import Membership, User
from publishing.approvals import why_not_approve, why_not_request
from publishing.approving import give_approval, keep_answer, refuse_unanswerable, send_back
from publishing.history import note_about
from publishing.journal import add_line
from publishing.locks import lock_to_plan
from publishing.models import Approval, ClientLink, Decision, MediaAsset, NoticeKind, Post
from publishing.reach import posts_within_reach
from publishing.refusals import PostRefused
from publishing.states import MoveRefused, State
from publishing.telling import tell

MAX_DAYS = 90
# Of the posts of an account that wait: more than anybody looks through.
MAX_POSTS = 100
MAX_COMMENT = 2000
# One person at one link; a script that found it must not fill the table.
ANSWERS_PER_HOUR = 30
ANSWERABLE = frozenset(
    {State.DRAFT, State.IN_REVIEW, State.SCHEDULED, State.NEEDS_ATTENTION, State.FAILED}
)
TOO_LATE = gettext_lazy("This post can no longer be changed.")
TOO_MANY = gettext_lazy(
    "That were many answers within an hour. Try again later, or write to the team."
)
CHANGED_SINCE = gettext_lazy(
    "The team has changed this post since you opened it. Please look at it again."
)
ONLY_COMMENTS = gettext_lazy("This link is for comments.")
# A line of the post's story.
ANSWERED = "client_answered"
STORY_WORDS = {
    Decision.APPROVED: gettext_lazy("Approved."),
    Decision.CHANGES_REQUESTED: gettext_lazy("Asked for changes."),
    Decision.COMMENTED: gettext_lazy("Commented."),
}
QUOTING_WORDS = {
    Decision.APPROVED: gettext_lazy("Approved: “{comment}”"),
    Decision.CHANGES_REQUESTED: gettext_lazy("Asked for changes: “{comment}”"),
    Decision.COMMENTED: gettext_lazy("Commented: “{comment}”"),
}
HEADLINES = {
    Decision.APPROVED: gettext_lazy("Approved by client {client}, {account}: {post}"),
    Decision.CHANGES_REQUESTED: gettext_lazy(
        "Changes requested by client {client}, {account}: {post}"
    ),
    Decision.COMMENTED: gettext_lazy("Commented by client {client}, {account}: {post}"),
}


def make_client_link(
    posts: Sequence[Post],
    member: Membership,
    client_name: str,
    days: int,
    now: datetime,
    *,
    may_approve: bool = True,
) -> tuple[ClientLink, str]:
    """A link to these posts of one team, and its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link = ClientLink.objects.create(
            team=member.team,
            token_sha256=_digest(token),
            client_name=client_name,
            may_approve=may_approve,
            created_by=member.user,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        link.posts.set(posts)
        _note(link, "client_link_made", member.user, now)
    return link, token


def waiting_of_account(member: Membership, post: Post) -> QuerySet[Post]:
    """The posts of this one's account that wait for approval, as far as the member sees them."""
    posts = posts_within_reach(member).filter(state=State.IN_REVIEW, account=post.account_id)
    return posts.order_by("due_at", "pk")[:MAX_POSTS]


def revoke_client_link(link: ClientLink, actor: User, now: datetime) -> bool:
    """Ends it at once; False when it had been revoked before."""
    with transaction.atomic():
        revoked = ClientLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now)
        if revoked:
            _note(link, "client_link_revoked", actor, now)
    return bool(revoked)


def open_links(member: Membership, now: datetime) -> QuerySet[ClientLink]:
    """The links of the team that still open something this member may see."""
    links = ClientLink.objects.filter(team=member.team_id, revoked_at=None, expires_at__gt=now)
    seen = links.filter(posts__in=posts_within_reach(member)).distinct()
    return seen.select_related("created_by")


def find_client_link(token: str, now: datetime) -> ClientLink | None:
    """The link of this token; None alike for unknown, expired and revoked ones."""
    link = ClientLink.objects.filter(token_sha256=_digest(token)).select_related("team").first()
    return link if link and link.opens_at(now) else None


def posts_of_link(link: ClientLink) -> QuerySet[Post]:
    """What the link shows: of canceled posts and of drafts without account nothing."""
    shown = link.posts.exclude(state=State.CANCELED).filter(account__isnull=False)
    return shown.filter(media__isnull=False).order_by("due_at", "pk")


def media_of_link(link: ClientLink, pk: int) -> MediaAsset | None:
    """A file of one of its posts."""
    posts = posts_of_link(link).order_by()
    media = MediaAsset.objects.filter(pk=pk, team=link.team_id)
    is_shown = posts.filter(media=pk).exists() or posts.filter(post_photos__media=pk).exists()
    return media.first() if is_shown else None


def answers_through(link: ClientLink) -> QuerySet[Approval]:
    return Approval.objects.filter(client_link=link)


def answer_by_client(
    link: ClientLink,
    post: Post,
    decision: Decision,
    name: str,
    comment: str,
    seen: str,
    now: datetime,
) -> None:
    """Keeps what a client said about what they saw, and tells the team.

    Raises MoveRefused with words for the client.
    """
    with transaction.atomic():
        row = lock_to_plan(post)
        is_counted = row.state == State.IN_REVIEW and counts(link, row, decision)
        if _said_already(link, row, decision, comment, seen, is_counted):
            return
        _refuse(link, row, decision, seen, now)
        answer = Approval(client_link=link, person_name=name, comment=comment)
        if decision == Decision.CHANGES_REQUESTED and is_counted:
            send_back(row, answer, now)
        elif decision == Decision.APPROVED and is_counted:
            _approve(row, answer, seen, now)
        else:
            _keep_and_tell(row, answer, decision, now)


def _approve(post: Post, answer: Approval, seen: str, now: datetime) -> None:
    """An approval whose post cannot go out at its moment is kept all the same, for the team to
    find: the client can do nothing about it."""
    try:
        with transaction.atomic():
            refuse_unanswerable(post, seen, now)
            give_approval(post, answer, now, post.due_at)
    except (MoveRefused, PostRefused) as refused:
        kept = Approval(
            client_link=answer.client_link, person_name=answer.person_name, comment=answer.comment
        )
        more = gettext("It was not scheduled. {reason}").format(reason=refused)
        _keep_and_tell(post, kept, Decision.APPROVED, now, more)


def counts(link: ClientLink, post: Post, decision: Decision) -> bool:
    """Whether this answer through this link stands for one that its maker could give now."""
    if not (post.team.client_counts and link.may_approve):
        return False
    makers = Membership.objects.filter(team=link.team_id, user__is_active=True)
    maker = makers.filter(user=link.created_by_id).select_related("user", "team").first()
    why_not = why_not_approve if decision == Decision.APPROVED else why_not_request
    return not why_not(post, maker)


def _refuse(link: ClientLink, post: Post, decision: Decision, seen: str, now: datetime) -> None:
    if post.state not in ANSWERABLE:
        raise MoveRefused(TOO_LATE)
    if decision != Decision.COMMENTED and not link.may_approve:
        raise MoveRefused(ONLY_COMMENTS)
    if seen != post.fingerprint():
        raise MoveRefused(CHANGED_SINCE)
    lately = answers_through(link).filter(at__gt=now - timedelta(hours=1))
    if lately.count() >= ANSWERS_PER_HOUR:
        raise MoveRefused(TOO_MANY)


def _said_already(
    link: ClientLink, post: Post, decision: Decision, comment: str, seen: str, is_counted: bool
) -> bool:
    """A second press of the button says nothing new; an approval that counts only now does."""
    latest = post.approvals.filter(client_link=link).last()
    return (
        latest is not None
        and latest.ended_at is None
        and not (is_counted and decision == Decision.APPROVED and latest.step is None)
        and (latest.decision, latest.comment, latest.fingerprint) == (decision, comment, seen)
    )


def _keep_and_tell(
    post: Post, answer: Approval, decision: Decision, now: datetime, more: str = ""
) -> None:
    keep_answer(post, answer, decision, now)
    add_line(post, ANSWERED, now, str(STORY_WORDS[decision]))
    Post.objects.filter(pk=post.pk).update(updated_at=now)
    verbs = {
        Decision.APPROVED: "post_approved",
        Decision.CHANGES_REQUESTED: "changes_requested",
        Decision.COMMENTED: "client_commented",
    }
    note_about(
        post,
        None,
        verbs[decision],
        now,
        new=answer.comment,
        actor_name=answer.person_name,
    )
    words = QUOTING_WORDS if answer.comment else STORY_WORDS
    said = words[decision].format(comment=answer.comment)
    client = answer.person_name
    tell(
        post.team,
        NoticeKind.CLIENT_ANSWERED,
        HEADLINES[decision].format(client=client, account=post.account, post=post.headline),
        now,
        text=f"{said} {more}".strip(),
        post=post,
    )


def _note(link: ClientLink, verb: str, actor: User, now: datetime) -> None:
    count = link.posts.count()
    first = link.posts.first()
    if first and count == 1:
        note_about(first, actor, verb, now, new=link.client_name)
        return
    subject = ngettext("{count} post", "{count} posts", count).format(count=count)
    note_activity(link.team_id, actor, verb, now, subject=subject, new=link.client_name)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
