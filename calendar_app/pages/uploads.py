"""Resumable uploads: the tus protocol 1.0 with creation, expiration and termination.

Source: https://tus.io/protocols/resumable-upload. An answer that is not a success is a sentence
in plain text, which the posting screen shows.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.utils.http import http_date
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Membership
from accounts.permissions import Permission
from calendar_app.access import demand
from calendar_app.pages.compose_start import team_of_form
from publishing.media.intake import MediaRefused
from publishing.media.receiving import Locked, PastEnd, WrongOffset
from publishing.media.restrictions import media_warnings
from publishing.media.room import current_limits, received_bytes
from publishing.media.uploads import (
    DiskFull,
    EmptyFile,
    NotComplete,
    UploadGone,
    UploadRefused,
    add_part,
    begin_upload,
    cancel_upload,
    finish_upload,
)
from publishing.models import MediaKind, Upload

VERSION = "1.0.0"
SIGNED_OUT = gettext_lazy(
    "You are signed out. Sign in in another tab, then choose the same file again to go on."
)
GONE = gettext_lazy("This upload is no longer here. Choose the file again to start anew.")
BUSY = gettext_lazy("The server is still busy with this upload's last part. Try again in a moment.")
NOT_TUS = gettext_lazy("This address takes resumable uploads (tus 1.0.0) only.")
NO_METADATA = gettext_lazy("The upload's metadata cannot be read.")
NO_SUCH_KIND = gettext_lazy(
    "Only a video or a photo can be uploaded; the upload says it is something else."
)
MALFORMED = gettext_lazy("The upload's headers are missing or wrong.")
View = Callable[..., HttpResponse]


class Refusal(Exception):
    """The answer: a status and a sentence."""

    def __init__(self, status: int, text: object, **headers: str) -> None:
        super().__init__(str(text))
        self.status, self.text = status, str(text)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what can go wrong with an upload into a Refusal."""
    try:
        yield
    except PermissionDenied as error:
        raise Refusal(403, str(error)) from error
    except (Http404, UploadGone) as error:
        raise Refusal(404, GONE) from error
    except Locked as error:
        raise Refusal(423, BUSY) from error
    except WrongOffset as error:
        raise Refusal(409, str(error), Upload_Offset=str(error.received_bytes)) from error
    except PastEnd as error:
        raise Refusal(413, gettext("This part is longer than what is missing.")) from error
    except NotComplete as error:
        raise Refusal(409, gettext("Parts of the file are still missing.")) from error
    except EmptyFile as error:
        raise Refusal(422, str(error)) from error
    except DiskFull as error:
        raise Refusal(507, str(error)) from error
    except UploadRefused as error:
        raise Refusal(413, str(error)) from error


