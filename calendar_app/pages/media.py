"""Uploads from the posting screen, and a team's media files back to its own people."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from calendar_app.pages.compose import named_draft
from calendar_app.ranges import serve_file
from publishing.media.intake import MediaRefused, keep_upload
from publishing.models import MediaAsset


@require_POST
@team_page(Permission.PLAN)
def media_upload(request: HttpRequest) -> HttpResponse:
    """The media panel of what was uploaded; status 422 with the reasons when it was refused."""
    membership = request.membership  # type: ignore[attr-defined]
    draft = named_draft(request)
    team = draft.team if draft else membership.team
    upload = request.FILES.get("file")
    if upload is None:
        return _refused(request, ["No file arrived. Choose a video and try again."])
    try:
        media = keep_upload(team, membership.user, upload, current_moment())
    except MediaRefused as error:
        return _refused(request, error.problems)
    return render(request, "compose/_media.html", {"media": media})


def _refused(request: HttpRequest, problems: list[str]) -> HttpResponse:
    return render(request, "compose/_media_refused.html", {"problems": problems}, status=422)


@require_safe
@team_page(Permission.VIEW)
def media_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    media = find_for_member(request, MediaAsset.objects.all(), pk, Permission.VIEW)
    return _serve(request, media.file, media.content_type, media.original_name, media.sha256)


@require_safe
@team_page(Permission.VIEW)
def media_poster(request: HttpRequest, pk: int) -> HttpResponseBase:
    media = find_for_member(request, MediaAsset.objects.all(), pk, Permission.VIEW)
    if not media.poster:
        raise Http404("This video has no poster.")
    name = f"{media.original_name}.jpg"
    return _serve(request, media.poster, "image/jpeg", name, f"{media.sha256}-poster")


def _serve(
    request: HttpRequest, stored: object, content_type: str, name: str, etag: str
) -> HttpResponseBase:
    try:
        return serve_file(request, stored, content_type=content_type, name=name, etag=etag)  # type: ignore[arg-type]
    except FileNotFoundError as error:
        raise Http404("The file is no longer on this machine.") from error
