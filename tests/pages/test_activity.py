import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.activity import note_activity
from accounts.models import Role
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)


@pytest.fixture
def owner(team):
    return make_member(team, Role.OWNER)


@pytest.fixture
def note(owner):
    def note_it(verb="media_uploaded", by=owner, at=NOW, **values):
        return note_activity(owner.team_id, by.user, verb, at, **values)

    return note_it


@pytest.fixture
def browser(owner, signed_in):
    return signed_in(owner)


def address(name="activity", **query):
    return reverse(name, query=query)


def page_of(client, **query):
    return client.get(address(**query)).content.decode()


def words_of(page):
    """What the page says of each row, in one line."""
    lines = re.findall(r'<li class="activity-line">(.*?)</div>\s*</li>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in lines]


def exported(client, **query):
    response = client.get(address("activity_export", **query))
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("role", Role.values)
def test_every_role_reads_the_history(team, note, signed_in, role):
    note(subject="clip.mp4")

    page = page_of(signed_in(make_member(team, role)))

    assert "clip.mp4" in page


def test_a_row_says_who_what_when_and_in_which_zone(browser, owner, note):
    note("post_rescheduled", subject="Fresh bread", old="18:00 UTC", new="19:00 UTC")

    [words] = words_of(page_of(browser))

    assert words == (f"00:30 CET {owner.user} moved “Fresh bread” 18:00 UTC → became 19:00 UTC")


def test_a_day_is_one_of_the_shown_zone(browser, note):
    note(subject="clip.mp4")

    assert "Fri 27 Nov 2026" in page_of(browser)


def test_a_changed_draft_shows_each_field(browser, note):
    note("draft_changed", subject="Bread", old="Caption: a\nTime: –", new="Caption: b\nTime: 9")

    [words] = words_of(page_of(browser))

    assert "Caption: a → became b Time: – → became 9" in words


def test_what_people_typed_is_escaped(browser, note):
    note("draft_changed", subject="<b>x</b>", old="Caption: <i>", new="Caption: <script>")

    page = page_of(browser)

    assert "<b>x</b>" not in page
    assert "<script>" not in page.split('class="activity-lines')[0].split("panel")[-1]
    assert "&lt;script&gt;" in page


def test_a_post_is_linked_while_it_is_there(browser, owner, note):
    post = make_post(make_account(owner.team))
    note("post_canceled", subject="Fresh bread", post_id=post.pk)
    note("post_canceled", subject="Old bread", post_id=post.pk + 1)

    page = page_of(browser)

    assert f'<a href="{reverse("post", args=[post.pk])}">“Fresh bread”</a>' in page
    assert "“Old bread”</a>" not in page
    assert "Old bread" in page


def test_an_account_is_called_by_its_name_of_today(browser, owner, note):
    account = make_account(owner.team, nickname="Maple Bakery")
    note("account_connected", account_id=account.pk)
    note("account_deleted", account_id=account.pk + 1)

    words = " ".join(words_of(page_of(browser)))

    assert "connected Maple Bakery" in words
    assert "deleted the data of a TikTok account that is gone" in words


def test_who_left_has_no_name(browser, owner):
    note_activity(owner.team_id, None, "person_deleted", NOW)

    assert "Somebody who left deleted their own account" in " ".join(words_of(page_of(browser)))


def test_the_newest_comes_first_and_older_ones_on_the_next_page(browser, note, monkeypatch):
    monkeypatch.setattr("calendar_app.pages.activity.ROWS_PER_PAGE", 3)
    for number in range(7):
        note(subject=f"clip{number}.mp4", at=NOW + timedelta(minutes=number))
    seen, query = [], ""

    while True:
        page = browser.get(address() + query).content.decode()
        seen += re.findall(r"clip\d", page)
        older = re.search(r'rel="next" href="(\?[^"]*)"', page)
        if not older:
            break
        query = older[1].replace("&amp;", "&")

    assert seen == [f"clip{number}" for number in range(6, -1, -1)]
    assert "Newest" in page


def test_filters_stand_in_the_address_and_in_the_form(browser, team, note):
    bob = make_member(team, Role.EDITOR)
    note(subject="mine.mp4")
    note("media_deleted", by=bob, subject="his.mp4")
    note("media_uploaded", by=bob, subject="also-his.mp4", at=NOW - timedelta(days=3))

    assert "also-his" not in page_of(browser, person=bob.user_id, since="2026-11-27")
    assert words_of(page_of(browser, verb="media_deleted")) == [
        f"00:30 CET {bob.user} deleted the file “his.mp4”"
    ]
    page = page_of(browser, person=bob.user_id, until="2026-11-26")
    assert "also-his" in page
    assert "mine.mp4" not in page
    assert f'<option value="{bob.user_id}" selected>' in page
    assert 'value="2026-11-26"' in page


def test_one_post_has_its_own_history(browser, note):
    note("post_canceled", subject="Fresh bread", post_id=7)
    note("post_canceled", subject="Old bread", post_id=8)

    page = page_of(browser, post=7)

    assert "Fresh bread" in page
    assert "Old bread" not in page
    assert '<input type="hidden" name="post" value="7">' in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"person": "x"}, "Choose one of this team’s members."),
        ({"verb": "vanished"}, "vanished"),
        ({"since": "yesterday"}, "Enter the date as year-month-day"),
        ({"since": "0001-01-01"}, "Choose a year"),
        ({"until": "9999-12-31"}, "Choose a year"),
        ({"since": "2026-11-27", "until": "2026-11-26"}, "before the first day"),
        ({"before": "x"}, "This address is not one of this page"),
        ({"post": "-1"}, "This address is not one of this page"),
        ({"post": "9" * 30}, "This address is not one of this page"),
    ],
)
def test_a_bad_filter_is_explained_and_shows_nothing(browser, note, query, words):
    note(subject="clip.mp4")

    for name in ("activity", "activity_export"):
        response = browser.get(address(name, **query))

        assert response.status_code == 422
        page = response.content.decode()
        assert words in page
        assert "clip.mp4" not in page


