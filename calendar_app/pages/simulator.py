"""The built-in simulator's pages for people, handed through: it listens on this machine only."""

from collections.abc import Iterator
from urllib.parse import quote

import requests
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

BLOCK_BYTES = 64 * 1024
TIMEOUTS_S = (3, 60)
# Neither our cookies nor anybody's tokens go to the simulator.
PASSED_ON = ("Accept", "Content-Type", "If-Modified-Since", "If-None-Match", "If-Range", "Range")
PASSED_BACK = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Location",
)
# The simulator remembers here who "is signed in" at its TikTok.
CONSENT_COOKIE = "simulator_session"
CONSENT_COOKIE_PATH = "/simulator/v2/auth/"


class Body:
    """A request's body as requests streams it, with the length that the browser announced."""

    def __init__(self, request: HttpRequest, length_bytes: int) -> None:
        self.request = request
        self.length_bytes = length_bytes

    def __len__(self) -> int:
        return self.length_bytes

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(BLOCK_BYTES):
            yield block

    def read(self, size: int = -1) -> bytes:
        return self.request.read(size)


# The consent form carries the simulator's own single-use state instead of our token.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def simulator(request: HttpRequest, path: str) -> HttpResponseBase:
    if not settings.SIMULATOR_IS_BUILT_IN or not _is_for_people(path):
        raise Http404
    # No proxy of the environment stands between us and this machine.
    session = requests.Session()
    session.trust_env = False
    try:
        answer = session.send(
            _outgoing(request, path), stream=True, timeout=TIMEOUTS_S, allow_redirects=False
        )
    except requests.RequestException:
        session.close()
        return render(request, "simulator/unreachable.html", status=502)
    return _incoming(request, session, answer)


def _is_for_people(path: str) -> bool:
    segments = path.split("/")
    return (
        segments[0] != "control"
        # requests resolves these, so they could lead anywhere.
        and not {".", ".."} & set(segments)
        and (path == "" or segments[0] != "")
    )


def _outgoing(request: HttpRequest, path: str) -> requests.PreparedRequest:
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    headers["Accept-Encoding"] = "identity"
    length_bytes = int(request.headers.get("Content-Length") or 0)
    consent = request.COOKIES.get(CONSENT_COOKIE)
    # With its prefix, so that the simulator knows who may be asking.
    url = f"{settings.TIKTOK_API_URL}/simulator/{quote(path, safe='/@')}"
    if request.META["QUERY_STRING"]:
        url += f"?{request.META['QUERY_STRING']}"
    return requests.Request(
        request.method,
        url,
        headers=headers,
        data=Body(request, length_bytes) if length_bytes else None,
        cookies={CONSENT_COOKIE: consent} if consent else None,
    ).prepare()


def _incoming(
    request: HttpRequest, session: requests.Session, answer: requests.Response
) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(status=answer.status_code)
        answer.close()
        session.close()
    else:
        response = StreamingHttpResponse(_blocks(session, answer), status=answer.status_code)
    for name in PASSED_BACK:
        if name in answer.headers:
            response[name] = answer.headers[name]
    if consent := answer.cookies.get(CONSENT_COOKIE):
        response.set_cookie(
            CONSENT_COOKIE,
            consent,
            path=CONSENT_COOKIE_PATH,
            httponly=True,
            samesite="Lax",
            secure=settings.SITE_IS_HTTPS,
        )
    return response


def _blocks(session: requests.Session, answer: requests.Response) -> Iterator[bytes]:
    with session, answer:
        yield from answer.iter_content(BLOCK_BYTES)
