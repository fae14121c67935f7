from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from accounts.models import Activity
from publishing.cap import WINDOW, whole_minute
from publishing.drafts import save_draft
from publishing.models import Consent, Outcome, Post
from publishing.plan import Plan
from publishing.refusals import PostRefused
from publishing.rescheduling import reschedule_post
from publishing.retrying import retry_post
from publishing.scheduling import schedule_post
from publishing.states import MoveRefused, State
from publishing.taking_back import cancel_post, reopen_post
from tests.factories import make_account, make_member
from tests.publishing.changing import change_post
from tests.publishing.factories import make_creator, make_media, make_post, make_try

pytestmark = pytest.mark.django_db(transaction=True)

CREATOR = make_creator()


@pytest.fixture
def plan():
    account = make_account()
    return Plan(
        account=account,
        media=make_media(account.team),
        caption="Hello",
        privacy_level="PUBLIC_TO_EVERYONE",
        due_at=current_moment() + timedelta(hours=1),
    )


@pytest.fixture
def author(plan):
    return make_member(plan.account.team).user


def schedule(plan, author, form_token=None):
    team, now = plan.account.team, current_moment()
    return schedule_post(team, author, plan, form_token or uuid4(), CREATOR, now)


def codes(refused):
    return [problem.code for problem in refused.value.problems]


def test_scheduling_records_the_consent(plan, author):
    post = schedule(plan, author)

    consent = post.consents.get()
    assert post.state == State.SCHEDULED
    assert (consent.person, consent.open_id) == (author, plan.account.open_id)
    assert consent.declaration == "By posting, you agree to TikTok's Music Usage Confirmation"
    assert consent.options_offered["privacy_level_options"] == ["PUBLIC_TO_EVERYONE", "SELF_ONLY"]
    assert consent.media_sha256s == [plan.media.sha256]


def test_one_form_sent_twice_makes_one_post(plan, author):
    form_token = uuid4()

    first, second = schedule(plan, author, form_token), schedule(plan, author, form_token)

    assert first.pk == second.pk
    assert Post.objects.count() == Consent.objects.count() == 1


def test_one_form_sent_ten_times_at_once_makes_one_post(plan, author):
    form_token = uuid4()

    def send(_):
        try:
            return schedule(plan, author, form_token).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        made = set(pool.map(send, range(10)))

    assert len(made) == 1
    assert Post.objects.count() == 1


def test_the_sixteenth_post_in_a_day_is_refused_with_the_next_free_moment(plan, author):
    for minutes in range(15):
        schedule(replace(plan, due_at=plan.due_at + timedelta(minutes=minutes)), author)

    with pytest.raises(PostRefused) as refused:
        schedule(replace(plan, due_at=plan.due_at + timedelta(minutes=20)), author)

    assert codes(refused) == ["cap_reached"]
    assert refused.value.next_free_at == whole_minute(plan.due_at + WINDOW)
    schedule(replace(plan, due_at=refused.value.next_free_at), author)


def test_the_cap_holds_when_many_schedule_at_once(plan, author):
    plan.account.daily_cap = 3
    plan.account.save()

    def send(minute):
        try:
            schedule(replace(plan, due_at=plan.due_at + timedelta(minutes=minute)), author)
        except PostRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(send, range(8)))

    assert sum(taken) == 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"privacy_level": ""}, "privacy_not_chosen"),
        ({"privacy_level": "MUTUAL_FOLLOW_FRIENDS"}, "privacy_not_offered"),
        ({"allow_duet": True}, "duet_disabled"),
        ({"discloses_content": True}, "disclosure_without_kind"),
        ({"is_your_brand": True}, "kind_without_disclosure"),
        (
            {"discloses_content": True, "is_branded_content": True, "privacy_level": "SELF_ONLY"},
            "branded_not_private",
        ),
        ({"caption": "😀" * 1101}, "caption_too_long"),
        ({"cover_timestamp_ms": 5001}, "cover_after_end"),
        ({"due_at": None}, "no_due_time"),
        ({"due_at": current_moment() - timedelta(hours=1)}, "due_in_past"),
    ],
)
def test_a_broken_rule_refuses_the_post(plan, author, changes, code):
    with pytest.raises(PostRefused) as refused:
        schedule(replace(plan, **changes), author)

    assert code in codes(refused)
    assert Post.objects.count() == 0


def test_a_direct_post_is_not_scheduled_without_tiktoks_word_on_its_creator(plan, author):
    team, now = plan.account.team, current_moment()

    with pytest.raises(PostRefused) as refused:
        schedule_post(team, author, plan, uuid4(), None, now)

    assert codes(refused) == ["creator_unknown"]


def test_a_video_longer_than_the_creator_may_post_is_refused(plan, author):
    plan.media.duration_ms = 61_000

    with pytest.raises(PostRefused) as refused:
        schedule(plan, author)

    assert "61.0 s" in str(refused.value)
    assert "60 s" in str(refused.value)


