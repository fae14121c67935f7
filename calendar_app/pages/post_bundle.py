"""The support bundle of a post, to download."""

import io
import zipfile

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import now as current_moment
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from calendar_app.access import find_for_member, team_page
from publishing.models import Post
from publishing.support_bundle import bundle_files


@require_safe
@team_page(Permission.VIEW)
def post_bundle(request: HttpRequest, pk: int) -> HttpResponse:
    posts = Post.objects.select_related("account", "media", "team")
    found = find_for_member(request, posts, pk, Permission.PLAN)
    response = HttpResponse(
        _zip(bundle_files(found, current_moment())), content_type="application/zip"
    )
    name = f"support-of-post-{found.pk}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response


def _zip(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            # Lone halves of characters, which a text of TikTok's may have, are no UTF-8.
            archive.writestr(name, text.encode("utf-8", "replace"))
    return packed.getvalue()
