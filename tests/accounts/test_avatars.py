import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from accounts import avatars
from accounts.avatars import AvatarRefused, fetch_picture, keep_avatar, shrink
from accounts.models import TikTokAccount
from accounts.profiles import note_creator
from tests.factories import make_account
from tiktok.app import App
from tiktok.reads import CreatorInfo


def picture(size=(300, 200), kind="PNG", **options):
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **options)
    return file.getvalue()


ANSWERS = {
    "/good.png": (200, {"Content-Type": "image/png"}, picture()),
    "/page.html": (200, {"Content-Type": "text/html"}, b"<svg>"),
    "/moved.png": (302, {"Location": "/good.png", "Content-Type": "image/png"}, b""),
    "/gone.png": (404, {"Content-Type": "image/png"}, picture()),
    "/huge.png": (200, {"Content-Type": "image/png"}, b"\0" * (avatars.MAX_BYTES + 1)),
    "/broken.png": (200, {"Content-Type": "image/png"}, picture()[:60]),
}


class Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = ANSWERS[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def app(host):
    front = "http://localhost:8000/simulator/v2/auth/authorize/"
    return App("key", "secret", api_url=host, authorize_url=front)


def test_a_picture_becomes_a_small_webp():
    small = Image.open(io.BytesIO(shrink(picture())))

    assert (small.format, small.size) == ("WEBP", (96, 96))


def test_metadata_does_not_survive():
    exif = Image.Exif()
    exif[0x010E] = "where the creator lives"

    assert b"where the creator" not in shrink(picture(kind="JPEG", exif=exif))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused(kind):
    with pytest.raises(AvatarRefused):
        shrink(picture(kind=kind))


def test_a_picture_with_too_many_pixels_is_refused():
    with pytest.raises(AvatarRefused, match="pixels"):
        shrink(picture(size=(avatars.MAX_SIDE_PX + 1, 1)))


def test_the_simulators_own_address_is_taken(app, host):
    assert fetch_picture(app, f"{host}/good.png") == picture()


def test_the_simulators_pages_are_asked_directly_and_not_through_our_proxy(app):
    assert fetch_picture(app, "http://localhost:8000/simulator/good.png") == picture()


@pytest.mark.parametrize("name", ["page.html", "moved.png", "gone.png", "huge.png"])
def test_anything_but_a_small_picture_is_refused(app, host, name):
    with pytest.raises(AvatarRefused):
        fetch_picture(app, f"{host}/{name}")


def test_http_is_refused_at_any_other_host(app, host):
    elsewhere = host.replace("127.0.0.1", "localhost")

    with pytest.raises(AvatarRefused, match="https"):
        fetch_picture(app, f"{elsewhere}/good.png")


def test_http_is_refused_at_the_real_tiktok(host):
    with pytest.raises(AvatarRefused, match="https"):
        fetch_picture(App("key", "secret"), f"{host}/good.png")


@pytest.mark.parametrize("name", ["broken.png", "gone.png"])
@pytest.mark.django_db
def test_a_failure_is_harmless(app, host, name):
    account = make_account()

    assert not keep_avatar(app, account, f"{host}/{name}")
    assert not TikTokAccount.objects.get().avatar


@pytest.mark.django_db
def test_a_newer_picture_replaces_the_older_file(app, host):
    account = make_account()
    keep_avatar(app, account, f"{host}/good.png")
    older = account.avatar.name

    keep_avatar(app, account, f"{host}/good.png")

    assert not default_storage.exists(older)
    assert default_storage.exists(TikTokAccount.objects.get().avatar.name)


@pytest.mark.django_db
def test_creator_info_fills_in_what_the_profile_did_not_give(app, host):
    account = make_account(username="", nickname="Old name")
    creator = CreatorInfo(
        nickname="New name",
        username="handle",
        avatar_url=f"{host}/good.png",
        privacy_level_options=("SELF_ONLY",),
        comment_disabled=False,
        duet_disabled=False,
        stitch_disabled=False,
        max_video_post_duration_s=60,
    )

    note_creator(app, account, creator)

    stored = TikTokAccount.objects.get()
    assert (stored.username, stored.nickname) == ("handle", "New name")
    assert stored.avatar
