"""Who did what: every deed of a person is told, and none of them tells a secret."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.activity import VERBS, note_activity, read_changes, write_changes
from accounts.models import AccountStatus, Activity, Role, TikTokAccount
from publishing.comments import add_comment, delete_comment, edit_comment
from publishing.deleting import delete_tiktok_account
from publishing.disconnecting import disconnect_account
from publishing.hashtags import add_group, change_group, delete_group
from publishing.history import (
    Place,
    Search,
    every_row,
    find_activities,
    linked_posts,
    older_than,
    place_of,
    read_place,
)
from publishing.media.library import delete_media
from publishing.models import Post
from publishing.rescheduling import reschedule_post
from publishing.retrying import retry_post
from publishing.states import State
from publishing.taking_back import cancel_post, reopen_post
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media, make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada():
    return make_member(role=Role.OWNER)


@pytest.fixture
def account(ada):
    return make_account(ada.team)


def told():
    return list(Activity.objects.order_by("id").values_list("verb", "subject", "old", "new"))


def note(member, verb="media_uploaded", at=NOW, **values):
    return note_activity(member.team_id, member.user, verb, at, **values)


def found(member, **wanted):
    return list(find_activities(member, Search(**wanted)))


def test_what_people_do_with_a_post_is_told(ada, account):
    post = make_post(account, author=ada.user, caption="Fresh bread", due_at=NOW)

    reschedule_post(post, NOW + timedelta(days=1), ada.user, NOW)
    cancel_post(post, ada.user, NOW)
    reopen_post(post, ada.user, NOW)

    assert told() == [
        (
            "post_rescheduled",
            "Fresh bread",
            "Thu 26 Nov 2026, 13:00 CET",
            "Fri 27 Nov 2026, 13:00 CET",
        ),
        ("post_canceled", "Fresh bread", "", ""),
        ("post_reopened", "Fresh bread", "", ""),
    ]
    assert set(Activity.objects.values_list("post_id", "account_id", "actor_id")) == {
        (post.pk, account.pk, ada.user_id)
    }


def test_a_post_sent_again_is_told_with_its_moment(ada, account):
    post = make_post(account, author=ada.user, caption="Fresh bread", state=State.FAILED)

    retry_post(post, ada.user, NOW)

    assert told() == [("post_retried", "Fresh bread", "", "Thu 26 Nov 2026, 13:00 CET")]


def test_what_the_engine_does_is_not_told_here(account):
    post = make_post(account, state=State.UPLOADING)

    post.move_to(State.FAILED, now=NOW, reason="TikTok said so.")

    assert told() == []


def test_deleted_media_is_told_by_name(ada):
    media = make_media(ada.team, original_name="clip.mp4")

    delete_media([media], ada.user, NOW)

    assert told() == [("media_deleted", "clip.mp4", "", "")]


def test_hashtag_groups_are_told_with_what_they_held(ada):
    group = add_group(ada.team, ada.user, "Morning", ["#bread"], NOW)
    change_group(group, ada.user, "Morning", ["#bread", "#buns"], NOW)
    change_group(group, ada.user, "Morning", ["#bread", "#buns"], NOW)
    group.refresh_from_db()
    delete_group(group, ada.user, NOW)

    assert told() == [
        ("hashtags_added", "Morning", "", "#bread"),
        ("hashtags_changed", "Morning", "Hashtags: #bread", "Hashtags: #bread #buns"),
        ("hashtags_deleted", "Morning", "#bread #buns", ""),
    ]


def test_what_tiktok_gave_us_is_not_kept_beyond_its_deletion(ada, account):
    account.nickname, account.username = "Maple Bakery", "maplebakery"
    account.status = AccountStatus.DISCONNECTED
    account.save()
    make_post(account, author=ada.user, caption="Fresh bread", state=State.DRAFT)

    disconnect_account(account, ada.user, NOW)
    delete_tiktok_account(account, ada.user, NOW)

    assert [verb for verb, *_ in told()] == ["account_disconnected", "account_deleted"]
    assert "aple" not in repr(list(Activity.objects.values()))
    assert not TikTokAccount.objects.exists()
    # Its number is nobody's any more; the rows are there all the same.
    assert [row.account for row in found(ada)] == [None, None]


def test_comments_are_told_without_their_words(ada, account):
    post = make_post(account, author=ada.user, caption="Fresh bread")

    comment = add_comment(post, ada.user, "A secret word", NOW)
    edit_comment(comment, "Another secret word", NOW)
    delete_comment(comment, ada.user, NOW)

    assert [verb for verb, *_ in told()] == ["comment_added", "comment_edited", "comment_deleted"]
    assert "secret" not in repr(list(Activity.objects.values()))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet="abcXYZ019-_", min_size=12, max_size=40))
def test_no_deed_tells_a_token(words):
    access, refresh = f"act.{words}", f"rft.{words}"
    ada = make_member()
    account = make_account(ada.team, access_token=access, refresh_token=refresh)
    post = make_post(account, author=ada.user)
    reschedule_post(post, NOW + timedelta(days=900), ada.user, NOW)
    reopen_post(post, ada.user, NOW)
    add_comment(post, ada.user, "Look at it", NOW)
    account.status = AccountStatus.DISCONNECTED
    disconnect_account(account, ada.user, NOW)

    kept = repr(list(Activity.objects.values()))

    secrets = [access, refresh, account.access_token_encrypted, account.open_id]
    assert not [secret for secret in secrets if secret and secret in kept]
    assert len(Activity.objects.filter(team=ada.team)) == 4


def test_every_verb_belongs_to_a_group():
    from calendar_app.forms.activity import GROUPS

    assert {verb.partition("_")[0] for verb in VERBS} <= set(GROUPS)


@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from(["Caption", "Time", "Who can view"]),
            st.text(max_size=600),
            st.text(max_size=600),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_changes_are_read_as_they_were_written(changes):
    old, new = write_changes(changes)

    read = read_changes(Activity(old=old, new=new))

    assert [one.label for one in read] == [label for label, _, _ in changes]
    assert all(len(one.old) <= 201 and len(one.new) <= 201 for one in read)


def test_a_moment_with_colons_is_no_label():
    [change] = read_changes(Activity(old="Thu 26 Nov 2026, 18:30 UTC", new="Fri: 18:30 UTC"))

    assert change == ("", "Thu 26 Nov 2026, 18:30 UTC", "Fri: 18:30 UTC")


def test_rows_are_found_by_person_verb_post_and_time(ada):
    bob = make_member(ada.team)
    mine = note(ada, at=NOW)
    yours = note(bob, "media_deleted", at=NOW + timedelta(hours=1))
    post = note(bob, "post_canceled", at=NOW + timedelta(hours=2), post_id=77)

    assert found(ada) == [post, yours, mine]
    assert found(ada, person=bob.user) == [post, yours]
    assert found(ada, verb="media_deleted") == [yours]
    assert found(ada, post_id=77) == [post]
    assert found(ada, since=NOW + timedelta(hours=1)) == [post, yours]
    assert found(ada, until=NOW + timedelta(hours=1)) == [mine]


def test_another_teams_history_is_not_found(ada):
    note(make_member())

    assert found(ada) == []


def test_pages_neither_repeat_nor_lose_rows_of_one_moment(ada):
    rows = [note(ada, at=NOW + timedelta(seconds=number // 3)) for number in range(10)]
    everything = find_activities(ada, Search())
    seen, place = [], None

    while page := list(older_than(everything, place)[:2]):
        seen += page
        place = read_place(str(place_of(page[-1])))

    assert seen == rows[::-1]


def test_every_row_comes_in_chunks(ada, monkeypatch):
    monkeypatch.setattr("publishing.history.CHUNK", 3)
    rows = [note(ada, at=NOW) for _ in range(8)]

    assert list(every_row(find_activities(ada, Search()))) == rows[::-1]


def test_a_place_is_read_to_the_microsecond():
    place = Place(NOW + timedelta(microseconds=123457), 9)

    assert read_place(str(place)) == place


@pytest.mark.parametrize("text", ["x", "1", "1-", "-1", "1-2-3", "9" * 30 + "-1", "1-" + "9" * 30])
def test_anything_else_is_no_place(text):
    with pytest.raises(ValueError, match="history"):
        read_place(text)


class TestReach:
    @pytest.fixture
    def limited(self, ada):
        return make_account(ada.team, is_limited=True)

    @pytest.fixture
    def outsider(self, ada):
        return make_member(ada.team, Role.EDITOR)

    def test_rows_of_limited_accounts_are_for_those_who_see_them(self, ada, limited, outsider):
        row = note(ada, "account_connected", account_id=limited.pk)
        insider = make_member(ada.team, Role.EDITOR)
        limited.allowed_members.add(insider)

        assert found(ada) == found(insider) == [row]
        assert found(outsider) == []

    def test_a_draft_that_came_to_a_limited_account_takes_its_rows_along(
        self, ada, limited, outsider
    ):
        post = make_post(limited)
        note(ada, "draft_created", post_id=post.pk)

        assert found(outsider) == []
        assert linked_posts(outsider, list(Activity.objects.all())) == set()
        assert linked_posts(ada, list(Activity.objects.all())) == {post.pk}

    def test_rows_of_an_account_that_is_gone_are_for_those_who_see_all(
        self, ada, limited, outsider
    ):
        note(ada, "account_deleted", account_id=limited.pk)
        limited.delete()

        assert len(found(ada)) == 1
        assert found(outsider) == []

    def test_what_concerns_no_account_is_for_everybody(self, ada, outsider):
        row = note(ada)

        assert found(outsider) == [row]

    def test_the_number_of_queries_does_not_grow(
        self, ada, limited, outsider, django_assert_num_queries
    ):
        for _ in range(30):
            note(ada, account_id=limited.pk)
            note(ada)

        with django_assert_num_queries(2):
            assert len(found(outsider)) == 30


def test_a_post_that_is_gone_is_not_linked(ada, account):
    post = make_post(account)
    row = note(ada, "post_canceled", post_id=post.pk)
    Post.objects.all().delete()

    assert linked_posts(ada, [row]) == set()
    assert found(ada) == [row]


def test_rows_go_with_their_team_alone():
    kept, gone = note(make_member()), note(make_member(make_team()))

    gone.team.delete()

    assert list(Activity.objects.all()) == [kept]
