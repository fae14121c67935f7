"""What TikTok fetches from this site: files of posts on their way, and signs that the site is ours.

Whoever has an address gets the file, so it holds 256 random bits and dies with its post. TikTok
follows no redirect and brings no session, and nothing on the way may keep a copy.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import now as current_moment
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.verification import file_body
from calendar_app.ranges import serve_file
from publishing.public_address import expected_answer
from publishing.pulling import find_pulled, suffix_of


# Nothing can be changed here; without this, a POST would be told of cookies instead of a 405.
@csrf_exempt
@require_safe
def pulled_file(request: HttpRequest, token: str, number: str, suffix: str) -> HttpResponseBase:
    media = find_pulled(token, int(number), current_moment(), settings.PULL_MARGIN_S)
    if media is None or suffix != suffix_of(media):
        return _unseen(HttpResponse(status=404))
    try:
        response = serve_file(
            request,
            media.file,
            content_type=media.content_type,
            # The name that the team gave its file is not TikTok's to know.
            name=f"{number}{suffix}",
            etag=media.sha256,
        )
    except FileNotFoundError:
        response = HttpResponse(status=404)
    return _unseen(response)


@csrf_exempt
@require_safe
def verification_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """TikTok looks for its file at the root of the prefix that it verifies."""
    body = file_body(token)
    if body is None:
        return _unseen(HttpResponse(status=404))
    return _unseen(HttpResponse(body, content_type="text/plain; charset=utf-8"))


@csrf_exempt
@require_safe
def self_check(request: HttpRequest, nonce: str) -> HttpResponseBase:
    return _unseen(HttpResponse(expected_answer(nonce), content_type="text/plain; charset=utf-8"))


@csrf_exempt
@require_safe
def nothing(request: HttpRequest) -> HttpResponseBase:
    return _unseen(HttpResponse(status=404))


def _unseen(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
