import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from publishing.models import Label, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.pages.posting import choices_of, filled_form, send_form, words_of
from tests.publishing.factories import make_media, make_post


@pytest.fixture
def spring(team):
    return Label.objects.create(team=team, name="Spring", hue=2)


@pytest.fixture
def account(team, connect):
    return connect(team, nickname="Maple Bakery")


def add(client, **typed):
    return client.post(reverse("labels_add"), {"name": "Summer", "hue": "4"} | typed)


def edit(client, label, **typed):
    address = reverse("label_edit", args=[label.pk])
    return client.post(address, {"name": "Summer", "hue": "4"} | typed)


def delete(client, label):
    return client.post(reverse("label_delete", args=[label.pk]))


def choose(client, post, *labels):
    address = reverse("post_labels", args=[post.pk])
    return client.post(address, {"labels": [label.pk for label in labels]})


@pytest.mark.parametrize("role", list(Role.values))
def test_everybody_in_the_team_sees_its_labels(team, signed_in, spring, role):
    assert "Spring" in words_of(signed_in(make_member(team, role)).get(reverse("labels")))


def test_a_viewer_is_offered_nothing_to_change(viewer, spring):
    page = words_of(viewer.get(reverse("labels")))

    assert "Add a label" not in page
    assert reverse("label_edit", args=[spring.pk]) not in page


def test_a_stranger_sees_none_of_them(stranger, spring):
    assert "Spring" not in words_of(stranger.get(reverse("labels")))


def test_a_colour_has_a_word_beside_it(editor, db):
    page = words_of(editor.get(reverse("labels")))

    assert all(word in page for word in ("Red", "Blue", "Mint"))


def test_an_editor_adds_a_label(editor, team):
    response = add(editor, name="  Summer   sale ")

    label = Label.objects.get()
    assert response["Location"] == reverse("labels")
    assert (label.team, label.name, label.hue) == (team, "Summer sale", 4)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"name": " "}, "This field is required."),
        ({"name": "x" * 41}, "at most 40 characters"),
        ({"hue": "12"}, "Choose a colour."),
        ({"hue": ""}, "Choose a colour."),
    ],
)
def test_a_bad_label_comes_back_as_it_was_typed(editor, typed, error):
    response = add(editor, **typed)

    assert response.status_code == 422
    assert error in words_of(response)
    assert not Label.objects.exists()


def test_a_name_that_is_taken_is_said_beside_it(editor, spring):
    response = add(editor, name="spring")

    assert response.status_code == 422
    assert "There is a label “spring” already." in words_of(response)


def test_a_label_gets_another_name_and_colour(editor, spring):
    assert "Spring" in words_of(editor.get(reverse("label_edit", args=[spring.pk])))

    edit(editor, spring)

    spring.refresh_from_db()
    assert (spring.name, spring.hue) == ("Summer", 4)


def test_deleting_says_how_many_posts_carry_it(editor, spring, team):
    account = make_account(team)
    for _ in range(2):
        make_post(account).labels.add(spring)

    page = words_of(editor.get(reverse("label_delete", args=[spring.pk])))

    assert "2 posts" in page
    assert "carry" in page
    assert Label.objects.exists()


def test_a_deleted_label_is_gone_and_its_posts_are_not(editor, spring, team):
    post = make_post(make_account(team))
    post.labels.add(spring)

    assert delete(editor, spring)["Location"] == reverse("labels")

    assert not Label.objects.exists()
    assert Post.objects.exists()


def test_viewers_change_nothing(viewer, spring, team):
    post = make_post(make_account(team))

    answers = [add(viewer), edit(viewer, spring), delete(viewer, spring), choose(viewer, post)]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert Label.objects.get().name == "Spring"


