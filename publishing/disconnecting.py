"""Disconnecting an account concerns two layers: its tokens die and its posts pause."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext

from accounts import connecting
from accounts.activity import note_activity
from accounts.models import TikTokAccount, User
from accounts.tiktok_app import tiktok_app
from publishing.leases import FREE
from publishing.models import Post
from publishing.states import MoveRefused, State


def posts_to_pause(account: TikTokAccount) -> int:
    """How many scheduled posts a disconnect would pause."""
    return Post.objects.filter(account=account, state=State.SCHEDULED).count()


def posts_to_pause_of(accounts: Iterable[TikTokAccount]) -> Counter[int]:
    """The same for several accounts by id, in one query."""
    ids = [account.pk for account in accounts]
    posts = Post.objects.filter(account__in=ids, state=State.SCHEDULED).order_by()
    counts = posts.values_list("account").annotate(count=Count("pk"))
    return Counter(dict(counts))


@dataclass(frozen=True)
class Disconnect:
    """How many posts were paused, and what the person must still know ("" when nothing)."""

    paused: int
    text: str


def disconnect_account(account: TikTokAccount, actor: User, now: datetime) -> Disconnect:
    """Pauses the account's scheduled posts, then revokes its tokens.

    Posting stops first: a worker that prepares one of them finds its lease gone.
    """
    note = gettext("{account} was disconnected. Connect it again, then press Retry.")
    paused = pause_posts(account, note.format(account=account), now, actor)
    note_activity(account.team_id, actor, "account_disconnected", now, account_id=account.pk)
    return Disconnect(paused, connecting.disconnect(tiktok_app(), account, now).text)


def pause_posts(account: TikTokAccount, note: str, now: datetime, actor: User | None = None) -> int:
    """Lets the account's scheduled posts wait for a person; returns how many."""
    paused = 0
    for post in Post.objects.filter(account=account, state=State.SCHEDULED):
        try:
            with transaction.atomic():
                post.move_to(
                    State.NEEDS_ATTENTION, now=now, reason=note, note=note, actor=actor, **FREE
                )
        except MoveRefused:
            continue
        paused += 1
    return paused
