from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now as current_moment
from hypothesis import given
from hypothesis import strategies as st

from accounts.zones import moment_words
from publishing.cap import WINDOW, fits, next_free_moment, whole_minute
from publishing.models import MediaKind, Notice, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.scheduling import schedule_post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post
from tests.publishing_pulls.factories import make_photo

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
moments = st.lists(
    st.integers(-3 * 1440, 3 * 1440).map(lambda m: NOON + timedelta(minutes=m)), max_size=40
)


def in_an_hour() -> datetime:
    return current_moment() + timedelta(hours=1)


def most_in_a_window(line: list[datetime]) -> int:
    return max((sum(start <= m < start + WINDOW for m in line) for start in line), default=0)


@given(moments, st.integers(1, 5))
def test_what_fits_breaks_no_window_around_it(others, cap):
    near = [m for m in others if abs(m - NOON) < WINDOW]

    if fits(others, NOON, cap):
        windows = [m for m in [*near, NOON] if m <= NOON < m + WINDOW]
        line = [*near, NOON]
        assert all(sum(w <= m < w + WINDOW for m in line) <= cap for w in windows)


@given(moments, st.integers(1, 5))
def test_the_next_free_moment_fits_and_is_not_early(others, cap):
    free_at = next_free_moment(others, NOON, cap)

    assert free_at >= NOON
    assert fits(others, free_at, cap)


@given(moments, st.integers(1, 5))
def test_posts_planned_one_by_one_never_break_the_cap(wanted, cap):
    line: list[datetime] = []

    for moment in wanted:
        line.append(next_free_moment(line, moment, cap))

    assert most_in_a_window(line) <= cap


@pytest.mark.django_db(transaction=True)
def test_tiktoks_own_cap_moves_the_accounts_queue_only(simulator, connect):
    account, other = connect(), connect()
    simulator.add_other_posts(account.username, 15)
    first, second, third = make_post(account), make_post(account), make_post(other)

    step()

    for post in (first, second, third):
        post.refresh_from_db()
    assert [first.state, second.state] == [State.SCHEDULED, State.SCHEDULED]
    assert min(first.next_action_at, second.next_action_at) > NOON + timedelta(hours=1)
    assert third.state == State.PROCESSING


@pytest.mark.django_db(transaction=True)
def test_our_own_cap_is_kept_at_fire_time(simulator, connect):
    account = connect()
    account.daily_cap = 2
    account.save()
    posts = [make_post(account) for _ in range(3)]

    step()

    for post in posts:
        post.refresh_from_db()
    assert sorted(p.state for p in posts) == [State.PROCESSING, State.PROCESSING, State.SCHEDULED]
    assert len(simulator.posts()) == 2
    # TikTok is not even asked about the creator: our own count comes first.
    assert len(simulator.requests(path="creator_info")) == 2
    assert "has reached 2 posts" in next(p.note for p in posts if p.state == State.SCHEDULED)


@pytest.mark.django_db(transaction=True)
def test_people_are_told_once_of_a_post_that_our_cap_moved(simulator, connect):
    account = connect()
    account.daily_cap = 1
    account.save()
    make_post(account, state=State.PUBLISHED, init_at=current_moment())
    post = make_post(account)

    step()
    post.refresh_from_db()
    moved_to = post.next_action_at
    Post.objects.filter(pk=post.pk).update(next_action_at=post.due_at)
    step()

    notice = Notice.objects.get(person=post.author)
    local = moved_to.astimezone(ZoneInfo(account.team.timezone))
    assert (notice.kind, notice.post) == ("moved", post)
    assert moment_words(local, current_moment()) in notice.text


@pytest.mark.django_db(transaction=True)
def test_people_are_told_of_every_post_that_tiktoks_cap_moved(simulator, connect):
    account = connect()
    simulator.add_other_posts(account.username, 15)
    author = make_member(account.team).user
    posts = [make_post(account, author=author) for _ in range(2)]

    step()

    told = Notice.objects.filter(person=author, kind="moved")
    assert {notice.post for notice in told} == set(posts)


@pytest.mark.django_db
def test_an_account_starts_with_fifteen():
    assert make_account().daily_cap == 15


