import hashlib

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.timezone import now as current_moment

from calendar_app.ranges import RangeNotSatisfiable, read_range
from publishing.models import MediaAsset
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_media, make_post


def body(response):
    return b"".join(response.streaming_content)


def file_url(media):
    return reverse("media_file", args=[media.pk])


def test_a_viewer_gets_the_whole_file(viewer, team):
    media = make_media(team)

    response = viewer.get(file_url(media))

    assert response.status_code == 200
    assert hashlib.sha256(body(response)).hexdigest() == media.sha256
    assert response["Content-Type"] == "video/mp4"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private")


def test_a_range_gets_exactly_those_bytes(viewer, team):
    media = make_media(team)
    content = media.file.read()

    response = viewer.get(file_url(media), headers={"Range": "bytes=100-199"})

    assert response.status_code == 206
    assert body(response) == content[100:200]
    assert response["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert response["Content-Length"] == "100"


def test_a_range_of_another_version_gets_the_whole_file(viewer, team):
    media = make_media(team)
    headers = {"Range": "bytes=0-9", "If-Range": '"something else"'}

    response = viewer.get(file_url(media), headers=headers)

    assert response.status_code == 200


def test_a_range_behind_the_end_is_refused(viewer, team):
    media = make_media(team, size_bytes=4096)

    response = viewer.get(file_url(media), headers={"Range": "bytes=4096-"})

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */4096"


def test_an_unchanged_file_is_not_sent_again(viewer, team):
    media = make_media(team)
    etag = viewer.get(file_url(media))["ETag"]

    response = viewer.get(file_url(media), headers={"If-None-Match": etag})

    assert response.status_code == 304


def test_a_strangers_file_does_not_exist(stranger, team):
    media = make_media(team)

    assert stranger.get(file_url(media)).status_code == 404


def test_a_strangers_poster_does_not_exist(stranger, team):
    media = make_media(team)

    assert stranger.get(reverse("media_poster", args=[media.pk])).status_code == 404


def test_a_file_that_is_gone_from_disk_is_not_found(viewer, team):
    media = make_media(team)
    media.file.storage.delete(media.file.name)

    assert viewer.get(file_url(media)).status_code == 404


def test_anonymous_people_get_no_file(client, db, team):
    response = client.get(file_url(make_media(team)))

    assert response.status_code == 302


def test_files_answer_get_only(editor, team):
    assert editor.post(file_url(make_media(team))).status_code == 405


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=90-", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=50-5000", (50, 99)),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("", None),
        ("bytes=-", None),
    ],
)
def test_ranges_are_read_as_rfc_9110_says(header, expected):
    assert read_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_ranges_outside_the_file_cannot_be_satisfied(header):
    with pytest.raises(RangeNotSatisfiable):
        read_range(header, 100)


def test_a_deleted_file_is_not_found_and_its_poster_is(viewer, team):
    account = make_account(team)
    media = make_post(account, state=State.PUBLISHED).media
    media.poster.save("poster.jpg", ContentFile(b"picture"))
    # The row decides, even while the file is still being removed.
    MediaAsset.objects.filter(pk=media.pk).update(deleted_at=current_moment())

    assert viewer.get(file_url(media)).status_code == 404
    assert viewer.get(reverse("media_poster", args=[media.pk])).status_code == 200
