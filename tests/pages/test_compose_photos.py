"""Photo posts on the posting screen."""

import pytest
from django.urls import reverse

from publishing.models import Post
from publishing.states import State
from tests.pages.posting import choices_of, filled_form, send_form, summary_of, words_of
from tests.publishing.factories import make_media, make_photo


@pytest.fixture
def account(team, connect):
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def photos(team):
    return [make_photo(team) for _ in range(3)]


@pytest.fixture
def form(account, photos):
    first, second, third = (photo.pk for photo in photos)
    return filled_form(
        account, kind="photo", photos=[third, first, second], cover=first, title="Rolls"
    )


def show(client, account, **query):
    return words_of(
        client.get(reverse("compose"), {"account": account.pk, "kind": "photo"} | query)
    )


def test_the_order_and_the_cover_are_the_forms(editor, form, photos):
    send_form(editor, form)

    post = Post.objects.get()
    assert post.state == State.SCHEDULED
    assert post.files() == [photos[2], photos[0], photos[1]]
    assert (post.media, post.photo_cover_index) == (photos[0], 1)
    assert (post.title, post.caption) == ("Rolls", "Fresh rolls")


def test_without_a_chosen_cover_it_is_the_first(editor, form, photos):
    send_form(editor, form | {"cover": ""})

    assert Post.objects.get().media == photos[2]


def test_duet_and_stitch_are_not_in_the_page(editor, account):
    page = show(editor, account)

    assert "allow_comment" in page
    assert "allow_duet" not in page
    assert "allow_stitch" not in page
    assert "Stitch" not in page


def test_duet_and_stitch_sent_by_hand_are_not_kept(editor, form, account):
    send_form(editor, form | choices_of(account, allow_duet="on", allow_stitch="on"))

    post = Post.objects.get()
    assert (post.allow_duet, post.allow_stitch) == (False, False)


def test_music_is_off_until_chosen(editor, form, account):
    assert "auto_add_music" in show(editor, account)
    send_form(editor, form)
    assert Post.objects.get().auto_add_music is False


def test_music_can_be_chosen(editor, form, account):
    send_form(editor, form | choices_of(account, auto_add_music="on", is_ai_generated="on"))

    post = Post.objects.get()
    assert (post.auto_add_music, post.is_ai_generated) == (True, True)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"photos": []}, "Choose at least one photo."),
        ({"title": "x" * 91}, "The title has 91 characters"),
        ({"title": "😀" * 46}, "The title has 92 characters"),
        ({"caption": "x" * 4001}, "The description has 4001 characters"),
    ],
)
def test_what_is_wrong_stands_in_the_summary(editor, form, changes, problem):
    assert problem in summary_of(send_form(editor, form | changes))
    assert not Post.objects.exists()


def test_up_to_thirty_five_photos(editor, form, team):
    many = [make_photo(team).pk for _ in range(36)]

    refused = send_form(editor, form | {"photos": many, "cover": ""})
    send_form(editor, form | {"photos": many[:35], "cover": ""})

    assert "These are 36 photos; TikTok takes up to 35" in summary_of(refused)
    assert len(Post.objects.get().files()) == 35


def test_the_length_limit_of_videos_does_not_concern_photos(editor, form, simulator, account):
    simulator.add_creator(account.username, max_video_post_duration_sec=1)

    send_form(editor, form)

    assert Post.objects.get().state == State.SCHEDULED


def test_a_video_is_no_photo(editor, form, team):
    response = send_form(editor, form | {"photos": [make_media(team).pk]})

    assert "Choose photos of this team." in summary_of(response)


def test_another_teams_photo_is_refused(editor, form):
    response = send_form(editor, form | {"photos": [make_photo().pk]})

    assert "Choose photos of this team." in summary_of(response)


def order_in(page):
    return [part.split('"')[0] for part in page.split('data-photo="')[1:]]


@pytest.mark.parametrize(
    ("act", "places"),
    [
        ("up-{1}", [1, 0, 2]),
        ("down-{1}", [0, 2, 1]),
        ("up-{0}", [0, 1, 2]),
        ("down-{2}", [0, 1, 2]),
        ("remove-{1}", [0, 2]),
        ("up-999999", [0, 1, 2]),
        ("nonsense", [0, 1, 2]),
    ],
)
def test_the_buttons_arrange_without_script(editor, form, photos, act, places):
    pks = [str(photo.pk) for photo in photos]

    page = words_of(send_form(editor, form | {"photos": pks, "arrange": act.format(*pks)}))

    assert order_in(page) == [pks[place] for place in places]
    assert "Fresh rolls" in page
    assert "form-errors" not in page
    assert not Post.objects.exists()


def test_switching_the_kind_keeps_everything_typed(editor, form, account, photos):
    page = words_of(send_form(editor, form | {"kind_to": "video"}))

    assert 'data-kind="video"' in page
    assert "Fresh rolls" in page
    assert "checked" in page.split(f'id="privacy-{account.pk}-SELF_ONLY"')[1].split(">")[0]
    assert not Post.objects.exists()


def test_a_draft_opens_with_its_photos_in_order(editor, form, photos):
    send_form(editor, form | {"action": "draft"})

    page = words_of(editor.get(reverse("compose"), {"draft": Post.objects.get().pk}))

    assert order_in(page) == [str(photos[place].pk) for place in (2, 0, 1)]
    assert 'value="Rolls"' in page


def test_a_photo_of_the_library_opens_a_photo_post(editor, account, photos):
    page = show(editor, account, media=photos[0].pk)

    assert order_in(page) == [str(photos[0].pk)]


def test_a_photo_is_taken_from_the_library_without_script(editor, form, photos, team):
    another = make_photo(team)

    page = words_of(send_form(editor, form | {"take": another.pk}))

    assert order_in(page) == [str(pk) for pk in [*form["photos"], another.pk]]
    assert "Fresh rolls" in page


def test_another_teams_library_is_closed(editor, form):
    page = words_of(send_form(editor, form | {"take": make_photo().pk}))

    assert order_in(page) == [str(pk) for pk in form["photos"]]


def test_a_strangers_photo_does_not_come_along(editor, account):
    page = show(editor, account, media=make_photo().pk)

    assert order_in(page) == []