def test_a_stranger_is_no_choice_and_another_teams_rows_are_not_shown(
    browser, note, stranger, owner
):
    other = make_member()
    note_activity(other.team_id, other.user, "media_uploaded", NOW, subject="theirs.mp4")
    note(subject="ours.mp4")

    assert "theirs.mp4" not in page_of(browser)
    assert "ours.mp4" not in page_of(stranger)
    assert browser.get(address(person=other.user_id)).status_code == 422


def test_rows_outside_the_reach_are_hidden_and_not_exported(team, owner, note, signed_in):
    limited = make_account(team, nickname="Secret Bakery", is_limited=True)
    post = make_post(limited, caption="Secret bread")
    note("post_canceled", subject="Secret bread", post_id=post.pk, account_id=limited.pk)
    note("account_connected", account_id=limited.pk)
    outsider = signed_in(make_member(team, Role.EDITOR))

    for query in ({}, {"post": post.pk}):
        assert "Secret" not in page_of(outsider, **query)
    assert "Secret bread" in page_of(signed_in(owner))


def test_the_number_of_queries_does_not_grow_with_the_rows(team, owner, note, signed_in):
    client = signed_in(make_member(team, Role.EDITOR))

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page_of(client)
        return len(captured)

    post = make_post(make_account(team))
    note("post_canceled", post_id=post.pk, account_id=post.account_id)
    # The first page of a session remembers its team.
    queries()
    few = queries()
    for _ in range(20):
        another = make_post(make_account(team))
        note("post_canceled", post_id=another.pk, account_id=another.account_id)

    assert queries() == few


def test_an_anonymous_person_signs_in_first(client):
    for name in ("activity", "activity_export"):
        response = client.get(address(name))

        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["activity", "activity_export"])
def test_it_is_only_read(browser, name):
    assert browser.post(address(name)).status_code == 405


def test_an_empty_history_says_what_will_be_here(browser):
    assert "Nothing has been done yet." in page_of(browser)


def test_a_filter_that_finds_nothing_offers_the_way_back(browser, note):
    note()

    assert "Nothing fits." in page_of(browser, verb="media_deleted")


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER])
def test_owners_and_managers_export_what_the_filters_find(team, note, signed_in, role):
    client = signed_in(make_member(team, role))
    note("post_rescheduled", subject="Fresh bread", post_id=7, old="before", new="after")
    note("media_deleted", subject="clip.mp4")

    rows = exported(client, verb="post_rescheduled")

    assert rows[0] == [
        "When",
        "Who",
        "What",
        "To what",
        "TikTok account",
        "Post",
        "Before",
        "After",
    ]
    assert [row[0:1] + row[2:] for row in rows[1:]] == [
        ["2026-11-27T00:30:00+01:00", "moved", "Fresh bread", "", "7", "before", "after"]
    ]
    assert "Export CSV" in page_of(client)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
