"""A team's media files, for its own people."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from calendar_app.ranges import serve_file
from publishing.models import MediaAsset


@require_safe
@team_page(Permission.VIEW)
def media_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    media = find_for_member(request, MediaAsset.objects.all(), pk, Permission.VIEW)
    if media.deleted_at:
        raise Http404("The file was deleted.")
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
