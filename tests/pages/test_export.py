import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from publishing.models import Label, Post
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_media, make_post
from tests.publishing.photo_posts import make_photo_post

pytestmark = pytest.mark.django_db
DUE = datetime(2030, 11, 26, 17, 30, tzinfo=UTC)


@pytest.fixture
def account(team):
    return make_account(team, username="ada", nickname="Ada")


def export(client, **query):
    response = client.get(reverse("posts_csv"), query)
    assert response.streaming
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_post_is_there_with_all_it_is(viewer, team, account):
    media = make_media(team, original_name="rolls.mp4")
    post = make_post(
        account,
        due_at=DUE,
        media=media,
        caption="=1+1",
        state=State.PUBLISHED,
        published_at=DUE,
        public_post_id="7123",
        is_your_brand=True,
        discloses_content=True,
    )
    post.labels.add(Label.objects.create(team=team, name="Autumn"))

    [row] = export(viewer)

    assert row["account"] == "ada"
    assert row["due"] == "2030-11-26T18:30:00+01:00"
    assert row["caption"] == "'=1+1"
    assert row["media"] == "rolls.mp4"
    assert row["labels"] == "Autumn"
    assert (row["state"], row["is_your_brand"], row["allow_duet"]) == ("published", "yes", "no")
    assert row["public_link"].startswith("http")
    assert row["public_link"].endswith("/@ada/video/7123")


def test_days_of_the_teams_zone_and_an_account_narrow_it(viewer, team, account):
    other = make_account(team)
    # Half past midnight in Berlin.
    late = make_post(account, due_at=datetime(2030, 11, 26, 23, 30, tzinfo=UTC))
    early = make_post(account, due_at=DUE)
    make_post(other, due_at=DUE)

    first = export(viewer, first="2030-11-26", last="2030-11-26", account=account.pk)
    second = export(viewer, first="2030-11-27")

    assert [row["post"] for row in first] == [str(early.pk)]
    assert [row["post"] for row in second] == [str(late.pk)]


def test_drafts_without_a_time_come_when_no_day_is_named(viewer, account):
    draft = make_post(account, state=State.DRAFT)
    Post.objects.filter(pk=draft.pk).update(due_at=None)

    assert [row["due"] for row in export(viewer)] == [""]
    assert export(viewer, last="2031-01-01") == []


def test_photos_are_named_in_their_order(viewer, account):
    post = make_photo_post(account)

    [row] = export(viewer)

    assert row["media"] == "|".join(photo.original_name for photo in post.files())


def test_only_what_is_within_reach_is_exported(viewer, stranger, client, account):
    make_post(account, due_at=DUE)
    assert export(stranger) == []
    type(account).objects.update(is_limited=True)

    assert export(viewer) == []
    assert client.get(reverse("posts_csv")).status_code == 302
    assert viewer.post(reverse("posts_csv")).status_code == 405


@pytest.mark.parametrize(
    "query",
    [{"first": "soon"}, {"account": "99999"}, {"first": "2030-02-02", "last": "2030-02-01"}],
)
def test_a_bad_range_is_said_beside_its_field(viewer, query):
    response = viewer.get(reverse("posts_csv"), query)

    assert response.status_code == 422
    assert 'class="errorlist' in response.content.decode()


def test_as_many_queries_for_many_posts(viewer, account, django_assert_max_num_queries):
    for _ in range(5):
        make_post(account, due_at=DUE)

    with django_assert_max_num_queries(9):
        assert len(export(viewer)) == 5


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_year_that_no_calendar_shows_is_refused_beside_the_field(viewer, day):
    response = viewer.get(reverse("posts_csv"), {"first": day, "last": day})

    assert response.status_code == 422
    assert "Choose a year from 2000 to 2100." in response.content.decode()
