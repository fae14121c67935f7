"""What must hold for every seeded calendar, whatever the moment it was made at."""

from datetime import datetime

from publishing.models import JournalLine, Post, StateChange
from publishing.states import State, may_move


def states_present() -> set[str]:
    return set(Post.objects.values_list("state", flat=True))


def broken_chains() -> list[str]:
    """Posts whose history is no walk through the table from draft to where they stand."""
    broken = []
    for post in Post.objects.prefetch_related("state_changes"):
        state = State.DRAFT.value
        for change in post.state_changes.all():
            if change.old != state or not may_move(change.old, change.new):
                broken.append(f"{post.pk}: {change}")
            state = change.new
        if state != post.state:
            broken.append(f"{post.pk}: ends at {state}, is {post.state}")
    return broken


def rows_after(now: datetime) -> list[object]:
    late_lines = JournalLine.objects.filter(at__gt=now)
    late_changes = StateChange.objects.filter(at__gt=now)
    return [*late_lines, *late_changes, *Post.objects.filter(created_at__gt=now)]


def rows_before_their_post() -> list[object]:
    posts = Post.objects.prefetch_related("journal", "state_changes", "consents")
    return [
        row
        for post in posts
        for row, at in (
            *((line, line.at) for line in post.journal.all()),
            *((change, change.at) for change in post.state_changes.all()),
            *((consent, consent.given_at) for consent in post.consents.all()),
        )
        if at < post.created_at
    ]
