from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now as current_moment
from django.utils.translation import override

from accounts.models import Role
from publishing.models import DayNote, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_begun_draft, make_photo_post

DUE_AT = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


def show(client, **query):
    response = client.get(reverse("calendar"), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def tiles(client, mark="", **query):
    return client.get(reverse("calendar_tiles"), query, headers={"If-None-Match": f'"{mark}"'})


def tile_url(post):
    return f'href="{reverse("post", args=[post.pk])}"'


def cell(page, day):
    return page.split(f'id="day-{day}"')[1].split("</td>")[0]


def test_a_post_stands_on_its_day_with_its_time(viewer, account):
    post = make_post(account, due_at=DUE_AT, caption="Fresh rolls")

    day = cell(show(viewer, month="2026-11"), "2026-11-26")

    assert tile_url(post) in day
    assert "18:30" in day
    assert "Fresh rolls" in day
    assert "Scheduled" in day


def test_a_draft_without_account_and_media_has_a_tile_and_a_line(viewer, team):
    draft = make_begun_draft(team, due_at=DUE_AT)

    tile = cell(show(viewer, month="2026-11"), "2026-11-26")
    line = show(viewer, day="2026-11-26")

    for page in (tile, line):
        assert tile_url(draft) in page
        assert "No account yet" in page
        assert "Empty draft" in page


def test_a_draft_without_anything_stands_below_the_month(viewer, team):
    draft = make_begun_draft(team)

    assert tile_url(draft) in show(viewer)


def test_a_photo_post_is_shown_by_its_title(viewer, account):
    make_photo_post(account, due_at=DUE_AT, title="Three loaves")

    assert "Three loaves" in cell(show(viewer, month="2026-11"), "2026-11-26")


def test_days_are_those_of_the_teams_zone(viewer, account):
    post = make_post(account, due_at=datetime(2026, 11, 26, 23, 30, tzinfo=UTC))

    page = show(viewer, month="2026-11")

    assert tile_url(post) in cell(page, "2026-11-27")
    assert "00:30" in cell(page, "2026-11-27")


def test_days_are_those_of_the_persons_own_zone(team, account, signed_in):
    member = make_member(team, Role.VIEWER)
    member.user.timezone = "America/New_York"
    member.user.save()
    post = make_post(account, due_at=datetime(2026, 11, 26, 3, 0, tzinfo=UTC))

    page = show(signed_in(member), month="2026-11")

    assert tile_url(post) in cell(page, "2026-11-25")
    assert "America/New_York (EST)" in page


def test_four_posts_a_day_are_shown_and_the_rest_counted(viewer, account):
    posts = [make_post(account, due_at=DUE_AT + timedelta(minutes=n)) for n in range(6)]

    day = cell(show(viewer, month="2026-11"), "2026-11-26")

    assert [tile_url(post) in day for post in posts] == [True] * 4 + [False] * 2
    assert "2 more" in day


def test_the_day_lists_every_post(viewer, account):
    posts = [make_post(account, due_at=DUE_AT + timedelta(minutes=n)) for n in range(6)]

    page = show(viewer, day="2026-11-26")

    assert all(tile_url(post) in page for post in posts)


def test_one_account_can_be_looked_at_alone(viewer, team, account):
    mine = make_post(account, due_at=DUE_AT)
    other = make_post(make_account(team), due_at=DUE_AT)

    page = show(viewer, month="2026-11", account=account.pk)

    assert tile_url(mine) in page
    assert tile_url(other) not in page
    assert f"?view=month&account={account.pk}&date=2026-12-01" in page


def test_a_strangers_account_filters_nothing(viewer, account):
    post = make_post(account, due_at=DUE_AT)

    page = show(viewer, month="2026-11", account=make_account().pk)

    assert tile_url(post) in page


def test_a_stranger_sees_none_of_it(stranger, account):
    post = make_post(account, due_at=DUE_AT)

    assert tile_url(post) not in show(stranger, month="2026-11")


@pytest.mark.parametrize("month", ["2026-13", "november", "0001-01", "9999-12"])
def test_an_unreadable_month_shows_the_present_one(viewer, month):
    today = current_moment()

    assert f"<h1>{today:%B %Y}</h1>" in show(viewer, month=month)


def test_the_month_leads_to_its_neighbours(viewer):
    page = show(viewer, month="2026-12")

    assert "?view=month&date=2026-11-01" in page
    assert "?view=month&date=2027-01-01" in page


def test_what_was_drawn_in_one_language_is_not_shown_in_another(viewer, account):
    make_post(account, due_at=DUE_AT)
    with override("en"):
        mark = tiles(viewer, month="2026-11")["ETag"].strip('"')

    with override("de"):
        assert tiles(viewer, mark, month="2026-11").status_code == 200


def test_accounts_labels_and_notes_are_asked_for_once(viewer, account, team):
    DayNote.objects.create(team=team, date=DUE_AT.date(), text="Launch")
    make_post(account, due_at=DUE_AT).labels.create(team=team, name="Autumn")
    show(viewer)

    with CaptureQueriesContext(connection) as queries:
        show(viewer, month="2026-11")

    asked = [query["sql"].partition(' FROM "')[2].split('"')[0] for query in queries]
    assert asked.count("publishing_label") == 1
    assert asked.count("publishing_daynote") == 1
    # The frame asks for those that lost their connection.
    assert asked.count("accounts_tiktokaccount") == 2


def test_the_number_of_queries_does_not_grow_with_the_posts(
    viewer, account, django_assert_max_num_queries
):
    for n in range(12):
        make_post(account, due_at=DUE_AT + timedelta(days=n % 3, minutes=n))
    with django_assert_max_num_queries(100) as few:
        show(viewer, month="2026-11")
    for n in range(12):
        make_post(make_account(account.team), due_at=DUE_AT + timedelta(days=n % 4, hours=1))

    with django_assert_max_num_queries(len(few)):
        show(viewer, month="2026-11")


def test_a_thousand_posts_stay_under_100_kilobytes(viewer, account):
    first = make_post(account, caption="x" * 2000, due_at=DUE_AT)
    fields = {
        field.attname: getattr(first, field.attname)
        for field in Post._meta.concrete_fields
        if field.name not in {"id", "form_token", "due_at"}
    }
    Post.objects.bulk_create(
        Post(**fields, due_at=datetime(2026, 11, n % 30 + 1, 12, n % 60, tzinfo=UTC))
        for n in range(999)
    )

    response = viewer.get(reverse("calendar"), {"month": "2026-11"})

    assert len(response.content) < 100_000


def test_nothing_new_is_answered_with_304(viewer, account):
    make_post(account, due_at=DUE_AT)
    mark = tiles(viewer, month="2026-11")["ETag"].strip('"')

    assert tiles(viewer, mark, month="2026-11").status_code == 304


def test_the_page_knows_the_mark_of_what_it_shows(viewer, account):
    make_post(account, due_at=DUE_AT)
    mark = show(viewer, month="2026-11").split('data-live-mark="')[1].split('"')[0]

    assert tiles(viewer, mark, month="2026-11").status_code == 304


def test_a_post_that_moved_on_is_shown_anew(viewer, account):
    post = make_post(account, due_at=DUE_AT)
    mark = tiles(viewer, month="2026-11")["ETag"].strip('"')
    post.move_to(State.CANCELED, now=current_moment(), reason="Canceled.")

    response = tiles(viewer, mark, month="2026-11")

    assert response.status_code == 200
    assert "Canceled" in response.content.decode()


def test_a_deleted_post_is_news(viewer, account):
    kept, gone = make_post(account, due_at=DUE_AT), make_post(account, due_at=DUE_AT)
    Post.objects.filter(pk__in=[kept.pk, gone.pk]).update(updated_at=DUE_AT)
    mark = tiles(viewer, month="2026-11")["ETag"].strip('"')
    gone.delete()

    assert tiles(viewer, mark, month="2026-11").status_code == 200


def test_editors_are_invited_to_plan_on_coming_days(editor):
    tomorrow = current_moment().date() + timedelta(days=2)

    assert f"{reverse('compose')}?date={tomorrow}" in show(editor, day=tomorrow)


def test_viewers_are_not_invited_to_plan(viewer):
    assert "Plan a post" not in show(viewer)


def test_an_empty_calendar_teaches_in_three_steps(editor):
    assert "Your first post in three steps" in show(editor)


def test_a_calendar_with_a_post_teaches_no_more(editor, account):
    make_post(account)

    assert "Your first post in three steps" not in show(editor)


def test_drafts_without_a_date_can_be_found(viewer, account):
    draft = make_post(account, state=State.DRAFT, is_consented=False)
    Post.objects.filter(pk=draft.pk).update(due_at=None)

    page = show(viewer)

    assert "Drafts without a date" in page
    assert tile_url(draft) in page


def test_a_caption_is_text_and_not_markup(viewer, account):
    make_post(account, due_at=DUE_AT, caption="<script>alert(1)</script>")

    response = viewer.get(reverse("calendar"), {"month": "2026-11"})

    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("name", ["calendar", "calendar_tiles"])
def test_the_calendar_answers_get_only(editor, name):
    assert editor.post(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["calendar", "calendar_tiles"])
def test_anonymous_people_are_led_to_sign_in(client, db, name):
    assert reverse("account_login") in client.get(reverse(name))["Location"]


def test_a_post_that_will_not_go_out_is_marked(viewer, account):
    due_at = current_moment() + timedelta(hours=1)
    post = make_post(account, due_at=due_at)
    Post.objects.filter(pk=post.pk).update(preflight_problems=[{"code": "x", "text": "Lost."}])

    page = viewer.get("/calendar/").content.decode()

    tile = page.split(f'id="tile-{post.pk}"')[1].split("</a>")[0]
    assert "will not go out as it is" in tile


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_the_switch_leads_from_each_view_to_the_others_at_the_same_date(viewer, view):
    query = {"view": view, "date": "2026-11-25", "state": "scheduled"}

    page = unescape(viewer.get(reverse("calendar"), query).content.decode())

    for other in ("month", "week", "list"):
        assert f'href="/calendar/?view={other}&state=scheduled&date=2026-11-25"' in page
    assert page.count('data-shortcut="w"') == 1


def test_what_was_drawn_serves_until_something_changes(viewer, team):
    note = DayNote.objects.create(team=team, date=current_moment().date(), text="Launch")
    viewer.get(reverse("calendar"))

    with CaptureQueriesContext(connection) as second:
        viewer.get(reverse("calendar"))
    DayNote.objects.filter(pk=note.pk).update(text="Postponed")
    with CaptureQueriesContext(connection) as third:
        page = viewer.get(reverse("calendar")).content.decode()

    assert len(second) < len(third)
    assert "Postponed" in page


def test_nobody_sees_what_was_drawn_for_people_who_see_more(team, signed_in):
    account = make_account(team, is_limited=True)
    post = make_post(account)
    named, other = make_member(team, Role.EDITOR), make_member(team, Role.EDITOR)
    account.allowed_members.add(named)

    pages = [signed_in(one).get(reverse("calendar")).content.decode() for one in (named, other)]

    assert [f"tile-{post.pk}" in page for page in pages] == [True, False]
