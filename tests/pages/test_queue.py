from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.cap import whole_minute
from publishing.models import Post, PostingSlot
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.pages.posting import words_of
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def team(db):
    return make_team(timezone="UTC")


@pytest.fixture
def account(team):
    return make_account(team)


@pytest.fixture
def places(account):
    start = whole_minute(current_moment()) + HOUR
    moments = [start + number * HOUR for number in range(3)]
    for at in moments:
        PostingSlot.objects.create(account=account, weekday=at.weekday(), clock=at.time())
    return moments


def queued(account, at, **values):
    return make_post(account, due_at=at, is_queued=True, **values)


def url(name, post):
    return reverse(f"queue_{name}", args=[post.pk])


def due(post):
    return Post.objects.get(pk=post.pk).due_at


def test_the_queue_shows_posts_free_slots_and_drafts(editor, account, places):
    post = queued(account, places[0])
    draft = make_post(account, state=State.DRAFT, is_consented=False)
    Post.objects.filter(pk=draft.pk).update(due_at=None)

    page = words_of(editor.get(reverse("queue")))

    assert post.caption in page
    assert draft.caption in page
    assert f"date={places[1]:%Y-%m-%d}&time={places[1]:%H:%M}" in page
    assert "Further slots" in page
    assert f'value="{places[1].isoformat()}"' in page


def test_a_viewer_looks_and_changes_nothing(viewer, account, places):
    post = queued(account, places[0])

    page = words_of(viewer.get(reverse("queue")))

    assert post.caption in page
    assert url("move", post) not in page
    for name in ("add", "move", "remove"):
        assert viewer.post(url(name, post)).status_code == 403


def test_an_empty_queue_leads_to_the_plan(editor, team, account):
    page = words_of(editor.get(reverse("queue")))

    assert "No slots yet" in page
    assert reverse("account_plan", args=[account.pk]) in page


def test_a_post_is_moved(editor, account, places):
    first, second = queued(account, places[0]), queued(account, places[1])

    response = editor.post(url("move", second), {"to": places[0].isoformat()})

    assert response.url == f"{reverse('queue')}#post-{second.pk}"
    assert (due(first), due(second)) == (places[1], places[0])


@pytest.mark.parametrize("to", ["", "soon", "2030-01-01T00:00:00+00:00"])
def test_a_place_that_is_none_is_refused_with_words(editor, account, places, to):
    post = queued(account, places[0])

    response = editor.post(url("move", post), {"to": to}, follow=True)

    assert "Choose a place" in words_of(response) or "not in the plan" in words_of(response)
    assert due(post) == places[0]


def test_taking_out_asks_about_the_later_ones(editor, account, places):
    first, second = queued(account, places[0]), queued(account, places[1])

    assert "Move each up a slot" in words_of(editor.get(url("remove", first)))
    editor.post(url("remove", first), {"later": "move_up"})

    first.refresh_from_db()
    assert (first.state, first.due_at) == (State.DRAFT, None)
    assert due(second) == places[0]


def test_a_post_that_has_begun_to_leave_is_said_so(editor, account, places):
    post = queued(account, places[0], state=State.UPLOADING)

    response = editor.post(url("remove", post), {"later": "stay"}, follow=True)

    assert "it has begun to leave" in words_of(response)


def test_a_draft_is_added(editor, account, places):
    draft = make_post(account, state=State.DRAFT, is_consented=False)
    Post.objects.filter(pk=draft.pk).update(due_at=None)
    assert url("add", draft) in words_of(editor.get(reverse("post", args=[draft.pk])))

    response = editor.post(url("add", draft), {"is_one": "1"})

    assert response.url == f"{reverse('queue')}?account={account.pk}#post-{draft.pk}"
    assert due(draft) == places[0]


def test_strangers_and_members_without_the_account_find_nothing(
    stranger, editor, client, account, places
):
    post = queued(account, places[0])
    type(account).objects.update(is_limited=True)

    assert post.caption not in words_of(editor.get(reverse("queue")))
    assert client.get(reverse("queue")).status_code == 302
    for name in ("add", "move", "remove"):
        assert stranger.post(url(name, post)).status_code == 404
        assert editor.post(url(name, post)).status_code == 404
        assert client.post(url(name, post)).status_code == 302
    assert editor.get(url("add", post)).status_code == 405


def test_the_queue_asks_no_more_for_more_accounts(team, signed_in):
    owner = signed_in(make_member(team, Role.OWNER))
    # The first page of a session also remembers where it is.
    owner.get(reverse("queue"))

    def queries(accounts: int) -> int:
        for _ in range(accounts):
            account = make_account(team)
            at = whole_minute(current_moment()) + HOUR
            PostingSlot.objects.create(account=account, weekday=at.weekday(), clock=at.time())
            queued(account, at)
        with CaptureQueriesContext(connection) as asked:
            owner.get(reverse("queue"))
        return len(asked)

    assert queries(1) == queries(5)


class TestPostingScreen:
    def test_the_next_free_slot_is_a_press_away(self, editor, account, places, simulator, connect):
        one = connect(account.team)
        PostingSlot.objects.create(account=one, weekday=places[0].weekday(), clock=places[0].time())

        page = words_of(editor.get(reverse("compose"), {"account": one.pk}))

        assert "Next free slot:" in page
        assert f'name="slot" value="{places[0]:%Y-%m-%d %H:%M}"' in page

    def test_without_script_the_press_fills_in_date_and_time(self, editor, account, places):
        data = {"slot": "2030-07-01 09:15", "caption": "Kept", "accounts": [], "kind": "video"}

        page = words_of(editor.post(reverse("compose"), data))

        assert 'value="2030-07-01"' in page
        assert 'value="09:15"' in page
        assert "Kept" in page

    @pytest.mark.parametrize(("asked", "shown"), [("18:30", True), ("25:00", False), ("x", False)])
    def test_a_link_may_name_the_time(self, editor, account, asked, shown):
        page = words_of(editor.get(f"{reverse('compose')}?date=2030-07-01&time={quote(asked)}"))

        assert (f'value="{asked}"' in page) is shown


def test_a_post_of_another_of_my_teams_is_moved_too(team, signed_in, account, places):
    member = make_member(make_team(), Role.OWNER)
    make_member(team, Role.EDITOR, user=member.user)
    post = queued(account, places[0])

    signed_in(member).post(url("move", post), {"to": places[1].isoformat()})

    assert due(post) == places[1]
