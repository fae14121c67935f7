"""The posting screen schedules no draft that TikTok may have, unless its sender has looked."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.looks import note_look
from publishing.models import Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.pages.posting import filled_form, send_form, summary_of, words_of
from tests.publishing.factories import days, make_post, make_try

LINK = "Look whether it is there</a>"


@pytest.fixture
def account(simulator, team, connect):
    return connect(team, nickname="Maple Bakery", is_private=True)


@pytest.fixture
def draft(account):
    post = make_post(account, state=State.DRAFT, is_consented=False)
    make_try(post)
    return post


def send(client, draft, **values):
    values = {"form_token": str(draft.form_token)} | values
    form = filled_form(draft.account, media=draft.media, **values)
    return client.post(f"{reverse('compose')}?draft={draft.form_token}", form)


@pytest.mark.parametrize("action", ["schedule", "now"])
def test_without_a_look_it_is_refused_with_the_way_to_it(editor, draft, action):
    response = send(editor, draft, action=action)

    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert "for Maple Bakery already" in summary_of(response)
    assert f'href="{reverse("post_again", args=[draft.pk])}">{LINK}' in words_of(response)


def test_a_form_that_does_not_name_its_draft_is_refused_too(editor, draft):
    form = filled_form(draft.account, media=draft.media, form_token=str(draft.form_token))

    response = send_form(editor, form)

    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert "for Maple Bakery already" in summary_of(response)


def test_it_can_be_saved_without_a_look(editor, draft):
    send(editor, draft, action="draft", caption="Other words")

    draft.refresh_from_db()
    assert (draft.state, draft.caption) == (State.DRAFT, "Other words")


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_who_looked_schedules(signed_in, team, draft, role):
    member = make_member(team, role)
    note_look(draft, member.user, current_moment())

    send(signed_in(member), draft)

    draft.refresh_from_db()
    assert draft.state == State.SCHEDULED


def test_a_teammates_look_is_not_ones_own(editor, team, draft):
    note_look(draft, make_member(team).user, current_moment())

    response = send(editor, draft)

    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert LINK in words_of(response)


def test_a_viewer_schedules_nothing(viewer, draft):
    assert send(viewer, draft).status_code == 403
    assert Post.objects.get().state == State.DRAFT


def test_a_stranger_reaches_no_draft_by_its_token(stranger, draft):
    response = send(stranger, draft)

    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert LINK not in words_of(response)
    assert Post.objects.count() == 1


def test_anonymous_people_are_led_to_sign_in(client, draft):
    response = send(client, draft)

    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert response["Location"].startswith(reverse("account_login"))


def test_another_post_with_the_same_video_is_warned_of_and_not_held_back(editor, draft):
    url = f"{reverse('compose_autosave')}?draft={uuid4()}"
    tomorrow = f"{current_moment() + days(1):%Y-%m-%d}"
    form = filled_form(draft.account, media=draft.media, due_date=tomorrow)

    saved = words_of(editor.post(url, form))
    sent = send_form(editor, form)

    assert f'href="{reverse("post_again", args=[draft.pk])}">{LINK}' in saved
    assert sent.status_code == 302


def test_drafts_of_other_accounts_are_not_asked_about(editor, team, draft):
    make_post(make_account(team), state=State.DRAFT, form_token=draft.form_token)

    page = words_of(editor.get(f"{reverse('compose')}?draft={draft.pk}"))

    assert page.count(LINK) == 1