def test_a_caption_of_2200_units_is_allowed(plan, author):
    assert schedule(replace(plan, caption="😀" * 1100), author).state == State.SCHEDULED


def test_an_account_without_the_permission_is_refused(plan, author):
    plan.account.scopes = ["user.info.basic"]

    with pytest.raises(PostRefused) as refused:
        schedule(plan, author)

    assert codes(refused) == ["scope_missing"]


def test_a_draft_needs_no_choices_and_becomes_the_scheduled_post(plan, author):
    form_token, now = uuid4(), current_moment()
    empty = replace(plan, privacy_level="", due_at=None)
    draft = save_draft(plan.account.team, author, empty, form_token, now)

    post = schedule(plan, author, form_token)

    assert post.pk == draft.pk
    assert post.privacy_level == "PUBLIC_TO_EVERYONE"


def test_moving_the_time_keeps_the_consent(plan, author):
    post = schedule(plan, author)
    later = plan.due_at + timedelta(days=1)

    reschedule_post(post, later, author, current_moment())

    post.refresh_from_db()
    assert (post.due_at, post.next_action_at) == (later, later)
    assert post.consents.get().voided_at is None


def test_the_line_about_a_move_names_the_teams_zone(plan, author):
    post = schedule(plan, author)
    noon_in_tokyo = datetime(2030, 1, 2, 12, tzinfo=ZoneInfo("Asia/Tokyo"))

    reschedule_post(post, noon_in_tokyo, author, current_moment())

    assert post.journal.get(kind="rescheduled").text.endswith("Wed 02 Jan 2030, 04:00 CET")
    assert Activity.objects.get(verb="post_rescheduled").new == "Wed 02 Jan 2030, 04:00 CET"


def test_moving_takes_the_post_from_a_worker_that_prepares_it(plan, author):
    post = schedule(plan, author)
    Post.objects.filter(pk=post.pk).update(lease_token="somebody", lease_until=plan.due_at)

    reschedule_post(post, plan.due_at + timedelta(hours=1), author, current_moment())

    post.refresh_from_db()
    assert (post.lease_token, post.lease_until) == ("", None)


def test_a_post_that_leaves_can_no_longer_be_moved():
    post = make_post(state=State.UPLOADING)

    with pytest.raises(MoveRefused):
        reschedule_post(post, current_moment() + timedelta(hours=1), post.author, current_moment())


def test_a_scheduled_post_is_canceled_at_once(plan, author):
    post = schedule(plan, author)

    cancel_post(post, author, current_moment())

    post.refresh_from_db()
    assert (post.state, post.next_action_at) == (State.CANCELED, None)


def test_it_is_too_late_to_cancel_once_tiktok_has_the_video():
    post = make_post(state=State.PROCESSING)

    with pytest.raises(MoveRefused, match="too late"):
        cancel_post(post, post.author, current_moment())


def test_a_failed_post_is_retried_with_its_consent():
    post = make_post(state=State.FAILED)

    retry_post(post, post.author, current_moment())

    assert post.state == State.SCHEDULED


def test_a_failed_post_without_consent_is_not_retried():
    post = make_post(state=State.FAILED, is_consented=False)

    with pytest.raises(MoveRefused):
        retry_post(post, post.author, current_moment())


def test_a_changed_post_is_not_retried_and_says_what_was_changed():
    post = change_post(make_post(state=State.FAILED), caption="Other")

    with pytest.raises(MoveRefused, match="no longer counts: the caption was changed"):
        retry_post(post, post.author, current_moment())


def test_an_unconfirmed_post_waits_for_the_last_calls_deadline():
    post = make_post(state=State.PROCESSING)
    now = current_moment()
    post.move_to(State.UNCONFIRMED, now=now, reason="No answer.")

    with pytest.raises(MoveRefused, match="under way"):
        retry_post(post, post.author, now + timedelta(seconds=10), has_looked=True)

    retry_post(post, post.author, now + timedelta(minutes=5), has_looked=True)


def test_an_unconfirmed_post_is_not_sent_again_without_a_look():
    post = make_post(state=State.UNCONFIRMED)

    with pytest.raises(MoveRefused, match="may have this post already"):
        retry_post(post, post.author, current_moment())


@pytest.mark.parametrize("outcome", [Outcome.UNCONFIRMED, Outcome.PUBLISHED, Outcome.IN_INBOX])
def test_a_failed_post_of_which_tiktok_has_an_earlier_try_is_not_sent_again_without_a_look(outcome):
    post = make_post(state=State.FAILED)
    make_try(post, outcome)

    with pytest.raises(MoveRefused, match="may have this post already"):
        retry_post(post, post.author, current_moment())


def test_reopening_voids_the_consent(plan, author):
    post = schedule(plan, author)

    reopen_post(post, author, current_moment())

    assert post.state == State.DRAFT
    assert post.consents.get().voided_at is not None
