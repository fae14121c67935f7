from html import unescape

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.hashtags import add_group
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post


def render(source, **context):
    return Template("{% load captions %}" + source).render(Context(context))


def test_hashtags_and_mentions_are_bold():
    html = render("{{ text|marked }}", text="Fresh #bread by @maple\n#rolls a#b")

    assert html == "Fresh <b>#bread</b> by <b>@maple</b>\n<b>#rolls</b> a#b"


def test_a_caption_is_no_markup():
    html = render("{{ text|marked }}", text="<i>&</i> #<b>x")

    assert html == "&lt;i&gt;&amp;&lt;/i&gt; <b>#&lt;b&gt;x</b>"


@pytest.mark.parametrize("text", [None, ""])
def test_no_caption_is_an_empty_one(text):
    assert render("{{ t|marked }}|{{ t|feed_part }}|{{ t|utf16 }}", t=text) == "||0"


def test_line_breaks_of_a_form_count_once():
    assert render("{{ text|utf16 }}", text="a\r\n🥐") == "4"


@pytest.fixture
def account(team):
    return make_account(team)


@pytest.fixture
def page_of(account):
    """What a client sees of the posting screen."""

    def open_page(client):
        response = client.get(reverse("compose"))
        assert response.status_code == 200
        return unescape(response.content.decode())

    return open_page


def write(account, caption, **overrides):
    return make_post(account, caption=caption, state=State.DRAFT, is_consented=False, **overrides)


def test_the_editor_offers_the_teams_groups_and_hashtags(editor, team, account, page_of):
    add_group(team, make_member(team).user, "Morning", ["#bread", "#rolls"], current_moment())
    write(account, "#buns")

    page = page_of(editor)

    assert 'data-inserts="#bread #rolls"' in page
    assert 'data-used-hashtags="#buns"' in page
    assert 'data-inserts="#buns"' in page


def test_the_editor_offers_nothing_of_another_team(editor, account, page_of):
    theirs = make_account()
    add_group(theirs.team, make_member(theirs.team).user, "Secret", ["#s1"], current_moment())
    write(theirs, "#s2")

    page = page_of(editor)

    assert "#s1" not in page
    assert "#s2" not in page


def test_a_draft_of_another_team_gets_that_teams_hashtags(signed_in, team, account):
    member = make_member(role=Role.EDITOR)
    make_member(team, Role.EDITOR, user=member.user)
    write(make_account(member.team), "#here")
    write(account, "#there")
    draft = write(account, "")

    page = signed_in(member).get(f"{reverse('compose')}?draft={draft.pk}").content.decode()

    assert 'data-used-hashtags="#there"' in page
    assert f"{reverse('hashtags_menu')}?draft={draft.form_token}" in page


def test_the_limits_are_tiktoks(editor, page_of):
    page = page_of(editor)

    assert 'data-max-utf16-video="2200" data-max-utf16-photo="4000"' in page
    assert 'data-title data-max-utf16-photo="90"' in page


def test_a_posts_page_shows_what_the_feed_shows(viewer, account):
    post = write(account, "Fresh #bread " + "x" * 200)

    page = unescape(viewer.get(reverse("post", args=[post.pk])).content.decode())

    assert 'class="phone-start">Fresh <b>#bread</b> ' + "x" * 137 + "… <" in page
