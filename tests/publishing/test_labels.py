import pytest
from django.utils.timezone import now as current_moment

from accounts.models import Activity
from publishing import labels
from publishing.labels import (
    LabelRefused,
    add_label,
    change_label,
    delete_label,
    free_hue,
    label_post,
)
from publishing.models import Label, Post
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def person(team):
    return make_member(team).user


@pytest.fixture
def spring(team, person):
    return add_label(team, person, "Spring", 2, current_moment())


@pytest.fixture
def post(team):
    return make_post(make_account(team), caption="Fresh rolls")


def verbs(team):
    return list(Activity.objects.filter(team=team).values_list("verb", flat=True))


def test_a_name_is_taken_once_however_it_is_written(team, person, spring):
    with pytest.raises(LabelRefused, match="There is a label “SPRING” already"):
        add_label(team, person, "SPRING", 1, current_moment())


def test_another_team_may_have_the_same_name(person, spring):
    other = make_team()

    add_label(other, person, "Spring", 2, current_moment())

    assert Label.objects.filter(name="Spring").count() == 2


def test_a_team_has_not_more_labels_than_a_page_can_show(team, person, spring, monkeypatch):
    monkeypatch.setattr(labels, "MAX_LABELS", 1)

    with pytest.raises(LabelRefused, match="Delete one first"):
        add_label(team, person, "Summer", 1, current_moment())


def test_a_label_may_change_only_how_its_name_is_written(person, spring):
    change_label(spring, person, "SPRING", 2, current_moment())

    assert Label.objects.get().name == "SPRING"


def test_changing_a_label_that_is_gone_says_so(person, spring):
    Label.objects.all().delete()

    with pytest.raises(LabelRefused, match="deleted this label a moment ago"):
        change_label(spring, person, "Summer", 3, current_moment())


def test_deleting_takes_it_off_every_post_and_leaves_them(person, spring, post):
    label_post(post, [spring], person, current_moment())

    delete_label(spring, person, current_moment())

    assert list(Post.objects.get().labels.all()) == []


def test_what_was_done_with_labels_is_kept(team, person, spring):
    change_label(spring, person, "Spring sale", 2, current_moment())
    delete_label(spring, person, current_moment())

    assert verbs(team) == ["labels_deleted", "labels_edited", "labels_added"]
    changed = Activity.objects.get(verb="labels_edited")
    assert (changed.old, changed.new) == ("Spring (green)", "Spring sale (green)")


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PUBLISHED, State.CANCELED])
def test_a_post_gets_labels_in_whichever_state_it_is(team, person, spring, state):
    post = make_post(make_account(team), state=state)

    assert label_post(post, [spring], person, current_moment())

    post.refresh_from_db()
    assert (list(post.labels.all()), post.edited_by, post.state) == ([spring], person, state)


def test_labels_void_no_consent(person, spring, post):
    before = post.fingerprint()

    label_post(post, [spring], person, current_moment())

    post.refresh_from_db()
    assert post.fingerprint() == before
    assert post.consents.get().voided_at is None


def test_the_history_says_which_labels_a_post_had(person, spring, post, team):
    summer = add_label(team, person, "Summer", 4, current_moment())
    label_post(post, [spring], person, current_moment())

    label_post(post, [spring, summer], person, current_moment())

    row = Activity.objects.filter(verb="labels_changed").first()
    assert (row.subject, row.post_id, row.old, row.new) == (
        "Fresh rolls",
        post.pk,
        "Spring",
        "Spring, Summer",
    )


def test_the_same_labels_again_are_no_news(person, spring, post, team):
    label_post(post, [spring], person, current_moment())
    before = Post.objects.get().updated_at

    assert not label_post(post, [spring], person, current_moment())

    assert Post.objects.get().updated_at == before
    assert verbs(team).count("labels_changed") == 1


def test_another_teams_label_is_left_out(person, post):
    foreign = Label.objects.create(team=make_team(), name="Theirs")

    label_post(post, [foreign], person, current_moment())

    assert not post.labels.exists()


def test_the_next_label_is_offered_a_colour_that_is_free(team, person):
    assert free_hue(team) == 0

    add_label(team, person, "Spring", 0, current_moment())

    assert free_hue(team) == 1


def test_every_hue_has_a_word():
    assert len(set(labels.HUE_WORDS)) == labels.HUES
