"""Posts from a CSV file: bring it, look at what would be made, decide."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.reach import accounts_within_reach
from calendar_app.access import demand, team_page
from calendar_app.forms.sheets import ExportForm, ImportForm
from calendar_app.import_rows import Row, read_rows
from calendar_app.sheets import COLUMNS, MAX_ROWS, SheetRefused, lines_of, read_sheet
from publishing.importing import keep_import, made_posts, make_drafts
from publishing.models import ImportRun
from publishing.refusals import PostRefused

EXAMPLES = (
    ("bakery", "2030-11-26 18:30", "rolls.mp4", "", "Fresh rolls #bakery", "Autumn"),
    ("bakery", "", "one.jpg|two.jpg", "Two cakes", "Which one? #cake", ""),
)
NOT_ALL = gettext_lazy(
    "Some lines are not right, so nothing was made, as you asked. Mend the file, or untick it."
)


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.VIEW)
def posts_import(request: HttpRequest) -> HttpResponse:
    """Bringing a file, and taking one along."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    if request.method != "POST":
        return show_import(request, ImportForm())
    demand(membership, Permission.PLAN)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_import(request, form, status=422)
    file, now = form.cleaned_data["file"], current_moment()
    try:
        sheet = read_sheet(file.read())
    except SheetRefused as refused:
        form.add_error("file", str(refused))
        return show_import(request, form, status=422)
    if sheet.ignored:
        names = ", ".join(sheet.ignored)[:200]
        messages.warning(request, gettext("Ignored columns: {names}.").format(names=names))
    rows = [{"line": line, "cells": cells} for line, cells in sheet.rows]
    run = keep_import(membership.team, membership.user, file.name, rows, now)
    return redirect("import_run", run.pk)


def show_import(
    request: HttpRequest, form: ImportForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    membership: Membership = request.membership  # type: ignore[attr-defined]
    context = {
        "form": form,
        "export_form": ExportForm(accounts=accounts_within_reach(membership)),
        "may_plan": may(membership, Permission.PLAN),
        "team_zone": membership.team.timezone,
        "max_rows": MAX_ROWS,
        **more,
    }
    return render(request, "importing/importing.html", context, status=status)


@require_safe
@team_page(Permission.VIEW)
def import_template(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(lines_of([COLUMNS, *EXAMPLES]), content_type="text/csv")
    response["Content-Disposition"] = content_disposition_header(True, "posts-template.csv")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@team_page(Permission.PLAN)
def import_run(request: HttpRequest, pk: Any) -> HttpResponse:
    """Every line with what is wrong with it, judged anew; then the drafts that came of it."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    runs = ImportRun.objects.filter(team=membership.team, author=membership.user)
    run = get_object_or_404(runs.select_related("team", "author"), pk=pk)
    if run.done_at:
        return render(request, "importing/done.html", {"run": run, "posts": made_posts(run)})
    now = current_moment()
    rows = read_rows(membership, run.rows, now)
    if request.method == "POST":
        return _make(request, run, rows)
    return _show(request, run, rows)


def _make(request: HttpRequest, run: ImportRun, rows: list[Row]) -> HttpResponse:
    good = [row for row in rows if row.is_good]
    wants_all = "all_or_nothing" in request.POST
    if wants_all and len(good) < len(rows):
        return _show(request, run, rows, error=NOT_ALL, wants_all=True)
    if not good:
        return _show(request, run, rows, error=gettext("No line is right yet. Mend the file."))
    try:
        made = make_drafts(run, [row.order() for row in good], current_moment())
    except PostRefused as refused:
        return _show(request, run, rows, error=str(refused), wants_all=wants_all)
    text = ngettext("{count} draft made.", "{count} drafts made.", made)
    messages.success(request, text.format(count=made))
    return redirect("import_run", run.pk)


def _show(request: HttpRequest, run: ImportRun, rows: list[Row], **more: Any) -> HttpResponse:
    context = {
        "run": run,
        "rows": rows,
        "good": sum(row.is_good for row in rows),
        "bad": sum(not row.is_good for row in rows),
        "team_zone": run.team.timezone,
        **more,
    }
    return render(request, "importing/look.html", context, status=422 if more else 200)
