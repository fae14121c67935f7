"""Deleting what TikTok gave us about an account, and a whole team.

docs/review.md says the same to people who host: what goes, what stays, and why.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext, gettext_lazy

from accounts.activity import note_activity
from accounts.models import AccountStatus, Team, TikTokAccount, User
from accounts.permissions import is_first_team
from publishing.leases import FREE
from publishing.media.storage import delete_file_later
from publishing.models import (
    Attempt,
    Exchange,
    JournalLine,
    MediaAsset,
    Notice,
    Outcome,
    Post,
    PostingSlot,
    RateUse,
    StateChange,
    WebhookEvent,
)
from publishing.states import ARRIVED, IN_FLIGHT, State

logger = logging.getLogger("duecast.publishing")

DELETED_NAME = gettext_lazy("Deleted account")


class DeletionRefused(Exception):
    """Nothing was deleted. `text` says why and what to do, in plain words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def posts_to_keep(account: TikTokAccount) -> QuerySet[Post]:
    """Those that reached TikTok, or may have: their consent records are evidence."""
    perhaps_posted = Attempt.objects.filter(
        post=OuterRef("pk"), init_intended_at__isnull=False
    ).exclude(outcome=Outcome.NOT_POSTED)
    reached = Q(state__in=ARRIVED) | Exists(perhaps_posted)
    return Post.objects.filter(reached, account=account)


def delete_tiktok_account(account: TikTokAccount, actor: User, now: datetime) -> int:
    """Deletes a disconnected account; the number of posts that stay because they reached TikTok.

    A kept post loses TikTok's answers and keeps the team's content and its consent record,
    which names the account. The row itself stays, emptied, only for those posts. Raises
    DeletionRefused while the account is connected or a post is on its way.
    """
    with transaction.atomic():
        row = TikTokAccount.objects.select_for_update().get(pk=account.pk)
        if row.status != AccountStatus.DISCONNECTED:
            text = gettext("{account} is still connected. Disconnect it first.")
            raise DeletionRefused(text.format(account=row))
        posts = Post.objects.filter(account=row)
        _refuse_on_its_way(posts, now)
        kept = list(posts_to_keep(row))
        _forget_events(row)
        posts.exclude(pk__in=[post.pk for post in kept]).delete()
        for post in kept:
            _forget_answers(post, actor, now)
        delete_file_later(row.avatar)
        note_activity(row.team_id, actor, "account_deleted", now, account_id=row.pk)
        if kept:
            _empty(row, now)
        else:
            row.delete()
    logger.info("Account deleted", extra={"account": account.pk, "team": account.team_id})
    return len(kept)


def delete_team(team: Team, now: datetime) -> None:
    """Deletes a team with its posts, media, consent records, accounts and memberships.

    People stay: they may be in other teams. Raises DeletionRefused.
    """
    with transaction.atomic():
        row = Team.objects.select_for_update().get(pk=team.pk)
        if is_first_team(row.pk) and Team.objects.exclude(pk=row.pk).exists():
            raise DeletionRefused(
                gettext("This team runs the site, and other teams work here. Delete those first.")
            )
        held = row.tiktok_accounts.exclude(status=AccountStatus.DISCONNECTED)
        if names := ", ".join(str(account) for account in held.select_for_update()):
            text = gettext("Disconnect {accounts} first, so that TikTok ends the access too.")
            raise DeletionRefused(text.format(accounts=names))
        posts = Post.objects.filter(team=row)
        _refuse_on_its_way(posts, now)
        for account in row.tiktok_accounts.all():
            _forget_events(account)
            delete_file_later(account.avatar)
        for asset in MediaAsset.objects.filter(team=row):
            delete_file_later(asset.file)
            delete_file_later(asset.poster)
        posts.delete()
        row.delete()
    logger.info("Team deleted", extra={"team": team.pk})


def _refuse_on_its_way(posts: QuerySet[Post], now: datetime) -> None:
    """Locks the posts, so that no worker takes one up before they are gone."""
    for post in posts.select_for_update(of=("self",)):
        is_held = post.lease_until is not None and post.lease_until > now
        if post.state in IN_FLIGHT or is_held:
            text = gettext("“{post}” is on its way to TikTok. Wait until it has arrived or failed.")
            raise DeletionRefused(text.format(post=post))


def _forget_events(account: TikTokAccount) -> None:
    """What TikTok reported by webhook, while the ids that lead there are still known."""
    numbers = Attempt.objects.filter(post__account=account).exclude(publish_id="")
    about = Q(user_openid=account.open_id) | Q(publish_id__in=numbers.values("publish_id"))
    WebhookEvent.objects.filter(about).delete()


def _forget_answers(post: Post, actor: User, now: datetime) -> None:
    if post.state not in (*ARRIVED, State.CANCELED):
        post.move_to(State.CANCELED, now=now, reason="", actor=actor, **FREE)
    # Attempts take their journal lines along; lines without an attempt go by themselves.
    post.attempts.all().delete()
    JournalLine.objects.filter(post=post).delete()
    Exchange.objects.filter(post=post).delete()
    # Reasons repeat TikTok's words and the account's name.
    StateChange.objects.filter(post=post).update(reason="")
    Post.objects.filter(pk=post.pk).update(
        note="",
        public_post_id="",
        taken_down_at=None,
        next_action_at=None,
        updated_at=now,
        **FREE,
    )


def _empty(row: TikTokAccount, now: datetime) -> None:
    RateUse.objects.filter(account=row).delete()
    Notice.objects.filter(account=row).delete()
    PostingSlot.objects.filter(account=row).delete()
    TikTokAccount.objects.filter(pk=row.pk).update(
        open_id=f"deleted-{row.pk}",
        union_id="",
        username="",
        nickname=str(DELETED_NAME),
        avatar="",
        scopes=[],
        status_reason="",
        cap_reached_until=None,
        connected_by=None,
        refreshed_at=None,
        deleted_at=now,
    )
