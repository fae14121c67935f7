"""Who else has the posting screen's drafts open, asked every few seconds while it is visible."""

import hashlib
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from calendar_app.access import team_page
from calendar_app.pages.compose_start import desk_of
from publishing.models import Presence
from publishing.presence import be_present


@require_safe
@team_page(Permission.PLAN)
def compose_beside(request: HttpRequest) -> HttpResponse:
    drafts, beside = desk_of(request).drafts, []
    if drafts:
        token, person = drafts[0].form_token, request.user
        beside = be_present(token, person, current_moment(), is_editing=True)  # type: ignore[arg-type]
    etag = f'"{beside_mark(beside)}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = render(request, "compose/_beside.html", {"beside": beside})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def beside_mark(beside: Sequence[Presence]) -> str:
    """Changes when somebody comes, goes, or begins to edit."""
    seen = [(one.person_id, one.is_editing) for one in beside]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
