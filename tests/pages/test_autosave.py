"""Drafts save themselves."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse

from publishing.models import Post
from publishing.states import State
from tests.factories import make_account
from tests.pages.posting import choices_of, filled_form, send_form, words_of
from tests.publishing.factories import make_media


@pytest.fixture
def account(team, connect):
    return connect(team, nickname="Maple Bakery")


def save(client, form):
    return client.post(reverse("compose_autosave"), form)


def test_words_alone_are_kept(editor, team):
    response = save(editor, filled_form(caption="An idea", due_date="", due_time=""))

    post = Post.objects.get()
    assert "Draft saved" in words_of(response)
    assert (post.team, post.account, post.media, post.caption) == (team, None, None, "An idea")


def test_the_draft_grows_with_the_form(editor, account, team):
    form = filled_form(caption="An idea")
    save(editor, form)
    media = make_media(team)

    save(editor, form | {"accounts": [account.pk], "media": media.pk})

    post = Post.objects.get()
    assert (post.account, post.media) == (account, media)


def test_choices_are_kept_for_the_account_they_were_made_for(editor, account):
    form = filled_form(account) | choices_of(
        account, privacy_level="SELF_ONLY", allow_duet="on", discloses_content="on"
    )

    save(editor, form)

    post = Post.objects.get()
    assert (post.privacy_level, post.allow_duet, post.discloses_content) == (
        "SELF_ONLY",
        True,
        True,
    )
    assert not post.consents.exists()


def test_half_a_moment_is_no_obstacle(editor):
    response = save(editor, filled_form(due_time="", caption="Soon"))

    assert response.status_code == 200
    assert Post.objects.get().due_at is None


def test_a_whole_moment_is_kept(editor):
    save(editor, filled_form(caption="Soon"))

    assert Post.objects.get().due_at == datetime(2030, 7, 1, 7, 15, tzinfo=UTC)


def test_what_went_out_of_the_other_tab_is_not_overwritten(editor, account, team):
    form = filled_form(account, media=make_media(team))
    send_form(editor, form)

    response = save(editor, form | {"caption": "Too late"})

    assert response.status_code == 409
    assert "already used" in words_of(response)
    assert Post.objects.get().caption == "Fresh rolls"
    assert Post.objects.get().state == State.SCHEDULED


def seen_at(response):
    return words_of(response).split('data-saved-at="')[1].split('"')[0]


def test_a_second_tab_does_not_overwrite_the_first(editor):
    form = filled_form(caption="First")
    form["seen_at"] = seen_at(save(editor, form))
    save(editor, form | {"caption": "From the first tab"})

    response = save(editor, form | {"caption": "From the second tab"})

    assert response.status_code == 409
    assert "changed in another tab" in words_of(response)
    assert Post.objects.get().caption == "From the first tab"


def test_one_tab_goes_on_saving(editor):
    form = filled_form(caption="First")
    for words in ("Second", "Third"):
        form["seen_at"] = seen_at(save(editor, form))
        form["caption"] = words

    save(editor, form)

    assert Post.objects.get().caption == "Third"


def test_the_page_of_a_draft_knows_when_it_was_saved(editor, account):
    form = filled_form(account, caption="First")
    at = seen_at(save(editor, form))

    page = words_of(editor.get(reverse("compose"), {"draft": form["form_token"]}))

    assert f'name="seen_at" value="{at}"' in page


def test_saving_asks_tiktok_nothing(editor, account, simulator):
    before = len(simulator.requests(path="creator_info"))

    save(editor, filled_form(account))

    assert len(simulator.requests(path="creator_info")) == before


def test_another_teams_media_is_refused_in_words(editor):
    response = save(editor, filled_form(media=make_media()))

    assert response.status_code == 422
    assert "Choose a video of this team." in words_of(response)
    assert not Post.objects.exists()


def test_another_teams_account_is_refused_in_words(editor):
    response = save(editor, filled_form(make_account()))

    assert response.status_code == 422
    assert not Post.objects.exists()


def test_another_teams_draft_is_not_touched(stranger, editor, account):
    form = filled_form(account)
    save(editor, form)

    response = save(stranger, form | {"accounts": [], "caption": "Mine now"})

    assert response.status_code == 200
    assert Post.objects.get(account=account).caption == "Fresh rolls"


def test_a_draft_saved_without_account_opens_again(editor, account):
    token = str(uuid4())
    save(editor, filled_form(caption="An idea", form_token=token))

    page = words_of(editor.get(reverse("compose"), {"draft": token}))

    assert "An idea" in page
    assert token in page


def test_a_name_that_is_no_token_is_not_found(editor):
    assert editor.get(reverse("compose"), {"draft": "abc"}).status_code == 404


def test_viewers_save_nothing(viewer):
    assert save(viewer, filled_form()).status_code == 403
    assert not Post.objects.exists()


def test_saving_is_a_post_of_somebody_signed_in(editor, client, db):
    assert editor.get(reverse("compose_autosave")).status_code == 405
    assert reverse("account_login") in save(client, filled_form())["Location"]
