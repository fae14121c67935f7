import base64
import errno
import fcntl
import hashlib
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.http import parse_http_date
from django.utils.timezone import now as current_moment

from accounts.models import Membership, Role
from publishing.media import room, uploads
from publishing.media.intake import MediaRefused, keep_upload
from publishing.media.room import partial_path
from publishing.models import MediaAsset, MediaKind, Upload
from publishing.tasks import clean_up
from tests.factories import make_member
from tests.media_samples import NOTES, make_empty, make_mp4, make_photo, make_text
from tests.publishing.factories import make_media

TUS = {"Tus-Resumable": "1.0.0"}
GIGABYTE = 1_000_000_000


@pytest.fixture(autouse=True)
def incoming(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


@pytest.fixture
def video(tmp_path):
    return make_mp4(tmp_path / "clip.mp4").read_bytes()


def begin(client, size_bytes, name="clip.mp4", query="", kind=None, **headers):
    metadata = f"filename {base64.b64encode(name.encode()).decode()},filetype dmlkZW8="
    if kind is not None:
        metadata += f",kind {base64.b64encode(kind.encode()).decode()}"
    sent = TUS | {"Upload-Length": str(size_bytes), "Upload-Metadata": metadata} | headers
    return client.post(
        reverse("uploads") + query, content_type="application/octet-stream", headers=sent
    )


def begun(client, size_bytes, **more):
    response = begin(client, size_bytes, **more)
    assert response.status_code == 201, response.content
    return response["Location"]


def patch(client, url, offset, part, **headers):
    return client.patch(
        url,
        part,
        content_type="application/offset+octet-stream",
        headers=TUS | {"Upload-Offset": str(offset)} | headers,
    )


def head(client, url):
    return client.head(url, headers=TUS)


def finish(client, url):
    return client.post(f"{url}media/", headers=TUS)


def only_path():
    return partial_path(Upload.objects.get().pk)


def send(client, content, **more):
    url = begun(client, len(content), **more)
    patch(client, url, 0, content)
    return finish(client, url)


def test_options_tell_what_this_server_can_do(editor):
    response = editor.options(reverse("uploads"))

    assert response.status_code == 204
    assert response["Tus-Version"] == "1.0.0"
    assert response["Tus-Extension"] == "creation,expiration,termination"
    assert response["Tus-Max-Size"] == str(configured.MAX_UPLOAD_BYTES)


def test_creation_tells_where_and_how_long(editor):
    response = begin(editor, 10)

    upload = Upload.objects.get()
    assert response["Location"] == reverse("upload", args=[upload.pk])
    assert response["Tus-Resumable"] == "1.0.0"
    assert parse_http_date(response["Upload-Expires"]) == int(upload.expires_at.timestamp())


def test_the_name_is_metadata_and_never_a_path(editor, incoming):
    begin(editor, 10, name="../../etc/Ünï\x00.mp4")

    assert Upload.objects.get().original_name == "Ünï.mp4"
    assert [path.name for path in incoming.iterdir()] == [f"{Upload.objects.get().pk}.part"]


def test_parts_become_the_file_byte_for_byte(editor, team, video):
    url = begun(editor, len(video))
    middle = len(video) // 3

    first = patch(editor, url, 0, video[:middle])
    second = patch(editor, url, middle, video[middle:])
    panel = finish(editor, url)

    media = MediaAsset.objects.get(team=team)
    assert (first.status_code, first["Upload-Offset"]) == (204, str(middle))
    assert (second.status_code, second["Upload-Offset"]) == (204, str(len(video)))
    assert panel.status_code == 200
    assert media.sha256 == hashlib.sha256(video).hexdigest()
    assert media.original_name == "clip.mp4"


def test_the_answer_is_the_panel_and_the_preview(editor, team, video):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)

    content = finish(editor, url).content.decode()

    media = MediaAsset.objects.get(team=team)
    assert f'name="media" value="{media.pk}"' in content
    assert f'src="{reverse("media_file", args=[media.pk])}"' in content


