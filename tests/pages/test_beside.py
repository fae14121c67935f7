"""Who else has a draft or a post open."""

import pytest
from django.urls import reverse

from accounts.models import Role
from publishing.models import Presence
from publishing.states import State
from tests.factories import make_account, make_member, make_user
from tests.pages.posting import words_of
from tests.publishing.factories import make_post


@pytest.fixture
def jonas(team, signed_in):
    return signed_in(make_member(team, Role.EDITOR, user=make_user(name="Jonas")))


@pytest.fixture
def draft(team):
    return make_post(make_account(team), state=State.DRAFT, is_consented=False)


def open_form(client, draft):
    return words_of(client.get(reverse("compose"), {"draft": draft.form_token}))


def ask(client, draft, **headers):
    return client.get(reverse("compose_beside"), {"draft": draft.form_token}, headers=headers)


def test_the_form_says_who_is_editing_it_too(editor, jonas, draft):
    open_form(jonas, draft)

    assert "<strong>Jonas</strong> is editing this too." in open_form(editor, draft)


def test_who_came_later_is_told_of_without_a_reload(editor, jonas, draft):
    mark = ask(editor, draft)["ETag"]
    assert ask(editor, draft, if_none_match=mark).status_code == 304

    ask(jonas, draft)

    assert "Jonas" in words_of(ask(editor, draft, if_none_match=mark))


def test_the_posts_page_says_who_edits_it(viewer, jonas, draft):
    open_form(jonas, draft)

    page = words_of(viewer.get(reverse("post", args=[draft.pk])))

    assert "<strong>Jonas</strong> is editing this." in page


def test_the_form_says_who_looks_at_the_posts_page(editor, jonas, draft):
    jonas.get(reverse("post", args=[draft.pk]))

    assert "<strong>Jonas</strong> has its page open." in open_form(editor, draft)


def test_a_form_never_saved_is_nobodys_business(editor, db):
    response = editor.get(
        reverse("compose_beside"), {"draft": "6f1ed002-ab54-4c9f-8f5b-9e8b9a2f9d5d"}
    )

    assert response.status_code == 200
    assert not Presence.objects.exists()


def test_a_stranger_learns_nothing(stranger, jonas, draft):
    open_form(jonas, draft)

    assert "Jonas" not in words_of(ask(stranger, draft))
    assert Presence.objects.count() == 1


def test_saving_and_leaving_is_seen(editor, jonas, draft):
    open_form(jonas, draft)
    form = {
        "form_token": draft.form_token,
        "kind": "video",
        "mode": "direct",
        "action": "draft",
        "accounts": [draft.account_id],
        "media": draft.media_id,
        "seen_at": draft.updated_at.isoformat(),
    }

    assert jonas.post(reverse("compose"), form).status_code == 302

    assert "Jonas" not in open_form(editor, draft)


def test_viewers_and_strangers_to_the_site_ask_in_vain(viewer, client, draft):
    assert ask(viewer, draft).status_code == 403
    assert reverse("account_login") in ask(client, draft)["Location"]
    assert viewer.post(reverse("compose_beside")).status_code in {403, 405}