def test_a_strangers_label_or_post_is_not_found(stranger, spring, team):
    post = make_post(make_account(team))

    answers = [edit(stranger, spring), delete(stranger, spring), choose(stranger, post)]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_nobody_does_anything_without_signing_in(client, spring):
    for answer in (client.get(reverse("labels")), add(client), delete(client, spring)):
        assert reverse("account_login") in answer["Location"]


def test_adding_is_a_post(editor, db):
    assert editor.get(reverse("labels_add")).status_code == 405


@pytest.mark.parametrize("state", [State.SCHEDULED, State.PUBLISHED])
def test_the_labels_of_a_post_change_on_its_page(editor, team, spring, state):
    post = make_post(make_account(team), state=state)
    page = words_of(editor.get(reverse("post_labels", args=[post.pk])))
    assert "Spring" in page

    response = choose(editor, post, spring)

    assert response["Location"] == reverse("post", args=[post.pk])
    assert list(post.labels.all()) == [spring]
    assert "Spring" in words_of(editor.get(reverse("post", args=[post.pk])))
    choose(editor, post)
    assert not post.labels.exists()


def test_a_team_without_labels_is_led_to_them(editor, team):
    post = make_post(make_account(team))

    page = words_of(editor.get(reverse("post_labels", args=[post.pk])))

    assert reverse("labels") in page


def test_another_teams_labels_are_left_out(editor, team):
    foreign = Label.objects.create(team=make_account().team, name="Theirs")
    post = make_post(make_account(team))

    choose(editor, post, foreign)

    assert not post.labels.exists()


def test_a_post_shows_a_label_renamed_meanwhile(editor, team, spring):
    post = make_post(make_account(team))
    post.labels.add(spring)
    address = reverse("post_status", args=[post.pk])
    mark = editor.get(address)["ETag"]
    assert editor.get(address, headers={"If-None-Match": mark}).status_code == 304

    edit(editor, spring, name="Summer")

    assert "Summer" in words_of(editor.get(address, headers={"If-None-Match": mark}))


def test_labels_are_part_of_a_draft(editor, account, spring):
    form = filled_form(caption="An idea", labels=[spring.pk])

    editor.post(reverse("compose_autosave"), form)

    assert list(Post.objects.get().labels.all()) == [spring]
    page = words_of(editor.get(reverse("compose"), {"draft": form["form_token"]}))
    assert f'name="labels" value="{spring.pk}" checked' in page


def test_a_label_deleted_meanwhile_stops_no_save(editor, team, spring):
    form = filled_form(caption="An idea", labels=[spring.pk, "x"])
    spring.delete()

    response = editor.post(reverse("compose_autosave"), form)

    assert response.status_code == 200
    assert not Post.objects.get().labels.exists()


def test_scheduling_keeps_the_labels_and_they_void_no_consent(editor, team, account, spring):
    form = filled_form(account, media=make_media(team), labels=[spring.pk])

    send_form(editor, form | choices_of(account, privacy_level="SELF_ONLY"))

    post = Post.objects.get()
    assert list(post.labels.all()) == [spring]
    choose(editor, post)
    assert post.consents.get().voided_at is None


def test_a_duplicate_begins_with_the_same_labels(editor, team, account, spring):
    post = make_post(account)
    post.labels.add(spring)

    page = words_of(editor.get(reverse("compose"), {"from": post.pk}))

    assert f'name="labels" value="{spring.pk}" checked' in page


def test_many_labels_cost_no_more_queries(editor, team):
    post = make_post(make_account(team))
    address = reverse("post", args=[post.pk])
    editor.get(address)
    asked = []

    for hues in (range(1), range(1, 12)):
        for hue in hues:
            post.labels.add(Label.objects.create(team=team, name=f"Label {hue}", hue=hue))
        with CaptureQueriesContext(connection) as queries:
            editor.get(address)
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_the_teams_page_leads_to_its_labels(viewer, db):
    page = words_of(viewer.get(reverse("team")))

    assert f'href="{reverse("labels")}"' in page
    assert f'href="{reverse("notes")}"' in page
