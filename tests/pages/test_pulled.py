import hashlib
from datetime import timedelta

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import SiteVerification
from publishing.models import Attempt, Post
from publishing.pulling import new_pull_token, pull_urls
from publishing.states import State
from tests.publishing.factories import make_post
from tests.publishing_pulls.factories import make_photo, make_photo_post, make_pull

pytestmark = pytest.mark.django_db


def body(response):
    return b"".join(response.streaming_content)


def paths(attempt):
    return pull_urls("", attempt.pull_token, attempt.post.files())


def is_nothing(response):
    return (response.status_code, response.content) == (404, b"")


@pytest.fixture
def post():
    return make_photo_post(state=State.UPLOADING)


@pytest.fixture
def pull(post):
    return make_pull(post)


def test_each_photo_is_at_its_own_address(client, pull, post):
    contents = [body(client.get(path)) for path in paths(pull)]

    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    assert digests == [photo.sha256 for photo in post.files()]


def test_a_photo_has_its_own_content_type(client):
    account = make_photo_post().account
    photos = [make_photo(account.team), make_photo(account.team, content_type="image/webp")]
    pull = make_pull(make_photo_post(account, photos))

    types = [client.get(path)["Content-Type"] for path in paths(pull)]

    assert types == ["image/jpeg", "image/webp"]


def test_a_video_is_at_its_address(client):
    pull = make_pull(make_post())

    response = client.get(*paths(pull))

    assert hashlib.sha256(body(response)).hexdigest() == pull.post.media.sha256
    assert response["Content-Type"] == "video/mp4"
    assert int(response["Content-Length"]) == pull.post.media.size_bytes


def test_a_range_gets_exactly_those_bytes(client):
    pull = make_pull(make_post())
    content = pull.post.media.file.read()

    response = client.get(*paths(pull), headers={"Range": "bytes=1000-1999"})

    assert (response.status_code, body(response)) == (206, content[1000:2000])
    assert response["Content-Range"] == f"bytes 1000-1999/{len(content)}"


def test_head_tells_the_length_and_sends_nothing(client, pull):
    response = client.head(paths(pull)[0])

    assert response.status_code == 200
    assert int(response["Content-Length"]) == pull.post.files()[0].size_bytes


def test_nobody_on_the_way_keeps_a_copy_or_learns_a_name(client, pull):
    response = client.get(paths(pull)[0])

    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert 'filename="0.jpg"' in response["Content-Disposition"]
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_neither_session_nor_team_is_asked_for(client, pull, django_assert_num_queries):
    path = paths(pull)[0]

    # The attempt with its post, and the post's photos: two for the fingerprint, one to serve.
    with django_assert_num_queries(4):
        client.get(path)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_reading_is_allowed(pull, method):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)

    assert getattr(strict, method)(paths(pull)[0]).status_code == 405


def test_an_unknown_address_is_nothing(client, pull):
    other = paths(pull)[0].replace(pull.pull_token, new_pull_token())

    assert is_nothing(client.get(other))


def test_an_expired_address_answers_exactly_like_an_unknown_one(client, pull, settings):
    ended_at = current_moment() - timedelta(seconds=settings.PULL_MARGIN_S + 1)
    Attempt.objects.update(ended_at=ended_at)

    expired = client.get(paths(pull)[0])
    unknown = client.get(paths(pull)[0].replace(pull.pull_token, new_pull_token()))

    assert is_nothing(expired)
    assert dict(expired.headers) == dict(unknown.headers)


def test_the_address_answers_a_while_after_the_verdict(client, pull, settings):
    Attempt.objects.update(
        ended_at=current_moment() - timedelta(seconds=settings.PULL_MARGIN_S - 9)
    )

    assert client.get(paths(pull)[0]).status_code == 200


def test_before_the_init_is_intended_there_is_nothing(client, pull):
    Attempt.objects.update(init_intended_at=None)

    assert is_nothing(client.get(paths(pull)[0]))


def test_content_that_nobody_agreed_to_is_not_served(client, pull):
    Post.objects.update(caption="Something else")

    assert is_nothing(client.get(paths(pull)[0]))


def test_a_file_that_is_gone_from_disk_is_nothing(client, pull):
    photo = pull.post.files()[0]
    photo.file.storage.delete(photo.file.name)

    assert is_nothing(client.get(paths(pull)[0]))


@pytest.mark.parametrize("change", ["/3.jpg", "/0.webp", "/0", "/-1.jpg", "/0.jpg/", "/", ""])
def test_no_other_address_of_the_token_is_anything(client, pull, change):
    assert is_nothing(client.get(f"/pull/{pull.pull_token}{change}"))


@pytest.mark.parametrize("path", ["/pull/", "/pull/x", "/pull//0.jpg"])
def test_the_prefix_holds_nothing_else(client, path):
    assert is_nothing(client.get(path))


def test_an_attempt_without_a_token_is_at_no_address(client, post):
    make_pull(post, pull_token="")

    assert is_nothing(client.get("/pull//0.jpg"))


def test_plain_http_is_not_redirected(client, pull, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(paths(pull)[0]).status_code == 200


def test_the_file_that_verifies_the_prefix_is_under_it(client):
    SiteVerification.objects.create(token="AbCdEf123456")

    response = client.get("/pull/tiktokAbCdEf123456.txt")

    assert response.content == b"tiktok-developers-site-verification=AbCdEf123456"
    assert is_nothing(client.get("/pull/tiktokAbCdEf123457.txt"))