def test_a_finished_upload_leaves_no_file_behind(editor, video, incoming):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)

    finish(editor, url)

    assert list(incoming.iterdir()) == []


def test_asking_twice_makes_one_media(editor, video):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)

    first, second = finish(editor, url), finish(editor, url)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert MediaAsset.objects.count() == 1


def test_head_tells_how_much_is_on_the_disk(editor):
    url = begun(editor, 10)
    only_path().write_bytes(b"1234")

    response = head(editor, url)

    assert response.status_code == 200
    assert response["Upload-Offset"] == "4"
    assert response["Upload-Length"] == "10"
    assert "Upload-Expires" in response
    assert response["Cache-Control"] == "no-store"


def test_head_of_a_finished_upload_says_complete(editor, video):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)
    finish(editor, url)

    assert head(editor, url)["Upload-Offset"] == str(len(video))


@pytest.mark.parametrize("offset", [0, 3, 5])
def test_a_part_elsewhere_than_at_the_end_conflicts(editor, offset):
    url = begun(editor, 10)
    patch(editor, url, 0, b"1234")

    response = patch(editor, url, offset, b"56")

    assert response.status_code == 409
    assert response["Upload-Offset"] == "4"
    assert only_path().read_bytes() == b"1234"


def test_a_finished_upload_takes_no_more(editor, video):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)
    finish(editor, url)

    assert patch(editor, url, len(video), b"more").status_code == 409


def test_two_writers_at_once_are_one_too_many(editor):
    url = begun(editor, 10)

    with only_path().open("r+b") as other:
        # Even a reader's lock is in the way, so ours must be a writer's.
        fcntl.flock(other, fcntl.LOCK_SH)
        response = patch(editor, url, 0, b"1234")

    assert response.status_code == 423
    assert only_path().read_bytes() == b""


def test_finishing_waits_for_its_writer(editor):
    url = begun(editor, 4)
    patch(editor, url, 0, b"1234")

    with only_path().open("r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        response = finish(editor, url)

    assert response.status_code == 423


def test_a_part_beyond_the_length_is_refused_whole(editor):
    url = begun(editor, 10)

    response = patch(editor, url, 0, b"12345678901")

    assert response.status_code == 413
    assert only_path().read_bytes() == b""


def test_an_unfinished_upload_is_no_media(editor):
    url = begun(editor, 10)
    patch(editor, url, 0, b"1234")

    assert finish(editor, url).status_code == 409
    assert head(editor, url)["Upload-Offset"] == "4"


def test_an_empty_file_is_refused_in_words(editor):
    response = begin(editor, 0)

    assert response.status_code == 422
    assert "This file is empty" in response.content.decode()


def test_a_file_that_is_no_video_is_refused_beside_the_field(editor, incoming):
    url = begun(editor, 17)
    patch(editor, url, 0, b"<html>nope</html>")

    response = finish(editor, url)

    assert response.status_code == 422
    assert '<div id="media-problems"' in response.content.decode()
    assert "not a video that Duecast can read" in response.content.decode()
    assert not Upload.objects.exists()
    assert list(incoming.iterdir()) == []


def test_an_upload_is_a_video_unless_it_says_otherwise(editor, video):
    send(editor, video)

    assert MediaAsset.objects.get().kind == "video"


def test_a_photo_says_so_and_is_developed(editor, team, tmp_path, incoming):
    photo = make_photo(tmp_path / "a.jpg", width_px=2000, height_px=3000).read_bytes()

    response = send(editor, photo, kind="photo", name="a.jpg")

    media = MediaAsset.objects.get(team=team)
    kept = media.file.read()
    assert response.status_code == 200
    assert (media.kind, media.width_px, media.height_px) == ("photo", 1080, 1620)
    assert media.sha256 == hashlib.sha256(kept).hexdigest()
    assert not any(note in kept for note in NOTES)
    assert list(incoming.iterdir()) == []


def test_a_photo_travels_in_parts_like_a_video(editor, tmp_path):
    photo = make_photo(tmp_path / "a.webp", file_format="WEBP").read_bytes()
    url = begun(editor, len(photo), kind="photo")

    patch(editor, url, 0, photo[:1000])
    patch(editor, url, 1000, photo[1000:])
    first, second = finish(editor, url), finish(editor, url)

    assert (first.status_code, second.status_code) == (200, 200)
    assert MediaAsset.objects.get().content_type == "image/webp"


@pytest.mark.parametrize("kind", ["", "sound", "Photo", "photo "])
def test_another_kind_is_a_bad_request(editor, kind):
    response = begin(editor, 10, kind=kind)

    assert response.status_code == 400
    assert "Only a video or a photo can be uploaded" in response.content.decode()
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (make_mp4, "photo", "not a photo that Duecast can read"),
        (make_photo, "video", "not a video that Duecast can read"),
        (make_text, "photo", "not a photo that Duecast can read"),
    ],
)
def test_a_file_of_the_other_kind_is_refused(editor, tmp_path, incoming, make, kind, words):
    response = send(editor, make(tmp_path / "a.mp4").read_bytes(), kind=kind)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not MediaAsset.objects.exists()
    assert list(incoming.iterdir()) == []


