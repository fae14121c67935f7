from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role, Team
from publishing.approving import hold_late
from publishing.models import Label, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.approval_posts import hand_in_post
from tests.publishing.factories import make_post

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Far enough that no clock changes between it and the days after.
DUE_AT = datetime(2031, 5, 20, 16, 30, tzinfo=UTC)


@pytest.fixture
def account(team):
    return make_account(team)


@pytest.fixture
def label(team):
    return Label.objects.create(team=team, name="Spring")


def tick(*posts):
    return [f"{post.pk}@{post.due_at.isoformat()}" for post in posts]


def act(client, *posts, action="move_by", **fields):
    data = {"action": action, "post": tick(*posts), **fields}
    return client.post(reverse("bulk"), data)


def move_by(client, *posts, amount=1, unit="days", direction="later", **fields):
    return act(client, *posts, amount=amount, unit=unit, direction=direction, **fields)


def told(client, response):
    """The page that says what became of each post."""
    assert (response.status_code, response["Location"]) == (302, reverse("bulk_result"))
    return unescape(client.get(reverse("bulk_result")).content.decode())


def due_at(post):
    return Post.objects.get(pk=post.pk).due_at


def test_posts_move_by_days(editor, account):
    posts = [make_post(account, due_at=DUE_AT + number * HOUR) for number in range(2)]

    page = told(editor, move_by(editor, *posts, amount=2))

    assert [due_at(post) for post in posts] == [DUE_AT + 2 * DAY, DUE_AT + 2 * DAY + HOUR]
    assert "2 posts moved" in page
    assert "Tue 20 May 2031, 18:30 CEST → Thu 22 May 2031, 18:30 CEST" in page


def test_posts_move_earlier_by_hours(editor, account):
    post = make_post(account, due_at=DUE_AT)

    told(editor, move_by(editor, post, amount=3, unit="hours", direction="earlier"))

    assert due_at(post) == DUE_AT - 3 * HOUR


