"""The week as an hour grid, and what stands in the heads and on the tiles of month and week."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from accounts.models import Role
from publishing.labels import label_post
from publishing.models import DayNote, Label, Mode, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.pages.test_day_axis import LONG_DAYS, SHORT_DAYS
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_begun_draft, make_photo_post

DUE_AT = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)
THURSDAY = "2026-11-26"


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


def show(client, path="calendar", **query):
    response = client.get(reverse(path), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def week(client, day=THURSDAY, **query):
    return show(client, view="week", date=day, **query)


def column(page, day):
    return page.split(f'data-date="{day}"')[1].split("</section>")[0]


def tile(page, post):
    return page.split(f'id="tile-{post.pk}"')[1].split("</a>")[0]


def place(page, post):
    """The classes of where a post stands."""
    before = page.split(f'id="tile-{post.pk}"')[0]
    return before.rsplit('<li class="', 1)[1].split('"')[0]


def test_a_post_stands_at_its_hour_of_its_day(viewer, account):
    post = make_post(account, due_at=DUE_AT, caption="Fresh rolls")

    page = week(viewer)

    assert f'id="tile-{post.pk}"' in column(page, THURSDAY)
    assert place(page, post) == "h-18 m-30 lane-0 lanes-1"
    assert "23 – 29 November 2026" in page


def test_posts_within_an_hour_share_the_width(viewer, account):
    posts = [make_post(account, due_at=DUE_AT + timedelta(minutes=20 * n)) for n in range(2)]

    page = week(viewer)

    assert [place(page, post)[-15:] for post in posts] == [" lane-0 lanes-2", " lane-1 lanes-2"]


def test_too_many_at_once_are_counted(viewer, account):
    for _ in range(5):
        make_post(account, due_at=DUE_AT)

    page = week(viewer)

    assert 'aria-label="3 more on 26 November"' in page


def test_a_published_post_stands_where_it_went_out(viewer, account):
    post = make_post(
        account, state=State.PUBLISHED, due_at=DUE_AT, published_at=DUE_AT + timedelta(hours=8)
    )

    page = week(viewer)

    assert f'id="tile-{post.pk}"' in column(page, "2026-11-27")
    assert place(page, post).startswith("h-2 m-30 ")


def test_what_went_out_cannot_be_moved_and_what_waits_can(editor, account):
    there = make_post(account, state=State.PUBLISHED, due_at=DUE_AT, published_at=DUE_AT)
    waits = make_post(account, due_at=DUE_AT)

    page = week(editor)

    assert f'moves" data-account="{account.pk}" id="tile-{waits.pk}"' in page
    assert f'state-published" id="tile-{there.pk}"' in page


def test_viewers_move_nothing(viewer, account):
    make_post(account, due_at=DUE_AT)

    assert 'moves"' not in week(viewer)


def test_the_week_leads_to_its_neighbours_and_to_the_month(viewer):
    page = week(viewer)

    assert "?view=week&date=2026-11-19" in page
    assert "?view=week&date=2026-12-03" in page
    assert f"?view=month&date={THURSDAY}" in page


def test_the_week_begins_as_the_browsers_region_has_it(viewer):
    query = {"view": "week", "date": THURSDAY}
    american = viewer.get(reverse("calendar"), query, headers={"Accept-Language": "en-US"})

    assert "22 – 28 November 2026" in american.content.decode()


def test_a_person_chooses_the_first_weekday_and_a_second_zone(viewer):
    choices = {"zone": "America/New_York", "week_start": "saturday"}
    address = f"{reverse('calendar_choices')}?view=week&date={THURSDAY}"

    response = viewer.post(address, choices)

    assert response["Location"] == (
        f"{reverse('calendar')}?view=week&zone=America%2FNew_York&date={THURSDAY}"
    )
    page = show(viewer, view="week", date=THURSDAY)
    assert "21 – 27 November 2026" in page
    assert "and America/New_York (EST)" in page


def test_unknown_choices_change_nothing(viewer):
    viewer.post(reverse("calendar_choices"), {"zone": "Mars/Base", "week_start": "never"})

    assert "23 – 29 November 2026" in week(viewer)


def test_the_choices_are_a_page(viewer, client):
    page = show(viewer, "calendar_choices", view="week", date=THURSDAY)

    assert 'id="second-zone"' in page
    assert reverse("account_login") in client.get(reverse("calendar_choices"))["Location"]


def test_the_second_zone_stands_in_address_tile_and_column(viewer, account):
    post = make_post(account, due_at=DUE_AT)

    page = week(viewer, zone="America/New_York")

    assert "<time>18:30</time><small>12:30</small>" in tile(page, post)
    assert "<span>12:00</span><span>18:00</span>" in page
    assert "?view=month&zone=America%2FNew_York&date=" in page


def shifts(page):
    """Day of the week's head → what it says of the second zone's column."""
    heads = page.split('<div class="week-head')[1:]
    said = {head.split('id="day-')[1][:10]: SHIFT.findall(head) for head in heads}
    return {day: words for day, words in said.items() if words}


SHIFT = re.compile('<p class="week-shift[^>]*>([^<]+)</p>')


def test_a_second_zone_that_changes_within_the_week_says_so_on_that_day(viewer):
    page = week(viewer, "2026-10-28", zone="America/New_York")

    assert shifts(page) == {
        "2026-11-01": ["From 07:00 CET on New York is 60 minutes earlier than the column."]
    }
    assert "<span>EDT</span><span>CET</span>" in page
    assert "<span>13:00</span><span>18:00</span>" in page


def test_the_zones_are_called_as_on_the_days_shown(viewer):
    summer = week(viewer, "2030-07-01", zone="America/New_York")
    winter = week(viewer, "2030-01-07", zone="America/New_York")

    assert "Times in Europe/Berlin (CEST) and America/New_York (EDT)" in summer
    assert "Times in Europe/Berlin (CET) and America/New_York (EST)" in winter


def test_a_zone_that_only_the_team_changes_says_so(signed_in, team):
    page = _in_zone(team, signed_in, "Europe/Berlin", date(2026, 10, 25), zone="Asia/Tokyo")

    assert shifts(page) == {
        "2026-10-25": ["From 02:00 CET on Tokyo is 60 minutes later than the column."]
    }
    assert "<span></span><span>02:00<sup>2nd</sup></span>" in page


@pytest.mark.parametrize(("name", "day", "clock", "size_min"), SHORT_DAYS)
def test_a_day_without_an_hour_shows_a_gap(team, account, signed_in, name, day, clock, size_min):
    page = _in_zone(team, signed_in, name, day)

    hour, minute = (int(part) for part in clock.split(":"))
    assert f'week-gap h-{hour} m-{minute} long-{size_min}"' in column(page, day)
    assert page.count("week-gap") == 1


@pytest.mark.parametrize(("name", "day", "clock", "size_min"), LONG_DAYS)
def test_both_moments_of_a_doubled_time_have_a_place(
    team, account, signed_in, name, day, clock, size_min
):
    wall = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(name))
    posts = [make_post(account, due_at=wall.replace(fold=fold)) for fold in (0, 1)]

    page = _in_zone(team, signed_in, name, day)

    places = [place(page, post).split()[:2] for post in posts]
    first, second = (int(h[2:]) * 60 + int(m[2:]) for h, m in places)
    assert second - first == size_min
    assert page.count("week-gap") == 6
    assert "2nd" in page


@pytest.mark.parametrize(("name", "day", "clock", "size_min"), [*SHORT_DAYS, *LONG_DAYS])
def test_the_month_shows_the_posts_around_a_change(
    team, account, signed_in, name, day, clock, size_min
):
    zone = ZoneInfo(name)
    walls = [datetime(day.year, day.month, day.day, hour, 30, tzinfo=zone) for hour in (0, 23)]
    posts = [make_post(account, due_at=wall) for wall in walls]

    page = _in_zone(team, signed_in, name, day, "month")

    cell = page.split(f'data-date="{day}"')[1].split("</td>")[0]
    assert [f'id="tile-{post.pk}"' in cell for post in posts] == [True, True]
    assert ["00:30" in cell, "23:30" in cell] == [True, True]


def _in_zone(team, signed_in, name, day: date, view="week", **query):
    member = make_member(team, Role.VIEWER)
    member.user.timezone = name
    member.user.save()
    return show(signed_in(member), view=view, date=day, **query)


def test_notes_of_a_day_stand_in_its_head(viewer, team):
    DayNote.objects.create(team=team, date=date(2026, 11, 26), kind="launch", text="Winter <b>")

    for page in (week(viewer), show(viewer, date=THURSDAY), show(viewer, day=THURSDAY)):
        assert "Launch: " in page
        assert "Winter <b>" in page
    raw = viewer.get(reverse("calendar"), {"date": THURSDAY}).content
    assert b"Winter &lt;b&gt;" in raw


def test_labels_are_dots_and_words(viewer, team, account):
    post = make_post(account, due_at=DUE_AT)
    post.labels.add(Label.objects.create(team=team, name="Winter", hue=3))

    shown = tile(week(viewer), post)

    assert 'class="hue-dot hue-3"' in shown
    assert "Winter" in shown


def test_photos_are_counted(viewer, account):
    post = make_photo_post(account, due_at=DUE_AT)

    shown = tile(week(viewer), post)

    assert "<b>3</b>" in shown
    assert "3 photos" in shown


def test_a_draft_says_that_choices_are_missing(viewer, team):
    draft = make_begun_draft(team, due_at=DUE_AT)

    page = week(viewer)

    assert "choices are missing" in tile(page, draft)
    assert f'warns-circle-alert" id="tile-{draft.pk}"' in page


def test_the_same_file_twice_is_warned_of(viewer, account):
    first = make_post(account, due_at=DUE_AT)
    second = make_post(account, due_at=DUE_AT, media=first.media)

    page = week(viewer)

    assert "like another post of this account" in tile(page, second)


def test_a_cap_that_was_lowered_is_warned_of(viewer, account):
    posts = [make_post(account, due_at=DUE_AT + timedelta(hours=n)) for n in range(3)]
    account.daily_cap = 2
    account.save()

    page = week(viewer)

    assert all("over the cap of 24 hours" in tile(page, post) for post in posts)


@pytest.mark.parametrize("view", ["month", "week"])
def test_days_with_posts_say_how_full_they_are(viewer, account, view):
    for hours in (0, 1, 20):
        make_post(account, due_at=DUE_AT + timedelta(hours=hours))
    make_post(account, due_at=DUE_AT, mode=Mode.INBOX)

    page = show(viewer, view=view, date=THURSDAY)

    def words(day):
        return page.split(f'id="cap-{day}"')[1].split("</span></span>")[0]

    assert "Maple Bakery: 2 of 15 posts" in words(THURSDAY)
    assert "Maple Bakery: 1 of 5 inbox drafts" in words(THURSDAY)
    assert "Maple Bakery: 3 of 15 posts" in words("2026-11-27")
    assert 'id="cap-2026-11-25"' not in page


def test_a_full_day_is_known_to_what_is_dragged_over_it(editor, account):
    account.daily_cap = 1
    account.save()
    make_post(account, due_at=DUE_AT)

    page = show(editor, view="month", date=THURSDAY)

    assert f'data-date="{THURSDAY}" data-full="{account.pk}"' in page


def test_limited_accounts_are_seen_nowhere(team, account, signed_in):
    hidden = make_account(team, nickname="Secret Studio", is_limited=True)
    post = make_post(hidden, due_at=DUE_AT)
    editor = signed_in(make_member(team, Role.EDITOR))

    for view in ("month", "week"):
        page = show(editor, view=view, date=THURSDAY)
        assert f'id="tile-{post.pk}"' not in page
        assert "Secret Studio" not in page


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_the_queries_do_not_grow_with_posts_accounts_and_notes(
    editor, team, account, django_assert_max_num_queries, view
):
    def fill(count):
        labels = [Label.objects.create(team=team, name=f"{count} {n}") for n in range(count)]
        for n in range(count):
            one = make_account(team)
            make_photo_post(one, due_at=DUE_AT + timedelta(hours=n)).labels.set(labels)
            make_begun_draft(team)
            make_begun_draft(team, due_at=DUE_AT)
            DayNote.objects.create(team=team, date=date(2026, 11, 26), text="Note")

    fill(2)
    with django_assert_max_num_queries(100) as few:
        show(editor, view=view, date=THURSDAY)
    fill(5)

    with django_assert_max_num_queries(len(few)):
        show(editor, view=view, date=THURSDAY)


def _mark(client, view):
    response = client.get(reverse("calendar_tiles"), {"view": view, "date": THURSDAY})
    return response["ETag"]


@pytest.mark.parametrize("view", ["month", "week"])
def test_what_others_do_to_labels_notes_accounts_and_drafts_is_news(viewer, team, account, view):
    post = make_post(account, due_at=DUE_AT)
    label = Label.objects.create(team=team, name="Winter")
    note = DayNote.objects.create(team=team, date=date(2026, 11, 26), text="Note")
    Post.objects.update(updated_at=DUE_AT)

    def rename():
        Label.objects.filter(pk=label.pk).update(name="Summer")

    def reword():
        DayNote.objects.filter(pk=note.pk).update(text="Other")

    def lower_cap():
        type(account).objects.filter(pk=account.pk).update(daily_cap=3)

    changes = [
        lambda: label_post(post, [label], post.author, DUE_AT + timedelta(minutes=1)),
        rename,
        lambda: label_post(post, [], post.author, DUE_AT + timedelta(minutes=2)),
        reword,
        note.delete,
        lower_cap,
        lambda: make_begun_draft(team),
    ]
    marks = [_mark(viewer, view)]
    for change in changes:
        change()
        marks.append(_mark(viewer, view))

    assert len(set(marks)) == len(changes) + 1


def _copies(post, moments):
    fields = {
        field.attname: getattr(post, field.attname)
        for field in Post._meta.concrete_fields
        if field.name not in {"id", "form_token", "due_at"}
    }
    Post.objects.bulk_create(Post(**fields, due_at=at) for at in moments)


def test_a_full_month_shows_three_tiles_a_day(viewer, account):
    monday = datetime(2026, 10, 26, 12, tzinfo=UTC)
    _copies(
        make_post(account, due_at=DUE_AT), [monday + timedelta(days=n % 42) for n in range(210)]
    )

    page = show(viewer, view="month", date=THURSDAY)

    assert page.count('class="tile ') == 42 * 3
    assert "2 more" in page


def test_a_full_week_has_no_pictures_and_stays_below_100_kilobytes(editor, account):
    first = make_photo_post(account, due_at=DUE_AT, caption="Fresh rolls " * 20)
    assert f'src="{reverse("media_poster", args=[first.media_id])}"' in week(editor)
    monday = datetime(2026, 11, 22, 23, tzinfo=UTC)
    _copies(first, [monday + timedelta(minutes=43 * n) for n in range(233)])

    response = editor.get(reverse("calendar"), {"view": "week", "date": THURSDAY})

    assert b"/poster/" not in response.content
    assert len(response.content) < 100_000