def test_an_empty_photo_is_refused_in_words(editor):
    response = begin(editor, 0, kind="photo")

    assert response.status_code == 422
    assert "Save the photo again" in response.content.decode()


def test_a_photo_may_have_fifty_megabytes(editor):
    response = begin(editor, 51_000_000, kind="photo")

    assert response.status_code == 413
    assert "takes photos of at most 50 MB" in response.content.decode()
    assert begin(editor, 50_000_000, kind="photo").status_code == 201
    assert begin(editor, 51_000_000, kind="video").status_code == 201


def test_this_installations_size_limits_photos_too(editor, settings):
    settings.MAX_UPLOAD_BYTES = 2_000_000

    response = begin(editor, 3_000_000, kind="photo")

    assert response.status_code == 413
    assert "takes photos of at most 2 MB" in response.content.decode()


def test_the_quota_counts_a_photo_as_it_is_kept(editor, team, settings, tmp_path):
    settings.TEAM_QUOTA_BYTES = 100_000
    photo = make_photo(tmp_path / "a.png", file_format="PNG", compress_level=0).read_bytes()
    assert len(photo) > 700_000

    assert begin(editor, len(photo), kind="photo").status_code == 413

    settings.TEAM_QUOTA_BYTES = 1_000_000
    send(editor, photo, kind="photo")

    assert begin(editor, len(photo), kind="photo").status_code == 201


@pytest.mark.parametrize("length", ["", "-1", "1.5", "ten", "1" * 19, "１"])
def test_a_wrong_length_is_a_bad_request(editor, length):
    assert begin(editor, 1, **{"Upload-Length": length}).status_code == 400
    assert not Upload.objects.exists()


@pytest.mark.parametrize("metadata", ["filename %%%", "filename /w=="])
def test_unreadable_metadata_is_a_bad_request(editor, metadata):
    assert begin(editor, 1, **{"Upload-Metadata": metadata}).status_code == 400


def test_another_version_of_tus_is_refused(editor):
    response = begin(editor, 1, **{"Tus-Resumable": "0.2.2"})

    assert response.status_code == 412
    assert response["Tus-Version"] == "1.0.0"


def test_another_content_type_is_refused(editor):
    url = begun(editor, 4)

    response = editor.patch(url, b"1234", headers=TUS | {"Upload-Offset": "0"})

    assert response.status_code == 415


@pytest.mark.parametrize(
    ("name", "method"),
    [("uploads", "get"), ("uploads", "put"), ("upload", "get"), ("upload_media", "get")],
)
def test_other_methods_are_refused(editor, name, method):
    args = [] if name == "uploads" else [begun(editor, 4).split("/")[-2]]

    assert getattr(editor, method)(reverse(name, args=args)).status_code == 405


def test_tiktoks_size_is_the_limit(editor):
    response = begin(editor, 4_000_000_001)

    assert response.status_code == 413
    assert "TikTok takes at most 4 GB" in response.content.decode()


