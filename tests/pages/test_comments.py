import json
import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.comments import add_comment
from publishing.models import MAX_COMMENT, Comment
from tests.factories import make_account, make_member, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def author(team):
    return make_member(team, Role.EDITOR, user=make_user(name="Ada Lovelace"))


@pytest.fixture
def browser(author, signed_in):
    return signed_in(author)


@pytest.fixture
def post(team, author):
    return make_post(make_account(team), author=author.user, caption="Fresh bread")


@pytest.fixture
def comment(post, author):
    return add_comment(post, author.user, "Is the crust right?", NOW)


@pytest.fixture
def outsider(team, post, signed_in):
    """An editor who does not see the post's account."""
    post.account.is_limited = True
    post.account.save()
    return signed_in(make_member(team, Role.EDITOR))


def say(client, post, text):
    return client.post(reverse("post_comment", args=[post.pk]), {"text": text})


def page_of(client, post):
    return client.get(reverse("post", args=[post.pk])).content.decode()


def thread_of(client, post, **headers):
    return client.get(reverse("post_comments", args=[post.pk]), headers=headers)


def edit(client, comment, text):
    return client.post(reverse("comment_edit", args=[comment.pk]), {"text": text})


def delete(client, comment):
    return client.post(reverse("comment_delete", args=[comment.pk]))


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER, Role.EDITOR, Role.APPROVER])
def test_a_comment_is_written_and_shown(team, post, signed_in, role):
    client = signed_in(make_member(team, role))

    response = say(client, post, "Looks good\nto me")

    assert (response.status_code, response.url) == (
        302,
        f"{reverse('post', args=[post.pk])}#comments",
    )
    assert '<p class="comment-words">Looks good\nto me</p>' in page_of(client, post)


def test_a_viewer_reads_and_cannot_write(viewer, post, comment):
    page = page_of(viewer, post)

    assert "Is the crust right?" in page
    assert reverse("post_comment", args=[post.pk]) not in page
    response = say(viewer, post, "Me too")
    assert response.status_code == 403
    assert "Viewers can look at posts" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Write something first."), ("  ", "Write something"), ("x" * 2001, "2001 characters")],
)
def test_a_bad_comment_is_explained_and_kept(browser, post, text, words):
    response = say(browser, post, text)

    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert "aria-invalid" in page
    assert text.strip() in page
    assert not Comment.objects.exists()


def test_the_longest_comment_is_kept(browser, post):
    say(browser, post, "x" * MAX_COMMENT)

    assert len(Comment.objects.get().text) == MAX_COMMENT


def test_words_are_escaped_and_make_no_links(browser, post):
    say(browser, post, "<script>alert(1)</script> https://evil.example @Ada Lovelace")

    page = page_of(browser, post)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; https://evil.example" in page
    assert 'href="https://evil.example' not in page


def test_mentions_are_marked(team, browser, post):
    make_member(team, Role.EDITOR, user=make_user(name="Bob <b>"))

    say(browser, post, "@bob <b>, and @nobody")

    assert '<strong class="mention">@bob &lt;b&gt;</strong>, and @nobody' in page_of(browser, post)


def test_the_field_knows_who_can_be_called(team, browser, post):
    make_member(team, Role.VIEWER, user=make_user(name='Bob "B"', email="bob@example.com"))

    page = page_of(browser, post)

    people = json.loads(
        re.search(r'data-people="([^"]*)"', page)[1].replace("&quot;", '"').replace("&amp;", "&")
    )
    author = {"handle": "Ada Lovelace", "name": "Ada Lovelace"}
    assert {"handle": 'Bob "B"', "name": 'Bob "B"'} in people
    assert author not in people


def test_the_thread_is_in_order_with_the_newest_last(browser, post, author):
    for number in range(3):
        add_comment(post, author.user, f"comment {number}", NOW)

    assert re.findall(r"comment \d", page_of(browser, post)) == [f"comment {n}" for n in range(3)]


def test_a_long_thread_begins_with_its_end(browser, post, author, monkeypatch):
    monkeypatch.setattr("calendar_app.pages.comments.SHOWN", 2)
    for number in range(4):
        add_comment(post, author.user, f"comment {number}", NOW)

    page = page_of(browser, post)
    assert re.findall(r"comment \d", page) == ["comment 2", "comment 3"]
    assert "Show earlier comments" in page
    everything = browser.get(f"{reverse('post', args=[post.pk])}?comments=all").content.decode()
    assert len(re.findall(r"comment \d", everything)) == 4
    assert f"{reverse('post_comments', args=[post.pk])}?comments=all" in everything


def test_the_thread_alone_is_sent_only_when_it_changed(browser, post, comment, author):
    first = thread_of(browser, post)
    again = thread_of(browser, post, if_none_match=first["ETag"])
    add_comment(post, author.user, "And the crumb?", NOW)
    changed = thread_of(browser, post, if_none_match=first["ETag"])

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert "And the crumb?" in changed.content.decode()
    assert "<form" not in first.content.decode()
    mark = re.findall(r'data-live-mark="([^"]*)"', page_of(browser, post))[-1]
    assert changed["ETag"] == f'"{mark}"'


