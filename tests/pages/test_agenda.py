from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from calendar_app.pages import agenda
from publishing.models import Label, Post
from publishing.states import State
from tests.factories import make_account, make_member, make_user
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_begun_draft

DUE_AT = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)
DATE = "2026-11-26"


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


def show(client, **query):
    response = client.get(reverse("agenda"), {"date": DATE} | query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def lines(page):
    """The captions of the lines from top to bottom."""
    parts = page.split('id="line-')[1:]
    return [part.split(">")[1].split("</a")[0] for part in parts]


def line(page, post):
    before, after = page.split(f'id="line-{post.pk}"')
    return before.rsplit("<tr", 1)[1] + after.split("</tr>")[0]


def test_a_line_says_what_the_post_is(viewer, account, team):
    author = make_member(team).user
    post = make_post(account, due_at=DUE_AT, caption="Fresh rolls", author=author)
    post.labels.add(Label.objects.create(team=team, name="Spring", hue=2))

    shown = line(show(viewer), post)

    for words in ("18:30", "Maple Bakery", "Fresh rolls", "Spring", author.name, "Scheduled"):
        assert words in shown


def test_posts_stand_under_their_day_in_the_teams_zone(viewer, account):
    make_post(account, due_at=datetime(2026, 11, 26, 23, 30, tzinfo=UTC), caption="Late")
    make_post(account, due_at=DUE_AT, caption="Early")

    page = show(viewer)

    assert lines(page) == ["Early", "Late"]
    assert page.index("Early") < page.index('id="day-2026-11-27"') < page.index("Late")


def test_a_published_post_stands_at_its_actual_moment(viewer, account):
    post = make_post(
        account,
        due_at=DUE_AT,
        published_at=DUE_AT + timedelta(days=1, minutes=7),
        state=State.PUBLISHED,
    )

    page = show(viewer)

    assert 'id="day-2026-11-26"' not in page
    assert 'id="day-2026-11-27"' in page
    assert "18:37" in line(page, post)
    assert "due 18:30" in line(page, post)


def test_four_weeks_are_shown_and_led_on_from(viewer, account):
    make_post(account, due_at=DUE_AT - timedelta(days=1), caption="Before")
    make_post(account, due_at=DUE_AT + timedelta(days=27), caption="Last")
    make_post(account, due_at=DUE_AT + timedelta(days=28), caption="After")

    page = show(viewer)

    assert lines(page) == ["Last"]
    assert "26 Nov – 23 Dec 2026" in page
    assert 'href="/calendar/list/?date=2026-10-29" rel="prev"' in page
    assert 'href="/calendar/list/?date=2026-12-24" rel="next"' in page


def test_an_empty_list_leads_to_the_nearest_posts_that_fit(viewer, account):
    make_post(account, due_at=DUE_AT - timedelta(days=3), state=State.CANCELED)
    make_post(account, due_at=DUE_AT - timedelta(days=40))
    make_post(account, due_at=DUE_AT + timedelta(days=60))

    page = show(viewer, state="scheduled")

    assert 'href="/calendar/list/?date=2026-10-17&state=scheduled">Earlier' in page
    assert 'href="/calendar/list/?date=2027-01-25&state=scheduled">Later' in page


def test_the_list_begins_today_by_itself(viewer, account):
    post = make_post(account, due_at=datetime.now(UTC) + timedelta(hours=26))

    response = viewer.get(reverse("agenda"))

    assert f'id="line-{post.pk}"' in response.content.decode()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("time", ["b", "A", "c"]),
        ("-time", ["c", "A", "b"]),
        ("post", ["A", "b", "c"]),
        ("-post", ["c", "b", "A"]),
        ("account", ["A", "b", "c"]),
        ("author", ["A", "c", "b"]),
        ("state", ["c", "b", "A"]),
        ("rubbish", ["b", "A", "c"]),
    ],
)
def test_every_column_sorts(viewer, team, sort, expected):
    ada, zoe = make_user(name="ada"), make_user(name="Zoe")
    one, other = make_account(team, nickname="apple"), make_account(team, nickname="Berry")
    hours = timedelta(hours=1)
    make_post(other, due_at=DUE_AT, caption="b", author=zoe)
    make_post(one, due_at=DUE_AT + hours, caption="A", author=ada, state=State.FAILED)
    make_post(other, due_at=DUE_AT + 2 * hours, caption="c", author=ada, state=State.DRAFT)

    assert lines(show(viewer, sort=sort)) == expected


def test_the_head_of_the_sorted_column_says_so_and_turns_it(viewer, account):
    make_post(account, due_at=DUE_AT)

    page = show(viewer, sort="account")

    assert 'aria-sort="ascending"><a href="/calendar/list/?date=2026-11-26&sort=-account"' in page
    assert page.count("aria-sort") == 1