def test_this_installations_size_is_a_limit(editor, settings):
    settings.MAX_UPLOAD_BYTES = 2_000_000

    response = begin(editor, 2_000_001)

    assert response.status_code == 413
    assert "at most 2 MB" in response.content.decode()


def test_the_quota_counts_media_and_uploads(editor, team, settings):
    settings.TEAM_QUOTA_BYTES = 10_000
    make_media(team, size_bytes=4000)
    begun(editor, 4000)

    response = begin(editor, 2001)

    assert response.status_code == 413
    assert "Your team may keep 0.0 MB" in response.content.decode()
    assert begin(editor, 2000).status_code == 201


def test_another_teams_media_does_not_count(editor, settings):
    settings.TEAM_QUOTA_BYTES = 5000
    make_media(size_bytes=4000)

    assert begin(editor, 4000).status_code == 201


def test_a_canceled_upload_gives_its_quota_back(editor, settings):
    settings.TEAM_QUOTA_BYTES = 5000
    editor.delete(begun(editor, 4000), headers=TUS)

    assert begin(editor, 4000).status_code == 201


def test_no_room_on_the_disk_is_said_before_anything_is_sent(editor, monkeypatch):
    monkeypatch.setattr(room, "RESERVE_BYTES", 10**15)

    response = begin(editor, 1000)

    assert response.status_code == 507
    assert "no room left on the server" in response.content.decode()
    assert not Upload.objects.exists()


def test_a_disk_that_fills_up_is_said_and_nothing_is_lost(editor, monkeypatch):
    def write_to_full_disk(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    url = begun(editor, 10)
    patch(editor, url, 0, b"1234")
    monkeypatch.setattr(uploads, "receive_part", write_to_full_disk)

    response = patch(editor, url, 4, b"56")

    assert response.status_code == 507
    assert "What has arrived is kept" in response.content.decode()
    assert head(editor, url)["Upload-Offset"] == "4"


def test_the_quota_holds_for_a_file_in_the_form_too(team, settings):
    settings.TEAM_QUOTA_BYTES = 1000

    with pytest.raises(MediaRefused, match="Your team may keep"):
        keep_upload(team, None, SimpleUploadedFile("clip.mp4", b"x" * 1001), current_moment())


def test_a_photo_in_the_form_is_kept_as_one(team, tmp_path):
    upload = SimpleUploadedFile("a.jpg", make_photo(tmp_path / "a.jpg").read_bytes())

    media = keep_upload(team, None, upload, current_moment(), kind=MediaKind.PHOTO)

    assert media.kind == "photo"


def test_an_empty_photo_in_the_form_is_refused_as_one(team, tmp_path):
    upload = SimpleUploadedFile("a.jpg", make_empty(tmp_path / "a.jpg").read_bytes())

    with pytest.raises(MediaRefused, match="Save the photo again"):
        keep_upload(team, None, upload, current_moment(), kind=MediaKind.PHOTO)


def test_cancel_forgets_the_file_too(editor, incoming):
    url = begun(editor, 10)
    patch(editor, url, 0, b"1234")

    response = editor.delete(url, headers=TUS)

    assert response.status_code == 204
    assert list(incoming.iterdir()) == []
    assert head(editor, url).status_code == 404


def test_canceling_a_finished_upload_leaves_the_media(editor, video):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)
    finish(editor, url)

    editor.delete(url, headers=TUS)

    assert MediaAsset.objects.get().file.read() == video


@pytest.mark.parametrize("ask", [head, finish, lambda *a: patch(*a, 0, b"1")])
def test_a_strangers_upload_does_not_exist(editor, stranger, ask):
    url = begun(editor, 4)

    assert ask(stranger, url).status_code == 404


def test_a_colleagues_upload_does_not_exist(editor, team, signed_in):
    url = begun(editor, 4)
    colleague = signed_in(make_member(team, Role.OWNER))

    assert head(colleague, url).status_code == 404
    assert colleague.delete(url, headers=TUS).status_code == 404
    assert Upload.objects.exists()


