"""One form, several accounts: choices, limits, consent and post for each."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from publishing.models import Consent, Post
from publishing.states import State
from tests.factories import make_member, make_team
from tests.pages.posting import choices_of, filled_form, send_form, summary_of, words_of
from tests.publishing.factories import make_media, make_post


@pytest.fixture
def bakery(team, connect):
    return connect(team, nickname="Maple Bakery")


@pytest.fixture
def studio(team, connect):
    return connect(team, nickname="Quiet Studio", is_private=True)


@pytest.fixture
def form(bakery, studio, team):
    return filled_form(bakery, studio, media=make_media(team))


def test_each_account_gets_a_post_and_a_consent(editor, form, bakery, studio):
    form |= choices_of(bakery, privacy_level="PUBLIC_TO_EVERYONE", allow_comment="on")

    response = send_form(editor, form)

    posts = {post.account: post for post in Post.objects.all()}
    assert response["Location"] == f"{reverse('calendar')}?day=2030-07-01"
    assert posts[bakery].privacy_level == "PUBLIC_TO_EVERYONE"
    assert posts[studio].privacy_level == "SELF_ONLY"
    assert [posts[bakery].allow_comment, posts[studio].allow_comment] == [True, False]
    assert {c.nickname_shown for c in Consent.objects.all()} == {"Maple Bakery", "Quiet Studio"}
    assert {post.state for post in posts.values()} == {State.SCHEDULED}


def test_the_way_leads_to_the_day_as_the_team_counts_days(editor, form):
    # 00:30 in Berlin is still the day before in UTC.
    response = send_form(editor, form | {"due_time": "00:30"})

    assert response["Location"] == f"{reverse('calendar')}?day=2030-07-01"


def test_a_form_sent_twice_makes_one_post_per_account(editor, form):
    send_form(editor, form)
    send_form(editor, form)

    assert Post.objects.count() == 2
    assert Consent.objects.count() == 2


def test_an_account_added_to_a_form_already_sent_makes_only_its_own_post(
    editor, form, bakery, studio
):
    send_form(editor, form | {"accounts": [bakery.pk]})

    send_form(editor, form)

    assert Post.objects.filter(account=bakery).count() == 1
    assert Post.objects.filter(account=studio).count() == 1


def test_one_account_without_choice_holds_all_back_and_is_named(editor, form, studio):
    response = send_form(editor, form | choices_of(studio, privacy_level=""))

    assert "Quiet Studio: Who can view" in summary_of(response)
    assert "Maple Bakery" not in summary_of(response)
    assert not Post.objects.exists()


def test_each_accounts_offer_is_its_own(editor, form, studio):
    response = send_form(editor, form | choices_of(studio, privacy_level="PUBLIC_TO_EVERYONE"))

    assert "TikTok does not offer “Everyone” for Quiet Studio now" in summary_of(response)


def test_what_all_share_is_said_once(editor, form):
    response = send_form(editor, form | {"media": ""})

    assert summary_of(response).count("Choose a video.") == 1


def test_an_account_that_cannot_post_now_is_named(editor, form, studio, simulator):
    simulator.add_creator(studio.username, is_banned=True)

    response = send_form(editor, form)

    assert f"{studio} cannot post now." in summary_of(response)
    assert not Post.objects.filter(state=State.SCHEDULED).exists()


def test_the_cap_of_one_account_offers_a_moment_for_all(editor, form, studio):
    studio.daily_cap = 1
    studio.save()
    make_post(studio, due_at=datetime(2030, 7, 1, 7, 0, tzinfo=UTC))

    page = words_of(send_form(editor, form))

    assert "Quiet Studio would have more than 1 posts" in page
    assert 'data-date="2030-07-02"' in page
    assert not Post.objects.filter(form_token=form["form_token"]).exists()


def test_a_draft_of_several_opens_with_the_choices_of_each(editor, form, bakery, studio):
    form |= choices_of(bakery, privacy_level="PUBLIC_TO_EVERYONE")
    send_form(editor, form | {"action": "draft"})
    draft = Post.objects.get(account=studio)

    page = words_of(editor.get(reverse("compose"), {"draft": draft.pk}))

    for account, level in ((bakery, "PUBLIC_TO_EVERYONE"), (studio, "SELF_ONLY")):
        option = page.split(f'id="privacy-{account.pk}-{level}"')[1].split(">")[0]
        assert "checked" in option


def test_no_account_takes_the_choices_of_another(editor, bakery, studio):
    make_post(bakery, state=State.DRAFT, privacy_level="SELF_ONLY", allow_comment=True)

    page = words_of(editor.get(reverse("compose"), {"account": [studio.pk]}))

    assert not [tag for tag in page.split("<input") if "data-privacy" in tag and "checked" in tag]


def test_taking_an_account_out_of_a_draft_takes_its_draft_away(editor, form, bakery):
    send_form(editor, form | {"action": "draft"})

    send_form(editor, form | {"action": "draft", "accounts": [bakery.pk]})

    assert [post.account for post in Post.objects.all()] == [bakery]


def test_a_draft_of_another_team_keeps_its_team(signed_in, connect, team):
    member = make_member(team)
    other = make_team()
    make_member(other, user=member.user)
    account = connect(other)
    draft = make_post(account, state=State.DRAFT, is_consented=False)
    form = filled_form(account, media=draft.media, form_token=str(draft.form_token))
    address = f"{reverse('compose')}?draft={draft.form_token}"

    signed_in(member).post(address, form)

    draft.refresh_from_db()
    assert (draft.state, draft.team) == (State.SCHEDULED, other)