def test_other_roles_cannot_export(team, signed_in, role):
    client = signed_in(make_member(team, role))

    response = client.get(address("activity_export"))

    assert response.status_code == 403
    assert "Only managers and owners can export" in response.content.decode()
    assert "Export CSV" not in page_of(client)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1+1", "–", "plain"]
)
def test_no_cell_of_the_export_is_a_formula(browser, note, text):
    note("draft_changed", subject=text, old=text, new=text)

    [_, row] = exported(browser)

    is_plain = text in {"–", "plain"}
    for cell in row[-2:]:
        assert cell == (text if is_plain else f"'{text}")


def test_an_export_is_whole_and_in_pieces(browser, note, monkeypatch):
    monkeypatch.setattr("publishing.history.CHUNK", 4)
    for number in range(10):
        note(subject=f"clip{number}.mp4")

    assert [row[3] for row in exported(browser)[1:]] == [
        f"clip{number}.mp4" for number in range(9, -1, -1)
    ]


def test_the_menu_leads_here(browser):
    page = browser.get(reverse("team")).content.decode()

    assert f'href="{reverse("activity")}" title="Activity"' in page


def news_address(page):
    return re.search(r'data-live="([^"]+)"', page)[1].replace("&amp;", "&")


def test_new_rows_are_announced_and_shown_by_a_link(browser, note):
    note(subject="clip.mp4")
    news = news_address(page_of(browser))
    assert "new entr" not in browser.get(news).content.decode()

    note(subject="later.mp4", at=NOW + timedelta(minutes=1))
    note(subject="same-moment.mp4")
    said = browser.get(news).content.decode()

    assert "2 new entries" in said
    link = re.search(r'href="([^"]+)"', said)[1]
    assert "later.mp4" in browser.get(link).content.decode()


def test_the_first_row_of_an_empty_history_is_announced(browser, note):
    news = news_address(page_of(browser))

    note()

    assert "1 new entry" in browser.get(news).content.decode()


def test_the_news_are_those_of_the_pages_filters(browser, note):
    note("media_deleted")
    news = news_address(page_of(browser, verb="media_deleted"))
    note("media_uploaded", at=NOW + timedelta(minutes=1))
    assert "new entr" not in browser.get(news).content.decode()

    note("media_deleted", at=NOW + timedelta(minutes=2))
    said = browser.get(news).content.decode()

    assert "1 new entry" in said
    assert "?verb=media_deleted" in said


def test_nothing_is_sent_again_while_the_number_of_news_is_the_same(browser, note):
    page = page_of(browser)
    mark = re.search(r'data-live-mark="([^"]+)"', page)[1]
    assert (
        browser.get(news_address(page), headers={"If-None-Match": f'"{mark}"'}).status_code == 304
    )

    note()

    response = browser.get(news_address(page), headers={"If-None-Match": f'"{mark}"'})
    assert (response.status_code, response["ETag"]) == (200, '"1"')


def test_many_news_are_not_counted_to_the_end(browser, note, monkeypatch):
    monkeypatch.setattr("calendar_app.pages.activity.MOST_NEWS", 2)
    news = news_address(page_of(browser))
    for _ in range(3):
        note()

    assert "2 or more new entries" in browser.get(news).content.decode()


def test_rows_outside_the_reach_are_no_news(team, note, signed_in):
    limited = make_account(team, is_limited=True)
    outsider = signed_in(make_member(team, Role.EDITOR))
    news = news_address(page_of(outsider))

    note("account_connected", account_id=limited.pk)

    assert "new entr" not in outsider.get(news).content.decode()


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "9" * 30 + "-1"}, {"verb": "vanished"}]
)
def test_no_news_of_a_bad_address(browser, query):
    assert browser.get(address("activity_news", **query)).status_code == 404


def test_an_older_page_announces_nothing(browser, note):
    note()

    assert "data-live" not in page_of(browser, before="1795000000000000-1")