def test_who_left_the_team_cannot_go_on(editor):
    url = begun(editor, 4)
    Membership.objects.filter(user=Upload.objects.get().person).delete()

    assert patch(editor, url, 0, b"1234").status_code == 404


def test_who_became_a_viewer_cannot_go_on(editor):
    url = begun(editor, 4)
    Membership.objects.filter(user=Upload.objects.get().person).update(role=Role.VIEWER)

    response = patch(editor, url, 0, b"1234")

    assert response.status_code == 403
    assert "Ask an owner" in response.content.decode()


def test_a_viewer_cannot_begin(viewer):
    response = begin(viewer, 4)

    assert response.status_code == 403
    assert "Your role cannot plan posts" in response.content.decode()


def test_who_is_signed_out_is_told_so_and_keeps_what_arrived(editor):
    url = begun(editor, 4)
    patch(editor, url, 0, b"12")
    editor.logout()

    response = patch(editor, url, 2, b"34")

    assert response.status_code == 401
    assert "You are signed out" in response.content.decode()
    assert only_path().read_bytes() == b"12"


def test_without_the_csrf_token_nothing_is_taken(editor):
    url = begun(editor, 4)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies

    assert patch(strict, url, 0, b"1234").status_code == 403
    assert only_path().read_bytes() == b""


def test_the_token_of_the_cookie_is_taken(editor):
    url = begun(editor, 4)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies
    strict.cookies[configured.CSRF_COOKIE_NAME] = "a" * 32

    assert patch(strict, url, 0, b"1234", **{"X-CSRFToken": "a" * 32}).status_code == 204


def test_the_csrf_cookie_outlives_any_upload():
    assert configured.CSRF_COOKIE_AGE > 30 * 86_400
    assert not configured.CSRF_COOKIE_HTTPONLY


def test_every_part_prolongs_the_upload(editor):
    url = begun(editor, 10)
    nearly_over = current_moment() + timedelta(seconds=60)
    Upload.objects.update(expires_at=nearly_over)

    patch(editor, url, 0, b"1234")

    assert Upload.objects.get().expires_at > nearly_over + timedelta(hours=23)


def test_an_expired_upload_is_gone(editor):
    url = begun(editor, 10)
    Upload.objects.update(expires_at=current_moment())

    assert head(editor, url).status_code == 410
    assert patch(editor, url, 0, b"1").status_code == 410


def test_clean_up_removes_expired_uploads_and_their_files(editor, incoming, settings):
    begun(editor, 10)
    Upload.objects.update(expires_at=current_moment())
    settings.UPLOAD_KEEP_S = 0

    clean_up()

    assert not Upload.objects.exists()
    assert list(incoming.iterdir()) == []


def test_clean_up_leaves_uploads_under_way(editor, settings):
    url = begun(editor, 10)
    patch(editor, url, 0, b"1234")
    settings.UPLOAD_KEEP_S = 0

    clean_up()

    assert head(editor, url)["Upload-Offset"] == "4"


def test_clean_up_leaves_files_that_just_came(db, incoming):
    (incoming / "tmp.upload").write_bytes(b"on its way")

    clean_up()

    assert (incoming / "tmp.upload").exists()


def test_clean_up_forgets_a_finished_upload_but_not_its_media(editor, video):
    url = begun(editor, len(video))
    patch(editor, url, 0, video)
    finish(editor, url)
    Upload.objects.update(expires_at=current_moment())

    clean_up()

    assert not Upload.objects.exists()
    assert MediaAsset.objects.get().file.read() == video


def test_uploads_of_one_person_do_not_touch_each_other(editor):
    first, second = begun(editor, 4), begun(editor, 4)

    patch(editor, first, 0, b"aa")
    patch(editor, second, 0, b"bb")
    patch(editor, first, 2, b"AA")

    first_path = partial_path(Upload.objects.get(pk=first.split("/")[-2]).pk)
    second_path = partial_path(Upload.objects.get(pk=second.split("/")[-2]).pk)
    assert first_path.read_bytes() == b"aaAA"
    assert second_path.read_bytes() == b"bb"
