from datetime import date

import pytest
from django.urls import reverse

from accounts.models import Role
from publishing.models import DayNote
from tests.factories import make_member, make_team
from tests.pages.posting import words_of

DAY = date(2030, 7, 1)


@pytest.fixture
def note(team):
    return DayNote.objects.create(team=team, date=DAY, kind="launch", text="New oven")


def show(client, day="2030-07-01"):
    return words_of(client.get(reverse("notes"), {"date": day}))


def add(client, **typed):
    form = {"date": "2030-07-01", "kind": "holiday", "text": "Closed"} | typed
    return client.post(f"{reverse('notes')}?date=2030-07-01", form)


def edit(client, note, **typed):
    form = {"date": "2030-07-02", "kind": "note", "text": "Old oven"} | typed
    return client.post(reverse("note_edit", args=[note.pk]), form)


def delete(client, note):
    return client.post(reverse("note_delete", args=[note.pk]))


@pytest.mark.parametrize("role", list(Role.values))
def test_everybody_in_the_team_sees_a_days_notes(team, signed_in, note, role):
    page = show(signed_in(make_member(team, role)))

    assert "New oven" in page
    assert "Launch" in page


def test_a_note_stands_on_its_day_only(editor, note):
    assert "New oven" not in show(editor, "2030-07-02")


def test_without_a_readable_day_it_is_today(editor, db):
    assert "Notes on" in show(editor, "soon")


def test_an_editor_adds_a_note(editor, team):
    response = add(editor, text="  Closed   all day ")

    note = DayNote.objects.get()
    assert response["Location"] == f"{reverse('notes')}?date=2030-07-01"
    assert (note.team, note.date, note.kind, note.text) == (team, DAY, "holiday", "Closed all day")


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"text": " "}, "This field is required."),
        ({"text": "x" * 141}, "at most 140 characters"),
        ({"kind": "party"}, "Select a valid choice."),
        ({"date": "soon"}, "Enter the date as"),
        ({"date": "1970-01-01"}, "Choose a year from 2000 to 2100."),
    ],
)
def test_a_bad_note_comes_back_as_it_was_typed(editor, typed, error):
    response = add(editor, **typed)

    assert response.status_code == 422
    assert error in words_of(response)
    assert not DayNote.objects.exists()


def test_a_note_is_changed_and_may_move(editor, note):
    assert "New oven" in words_of(editor.get(reverse("note_edit", args=[note.pk])))

    edit(editor, note)

    note.refresh_from_db()
    assert (str(note.date), note.kind, note.text) == ("2030-07-02", "note", "Old oven")


def test_deleting_asks_first(editor, note):
    assert "New oven" in words_of(editor.get(reverse("note_delete", args=[note.pk])))
    assert DayNote.objects.exists()

    delete(editor, note)

    assert not DayNote.objects.exists()


def test_viewers_read_and_change_nothing(viewer, note):
    assert "Add a note" not in show(viewer)

    answers = [add(viewer), edit(viewer, note), delete(viewer, note)]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert DayNote.objects.get().text == "New oven"


def test_a_stranger_finds_none_of_them(stranger, note):
    assert "New oven" not in show(stranger)
    assert edit(stranger, note).status_code == 404
    assert delete(stranger, note).status_code == 404


def test_nobody_reads_notes_without_signing_in(client, note):
    assert reverse("account_login") in client.get(reverse("notes"))["Location"]


def test_notes_know_no_other_method(editor, db):
    assert editor.delete(reverse("notes")).status_code == 405


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_the_calendar_leads_to_a_days_notes(viewer, note, view):
    page = words_of(viewer.get(f"{reverse('calendar')}?view={view}&date=2030-07-01"))

    assert f'href="{reverse("notes")}?date=2030-07-01" title="New oven"' in page
    assert "Launch: " in page


def test_a_days_list_offers_to_add_a_note_to_who_may(editor, viewer, team):
    address = f"{reverse('calendar')}?view=day&date=2030-07-01"

    assert "Add a note" in words_of(editor.get(address))
    assert "Add a note" not in words_of(viewer.get(address))


def test_another_teams_note_of_the_day_is_not_shown(editor, team):
    DayNote.objects.create(team=make_team(), date=DAY, text="Secret")

    assert "Secret" not in show(editor)
