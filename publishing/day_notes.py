"""Notes on days: what a team should know of a date when it plans, without a time of day."""

from datetime import date, datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.activity import note_activity
from accounts.models import Team, User
from publishing.models import DayNote

MAX_NOTES_A_DAY = 20


class NoteRefused(Exception):
    """Nothing was saved; the text is for people."""


def notes_between(team: Team, first: date, last: date) -> dict[date, list[DayNote]]:
    """The team's notes by day, from `first` to `last` (both included); one query.

    Days without a note are missing.
    """
    days: dict[date, list[DayNote]] = {}
    for note in DayNote.objects.filter(team=team, date__gte=first, date__lte=last):
        days.setdefault(note.date, []).append(note)
    return days


def add_note(team: Team, author: User, day: date, kind: str, text: str, now: datetime) -> DayNote:
    """Raises NoteRefused when the day has too many notes."""
    if DayNote.objects.filter(team=team, date=day).count() >= MAX_NOTES_A_DAY:
        text = gettext("This day has {count} notes already. Delete one first.")
        raise NoteRefused(text.format(count=MAX_NOTES_A_DAY))
    with transaction.atomic():
        note = DayNote.objects.create(team=team, author=author, date=day, kind=kind, text=text)
        note_activity(team.pk, author, "note_added", now, subject=text, new=_described(note))
    return note


def change_note(note: DayNote, actor: User, day: date, kind: str, text: str, now: datetime) -> None:
    """Raises NoteRefused when somebody deleted the note meanwhile."""
    old = _described(note)
    note.date, note.kind, note.text = day, kind, text
    if _described(note) == old:
        return
    with transaction.atomic():
        if not DayNote.objects.filter(pk=note.pk).update(date=day, kind=kind, text=text):
            raise NoteRefused(gettext("Somebody deleted this note a moment ago."))
        note_activity(
            note.team_id, actor, "note_changed", now, subject=text, old=old, new=_described(note)
        )


def delete_note(note: DayNote, actor: User, now: datetime) -> None:
    with transaction.atomic():
        deleted, _ = DayNote.objects.filter(pk=note.pk).delete()
        if deleted:
            note_activity(
                note.team_id, actor, "note_deleted", now, subject=note.text, old=_described(note)
            )


def _described(note: DayNote) -> str:
    return f"{date_format(note.date, 'D j M Y')}, {note.get_kind_display()}: {note.text}"
