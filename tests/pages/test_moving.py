"""Moving a post: the form, its refusals, the way back, and what the clocks do."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from calendar_app.forms.moving import usual_moment
from publishing.models import Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.pages.test_due import GAPS, OVERLAPS
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_begun_draft

BERLIN = ZoneInfo("Europe/Berlin")
DUE_AT = datetime(2030, 6, 3, 16, 30, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


@pytest.fixture
def post(account):
    return make_post(account, due_at=DUE_AT)


def send(client, post, **values):
    headers = values.pop("headers", {})
    return client.post(reverse("post_move", args=[post.pk]), values, headers=headers)


def due_of(post):
    return Post.objects.get(pk=post.pk).due_at


def text(response):
    return unescape(response.content.decode())


def test_the_form_shows_where_the_post_stands(editor, post):
    page = text(editor.get(reverse("post_move", args=[post.pk]), {"next": "/calendar/?view=week"}))

    assert 'value="2030-06-03"' in page
    assert 'value="18:30"' in page
    assert 'href="/calendar/?view=week"' in page


def test_a_move_leads_back_with_a_way_to_undo_it(editor, post):
    back = "/calendar/?view=week&date=2030-06-03"

    response = send(editor, post, due_date="2030-06-04", due_time="18:30", next=back)

    assert response["Location"] == back
    assert due_of(post) == DUE_AT + timedelta(days=1)
    page = text(editor.get(back))
    assert "Moved to Tue 4 Jun 2030, 18:30 CEST." in page
    assert f'name="exact" value="{DUE_AT.isoformat()}"' in page

    seen = due_of(post).isoformat()
    send(editor, post, exact=DUE_AT.isoformat(), seen=seen)

    assert due_of(post) == DUE_AT


def test_the_calendar_gets_the_message_alone(editor, post):
    response = send(editor, post, due_date="2030-06-04", due_time="18:30", headers=HTMX)

    assert response.status_code == 200
    assert 'hx-swap-oob="beforeend:#messages"' in text(response)
    assert "<html" not in text(response)
    assert response["HX-Trigger"] == f'{{"post:moved": {{"post": {post.pk}}}}}'


def test_another_sites_address_is_not_gone_to(editor, post):
    response = send(
        editor, post, due_date="2030-06-04", due_time="18:30", next="https://evil.example/"
    )

    assert response["Location"] == reverse("calendar")


def test_undo_does_not_take_back_what_somebody_else_did(editor, post):
    Post.objects.filter(pk=post.pk).update(due_at=DUE_AT + timedelta(days=5))

    response = send(editor, post, exact=DUE_AT.isoformat(), seen=DUE_AT.isoformat())

    assert response.status_code == 422
    assert "Somebody else moved this post meanwhile" in text(response)
    assert due_of(post) == DUE_AT + timedelta(days=5)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"due_date": "", "due_time": ""}, "Choose a date."),
        ({"due_date": "2030-06-04", "due_time": ""}, "Choose a time."),
        ({"due_date": "soon", "due_time": "18:30"}, "Enter the date as year-month-day"),
        ({"due_date": "9999-12-31", "due_time": "23:59"}, "Choose a year from 2000 to 2100."),
        ({"due_date": "0001-01-01", "due_time": "00:00"}, "Choose a year from 2000 to 2100."),
        ({"exact": "9999-12-31T23:59:00+00:00"}, "Choose a year from 2000 to 2100."),
        ({"exact": "yesterday"}, "This time cannot be read."),
        ({"exact": "2030-06-04T10:00:00"}, "This time cannot be read."),
    ],
)
def test_what_is_no_moment_is_refused_beside_the_fields(editor, post, values, words):
    response = send(editor, post, **values)

    assert response.status_code == 422
    assert words in text(response)
    assert due_of(post) == DUE_AT


def test_the_past_is_refused_and_soon_is_offered(editor, post):
    response = send(editor, post, due_date="2020-06-04", due_time="18:30", headers=HTMX)

    page = text(response)
    assert response.status_code == 422
    assert "This moment has passed." in page
    offered = datetime.fromisoformat(page.split('name="exact" value="')[1].split('"')[0])
    assert timedelta() < offered - current_moment() < timedelta(minutes=20)
    assert send(editor, post, exact=offered.isoformat()).status_code == 302
    assert due_of(post) == offered


def test_a_full_day_is_refused_and_the_next_free_moment_offered(editor, account):
    account.daily_cap = 1
    account.save()
    make_post(account, due_at=DUE_AT)
    post = make_post(account, due_at=DUE_AT + timedelta(days=9))

    response = send(editor, post, due_date="2030-06-03", due_time="18:30", headers=HTMX)

    assert response.status_code == 422
    assert "more than 1 posts in 24 hours" in text(response)
    free_at = DUE_AT + timedelta(hours=24, minutes=1)
    assert f'value="{free_at.isoformat()}"' in text(response)


def test_what_waits_for_approval_says_why_a_time_is_too_soon(editor, account):
    post = make_post(account, state=State.IN_REVIEW, due_at=DUE_AT)
    before = timedelta(days=3650)
    Post.objects.filter(pk=post.pk).update(approvals_needed=1, approve_by=DUE_AT - before)

    response = send(editor, post, due_date="2029-06-04", due_time="18:30", headers=HTMX)

    assert response.status_code == 422
    assert "Choose a later time." in text(response)
    assert 'id="move-offer"' in text(response)
    assert due_of(post) == DUE_AT


def test_a_published_post_has_no_fields_to_move_it(editor, account):
    post = make_post(account, state=State.PUBLISHED, due_at=DUE_AT, published_at=DUE_AT)

    page = text(editor.get(reverse("post_move", args=[post.pk])))
    response = send(editor, post, due_date="2030-06-04", due_time="18:30")

    assert "due_date" not in page
    assert response.status_code == 422
    assert due_of(post) == DUE_AT


def test_an_idea_dropped_on_a_day_gets_the_usual_time(editor, team):
    idea = make_begun_draft(team)

    response = send(editor, idea, due_date="2030-06-04", due_time="", headers=HTMX)

    kept = Post.objects.get(pk=idea.pk)
    assert response.status_code == 200
    assert (kept.state, kept.due_at) == (State.DRAFT, datetime(2030, 6, 4, 16, tzinfo=UTC))
    assert 'name="exact" value="none"' in text(response)

    send(editor, idea, exact="none")

    assert due_of(idea) is None


def test_today_an_idea_gets_a_moment_that_is_still_to_come():
    evening = datetime(2026, 11, 26, 20, 2, tzinfo=BERLIN)
    day = evening.date()

    assert usual_moment(day, BERLIN, evening) == evening.replace(minute=15)
    assert usual_moment(day, BERLIN, evening.replace(hour=9)) == evening.replace(hour=18, minute=0)
    late = evening.replace(hour=23, minute=58)
    assert usual_moment(day, BERLIN, late) < late


def test_strangers_viewers_and_anonymous_people_move_nothing(stranger, viewer, client, post):
    values = {"due_date": "2030-06-04", "due_time": "18:30"}

    assert send(stranger, post, **values).status_code == 404
    assert send(viewer, post, **values).status_code == 403
    assert reverse("account_login") in send(client, post, **values)["Location"]
    assert due_of(post) == DUE_AT


def test_posts_of_accounts_out_of_reach_are_not_found(team, signed_in):
    post = make_post(make_account(team, is_limited=True), due_at=DUE_AT)
    editor = signed_in(make_member(team, Role.EDITOR))

    assert send(editor, post, due_date="2030-06-04", due_time="18:30").status_code == 404


def test_other_methods_are_refused(editor, post):
    assert editor.delete(reverse("post_move", args=[post.pk])).status_code == 405


@pytest.fixture
def in_zone(team, signed_in):
    def sign_in(name):
        member = make_member(team, Role.EDITOR)
        member.user.timezone = name
        member.user.save()
        return signed_in(member)

    return sign_in


@pytest.mark.parametrize("zone", [gap[0] for gap in GAPS])
def test_the_clock_time_stays_across_a_change(in_zone, account, zone):
    """Every day of the months around both changes, at noon."""
    editor = in_zone(zone)
    noon = datetime(2030, 2, 1, 12, tzinfo=ZoneInfo(zone))
    post = make_post(account, due_at=noon)
    for day in (date(2030, 2, 1) + timedelta(days=30 * n) for n in range(1, 11)):
        send(editor, post, due_date=str(day), due_time="12:00")

        moved = due_of(post).astimezone(ZoneInfo(zone))
        assert (moved.date(), f"{moved:%H:%M}") == (day, "12:00")


@pytest.mark.parametrize(("zone", "first", "last", "at"), GAPS)
def test_a_skipped_time_is_asked_about(in_zone, account, zone, first, last, at):
    post = make_post(account, due_at=DUE_AT)
    day, clock = first.split()

    response = send(in_zone(zone), post, due_date=day, due_time=clock, headers=HTMX)

    assert response.status_code == 422
    assert f"skip {clock}" in text(response)
    assert due_of(post) == DUE_AT


@pytest.mark.parametrize(("zone", "first", "last", "at", "apart_min"), OVERLAPS)
@time_machine.travel("2026-10-01T10:00:00Z", tick=False)
def test_a_doubled_time_is_asked_about_and_either_answer_taken(
    in_zone, account, zone, first, last, at, apart_min
):
    post = make_post(account, due_at=DUE_AT)
    editor = in_zone(zone)
    day, clock = first.split()

    response = send(editor, post, due_date=day, due_time=clock, headers=HTMX)

    assert response.status_code == 422
    assert "comes twice" in text(response)
    begin = datetime.fromisoformat(at).replace(tzinfo=UTC)
    for fold, moment in [("first", begin), ("second", begin + timedelta(minutes=apart_min))]:
        send(editor, post, due_date=day, due_time=clock, due_fold=fold)
        assert due_of(post) == moment
