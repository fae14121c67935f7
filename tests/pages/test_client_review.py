import logging
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from calendar_app.logs import redact
from publishing.client_links import make_client_link, revoke_client_link
from publishing.models import Approval, Decision, Post
from publishing.states import State
from tests.factories import make_member
from tests.publishing.approval_posts import hand_in_post, make_team_with_rule
from tests.publishing.changing import change_post
from tests.publishing.factories import make_media
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team_with_rule(client_counts=True, timezone="Europe/Berlin")


@pytest.fixture
def manager(team):
    return make_member(team, Role.MANAGER)


@pytest.fixture
def post(team):
    return hand_in_post(team)


@pytest.fixture
def made(post, manager):
    return make_client_link([post], manager, "Café Nord", 7, current_moment())


@pytest.fixture
def token(made):
    return made[1]


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True)


def review(token):
    return reverse("client_review", args=[token])


def answer(client, token, post, decision="approved", **data):
    data = {"name": "Kim", "comment": "", "seen": post.fingerprint(), "decision": decision} | data
    return client.post(
        reverse("client_answer", args=[token, post.pk]),
        {f"{post.pk}-{name}": value for name, value in data.items()},
        # As a browser sends it from a page that makes no referrer.
        headers={"Origin": "null"},
    )


def test_the_post_is_shown_as_on_a_phone_with_its_time(client, token, post):
    response = client.get(review(token))

    page = unescape(response.content.decode())
    assert "Autumn menu" in page
    assert "Europe/Berlin" in page
    assert f"/review/{token}/media/{post.media_id}/" in page
    assert "/media/file" not in page
    assert post.media.original_name not in page


def test_nothing_on_the_way_keeps_or_passes_on_the_address(client, token):
    response = client.get(review(token))

    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not response.cookies


def test_the_token_reaches_no_log(client, token, caplog):
    with caplog.at_level(logging.DEBUG):
        client.get(review(token) + "x")

    line = f"Not Found: {review(token)}"
    assert token not in redact(line)
    assert token not in redact(f"GET /review/{token}/media/3/ 200 5 bytes")


def test_the_medias_own_address(client, token, post, team):
    response = client.get(reverse("client_media", args=[token, post.media_id]))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert post.media.original_name not in response.get("Content-Disposition", "")
    other = make_media(team)

    assert client.get(reverse("client_media", args=[token, other.pk])).status_code == 404
    assert client.get(reverse("client_poster", args=[token, post.media_id])).status_code == 404
    assert client.get(reverse("media_file", args=[post.media_id])).status_code == 302


def test_photos_and_their_small_pictures(client, team, manager):
    photos = make_photo_post(hand_in_post(team).account)
    _, token = make_client_link([photos], manager, "Café", 7, current_moment())
    page = client.get(review(token)).content.decode()
    [first, *_] = photos.files()

    assert first.original_name not in page
    assert client.get(reverse("client_media", args=[token, first.pk])).status_code == 200
    assert client.get(reverse("client_poster", args=[token, first.pk])).status_code == 200


def test_unknown_expired_and_revoked_links_look_the_same(client, made, post, manager):
    link, token = made
    pages = [client.get(review("x" * 43))]
    revoke_client_link(link, manager.user, current_moment())
    pages.append(client.get(review(token)))
    type(link).objects.update(revoked_at=None, expires_at=current_moment())
    pages.append(client.get(review(token)))

    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert answer(client, token, post).status_code == 404
    assert client.get(reverse("client_media", args=[token, post.media_id])).status_code == 404


def test_a_client_approves(client, token, post):
    response = answer(client, token, post, comment="Lovely.")

    assert response.status_code == 302
    assert Post.objects.get(pk=post.pk).state == State.SCHEDULED
    page = unescape(client.get(response.url).content.decode())
    assert "Thank you. The team has been told." in page
    assert "“Lovely.”" in page


def test_a_client_asks_for_changes(client, token, post):
    answer(client, token, post, "changes_requested", comment="Warmer, please.")

    assert Post.objects.get(pk=post.pk).state == State.DRAFT
    assert Approval.objects.get().decision == Decision.CHANGES_REQUESTED


@pytest.mark.parametrize(
    ("decision", "data", "words"),
    [
        ("approved", {"name": ""}, "Enter your name."),
        ("commented", {}, "Write a comment first."),
        ("changes_requested", {}, "Say what should be changed."),
        ("commented", {"comment": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_a_bad_form_keeps_what_was_typed(client, token, post, decision, data, words):
    response = answer(client, token, post, decision, **data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Approval.objects.exists()


def test_what_was_changed_is_looked_at_again(client, token, post):
    response = answer(client, token, post, seen="0" * 64, comment="Fine")

    page = unescape(response.content.decode())
    assert response.status_code == 409
    assert "has changed this post" in page
    assert "Fine" in page
    assert post.fingerprint() in page


def test_another_teams_post_is_not_answered(client, token):
    other = hand_in_post(make_team_with_rule())

    assert answer(client, token, other).status_code == 404


def test_a_published_post_takes_no_answer(client, token, post):
    change_post(post, state=State.PUBLISHED)

    page = client.get(review(token)).content.decode()

    assert "Published" in page
    assert "-decision" not in page
    assert answer(client, token, post).status_code == 409


def test_a_link_for_comments_offers_no_approval(client, post, manager):
    _, token = make_client_link([post], manager, "Café", 7, current_moment(), may_approve=False)

    page = client.get(review(token)).content.decode()

    assert 'value="approved"' not in page
    assert answer(client, token, post).status_code == 409


def test_wrong_methods(client, token, post):
    assert client.post(review(token)).status_code == 405
    assert client.get(reverse("client_answer", args=[token, post.pk])).status_code == 405


def test_ten_posts_to_a_page(client, team, manager):
    posts = [hand_in_post(team) for _ in range(11)]
    _, token = make_client_link(posts, manager, "Café", 7, current_moment())

    first = client.get(review(token)).content.decode()
    second = client.get(f"{review(token)}?page=2").content.decode()

    assert (first.count("<article"), second.count("<article")) == (10, 1)
