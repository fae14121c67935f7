"""Who else has a post open just now: in the posting form, or on its page."""

from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import User
from publishing.models import Presence

# A page asks every few seconds while it is visible; after this it is taken for closed.
LASTS = timedelta(seconds=30)
# Written at most so often, however often a page asks.
WRITTEN_EVERY = timedelta(seconds=8)


def be_present(
    form_token: UUID, person: User, now: datetime, *, is_editing: bool
) -> list[Presence]:
    """Notes that `person` has it open; everybody else who has, each once, who edits it first.

    Two queries at most, and one as long as the last note is fresh.
    """
    rows = list(
        Presence.objects.filter(form_token=form_token, seen_at__gt=now - LASTS)
        .select_related("person")
        .order_by("-is_editing", "pk")
    )
    mine = [row for row in rows if (row.person_id, row.is_editing) == (person.pk, is_editing)]
    if not any(row.seen_at > now - WRITTEN_EVERY for row in mine):
        _write(form_token, person, now, is_editing)
    others: dict[int, Presence] = {}
    for row in rows:
        others.setdefault(row.person_id, row)
    others.pop(person.pk, None)
    return list(others.values())


def _write(form_token: UUID, person: User, now: datetime, is_editing: bool) -> None:
    Presence.objects.bulk_create(
        [Presence(form_token=form_token, person=person, is_editing=is_editing, seen_at=now)],
        update_conflicts=True,
        unique_fields=["form_token", "person", "is_editing"],
        update_fields=["seen_at"],
    )


def leave_form(form_token: UUID, person: User) -> None:
    """The form was sent: nobody is told any longer that `person` edits it."""
    Presence.objects.filter(form_token=form_token, person=person, is_editing=True).delete()


def clean_up(now: datetime) -> None:
    Presence.objects.filter(seen_at__lt=now - LASTS).delete()
