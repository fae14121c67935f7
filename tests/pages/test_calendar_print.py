from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from calendar_app.pages import calendar_print
from publishing.models import DayNote, DayNoteKind, Label
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post

DUE_AT = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


def show(client, **query):
    response = client.get(reverse("calendar_print"), {"month": "2026-11"} | query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def day(page, number):
    """What stands in the cell of a day of the month."""
    return page.split(f'<b class="sheet-day">{number}<')[1].split("</td>")[0]


def test_a_post_is_a_line_of_its_day(viewer, account, team):
    post = make_post(account, due_at=DUE_AT, caption="Fresh rolls")
    post.labels.add(Label.objects.create(team=team, name="Spring"))

    cell = day(show(viewer), 26)

    for words in ("18:30", "Maple Bakery", "Scheduled", "Fresh rolls", "Spring"):
        assert words in cell


def test_every_post_of_a_full_day_is_there(viewer, account):
    for number in range(20):
        make_post(account, due_at=DUE_AT + timedelta(minutes=number), caption=f"No {number}.")

    cell = day(show(viewer), 26)

    assert all(f"No {number}." in cell for number in range(20))


def test_a_published_post_stands_at_its_actual_moment(viewer, account):
    published_at = DUE_AT + timedelta(days=1)
    make_post(account, due_at=DUE_AT, published_at=published_at, state=State.PUBLISHED)

    page = show(viewer)

    assert "18:30" not in day(page, 26)
    assert "18:30" in day(page, 27)


def test_posts_of_other_months_are_not_there(viewer, account):
    make_post(account, due_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC), caption="December")

    assert "December" not in show(viewer)


def test_notes_stand_on_their_day(viewer, team):
    on = date(2026, 11, 26)
    DayNote.objects.create(team=team, date=on, kind=DayNoteKind.LAUNCH, text="New shop")

    assert "Launch: New shop" in day(show(viewer), 26)


def test_filters_narrow_the_sheet_and_are_named_on_it(viewer, account, team):
    make_post(account, due_at=DUE_AT, caption="Mine")
    make_post(make_account(team), due_at=DUE_AT, caption="Other")

    page = show(viewer, account=account.pk, q="mine")

    assert "account: Maple Bakery" in page
    assert "with “mine”" in page
    assert "Other" not in day(page, 26)


def test_an_overfull_month_says_what_is_missing(viewer, account, monkeypatch):
    monkeypatch.setattr(calendar_print, "MOST_POSTS", 1)
    for caption in ("First", "Second"):
        make_post(account, due_at=DUE_AT, caption=caption)

    page = show(viewer)

    assert "more than 1 posts" in page
    assert "Second" not in page


def test_posts_out_of_reach_are_not_printed(editor, stranger, account, team):
    make_post(make_account(team, is_limited=True), due_at=DUE_AT, caption="Secret")
    make_post(account, due_at=DUE_AT, caption="Theirs")

    assert "Secret" not in show(editor)
    assert "Theirs" not in show(stranger)


def test_queries_do_not_grow_with_the_posts(viewer, account):
    # A browser's first page asks a little more.
    show(viewer)
    counts = []
    for number in range(12):
        make_post(account, due_at=DUE_AT + timedelta(hours=number))
        if number in (1, 11):
            with CaptureQueriesContext(connection) as captured:
                show(viewer)
            counts.append(len(captured))

    assert counts[0] == counts[1]


def test_an_unreadable_month_is_the_current_one(viewer):
    assert f"{datetime.now(UTC):%Y}" in show(viewer, month="x")


def test_the_sheet_is_only_looked_at(editor):
    assert editor.post(reverse("calendar_print")).status_code == 405


def test_strangers_sign_in_first(client, db):
    assert client.get(reverse("calendar_print")).status_code == 302


def test_the_list_leads_to_the_sheet_with_its_filters(viewer, team):
    make_member(team)
    page = unescape(
        viewer.get(reverse("agenda"), {"date": "2026-11-02", "q": "x"}).content.decode()
    )

    assert 'href="/calendar/print/?month=2026-11&q=x"' in page