@pytest.mark.django_db(transaction=True)
def test_tiktoks_cap_leaves_inbox_posts_alone(simulator, connect):
    account = connect()
    simulator.add_other_posts(account.username, 15)
    inbox = make_post(account, mode="inbox", privacy_level="", due_at=in_an_hour())
    make_post(account)
    due_at = inbox.next_action_at

    step()

    inbox.refresh_from_db()
    assert inbox.next_action_at == due_at


@pytest.mark.django_db(transaction=True)
class TestDraftsForTheInbox:
    """TikTok lets five wait in a creator's inbox, in any 24 hours."""

    @pytest.fixture
    def account(self, simulator, connect):
        return connect()

    @pytest.fixture
    def author(self, account):
        return make_member(account.team).user

    @pytest.fixture
    def schedule(self, account, author):
        def plan_and_schedule(due_at=None, **values):
            fields = {"account": account, "media": make_media(account.team), "mode": "inbox"}
            plan = Plan(**fields | {"due_at": due_at or in_an_hour()} | values)
            return schedule_post(account.team, author, plan, uuid4(), None, current_moment())

        return plan_and_schedule

    def test_a_sixth_is_refused_and_offered_the_next_day(self, schedule):
        first, *_ = [schedule() for _ in range(5)]

        with pytest.raises(PostRefused) as refused:
            schedule()

        assert [problem.code for problem in refused.value.problems] == ["cap_reached"]
        assert "more than 5 drafts in its TikTok inbox" in str(refused.value)
        assert refused.value.next_free_at == whole_minute(first.due_at + WINDOW)
        assert schedule(refused.value.next_free_at).state == State.SCHEDULED

    def test_photos_and_videos_wait_in_the_same_inbox(self, schedule, account):
        for _ in range(3):
            schedule()
        for _ in range(2):
            photo = make_photo(account.team)
            schedule(kind=MediaKind.PHOTO, media=photo, photos=(photo,))

        with pytest.raises(PostRefused):
            schedule()

    def test_direct_posts_do_not_count_and_are_not_counted(self, schedule, account):
        for _ in range(6):
            make_post(account, due_at=in_an_hour())

        drafts = [schedule() for _ in range(5)]

        assert {draft.state for draft in drafts} == {State.SCHEDULED}

    def test_one_that_the_creator_has_posted_counts_no_more(self, schedule):
        drafts = [schedule() for _ in range(5)]
        Post.objects.filter(pk=drafts[0].pk).update(state=State.PUBLISHED)

        assert schedule().state == State.SCHEDULED

    @pytest.mark.parametrize("state", [State.IN_INBOX, State.UNCONFIRMED, State.PROCESSING])
    def test_whatever_may_wait_there_counts(self, schedule, account, state):
        for _ in range(5):
            make_draft(account, state=state, init_at=current_moment())

        with pytest.raises(PostRefused):
            schedule()

    def test_a_sixth_is_held_at_fire_time_and_tiktok_is_not_asked(self, simulator, account):
        drafts = [make_draft(account) for _ in range(6)]

        for _ in range(4):
            step()

        for draft in drafts:
            draft.refresh_from_db()
        [held] = [draft for draft in drafts if draft.state == State.SCHEDULED]
        assert {draft.state for draft in drafts if draft != held} == {State.IN_INBOX}
        assert "has reached 5 drafts in its TikTok inbox" in held.note
        assert held.next_action_at > current_moment() + timedelta(hours=23)
        assert len(simulator.requests(path="init/$")) == 5
        assert simulator.violations() == []

    def test_a_place_that_frees_lets_the_next_one_out(self, simulator, account, run_until):
        drafts = [make_draft(account) for _ in range(5)]
        for draft in drafts:
            run_until(draft, State.IN_INBOX)
        [first, *_] = simulator.posts()
        simulator.act_on_post(first["publish_id"], "publish")
        Post.objects.filter(pk=drafts[0].pk).update(state=State.PUBLISHED)

        run_until(make_draft(account), State.IN_INBOX)

        assert simulator.violations() == []

    def test_drafts_that_other_tools_left_there_ask_a_person(self, simulator, account):
        simulator.settings(pending_share_cap=0)
        draft = make_draft(account)

        step()

        draft.refresh_from_db()
        assert draft.state == State.NEEDS_ATTENTION
        assert "Five drafts already wait" in draft.note


def make_draft(account, **values) -> Post:
    return make_post(account, mode="inbox", privacy_level="", **values)
