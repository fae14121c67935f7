"""The notes of one day: looking at them, adding, changing, deleting."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.zones import shown_zone
from calendar_app.access import demand, find_for_member, team_page
from calendar_app.forms.day_notes import DayNoteForm
from calendar_app.month import read_day
from publishing.day_notes import NoteRefused, add_note, change_note, delete_note, notes_between
from publishing.models import DayNote


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def notes(request: HttpRequest) -> HttpResponse:
    """One day's notes (?date=, without it today's); a POST adds one."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    now = current_moment()
    day = read_day(request.GET.get("date", "")) or now.astimezone(shown_zone(membership)).date()
    if request.method != "POST":
        return _show(request, day, DayNoteForm(initial={"date": day}))
    demand(membership, Permission.PLAN)
    form = DayNoteForm(request.POST)
    if not form.is_valid():
        return _show(request, day, form, status=422)
    try:
        note = add_note(membership.team, membership.user, **_content(form), now=now)
    except NoteRefused as refused:
        form.add_error(None, str(refused))
        return _show(request, day, form, status=422)
    messages.success(request, gettext("The note is saved."))
    return _to_day(note.date)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def note_edit(request: HttpRequest, pk: int) -> HttpResponse:
    note = find_for_member(request, DayNote.objects.all(), pk, Permission.PLAN)
    initial = {"date": note.date, "kind": note.kind, "text": note.text}
    form = DayNoteForm(request.POST or None, initial=initial)
    context = {"note": note, "form": form, "day": note.date}
    if request.method != "POST":
        return render(request, "notes/edit.html", context)
    if not form.is_valid():
        return render(request, "notes/edit.html", context, status=422)
    try:
        change_note(note, request.user, **_content(form), now=current_moment())  # type: ignore[arg-type]
    except NoteRefused as refused:
        form.add_error(None, str(refused))
        return render(request, "notes/edit.html", context, status=422)
    messages.success(request, gettext("The note is saved."))
    return _to_day(note.date)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def note_delete(request: HttpRequest, pk: int) -> HttpResponse:
    note = find_for_member(request, DayNote.objects.all(), pk, Permission.PLAN)
    if request.method != "POST":
        return render(request, "notes/delete.html", {"note": note})
    delete_note(note, request.user, current_moment())  # type: ignore[arg-type]
    messages.success(request, gettext("The note is deleted."))
    return _to_day(note.date)


def _content(form: DayNoteForm) -> dict[str, Any]:
    content = form.cleaned_data
    return {"day": content["date"], "kind": content["kind"], "text": content["text"]}


def _to_day(day: date) -> HttpResponse:
    return redirect(f"{reverse('notes')}?date={day}")


def _show(request: HttpRequest, day: date, form: DayNoteForm, status: int = 200) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    one = timedelta(days=1)
    context = {
        "day": day,
        "previous_day": day - one,
        "next_day": day + one,
        "notes": notes_between(membership.team, day, day).get(day, []),
        "form": form,
        "may_plan": may(membership, Permission.PLAN),
    }
    return render(request, "notes/notes.html", context, status=status)
