"""What TikTok allows an app that it has not audited, kept before it has to refuse."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now as current_moment
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import TikTokAccount
from publishing.app_mode import (
    UNAUDITED_CREATORS,
    WINDOW,
    AppMode,
    creators_fit,
    creators_in_last_day,
    next_fitting,
    place_frees_at,
)
from publishing.cap import SENT_WINDOW, whole_minute
from publishing.models import MediaKind, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_post
from publishing.scheduling import schedule_posts
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.conftest import step
from tests.publishing.factories import make_media, make_post
from tests.publishing_pulls.factories import make_photo, make_photo_post
from tiktok.client import CreatorInfo

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
moments = st.integers(-3 * 1440, 3 * 1440).map(lambda minutes: NOON + timedelta(minutes=minutes))
uses = st.lists(st.tuples(moments, st.integers(1, 12)), max_size=40)
creators = st.integers(1, 12)


def most_creators(line):
    return max(
        (len({who for at, who in line if start <= at < start + DAY}) for start, _ in line),
        default=0,
    )


@given(uses, creators)
def test_who_fits_makes_no_window_around_it_too_full(others, account):
    if not creators_fit(others, NOON, account):
        return

    line = [*others, (NOON, account)]
    around = [(at, who) for at, who in line if NOON - DAY < at <= NOON]
    for start, _ in around:
        seen = {who for at, who in line if start <= at < start + DAY}
        assert len(seen) <= UNAUDITED_CREATORS


@given(uses, creators)
def test_the_next_fitting_moment_fits_and_is_not_early(others, account):
    at = next_fitting(others, NOON, account)

    assert at >= NOON
    assert creators_fit(others, at, account)


@given(st.lists(st.tuples(moments, creators), max_size=40))
def test_posts_planned_one_by_one_never_need_a_sixth_creator(wanted):
    line = []

    for moment, account in wanted:
        line.append((next_fitting(line, moment, account), account))

    assert most_creators(line) <= UNAUDITED_CREATORS


@given(st.lists(st.tuples(moments, creators), max_size=60))
def test_posts_sent_one_by_one_never_need_a_sixth_creator(tried):
    sent = []

    for now, account in sorted(tried):
        last = {who: at for at, who in sorted(sent) if at > now - SENT_WINDOW}
        if place_frees_at(last, account, now) == now:
            sent.append((now, account))

    assert most_creators(sent) <= UNAUDITED_CREATORS


@given(st.dictionaries(creators, st.integers(0, 1439), max_size=12), creators)
def test_a_place_frees_when_enough_others_have_paused_for_a_day(minutes_ago, account):
    last = {who: NOON - timedelta(minutes=minutes) for who, minutes in minutes_ago.items()}

    free_at = place_frees_at(last, account, NOON)

    still = {who: at for who, at in last.items() if at > free_at - SENT_WINDOW}
    a_moment_before = {who for who, at in last.items() if at >= free_at - SENT_WINDOW}
    assert place_frees_at(still, account, free_at) == free_at
    assert free_at == NOON or len(a_moment_before) >= UNAUDITED_CREATORS


def test_a_creator_who_has_posted_goes_on():
    last = {who: NOON - timedelta(hours=1) for who in range(1, 6)}

    assert place_frees_at(last, 3, NOON) == NOON
    assert place_frees_at(last, 6, NOON) > NOON + timedelta(hours=22)


@pytest.mark.parametrize(
    ("mode", "is_private_only"),
    [
        (AppMode.SIMULATOR, False),
        (AppMode.SANDBOX, True),
        (AppMode.UNAUDITED, True),
        (AppMode.AUDITED, False),
    ],
)
def test_which_modes_take_private_posts_only(mode, is_private_only):
    assert mode.is_private_only is is_private_only


PRIVATE = ("FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
PUBLIC = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")


def offer(options=PRIVATE) -> CreatorInfo:
    return CreatorInfo(
        nickname="Ada",
        username="ada",
        avatar_url="",
        privacy_level_options=options,
        comment_disabled=False,
        duet_disabled=True,
        stitch_disabled=True,
        max_video_post_duration_s=600,
    )


@pytest.fixture(params=["unaudited", "tiktok-sandbox"])
def before_audit(request, settings):
    settings.TIKTOK_APP_MODE = request.param


@pytest.fixture
def team(db):
    return make_team()


@pytest.fixture
def author(team):
    return make_member(team).user


def plan_for(account: TikTokAccount, **values) -> Plan:
    fields = {
        "account": account,
        "media": make_media(account.team),
        "privacy_level": "SELF_ONLY",
        "due_at": current_moment() + timedelta(hours=1),
    }
    return Plan(**fields | values)


def schedule(author, *plans: Plan, options=PRIVATE) -> list[Post]:
    offers = {plan.known_account.pk: offer(options) for plan in plans}
    team = plans[0].known_account.team
    return schedule_posts(team, author, plans, uuid4(), offers, current_moment())


def codes(refused) -> list[str]:
    return [problem.code for problem in refused.value.problems]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("before_audit")
class TestScheduling:
    def test_only_me_on_a_private_account_is_taken(self, team, author):
        [post] = schedule(author, plan_for(make_account(team)))

        assert post.state == State.SCHEDULED

    @pytest.mark.parametrize("level", ["MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR"])
    def test_any_other_audience_is_refused(self, team, author, level):
        with pytest.raises(PostRefused) as refused:
            schedule(author, plan_for(make_account(team), privacy_level=level))

        assert codes(refused) == ["not_audited"]

    def test_a_public_account_is_refused(self, team, author):
        with pytest.raises(PostRefused) as refused:
            schedule(author, plan_for(make_account(team)), options=PUBLIC)

        assert codes(refused) == ["account_is_public"]

    def test_photos_are_held_to_the_same(self, team, author):
        photo = make_photo(team)
        values = {"kind": MediaKind.PHOTO, "media": photo, "photos": (photo,)}

        with pytest.raises(PostRefused) as refused:
            schedule(
                author,
                plan_for(make_account(team), privacy_level="MUTUAL_FOLLOW_FRIENDS", **values),
                options=("MUTUAL_FOLLOW_FRIENDS", *PUBLIC),
            )

        assert set(codes(refused)) == {"not_audited", "account_is_public"}

    def test_the_inbox_needs_no_audit(self, team, author):
        plan = plan_for(make_account(team), mode="inbox", privacy_level="")

        [post] = schedule(author, plan, options=PUBLIC)

        assert post.state == State.SCHEDULED

    def test_a_sixth_creator_of_the_day_is_offered_the_next(self, team, author):
        firsts = [schedule(author, plan_for(make_account(team)))[0] for _ in range(5)]
        sixth = make_account(team)

        with pytest.raises(PostRefused) as refused:
            schedule(author, plan_for(sixth))

        assert codes(refused) == ["creators_reached"]
        assert refused.value.next_free_at == whole_minute(
            min(post.due_at for post in firsts) + WINDOW
        )
        [post] = schedule(author, plan_for(sixth, due_at=refused.value.next_free_at))
        assert post.state == State.SCHEDULED

    def test_one_of_the_five_goes_on(self, team, author):
        accounts = [make_account(team) for _ in range(5)]
        for account in accounts:
            schedule(author, plan_for(account))

        [post] = schedule(author, plan_for(accounts[2]))

        assert post.state == State.SCHEDULED

    def test_creators_of_other_teams_count_too(self, author, team):
        for _ in range(5):
            account = make_account()
            schedule(make_member(account.team).user, plan_for(account))

        with pytest.raises(PostRefused) as refused:
            schedule(author, plan_for(make_account(team)))

        assert codes(refused) == ["creators_reached"]

    def test_one_form_with_six_accounts_schedules_none(self, team, author):
        plans = [plan_for(make_account(team)) for _ in range(6)]

        with pytest.raises(PostRefused) as refused:
            schedule(author, *plans)

        [problem] = refused.value.problems
        assert (problem.code, problem.account_id) == ("creators_reached", plans[5].account.pk)
        assert not Post.objects.exists()

    def test_one_form_with_five_accounts_schedules_all(self, team, author):
        posts = schedule(author, *[plan_for(make_account(team)) for _ in range(5)])

        assert {post.state for post in posts} == {State.SCHEDULED}

    def test_a_post_moved_into_a_full_day_is_refused(self, team, author):
        for _ in range(5):
            schedule(author, plan_for(make_account(team)))
        due_at = current_moment() + timedelta(days=3)
        [post] = schedule(author, plan_for(make_account(team), due_at=due_at))

        with pytest.raises(PostRefused) as refused:
            reschedule_post(post, current_moment() + timedelta(hours=2), author, current_moment())

        assert codes(refused) == ["creators_reached"]

    def test_posts_for_the_inbox_use_up_no_creator(self, team, author):
        for _ in range(6):
            schedule(author, plan_for(make_account(team), mode="inbox", privacy_level=""))

        [post] = schedule(author, plan_for(make_account(team)))

        assert post.state == State.SCHEDULED


@pytest.mark.django_db(transaction=True)
def test_an_audited_app_has_no_such_limit(team, author, settings):
    settings.TIKTOK_APP_MODE = "audited"

    posts = schedule(author, *[plan_for(make_account(team)) for _ in range(6)])

    assert len(posts) == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("before_audit")
class TestFiring:
    @pytest.fixture(autouse=True)
    def unaudited_tiktok(self, simulator):
        simulator.settings(audited=False)

    @pytest.fixture
    def private(self, connect):
        return lambda: connect(is_private=True)

    def test_a_private_post_goes_out(self, private, run_until):
        run_until(make_post(private(), privacy_level="SELF_ONLY"), State.PUBLISHED)

    def test_a_sixth_creator_waits_and_tiktok_is_not_asked(self, simulator, private):
        posts = [make_post(private(), privacy_level="SELF_ONLY") for _ in range(6)]

        step()

        for post in posts:
            post.refresh_from_db()
        [held] = [post for post in posts if post.state == State.SCHEDULED]
        assert "5 creators may post within 24 hours" in held.note
        assert held.next_action_at > current_moment() + timedelta(hours=23)
        assert len(simulator.posts()) == creators_in_last_day(current_moment()) == 5
        assert simulator.requests(creator=held.account.username) == []

    def test_a_creator_of_the_day_goes_on(self, private, run_until):
        accounts = [private() for _ in range(5)]
        for account in accounts:
            run_until(make_post(account, privacy_level="SELF_ONLY"), State.PUBLISHED)

        run_until(make_post(accounts[0], privacy_level="SELF_ONLY"), State.PUBLISHED)

    @pytest.mark.parametrize("make", [make_post, make_photo_post])
    def test_an_account_that_became_public_asks_a_person(self, simulator, connect, make):
        post = make(connect(is_private=False), privacy_level="SELF_ONLY")

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert "is a public account" in post.note
        assert simulator.requests(path="init/$") == []

    def test_another_audience_chosen_before_the_mode_changed_asks_a_person(
        self, simulator, private
    ):
        post = make_post(private(), privacy_level="MUTUAL_FOLLOW_FRIENDS")

        step()

        post.refresh_from_db()
        assert post.state == State.NEEDS_ATTENTION
        assert "Only me" in post.note
        assert simulator.posts() == []

    def test_a_draft_for_the_inbox_of_a_public_account_goes_out(self, connect, run_until):
        run_until(make_post(connect(), mode="inbox", privacy_level=""), State.IN_INBOX)