def test_days_keep_the_time_of_the_clock_when_the_clocks_change(editor, account):
    # Clocks go back on 26 October 2031.
    post = make_post(account, due_at=datetime(2031, 10, 25, 16, 30, tzinfo=UTC))

    told(editor, move_by(editor, post, amount=1))

    assert due_at(post) == datetime(2031, 10, 26, 17, 30, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused_in_words(editor, account):
    # 02:30 in Berlin; on 30 March 2031 the clocks go from 02:00 to 03:00.
    post = make_post(account, due_at=datetime(2031, 3, 29, 1, 30, tzinfo=UTC))

    page = told(editor, move_by(editor, post))

    assert "On Sun 30 Mar the clocks in Europe/Berlin skip 02:30." in page
    assert due_at(post) == datetime(2031, 3, 29, 1, 30, tzinfo=UTC)


def test_the_second_of_a_time_shown_twice_stays_the_second(editor, account):
    second = datetime(2031, 10, 26, 1, 30, tzinfo=UTC)
    post = make_post(account, due_at=second)

    told(editor, act(editor, post, action="move_to", to_date="2032-10-31"))

    assert due_at(post) == datetime(2032, 10, 31, 1, 30, tzinfo=UTC)


def test_posts_move_to_one_day_each_at_its_time(editor, account):
    posts = [make_post(account, due_at=DUE_AT + number * (DAY + HOUR)) for number in range(2)]

    told(editor, act(editor, *posts, action="move_to", to_date="2031-05-30"))

    assert [due_at(post) for post in posts] == [DUE_AT + 10 * DAY, DUE_AT + 10 * DAY + HOUR]


def test_what_was_refused_stands_beside_what_was_done(editor, account):
    moved = make_post(account, due_at=DUE_AT)
    sent = make_post(account, due_at=DUE_AT, state=State.PUBLISHED, caption="Gone out")

    page = told(editor, move_by(editor, moved, sent))

    assert "1 of 2 posts moved" in page
    assert "Gone out" in page
    assert "Only drafts and scheduled posts can be moved." in page


def test_a_post_moved_since_it_was_ticked_is_left_there(editor, account):
    post = make_post(account, due_at=DUE_AT)
    ticks = tick(post)
    Post.objects.filter(pk=post.pk).update(due_at=DUE_AT + HOUR)

    page = told(
        editor,
        editor.post(
            reverse("bulk"),
            {"action": "move_to", "post": ticks, "to_date": "2031-06-01"},
        ),
    )

    assert "It was moved to Tue 20 May 2031, 19:30 CEST since you saw it" in page
    assert due_at(post) == DUE_AT + HOUR


def test_a_form_sent_twice_moves_once(editor, account):
    post = make_post(account, due_at=DUE_AT)

    for _ in range(2):
        move_by(editor, post)

    assert due_at(post) == DUE_AT + DAY


def test_a_move_is_undone(editor, account):
    kept, moved_on = make_post(account, due_at=DUE_AT), make_post(account, due_at=DUE_AT)
    move_by(editor, kept, moved_on)
    Post.objects.filter(pk=moved_on.pk).update(due_at=DUE_AT + 9 * DAY)
    token = editor.session["bulk_result"]["token"]

    page = told(editor, editor.post(reverse("bulk_undo"), {"token": token}))

    assert due_at(kept) == DUE_AT
    assert due_at(moved_on) == DUE_AT + 9 * DAY
    assert "1 of 2 posts moved back" in page


def test_an_older_result_is_not_undone(editor, account):
    post = make_post(account, due_at=DUE_AT)
    move_by(editor, post)

    response = editor.post(reverse("bulk_undo"), {"token": "old"}, follow=True)

    assert "can no longer be undone" in response.content.decode()
    assert due_at(post) == DUE_AT + DAY


def test_posts_are_labeled_and_unlabeled(editor, account, label):
    post = make_post(account, due_at=DUE_AT)

    page = told(editor, act(editor, post, action="label", label=label.pk))

    assert "1 post labeled" in page
    assert list(post.labels.all()) == [label]

    told(editor, act(editor, post, action="unlabel", label=label.pk))

    assert list(post.labels.all()) == []


def test_posts_are_canceled(editor, account):
    post = make_post(account, due_at=DUE_AT)

    assert "1 post canceled" in told(editor, act(editor, post, action="cancel"))
    assert Post.objects.get(pk=post.pk).state == State.CANCELED


def test_all_shown_is_what_the_list_showed(editor, account):
    shown, other = make_post(account, due_at=DUE_AT), make_post(account, due_at=DUE_AT)
    data = {"action": "cancel", "all": "1", "shown": tick(shown)}

    told(editor, editor.post(reverse("bulk"), data))

    assert Post.objects.get(pk=shown.pk).state == State.CANCELED
    assert Post.objects.get(pk=other.pk).state == State.SCHEDULED


def test_posts_out_of_reach_are_neither_changed_nor_named(editor, account, team):
    mine = make_post(account, due_at=DUE_AT)
    limited = make_post(make_account(team, is_limited=True), due_at=DUE_AT, caption="Secret")
    foreign = make_post(due_at=DUE_AT)

    page = told(editor, act(editor, mine, limited, foreign, action="cancel"))

    assert "1 of 3 posts canceled" in page
    assert "2 of the ticked posts are not there any more" in page
    assert "Secret" not in page
    assert set(Post.objects.filter(state=State.CANCELED)) == {mine}


def test_a_strangers_posts_are_not_there(stranger, account):
    post = make_post(account, due_at=DUE_AT)

    assert act(stranger, post, action="cancel").status_code == 404


def refused(client, *posts, **fields):
    response = act(client, *posts, **fields)
    assert response.status_code == 422
    return unescape(response.content.decode())


def test_without_ticks_nothing_happens_and_what_was_typed_stays(editor, account):
    post = make_post(account, due_at=DUE_AT)

    page = refused(editor, action="move_to", to_date="2031-05-30", back="date=2031-05-20")

    assert "Tick the posts first." in page
    assert 'value="2031-05-30"' in page
    assert f'id="line-{post.pk}"' in page


def test_a_bad_form_comes_back_with_its_ticks(editor, account):
    post = make_post(account, due_at=DUE_AT)

    page = refused(editor, post, amount="", unit="hours", direction="later", back="date=2031-05-20")

    assert "Enter how many days or hours." in page
    assert f'value="{tick(post)[0]}" checked' in page
    assert '<option value="hours" selected>' in page
    assert due_at(post) == DUE_AT


def test_another_teams_label_is_refused(editor, account):
    post = make_post(account, due_at=DUE_AT)
    foreign = Label.objects.create(team=make_member().team, name="Theirs")

    assert "not there any more" in refused(editor, post, action="label", label=foreign.pk)


@pytest.mark.parametrize("ticks", [["x"], ["-1@"], ["9" * 30], [""]])
def test_ticks_that_cannot_be_read_count_as_none(editor, ticks):
    response = editor.post(reverse("bulk"), {"action": "cancel", "post": ticks})

    assert response.status_code == 422


def test_an_unknown_action_is_not_there(editor, account):
    assert act(editor, make_post(account), action="publish").status_code == 404


def test_the_result_leads_back_to_the_same_list(editor, account):
    post = make_post(account, due_at=DUE_AT)

    page = told(editor, act(editor, post, action="cancel", back="date=2031-05-20&sort=post"))

    assert 'href="/calendar/list/?date=2031-05-20&sort=post"' in page


def test_without_a_result_there_is_only_the_list(editor):
    response = editor.get(reverse("bulk_result"))

    assert (response.status_code, response["Location"]) == (302, reverse("agenda"))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_who_may_not_plan_has_no_ticks_and_changes_nothing(team, account, signed_in, role):
    post = make_post(account, due_at=current_moment() + HOUR)
    client = signed_in(make_member(team, role))

    assert 'type="checkbox" name="post"' not in client.get(reverse("agenda")).content.decode()
    assert act(client, post, action="cancel").status_code == 403
    assert client.post(reverse("bulk_undo")).status_code == 403
    assert client.get(reverse("bulk_result")).status_code == 403


@pytest.mark.parametrize("name", ["bulk", "bulk_undo"])
def test_actions_are_posted(editor, name):
    assert editor.get(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["bulk", "bulk_undo"])
def test_strangers_sign_in_first(client, db, name):
    assert client.post(reverse(name)).status_code == 302


def test_held_posts_are_handed_in_again_for_a_moment_that_leaves_time(team, account, signed_in):
    Team.objects.filter(pk=team.pk).update(approval_steps=1, approve_before_min=60)
    held = hand_in_post(Team.objects.get(pk=team.pk), account=account)
    hold_late(held.approve_by)
    client = signed_in(make_member(team, Role.EDITOR))

    with time_machine.travel(held.approve_by, tick=False):
        page = told(client, act(client, held, action="submit"))

    assert "1 post submitted" in page
    again = Post.objects.get(pk=held.pk)
    assert (again.state, again.due_at) == (State.IN_REVIEW, held.due_at + DAY)


def test_a_draft_is_submitted_where_its_consent_is_given(editor, account):
    draft = make_post(account, state=State.DRAFT, due_at=DUE_AT)

    page = told(editor, act(editor, draft, action="submit"))

    assert "on its posting screen" in page
    assert Post.objects.get(pk=draft.pk).state == State.DRAFT


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_to_a_year_that_no_calendar_shows_nothing_moves(editor, account, day):
    posts = [make_post(account, due_at=DUE_AT + number * HOUR) for number in range(2)]

    response = act(editor, *posts, action="move_to", to_date=day)

    assert response.status_code == 422
    assert "Choose a year from 2000 to 2100." in response.content.decode()
    assert [due_at(post) for post in posts] == [DUE_AT, DUE_AT + HOUR]
