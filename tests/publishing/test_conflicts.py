"""What one form would overwrite of another's is refused, and named field by field."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.drafts import ChangedElsewhere, drafts_changed_at, save_draft, save_drafts
from publishing.labels import label_post
from publishing.models import Label, Post
from publishing.plan import Plan
from publishing.scheduling import schedule_posts
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_creator, make_media, make_photo

pytestmark = pytest.mark.django_db
TOKEN = uuid4()


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def account(team):
    return make_account(team)


@pytest.fixture
def jonas(team):
    return make_member(team).user


@pytest.fixture
def mia(team):
    return make_member(team).user


@pytest.fixture
def plan(team, account):
    return Plan(
        account=account,
        media=make_media(team),
        caption="Fresh rolls",
        privacy_level="SELF_ONLY",
        due_at=current_moment() + timedelta(days=1),
    )


@pytest.fixture
def seen_at(team, jonas, plan):
    """When the form was opened: the draft as Jonas first saved it."""
    save_draft(team, jonas, plan, TOKEN, current_moment())
    return drafts_changed_at(team, jonas, TOKEN)


def save(team, person, plan, seen_at):
    return save_drafts(team, person, [plan], TOKEN, current_moment(), seen_at)


def schedule(team, person, plan, seen_at=None, now=None):
    creators = {plan.account.pk: make_creator()}
    now = now or current_moment()
    return schedule_posts(team, person, [plan], TOKEN, creators, now, seen_at)


def conflict_of(call, *arguments):
    with pytest.raises(ChangedElsewhere) as refused:
        call(*arguments)
    return refused.value.conflict


def fields(conflict):
    return [(one.name, one.theirs, one.mine) for one in conflict.differences]


def test_the_second_save_is_refused_with_both_versions(team, plan, jonas, mia, seen_at):
    save(team, jonas, replace(plan, caption="From Jonas"), seen_at)

    conflict = conflict_of(save, team, mia, replace(plan, caption="From Mia"), seen_at)

    assert fields(conflict) == [("caption", "From Jonas", "From Mia")]
    assert (conflict.who, conflict.sent) == (jonas, None)
    assert conflict.changed_at == drafts_changed_at(team, mia, TOKEN)
    assert Post.objects.get().caption == "From Jonas"


def test_every_field_that_would_be_lost_is_named(team, plan, jonas, mia, seen_at, account):
    label = Label.objects.create(team=team, name="Spring")
    photo = make_photo(team)
    theirs = replace(
        plan,
        kind="photo",
        title="Rolls",
        media=photo,
        photos=(photo,),
        due_at=plan.due_at + timedelta(hours=1),
        labels=(label,),
        privacy_level="PUBLIC_TO_EVERYONE",
        allow_comment=True,
    )
    save(team, jonas, theirs, seen_at)

    conflict = conflict_of(save, team, mia, replace(plan, account=None), seen_at)
    whole = conflict_of(save, team, mia, plan, seen_at)

    assert [one.name for one in whole.differences] == [
        "kind", "title", "media", "photos", "due_at", "labels", "privacy_level", "allow_comment",
    ]  # fmt: skip
    assert [one.account for one in whole.differences][-2:] == [account, account]
    assert conflict.differences[0].name == "accounts"
    assert (conflict.differences[0].theirs, conflict.differences[0].mine) == ((account,), ())


def test_the_same_words_twice_are_no_conflict(team, plan, jonas, mia, seen_at):
    changed = replace(plan, caption="Alike")
    save(team, jonas, changed, seen_at)

    [post] = save(team, mia, changed, seen_at)

    assert post.edited_by == mia


def test_keeping_mine_means_having_seen_theirs(team, plan, jonas, mia, seen_at):
    save(team, jonas, replace(plan, caption="From Jonas"), seen_at)
    mine = replace(plan, caption="From Mia")
    conflict = conflict_of(save, team, mia, mine, seen_at)

    [post] = save(team, mia, mine, conflict.changed_at)

    assert post.caption == "From Mia"


def test_a_form_that_saw_no_save_takes_its_own_persons_for_its_own(team, plan, jonas, mia, seen_at):
    changed = replace(plan, caption="Again")
    save(team, jonas, changed, None)

    assert fields(conflict_of(save, team, mia, plan, None)) == [("caption", "Again", "Fresh rolls")]


def test_an_outdated_form_schedules_nothing(team, plan, jonas, mia, seen_at):
    save(team, jonas, replace(plan, caption="From Jonas"), seen_at)

    conflict = conflict_of(schedule, team, mia, plan, seen_at)

    post = Post.objects.get()
    assert fields(conflict) == [("caption", "From Jonas", "Fresh rolls")]
    assert (post.state, post.caption) == (State.DRAFT, "From Jonas")
    assert not post.consents.exists()


def test_labels_changed_on_the_posts_page_are_seen_too(team, plan, jonas, mia, seen_at):
    label = Label.objects.create(team=team, name="Spring")
    label_post(Post.objects.get(), [label], jonas, current_moment())

    conflict = conflict_of(save, team, mia, plan, seen_at)

    assert fields(conflict) == [("labels", (label,), ())]


def test_a_form_sent_by_somebody_else_with_other_words_is_not_taken_for_ones_own(
    team, plan, jonas, mia, seen_at
):
    schedule(team, jonas, plan, seen_at)

    conflict = conflict_of(schedule, team, mia, replace(plan, caption="From Mia"), seen_at)

    assert fields(conflict) == [("caption", "Fresh rolls", "From Mia")]
    assert (conflict.who, conflict.sent) == (jonas, Post.objects.get())


def test_a_second_click_on_post_now_is_still_one_post(team, plan, jonas):
    now, later = current_moment(), current_moment() + timedelta(seconds=70)
    first = schedule(team, jonas, replace(plan, due_at=now), now=now)

    second = schedule(team, jonas, replace(plan, due_at=later), now=later)

    assert [post.pk for post in first] == [post.pk for post in second]


def test_an_account_outside_the_persons_reach_is_not_named(team, plan, account, jonas):
    hidden = make_account(team, is_limited=True)
    both = [plan, replace(plan, account=hidden)]
    save_drafts(team, jonas, both, TOKEN, current_moment())
    editor = make_member(team, Role.EDITOR).user

    with pytest.raises(ChangedElsewhere) as refused:
        save_drafts(team, editor, [replace(plan, caption="Mine")], TOKEN, current_moment())

    assert fields(refused.value.conflict) == [("caption", "Fresh rolls", "Mine")]
