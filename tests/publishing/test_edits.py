"""What the history says of drafts: one row for a sitting, with what was before it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.activity import read_changes
from accounts.models import Activity, Team
from publishing.drafts import drafts_changed_at, save_draft, save_drafts
from publishing.edits import QUIET, settle_quiet_edits
from publishing.models import DraftEdit, Post
from publishing.plan import Plan
from publishing.scheduling import schedule_post
from publishing.story import story_of
from publishing.taking_back import cancel_post, reopen_post
from tests.factories import make_account, make_member
from tests.publishing.factories import make_creator, make_media, make_post

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LATER = NOW + QUIET + timedelta(minutes=5)


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def ada(account):
    return make_member(account.team).user


@pytest.fixture
def bob(account):
    return make_member(account.team).user


@pytest.fixture
def save(account, ada):
    media, token = make_media(account.team), uuid4()

    def save_it(seconds=0, person=ada, **values):
        plan = Plan(account=account, media=media, **values)
        return save_draft(account.team, person, plan, token, NOW + timedelta(seconds=seconds))

    return save_it


def rows(*verbs):
    found = Activity.objects.filter(verb__in=verbs) if verbs else Activity.objects.all()
    return list(found.order_by("id"))


def verbs():
    return [row.verb for row in rows()]


def changed_words():
    [row] = rows("draft_changed")
    return [tuple(change) for change in read_changes(row)]


def test_a_new_draft_is_told_once_its_author_leaves_it(save):
    for second in range(5):
        save(second, caption="Fresh bread"[: second * 3])

    assert verbs() == []
    assert settle_quiet_edits(NOW + timedelta(minutes=1)) == 0
    assert settle_quiet_edits(LATER) == 1
    [row] = rows()
    assert (row.verb, row.subject, row.at) == (
        "draft_created",
        "Fresh bread",
        NOW + timedelta(seconds=4),
    )


def test_a_sitting_is_one_row_from_its_beginning_to_its_end(save, ada):
    save(caption="Fresh bread", privacy_level="SELF_ONLY")
    settle_quiet_edits(LATER)

    for second in range(3600, 3700, 20):
        save(second, caption=f"Fresh rolls {second}", privacy_level="PUBLIC_TO_EVERYONE")
    settle_quiet_edits(LATER + timedelta(hours=2))

    assert changed_words() == [
        ("Caption", "Fresh bread", "Fresh rolls 3680"),
        ("Who can view", "Only me", "Everyone"),
    ]
    assert rows("draft_changed")[0].actor == ada


def test_what_was_put_back_is_no_change(save):
    save(caption="Fresh bread")
    settle_quiet_edits(LATER)

    save(3600, caption="Stale bread")
    save(3660, caption="Fresh bread")
    settle_quiet_edits(LATER + timedelta(hours=2))

    assert verbs() == ["draft_created"]


def test_another_person_begins_another_row(save, ada, bob):
    post = save(caption="Fresh bread")
    plan = Plan(account=post.account, media=post.media, caption="Fresh rolls")
    seen_at = drafts_changed_at(post.team, bob, post.form_token)
    at = NOW + timedelta(seconds=10)
    save_drafts(post.team, bob, [plan], post.form_token, at, seen_at)
    settle_quiet_edits(LATER)

    created, changed = rows()
    assert (created.verb, created.actor) == ("draft_created", ada)
    assert (changed.verb, changed.actor) == ("draft_changed", bob)
    assert changed_words() == [("Caption", "Fresh bread", "Fresh rolls")]


def test_scheduling_tells_what_was_changed_before(save, account, ada):
    post = save(caption="Fresh bread")
    settle_quiet_edits(LATER)
    at = LATER + timedelta(hours=1)
    plan = Plan(
        account=account,
        media=post.media,
        caption="Fresh rolls",
        privacy_level="PUBLIC_TO_EVERYONE",
        due_at=at + timedelta(hours=2),
    )

    schedule_post(account.team, ada, plan, post.form_token, make_creator(), at)

    assert verbs() == ["draft_created", "draft_changed", "post_scheduled"]
    assert ("Caption", "Fresh bread", "Fresh rolls") in changed_words()
    assert rows()[-1].new == "Thu 26 Nov 2026, 16:15 CET"
    assert not DraftEdit.objects.exists()


def test_handing_in_for_approval_tells_what_was_changed_before(save, account, ada):
    Team.objects.update(approval_steps=1)
    post = save(caption="Fresh bread")
    at = NOW + timedelta(minutes=1)
    plan = Plan(
        account=account,
        media=post.media,
        caption="Fresh bread",
        privacy_level="PUBLIC_TO_EVERYONE",
        due_at=at + timedelta(days=2),
    )

    schedule_post(account.team, ada, plan, post.form_token, make_creator(), at)

    assert verbs() == ["draft_created", "post_handed_in"]
    assert {row.account_id for row in rows()} == {account.pk}


def test_a_long_caption_is_cut_around_its_change(save):
    save(caption="So much bread. " * 100 + "The end.")
    settle_quiet_edits(LATER)

    save(3600, caption="So much bread. " * 100 + "The beginning.")
    settle_quiet_edits(LATER + timedelta(hours=2))

    [(label, old, new)] = changed_words()
    assert (label, old[0], old[-8:]) == ("Caption", "…", "The end.")
    assert new.endswith("The beginning.")
    assert len(new) < 80


def test_a_draft_that_goes_before_it_was_told_of_leaves_nothing(save, account, ada):
    post = save(caption="Fresh bread")

    save_drafts(account.team, ada, [Plan(account=None, media=None)], post.form_token, NOW)

    assert verbs() == []


def test_a_known_draft_that_goes_is_told(save, account, ada):
    post = save(caption="Fresh bread")
    settle_quiet_edits(LATER)

    save_drafts(account.team, ada, [Plan(account=None, media=None)], post.form_token, LATER)

    assert verbs() == ["draft_created", "draft_removed"]


def test_what_was_changed_before_a_draft_goes_is_told_first(ada, account):
    post = make_post(account, author=ada)
    reopen_post(post, ada, NOW)
    plan = Plan(account=account, media=post.media, caption="Fresh rolls")
    save_draft(account.team, ada, plan, post.form_token, NOW)

    save_drafts(account.team, ada, [Plan(account=None, media=None)], post.form_token, LATER)
    settle_quiet_edits(LATER)

    assert verbs() == ["post_reopened", "draft_changed", "draft_removed"]


def test_an_account_is_told_by_its_number(account, ada):
    token = uuid4()
    save_draft(account.team, ada, Plan(account=None, media=None, caption="Bread"), token, NOW)
    settle_quiet_edits(LATER)

    save_draft(account.team, ada, Plan(account=account, media=None, caption="Bread"), token, LATER)
    settle_quiet_edits(LATER + timedelta(hours=1))

    row = rows()[-1]
    assert (row.verb, row.account_id, row.old, row.new) == ("draft_placed", account.pk, "", "")


def test_a_discarded_draft_is_told_after_its_changes(save, ada):
    post = save(caption="Fresh bread")

    cancel_post(post, ada, NOW + timedelta(seconds=9))

    assert verbs() == ["draft_created", "draft_discarded"]


def test_the_story_tells_what_was_changed_and_nothing_twice(save, ada):
    post = make_post()
    reopen_post(post, post.author, NOW)
    plan = Plan(account=post.account, media=post.media, caption="Fresh rolls")
    save_draft(post.team, post.author, plan, post.form_token, NOW + timedelta(seconds=5))
    settle_quiet_edits(LATER)

    story = story_of(Post.objects.get(pk=post.pk))

    assert [line.title for line in story].count("Draft changed") == 1
    assert [line.title for line in story].count("Draft") == 1
    [told] = [line for line in story if line.kind == "draft_changed"]
    assert ("Caption", post.caption, "Fresh rolls") in [tuple(one) for one in told.changes]