def tus_page(view: View) -> View:
    @wraps(view)
    def answering(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            with _in_words():
                _demand_sign_in_and_version(request)
                response = view(request, *args, **kwargs)
        except Refusal as refusal:
            response = _words(refusal)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return answering


def _words(refusal: Refusal) -> HttpResponse:
    return HttpResponse(
        refusal.text,
        status=refusal.status,
        content_type="text/plain; charset=utf-8",
        headers=refusal.headers,
    )


def _demand_sign_in_and_version(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        raise Refusal(401, SIGNED_OUT)
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise Refusal(412, NOT_TUS, Tus_Version=VERSION)


@require_http_methods(["OPTIONS", "POST"])
@tus_page
def uploads(request: HttpRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        return _abilities()
    size_bytes = _number(request, "Upload-Length")
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    begun = begin_upload(
        team_of_form(request),
        request.user,  # type: ignore[arg-type]
        metadata.get("filename", ""),
        size_bytes,
        current_limits(),
        settings.UPLOAD_KEEP_S,
        current_moment(),
        _kind(metadata),
    )
    response = _standing(begun, 0, status=201)
    response["Location"] = f"{request.path}{begun.pk}/"
    return response


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE"])
@tus_page
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _find(request, pk)
    if request.method == "PATCH":
        return _add_part(request, found)
    if request.method == "DELETE":
        cancel_upload(found)
        return HttpResponse(status=204)
    if request.method == "OPTIONS":
        return _abilities()
    received = received_bytes(found)
    response = _standing(found, received, status=200)
    response["Upload-Length"] = str(found.size_bytes)
    return response


@require_POST
@tus_page
def upload_media(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The media panel of a whole upload; status 422 with the reasons when it is refused."""
    upload = _find(request, pk)
    try:
        media = finish_upload(upload, current_moment())
    except MediaRefused as error:
        context = {"problems": error.problems}
        if upload.kind == MediaKind.PHOTO:
            # Of several chosen together it has to say which.
            context = {"problems": [f"{upload.original_name}: {text}" for text in error.problems]}
        return render(request, "compose/_media_refused.html", context, status=422)
    if media.kind == MediaKind.PHOTO:
        return render(request, "compose/_photo.html", {"photo": media})
    shown = {"media": media, "media_warnings": media_warnings(media)}
    return render(request, "compose/_media.html", shown)


def _find(request: HttpRequest, pk: UUID) -> Upload:
    """This person's own upload, for a team they may still plan for. 404, 403 or 410 otherwise."""
    found = Upload.objects.filter(pk=pk, person=request.user.pk).select_related("team", "person")
    upload = found.first()
    membership = upload and Membership.objects.filter(user=upload.person, team=upload.team).first()
    if not upload or not membership:
        raise Http404
    demand(membership, Permission.PLAN)
    if upload.media_id is None and upload.expires_at <= current_moment():
        raise Refusal(410, GONE)
    return upload


def _add_part(request: HttpRequest, upload: Upload) -> HttpResponse:
    if request.content_type != "application/offset+octet-stream":
        raise Refusal(415, NOT_TUS)
    if "Content-Length" not in request.headers:
        raise Refusal(411, MALFORMED)
    offset = _number(request, "Upload-Offset")
    part_bytes = _number(request, "Content-Length")
    if upload.media_id:
        raise WrongOffset(upload.size_bytes)
    with _patience(request, settings.UPLOAD_SILENCE_S):
        received = add_part(
            upload, offset, part_bytes, _reader(request), settings.UPLOAD_KEEP_S, current_moment()
        )
    return _standing(upload, received, status=204)


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    def read(size_bytes: int) -> bytes:
        try:
            return request.read(size_bytes)
        except UnreadablePostError:
            # The browser is gone or silent; what has arrived stays.
            return b""

    return read


@contextmanager
def _patience(request: HttpRequest, silence_s: float) -> Iterator[None]:
    """Ends reading from a client that vanished without a word, which would keep thread and lock.

    gunicorn hands the connection over; other servers have their own way.
    """
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        yield
        return
    before = connection.gettimeout()
    connection.settimeout(silence_s)
    try:
        yield
    finally:
        connection.settimeout(before)


def _standing(upload: Upload, received: int, status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    response["Upload-Offset"] = str(received)
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


def _abilities() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Version"] = VERSION
    response["Tus-Extension"] = "creation,expiration,termination"
    response["Tus-Max-Size"] = str(settings.MAX_UPLOAD_BYTES)
    return response


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    # 18 digits fit into the database's integers.
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Refusal(400, MALFORMED)
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """`name base64,…` as the protocol writes it; a name may stand alone."""
    pairs = (entry.split(" ", 1) for entry in header.split(",") if entry.strip())
    try:
        return {
            pair[0]: base64.b64decode(pair[1], validate=True).decode() if len(pair) > 1 else ""
            for pair in pairs
        }
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refusal(400, NO_METADATA) from error


def _kind(metadata: dict[str, str]) -> MediaKind:
    try:
        return MediaKind(metadata.get("kind", MediaKind.VIDEO))
    except ValueError as error:
        raise Refusal(400, NO_SUCH_KIND) from error
