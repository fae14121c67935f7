"""Whatever people plan, move, cancel and let go out, no 24 hours hold more than the cap."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils.timezone import now as current_moment
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from accounts.tiktok_app import tiktok_app
from publishing import delivery, leases, verdict, work
from publishing.cap import PENDING_SHARES
from publishing.models import JournalLine, Mode, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_post
from publishing.scheduling import schedule_post
from publishing.states import COUNTED_BY_CAP, State
from publishing.taking_back import cancel_post
from tests.factories import make_account, make_member
from tests.publishing.factories import make_creator, make_media
from tiktok.client import PublishStatus

pytestmark = pytest.mark.django_db

DAILY_CAP = 2
CAPS = {Mode.DIRECT: DAILY_CAP, Mode.INBOX: PENDING_SHARES}
COUNTED = {
    Mode.DIRECT: COUNTED_BY_CAP,
    Mode.INBOX: COUNTED_BY_CAP - {State.PUBLISHED} | {State.IN_INBOX},
}
DONE = {Mode.DIRECT: "PUBLISH_COMPLETE", Mode.INBOX: "SEND_TO_USER_INBOX"}
DAY = timedelta(hours=24)
HOURS = st.integers(0, 50)
STEPS = st.one_of(
    st.tuples(st.just("schedule"), st.sampled_from([*CAPS]), HOURS),
    st.tuples(st.just("schedule"), st.sampled_from([*CAPS]), st.just(30)),
    st.tuples(st.just("move"), st.integers(0, 20), HOURS),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("let_pass"), st.integers(1, 30), st.integers(0, 20)),
)


def said(status):
    return PublishStatus(status, "", (), None, None, "")


class Planner:
    """One account, its people, and a clock of its own."""

    def __init__(self):
        self.account = make_account(daily_cap=DAILY_CAP)
        self.author = make_member(self.account.team).user
        self.media = make_media(self.account.team)
        self.now = current_moment()

    def take(self, name, *values):
        getattr(self, name)(*values)

    def schedule(self, mode, hours):
        self._at_the_wanted_or_the_offered_moment(lambda at: self._schedule(mode, at), hours)

    def _schedule(self, mode, due_at):
        privacy = "PUBLIC_TO_EVERYONE" if mode == Mode.DIRECT else ""
        plan = Plan(
            account=self.account,
            media=self.media,
            mode=mode,
            caption="Hello",
            privacy_level=privacy,
            due_at=due_at,
        )
        creator = make_creator() if mode == Mode.DIRECT else None
        schedule_post(self.account.team, self.author, plan, uuid4(), creator, self.now)

    def move(self, which, hours):
        if post := self._pick(which):
            self._at_the_wanted_or_the_offered_moment(
                lambda at: reschedule_post(post, at, self.author, self.now), hours
            )

    def cancel(self, which):
        if post := self._pick(which):
            cancel_post(post, self.author, self.now)

    def let_pass(self, hours, late_s):
        """Hours in which every post goes out `late_s` after its moment."""
        until = self.now + timedelta(hours=hours)
        while post := self._scheduled().filter(next_action_at__lte=until).first():
            self.now = max(self.now, post.next_action_at + timedelta(seconds=late_s))
            self._fire()
        self.now = max(self.now, until)

    def _fire(self):
        app, now = tiktok_app(), self.now
        for lease, _ in leases.claim_due(now, now, 90):
            stay = work.begin(lease.post_id, lease.token, app, lambda: now)
            with work.settling(stay):
                attempt = delivery._open_attempt(stay)
                post = delivery.intend(stay, attempt)
                verdict.apply_status(attempt, said(DONE[post.mode]), now)

    def _at_the_wanted_or_the_offered_moment(self, plan, hours):
        wanted = self.now + timedelta(hours=hours)
        try:
            plan(wanted)
        except PostRefused as refused:
            offered = refused.next_free_at
        else:
            return
        assert offered > wanted
        plan(offered)

    def _scheduled(self):
        posts = Post.objects.filter(account=self.account, state=State.SCHEDULED)
        return posts.order_by("next_action_at", "pk")

    def _pick(self, which):
        posts = list(self._scheduled())
        return posts[which % len(posts)] if posts else None

    def fullest_day(self, mode):
        posts = Post.objects.filter(account=self.account, mode=mode, state__in=COUNTED[mode])
        line = [post.init_at or post.next_action_at for post in posts]
        return max((sum(start <= at <= start + DAY for at in line) for start in line), default=0)


# Without shrinking: a failure would take minutes to become shorter.
@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(STEPS, max_size=15))
def test_no_day_ever_holds_more_than_the_cap_and_nothing_is_held_back(steps):
    with transaction.atomic():
        planner = Planner()

        for step in steps:
            planner.take(*step)
            for mode, cap in CAPS.items():
                assert planner.fullest_day(mode) <= cap

        assert not JournalLine.objects.filter(kind="held").exists()
        transaction.set_rollback(True)


@pytest.mark.parametrize("mode", CAPS)
def test_a_full_day_that_left_late_does_not_move_the_post_after_it(mode):
    planner = Planner()
    for _ in range(CAPS[mode] + 1):
        planner.schedule(mode, 1)

    planner.let_pass(hours=2, late_s=20)
    planner.let_pass(hours=30, late_s=0)

    assert not JournalLine.objects.filter(kind="held").exists()
    assert not Post.objects.filter(state=State.SCHEDULED).exists()
