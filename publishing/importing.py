"""Drafts from a file: kept between the look and the decision, made once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.activity import note_activity
from accounts.models import Team, User
from publishing.drafts import save_draft
from publishing.journal import add_line
from publishing.models import ImportRun, Label, Post
from publishing.plan import Plan

KEPT = timedelta(days=7)
CHOICES_MISSING = gettext_lazy(
    "Its choices are still to be made: who can view it, and what TikTok asks besides."
)


@dataclass(frozen=True)
class Order:
    """A draft to be made of line `line` of the file."""

    line: int
    plan: Plan
    labels: tuple[Label, ...] = ()


def keep_import(
    team: Team, author: User, file_name: str, rows: list[dict[str, Any]], now: datetime
) -> ImportRun:
    """Keeps what a file held until somebody decides about it, at most a week."""
    return ImportRun.objects.create(
        team=team, author=author, file_name=file_name[:255], rows=rows, created_at=now
    )


def make_drafts(run: ImportRun, orders: Sequence[Order], now: datetime) -> int:
    """Makes all drafts or none; how many. A run makes them once: later calls return that number.

    What was deleted since the look is refused: raises publishing.refusals.PostRefused.
    """
    with transaction.atomic():
        kept = ImportRun.objects.select_for_update().get(pk=run.pk)
        if kept.done_at:
            return kept.made
        for order in orders:
            _make_draft(kept, order, now)
        kept.done_at, kept.made = now, len(orders)
        kept.save(update_fields=["done_at", "made"])
        drafts = ngettext("{count} draft", "{count} drafts", len(orders))
        note_activity(
            kept.team_id,
            kept.author,
            "posts_imported",
            now,
            subject=kept.file_name,
            new=drafts.format(count=len(orders)),
        )
    run.done_at, run.made = kept.done_at, kept.made
    return run.made


def _make_draft(run: ImportRun, order: Order, now: datetime) -> None:
    post = save_draft(run.team, run.author, order.plan, token_of(run, order.line), now)
    post.labels.set(order.labels)
    origin = gettext("{file}, line {line}.").format(file=run.file_name, line=order.line)
    add_line(post, "imported", now, f"{origin} {CHOICES_MISSING}", actor=run.author)


def token_of(run: ImportRun, line: int) -> UUID:
    """The form token of the draft that this line makes."""
    return uuid5(run.pk, str(line))


def made_posts(run: ImportRun) -> list[Post]:
    """The posts that came of it and are still there, in the order of the file."""
    lines = {token_of(run, row["line"]): row["line"] for row in run.rows}
    posts = Post.objects.filter(team=run.team_id, form_token__in=lines)
    found = list(posts.select_related("account", "media"))
    return sorted(found, key=lambda post: lines[post.form_token])


def forget_old(now: datetime) -> None:
    """Files that nobody decided about, and those long worked off."""
    ImportRun.objects.filter(created_at__lt=now - KEPT).delete()