def test_sorted_by_another_column_each_line_says_its_day(viewer, account):
    post = make_post(account, due_at=DUE_AT)

    page = show(viewer, sort="account")

    assert "Thu 26 Nov, 18:30" in line(page, post)
    assert 'id="day-' not in page


def test_filters_narrow_the_list_and_stay_in_every_link(viewer, account):
    make_post(account, due_at=DUE_AT, caption="Rolls")
    make_post(account, due_at=DUE_AT, caption="Bread")

    page = show(viewer, q="bread")

    assert lines(page) == ["Bread"]
    assert 'href="/calendar/list/?date=2026-12-24&q=bread" rel="next"' in page
    assert 'href="/calendar/list/?date=2026-11-26">Clear' in page


def test_a_long_list_has_pages(viewer, account, monkeypatch):
    monkeypatch.setattr(agenda, "LINES_PER_PAGE", 2)
    for number in range(5):
        make_post(account, due_at=DUE_AT + timedelta(minutes=number), caption=f"No {number}")

    page = show(viewer, page=2)

    assert lines(page) == ["No 2", "No 3"]
    assert "3–4 of 5" in page
    assert 'href="/calendar/list/?date=2026-11-26&page=3"' in page


@pytest.mark.parametrize(
    "query",
    [{"date": "x"}, {"date": "1999-01-01"}, {"page": "-1"}, {"page": "9" * 30}, {"sort": "-"}],
)
def test_what_cannot_be_read_counts_as_not_asked(viewer, query):
    assert viewer.get(reverse("agenda"), query).status_code == 200


def test_a_warned_post_says_what_will_stop_it(viewer, account):
    problems = [{"code": "media_gone", "text": "Its video is gone."}]
    post = make_post(account, due_at=DUE_AT, preflight_problems=problems)

    assert "Will not go out as it is: Its video is gone." in line(show(viewer), post)


def test_a_begun_draft_and_a_departed_author_have_words(viewer, account, team):
    draft = make_begun_draft(team, due_at=DUE_AT)
    post = make_post(account, due_at=DUE_AT)
    Post.objects.filter(pk=post.pk).update(author=None)

    page = show(viewer)

    assert "No account yet" in line(page, draft)
    assert "Somebody who left" in line(page, post)


def test_posts_of_accounts_limited_to_others_are_not_listed(editor, team):
    make_post(make_account(team, is_limited=True), due_at=DUE_AT, caption="Secret")

    assert lines(show(editor)) == []


def test_another_teams_posts_are_not_listed(stranger, account):
    make_post(account, due_at=DUE_AT)

    assert lines(show(stranger)) == []


def queries(client, **query):
    with CaptureQueriesContext(connection) as captured:
        show(client, **query)
    return len(captured)


def test_queries_do_not_grow_with_the_posts(viewer, account, team):
    label = Label.objects.create(team=team, name="Spring")
    # A browser's first page asks a little more.
    show(viewer)
    counts = []
    for number in range(12):
        post = make_post(account, due_at=DUE_AT + timedelta(hours=number))
        post.labels.add(label)
        if number in (1, 11):
            counts.append(queries(viewer, account=account.pk, label=label.pk))

    assert counts[0] == counts[1]


def test_a_stranger_signs_in_first(client):
    response = client.get(reverse("agenda"))

    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_the_list_is_only_looked_at(editor):
    assert editor.post(reverse("agenda")).status_code == 405


def test_the_index_serves_the_list(team):
    member = make_member(team)
    shown = agenda.read_list(QueryDict(f"date={DATE}"), member, DUE_AT)
    # In a table with hardly a post any index of the team would do.
    days = range(-1000, 1000)
    Post.objects.bulk_create(
        [Post(team=team, author=member.user, due_at=DUE_AT + timedelta(days=day)) for day in days]
    )
    connection.cursor().execute("ANALYZE publishing_post")

    assert "post_team_shown" in shown.posts_shown().explain()


def test_the_list_is_a_view_of_the_calendar(viewer, account):
    post = make_post(account, due_at=DUE_AT)

    response = viewer.get(reverse("calendar"), {"view": "list", "date": DATE, "q": "caption"})

    page = unescape(response.content.decode())
    assert f'id="line-{post.pk}"' in page
    assert 'href="/calendar/?view=week&q=caption&date=2026-11-26"' in page


def test_the_other_views_lead_to_the_list_and_to_paper(viewer, account):
    response = viewer.get(reverse("calendar"), {"view": "week", "date": DATE, "q": "x"})

    page = unescape(response.content.decode())
    assert 'href="/calendar/?view=list&q=x&date=2026-11-26" data-shortcut="l"' in page
    assert 'href="/calendar/print/?month=2026-11&q=x"' in page