@pytest.mark.parametrize("change", [edit, delete])
def test_an_edit_and_a_deletion_change_the_thread(browser, post, comment, change):
    before = thread_of(browser, post)["ETag"]

    change(browser, comment, "Is it?") if change is edit else change(browser, comment)

    assert thread_of(browser, post)["ETag"] != before


def test_the_number_of_queries_does_not_grow_with_the_thread(browser, post, author, team):
    bob = make_member(team, Role.EDITOR, user=make_user(name="Bob"))

    def queries():
        with CaptureQueriesContext(connection) as captured:
            thread_of(browser, post)
        return len(captured)

    add_comment(post, author.user, "@Bob look", NOW)
    # The first page of a session remembers its team.
    queries()
    few = queries()
    for number in range(10):
        writer = (author, bob)[number % 2].user
        add_comment(post, writer, "@Bob and @Ada Lovelace", NOW)

    assert queries() == few


def test_ones_own_comment_is_changed(browser, post, comment):
    page = browser.get(reverse("comment_edit", args=[comment.pk])).content.decode()
    assert "Is the crust right?" in page

    response = edit(browser, comment, "Is the crumb right?")

    assert response.status_code == 302
    assert response.url.endswith(f"#comment-{comment.pk}")
    page = page_of(browser, post)
    assert "Is the crumb right?" in page
    assert ">edited<" in page


def test_a_bad_change_is_explained_and_keeps_both(browser, comment):
    response = edit(browser, comment, "x" * 2001)

    assert response.status_code == 422
    assert "2001 characters" in response.content.decode()
    assert "xxx" in response.content.decode()
    assert Comment.objects.get().text == "Is the crust right?"


@pytest.mark.parametrize("role", Role.values)
def test_nobody_changes_anothers_words(team, comment, signed_in, role):
    response = edit(signed_in(make_member(team, role)), comment, "I said so")

    assert response.status_code == 403
    assert "Only who wrote a comment" in response.content.decode()
    assert Comment.objects.get().text == "Is the crust right?"


def test_ones_own_comment_is_deleted_after_a_question(browser, post, comment):
    asked = browser.get(reverse("comment_delete", args=[comment.pk])).content.decode()
    assert "Is the crust right?" in asked

    assert delete(browser, comment).status_code == 302

    page = page_of(browser, post)
    assert "Is the crust right?" not in page
    assert "This comment was deleted." in page
    assert "Ada Lovelace" in page


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER])
def test_owners_and_managers_delete_any(team, comment, signed_in, role):
    assert delete(signed_in(make_member(team, role)), comment).status_code == 302

    assert Comment.objects.get().text == ""


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
def test_other_roles_delete_only_their_own(team, comment, signed_in, role):
    assert delete(signed_in(make_member(team, role)), comment).status_code == 403
    assert Comment.objects.get().text


def test_a_deleted_comment_is_not_there_any_more(browser, comment):
    delete(browser, comment)

    assert edit(browser, comment, "Back").status_code == 404
    assert delete(browser, comment).status_code == 404


def test_strangers_and_those_outside_the_reach_learn_nothing(stranger, outsider, post, comment):
    for client in (stranger, outsider):
        assert say(client, post, "Hello").status_code == 404
        assert thread_of(client, post).status_code == 404
        assert edit(client, comment, "Hello").status_code == 404
        assert delete(client, comment).status_code == 404
    assert Comment.objects.get().text == "Is the crust right?"


def test_those_outside_the_reach_are_not_offered(team, owner_of_reach, post):
    client, name = owner_of_reach
    page = page_of(client, post)

    assert name not in re.search(r'data-people="([^"]*)"', page)[1]


@pytest.fixture
def owner_of_reach(team, outsider, post, signed_in):
    hidden = make_member(team, Role.EDITOR, user=make_user(name="Hidden Harry"))
    return signed_in(make_member(team, Role.OWNER)), hidden.user.name


def test_an_anonymous_person_signs_in_first(client, post, comment):
    responses = [
        say(client, post, "Hello"),
        thread_of(client, post),
        edit(client, comment, "Hello"),
        delete(client, comment),
    ]

    assert {response.status_code for response in responses} == {302}
    assert Comment.objects.count() == 1


def test_wrong_methods_are_refused(browser, post, comment):
    assert browser.get(reverse("post_comment", args=[post.pk])).status_code == 405
    assert browser.post(reverse("post_comments", args=[post.pk])).status_code == 405
    assert browser.put(reverse("comment_edit", args=[comment.pk])).status_code == 405
    assert browser.put(reverse("comment_delete", args=[comment.pk])).status_code == 405


def test_a_notice_leads_to_the_comments(team, post, browser, signed_in):
    bob = make_member(team, Role.VIEWER, user=make_user(name="Bob"))
    say(browser, post, "@Bob look")
    notice = bob.user.notices.get()

    response = signed_in(bob).post(reverse("notice_open", args=[notice.pk]))

    assert response.url == f"/posts/{post.pk}/#comments"
    assert notice.at <= current_moment()
