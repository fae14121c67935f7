"""Two forms for one draft: both versions are shown, and a person chooses. Without script."""

import pytest
from django.urls import reverse

from accounts.models import Role
from publishing.models import Post
from publishing.states import State
from tests.factories import make_member, make_user
from tests.pages.posting import filled_form, send_form, words_of
from tests.publishing.factories import make_media


@pytest.fixture
def account(team, connect):
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def jonas(team, signed_in):
    return signed_in(make_member(team, Role.EDITOR, user=make_user(name="Jonas")))


@pytest.fixture
def form(account, team):
    return filled_form(account, media=make_media(team))


def save(client, form):
    return client.post(reverse("compose_autosave"), form)


def seen_at(response):
    return words_of(response).split('data-saved-at="')[1].split('"')[0]


def conflict_at(response):
    return words_of(response).split('name="conflict_at" value="')[1].split('"')[0]


@pytest.fixture
def outdated(editor, jonas, form):
    """The editor's form, opened before Jonas changed the draft."""
    opened = form | {"seen_at": seen_at(save(editor, form))}
    assert save(jonas, opened | {"caption": "From Jonas"}).status_code == 200
    return opened | {"caption": "From me"}


@pytest.mark.parametrize("action", ["draft", "schedule", "now"])
def test_no_button_overwrites_what_somebody_else_wrote(editor, outdated, action):
    response = send_form(editor, outdated | {"action": action})

    page = words_of(response)
    assert response.status_code == 409
    assert "Jonas changed this while it was open here" in page
    assert "From Jonas" in page
    assert page.count("From me") >= 2
    post = Post.objects.get()
    assert (post.caption, post.state) == ("From Jonas", State.DRAFT)


def test_a_save_by_itself_shows_the_same(editor, outdated):
    response = save(editor, outdated)

    page = words_of(response)
    assert response.status_code == 409
    assert "data-conflict-arrived" in page
    assert "Jonas changed this" in page


def test_keeping_mine_overwrites_exactly_what_was_shown(editor, outdated):
    shown = send_form(editor, outdated | {"action": "schedule"})

    response = send_form(editor, outdated | {"action": "keep", "conflict_at": conflict_at(shown)})

    assert response["Location"] == f"{reverse('compose')}?draft={outdated['form_token']}"
    assert Post.objects.get().caption == "From me"


def test_what_was_changed_since_the_conflict_was_shown_is_shown_again(editor, jonas, outdated):
    shown = send_form(editor, outdated)
    save(jonas, outdated | {"caption": "From Jonas again", "seen_at": conflict_at(shown)})

    response = send_form(editor, outdated | {"action": "keep", "conflict_at": conflict_at(shown)})

    assert "From Jonas again" in words_of(response)
    assert Post.objects.get().caption == "From Jonas again"


def test_taking_theirs_is_a_link_to_the_draft(editor, outdated):
    page = words_of(send_form(editor, outdated))

    address = f"{reverse('compose')}?draft={outdated['form_token']}"
    assert f'href="{address}">Take the other' in page
    assert "From Jonas" in words_of(editor.get(address))


def test_ones_own_other_tab_is_called_that(editor, form):
    opened = form | {"seen_at": seen_at(save(editor, form))}
    save(editor, opened | {"caption": "First tab"})

    page = words_of(send_form(editor, opened | {"caption": "Second tab"}))

    assert "You changed this in another tab" in page
    assert "First tab" in page


def test_a_form_somebody_else_scheduled_is_not_said_to_be_mine(editor, jonas, form):
    opened = form | {"seen_at": seen_at(save(editor, form))}
    send_form(jonas, opened | {"caption": "From Jonas"})
    post = Post.objects.get()

    response = send_form(editor, opened | {"caption": "From me"})

    page = words_of(response)
    assert response.status_code == 409
    assert "Jonas sent this off" in page
    assert reverse("post", args=[post.pk]) in page
    assert Post.objects.get().caption == "From Jonas"


def test_a_draft_somebody_else_discarded_is_said_to_be_that(editor, jonas, form):
    opened = form | {"seen_at": seen_at(save(editor, form))}
    post = Post.objects.get()
    jonas.post(reverse("post_cancel", args=[post.pk]))

    page = words_of(send_form(editor, opened | {"caption": "From me"}))

    assert "Jonas discarded this" in page
    assert "From me" in page


def test_mine_may_become_a_draft_of_its_own(editor, jonas, form):
    opened = form | {"seen_at": seen_at(save(editor, form))}
    send_form(jonas, opened | {"caption": "From Jonas"})

    response = send_form(editor, opened | {"caption": "From me", "action": "anew"})

    mine = Post.objects.get(state=State.DRAFT)
    assert mine.caption == "From me"
    assert response["Location"] == f"{reverse('compose')}?draft={mine.form_token}"
    assert Post.objects.exclude(pk=mine.pk).get().caption == "From Jonas"


def test_differences_in_choices_name_their_account(editor, jonas, form, account):
    opened = form | {"seen_at": seen_at(save(editor, form))}
    save(jonas, opened | {f"account-{account.pk}-allow_comment": "on"})

    page = words_of(send_form(editor, opened))

    assert "Allow Comment, Maple Bakery" in page


def test_a_form_alike_is_simply_sent(editor, jonas, form):
    opened = form | {"seen_at": seen_at(save(editor, form))}
    save(jonas, opened)

    assert send_form(editor, opened).status_code == 302
    assert Post.objects.get().state == State.SCHEDULED
