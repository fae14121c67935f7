from datetime import date

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import Activity
from publishing import day_notes
from publishing.day_notes import NoteRefused, add_note, change_note, delete_note, notes_between
from publishing.models import DayNote, DayNoteKind
from tests.factories import make_member, make_team

pytestmark = pytest.mark.django_db
DAY, NEXT, LATER = date(2026, 11, 27), date(2026, 11, 28), date(2026, 12, 24)


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def person(team):
    return make_member(team).user


@pytest.fixture
def note(team, person):
    return add_note(team, person, DAY, DayNoteKind.LAUNCH, "New oven", current_moment())


def test_notes_come_by_day_in_one_query(team, person, note, django_assert_num_queries):
    second = add_note(team, person, DAY, DayNoteKind.NOTE, "Doors at nine", current_moment())
    last = add_note(team, person, NEXT, DayNoteKind.HOLIDAY, "Closed", current_moment())
    add_note(team, person, LATER, DayNoteKind.HOLIDAY, "Christmas", current_moment())

    with django_assert_num_queries(1):
        found = notes_between(team, DAY, NEXT)

    assert found == {DAY: [note, second], NEXT: [last]}


def test_another_teams_notes_are_not_among_them(note):
    assert notes_between(make_team(), DAY, DAY) == {}


def test_a_day_has_not_too_many_notes(team, person, note, monkeypatch):
    monkeypatch.setattr(day_notes, "MAX_NOTES_A_DAY", 1)

    with pytest.raises(NoteRefused, match="Delete one first"):
        add_note(team, person, DAY, DayNoteKind.NOTE, "One more", current_moment())


def test_changing_a_note_that_is_gone_says_so(person, note):
    DayNote.objects.all().delete()

    with pytest.raises(NoteRefused, match="a moment ago"):
        change_note(note, person, NEXT, DayNoteKind.NOTE, "Later", current_moment())


def test_what_was_done_with_notes_is_kept(person, note):
    change_note(note, person, NEXT, DayNoteKind.NOTE, "Newer oven", current_moment())
    delete_note(note, person, current_moment())

    rows = [(row.verb, row.subject, row.old, row.new) for row in Activity.objects.order_by("id")]
    assert rows == [
        ("note_added", "New oven", "", "Fri 27 Nov 2026, Launch: New oven"),
        (
            "note_changed",
            "Newer oven",
            "Fri 27 Nov 2026, Launch: New oven",
            "Sat 28 Nov 2026, Note: Newer oven",
        ),
        ("note_deleted", "Newer oven", "Sat 28 Nov 2026, Note: Newer oven", ""),
    ]


def test_an_unchanged_note_is_no_news(person, note):
    change_note(note, person, DAY, DayNoteKind.LAUNCH, "New oven", current_moment())

    assert Activity.objects.count() == 1
