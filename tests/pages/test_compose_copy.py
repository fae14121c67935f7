"""Duplicating a post copies its content, never its choices and never the consent."""

import pytest
from django.urls import reverse

from publishing.models import MediaKind, Post
from publishing.states import State
from tests.factories import make_member
from tests.pages.posting import words_of
from tests.publishing.factories import make_photo, make_post
from tests.publishing.photo_posts import make_photo_post


@pytest.fixture
def account(team, connect):
    return connect(team, nickname="Maple Bakery")


def copy(client, post):
    return words_of(client.get(reverse("compose"), {"from": post.pk}))


def test_the_content_comes_along(editor, account):
    post = make_post(account, caption="Again and again", cover_timestamp_ms=1500)

    page = copy(editor, post)

    assert "Again and again" in page
    assert f'name="media" value="{post.media_id}"' in page
    assert 'value="1500"' in page


def test_no_choice_comes_along(editor, account):
    post = make_post(
        account,
        allow_comment=True,
        allow_duet=True,
        discloses_content=True,
        is_your_brand=True,
        is_ai_generated=True,
    )

    page = copy(editor, post)

    assert "data-privacy" in page
    panel = page.split('data-panel="')[1].split("</section>")[0]
    assert "checked" not in panel


def test_neither_time_nor_form_comes_along(editor, account):
    post = make_post(account)

    page = copy(editor, post)

    assert str(post.form_token) not in page
    assert f"{post.due_at:%Y-%m-%d}" not in page.split('id="id_due_date"')[0][-200:]
    assert Post.objects.count() == 1


def test_photos_keep_their_order_and_cover(editor, account):
    photos = [make_photo(account.team) for _ in range(3)]
    post = make_photo_post(account, photos=photos, cover=2)

    page = copy(editor, post)

    order = [part.split('"')[0] for part in page.split('data-photo="')[1:]]
    assert order == [str(photo.pk) for photo in photos]
    assert "checked" in page.split(f'id="cover-{photos[2].pk}"')[1].split(">")[0]
    assert f'data-kind="{MediaKind.PHOTO}"' in page


@pytest.mark.parametrize(
    "state", [State.PUBLISHED, State.FAILED, State.CANCELED, State.UNCONFIRMED]
)
def test_every_post_can_be_copied(editor, account, state):
    assert "Once more" in copy(editor, make_post(account, state=state, caption="Once more"))


def test_a_strangers_post_is_not_found(stranger, account):
    response = stranger.get(reverse("compose"), {"from": make_post(account).pk})

    assert response.status_code == 404


def test_a_viewer_copies_nothing(viewer, account):
    assert viewer.get(reverse("compose"), {"from": make_post(account).pk}).status_code == 403


def test_a_name_that_is_no_number_is_not_found(editor, account):
    assert editor.get(reverse("compose"), {"from": "x"}).status_code == 404


def test_a_post_of_another_team_is_copied_for_that_team(signed_in, team, connect):
    member = make_member(team)
    other = make_member(user=member.user).team
    post = make_post(connect(other, nickname="Other Bakery"), caption="Elsewhere")

    page = copy(signed_in(member), post)

    assert "Elsewhere" in page
    assert "Other Bakery" in page
