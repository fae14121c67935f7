import io
import logging
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now as current_moment
from icalendar import Calendar

from accounts.feeds import make_feed
from accounts.models import Activity, CalendarFeed, Role
from calendar_app.logs import RedactSecrets
from publishing.models import Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.pages.posting import words_of
from tests.publishing.factories import days, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team):
    return make_account(team, nickname="Ada, the baker")


@pytest.fixture
def member(team):
    return make_member(team, Role.VIEWER)


@pytest.fixture
def now():
    return current_moment().replace(microsecond=0)


@pytest.fixture
def url(member, now):
    return reverse("feed", args=[make_feed(member, now)])


@pytest.fixture
def written():
    """What Django itself says of requests, as our handlers write it."""
    stream, logger = io.StringIO(), logging.getLogger("django.request")
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactSecrets())
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def events(url, client=None):
    response = (client or Client()).get(url)
    assert response.status_code == 200
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_a_post_is_an_event(url, account, now):
    post = make_post(account, due_at=now + days(1), caption="Fresh; rolls, \\ now\nTwo lines")

    [event] = events(url)

    assert event["uid"] == f"post-{post.pk}@localhost"
    assert event.start == post.due_at
    assert event.end - event.start == timedelta(minutes=5)
    assert event["summary"] == "Ada, the baker: Fresh; rolls, \\ now\nTwo lines"
    assert "Fresh; rolls, \\ now\nTwo lines" in event["description"]
    assert event["status"] == "CONFIRMED"
    assert event["url"].endswith(reverse("post", args=[post.pk]))


def test_lines_are_folded_and_text_is_escaped(url, account, now):
    make_post(account, due_at=now + days(1), caption="ä" * 300 + "\nBEGIN:VEVENT")

    content = Client().get(url).content

    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 1


def test_a_published_post_stands_where_it_went_out(url, account, now):
    late = now - days(1)
    make_post(account, due_at=now - days(2), state=State.PUBLISHED, published_at=late)

    [event] = events(url)

    assert event.start == late


@pytest.mark.parametrize(
    ("state", "status"), [(State.CANCELED, "CANCELLED"), (State.DRAFT, "TENTATIVE")]
)
def test_canceled_and_unsure_posts_say_so(url, account, now, state, status):
    make_post(account, due_at=now + days(1), state=state)

    [event] = events(url)

    assert event["status"] == status


def test_a_change_keeps_the_id_and_raises_the_sequence(url, account, now):
    post = make_post(account, due_at=now + days(1))
    [before] = events(url)
    later = post.updated_at + timedelta(minutes=1)
    Post.objects.filter(pk=post.pk).update(due_at=now + days(2), updated_at=later)

    [after] = events(url)

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt > before["last-modified"].dt


def test_the_window_and_the_time_bound_it(url, account, now):
    for at in (now - days(91), now + days(367)):
        make_post(account, due_at=at)
    draft = make_post(account, state=State.DRAFT)
    Post.objects.filter(pk=draft.pk).update(due_at=None)

    assert events(url) == []


def test_an_unchanged_calendar_is_not_sent_again(url, account, now):
    post = make_post(account, due_at=now + days(1))
    first = Client().get(url)

    again = Client().get(url, headers={"If-None-Match": first["ETag"]})
    Post.objects.filter(pk=post.pk).update(updated_at=now + days(1))
    changed = Client().get(url, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert "Last-Modified" in first


def test_only_what_is_within_reach_at_that_moment_is_shown(url, account, now):
    make_post(account, due_at=now + days(1))
    assert len(events(url)) == 1

    type(account).objects.update(is_limited=True)

    assert events(url) == []


def test_it_ends_with_the_membership_and_with_the_person(url, member):
    type(member.user).objects.filter(pk=member.user_id).update(is_active=False)
    assert Client().get(url).status_code == 404
    type(member.user).objects.filter(pk=member.user_id).update(is_active=True)
    assert Client().get(url).status_code == 200

    member.delete()

    assert Client().get(url).status_code == 404


def test_nobody_guesses_one(url, client):
    assert client.get(reverse("feed", args=["x" * 43])).status_code == 404
    assert client.post(url).status_code == 405


def test_the_address_is_shown_once_and_only_its_hash_is_kept(signed_in, member):
    person = signed_in(member)

    made = person.post(reverse("calendar_feed"))
    again = words_of(person.get(reverse("calendar_feed")))

    [path] = re.findall(r"/feeds/[\w-]{43}\.ics", words_of(made))
    assert Client().get(path).status_code == 200
    assert "/feeds/" not in again
    assert "no-store" in made["Cache-Control"]
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    assert token not in str(CalendarFeed.objects.values_list())


def test_a_new_address_ends_the_old_and_ending_ends_it(signed_in, member, url):
    person = signed_in(member)

    person.post(reverse("calendar_feed"))
    assert Client().get(url).status_code == 404
    assert CalendarFeed.objects.count() == 1
    person.post(reverse("feed_end"))

    assert not CalendarFeed.objects.exists()
    verbs = list(Activity.objects.order_by("at").values_list("verb", flat=True))
    assert verbs == ["feed_made", "feed_made", "feed_revoked"]


def test_the_page_is_for_members(client, viewer):
    assert client.get(reverse("calendar_feed")).status_code == 302
    assert client.post(reverse("feed_end")).status_code == 302
    assert viewer.get(reverse("calendar_feed")).status_code == 200
    assert viewer.get(reverse("feed_end")).status_code == 405


def test_the_address_reaches_no_log(url, written):
    CalendarFeed.objects.all().delete()

    Client().get(url)
    Client().get(url.replace(".ics", ".icz"))

    token = url.removeprefix("/feeds/").removesuffix(".ics")
    assert written.getvalue().count("Not Found: /feeds/[hidden]") == 2
    assert token not in written.getvalue()


def test_as_many_queries_for_many_posts(url, account, now, django_assert_num_queries):
    for number in range(3):
        make_post(account, due_at=now + days(number))

    with django_assert_num_queries(6):
        Client().get(url)
