from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.hashtags import add_group
from publishing.models import HashtagGroup
from publishing.states import State
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(team, signed_in):
    return signed_in(make_member(team, Role.OWNER))


@pytest.fixture
def group(team):
    person = make_member(team, Role.EDITOR).user
    return add_group(team, person, "Morning", ["#bread", "#rolls"], current_moment())


def words(response):
    return unescape(response.content.decode())


def page_of(client):
    response = client.get(reverse("hashtags"))
    assert response.status_code == 200
    return words(response)


def add(client, name="Morning", hashtags="#bread #rolls"):
    return client.post(reverse("hashtags_add"), {"name": name, "hashtags": hashtags})


def edit(client, group, name="Early", hashtags="#buns"):
    address = reverse("hashtags_edit", args=[group.pk])
    return client.post(address, {"name": name, "hashtags": hashtags})


def delete(client, group):
    return client.post(reverse("hashtags_delete", args=[group.pk]))


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR, Role.VIEWER])
def test_everybody_in_the_team_sees_its_groups(team, signed_in, group, role):
    page = page_of(signed_in(make_member(team, role)))

    assert "Morning" in page
    assert "#bread #rolls" in page


def test_a_viewer_is_offered_nothing_to_change(viewer, group):
    page = page_of(viewer)

    assert "Add a group" not in page
    assert reverse("hashtags_edit", args=[group.pk]) not in page


def test_a_stranger_sees_none_of_them(stranger, group):
    assert "Morning" not in page_of(stranger)


def test_a_team_without_groups_is_told_what_they_are(editor):
    assert "No groups yet." in page_of(editor)


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_owners_and_editors_add_a_group(team, signed_in, role):
    member = make_member(team, role)

    response = add(signed_in(member), hashtags=" #bread,\r\n#Rolls #BREAD ")

    made = HashtagGroup.objects.get(team=team)
    assert response.url == reverse("hashtags")
    assert (made.name, made.hashtags) == ("Morning", "#bread #Rolls")
    assert made.created_by == member.user


def test_a_viewer_cannot_add_a_group(viewer):
    assert add(viewer).status_code == 403
    assert not HashtagGroup.objects.exists()


@pytest.mark.parametrize(
    ("hashtags", "problem"),
    [
        ("bread", "“bread” does not begin with #."),
        ("#bread#rolls", "“#bread#rolls” has more than one #."),
        ("#" + "x" * 100, "has 101 characters; 100 are allowed."),
        (" , ", "Enter at least one hashtag."),
        ("", "This field is required."),
    ],
)
def test_what_is_wrong_stands_beside_the_field(editor, hashtags, problem):
    response = add(editor, hashtags=hashtags)

    beside = words(response).split('id="id_hashtags_error"')[1].split("</ul>")[0]
    assert response.status_code == 422
    assert problem in beside
    assert not HashtagGroup.objects.exists()


def test_a_name_that_is_taken_is_said_beside_the_name(editor, group):
    response = add(editor, name="Morning", hashtags="#buns")

    assert response.status_code == 422
    assert "“Morning” already" in words(response).split('id="id_name_error"')[1]
    assert "#buns" in words(response)


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_owners_and_editors_change_a_group(team, signed_in, group, role):
    response = edit(signed_in(make_member(team, role)), group)

    group.refresh_from_db()
    assert response.url == reverse("hashtags")
    assert (group.name, group.hashtags) == ("Early", "#buns")


def test_the_form_begins_with_what_the_group_holds(editor, group):
    page = words(editor.get(reverse("hashtags_edit", args=[group.pk])))

    assert 'value="Morning"' in page
    assert "#bread #rolls</textarea>" in page


def test_a_broken_change_is_explained_and_kept(editor, group):
    response = edit(editor, group, hashtags="buns")

    group.refresh_from_db()
    assert response.status_code == 422
    assert "“buns” does not begin with #." in words(response)
    assert group.hashtags == "#bread #rolls"


def test_another_groups_name_is_refused(editor, team, group):
    evening = add_group(team, group.created_by, "Evening", ["#buns"], current_moment())

    assert edit(editor, evening, name="Morning").status_code == 422


def test_deleting_asks_first(editor, group):
    response = editor.get(reverse("hashtags_delete", args=[group.pk]))

    assert "Delete “Morning”?" in words(response)
    assert HashtagGroup.objects.exists()


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_owners_and_editors_delete_a_group(team, signed_in, group, role):
    assert delete(signed_in(make_member(team, role)), group).url == reverse("hashtags")
    assert not HashtagGroup.objects.exists()


@pytest.mark.parametrize("act", [edit, delete])
def test_a_viewer_cannot_change_a_group(viewer, group, act):
    assert act(viewer, group).status_code == 403
    assert HashtagGroup.objects.get().name == "Morning"


@pytest.mark.parametrize("act", [edit, delete])
def test_a_stranger_does_not_learn_of_a_group(stranger, group, act):
    assert act(stranger, group).status_code == 404
    assert HashtagGroup.objects.get().name == "Morning"


@pytest.mark.parametrize("name", ["hashtags_edit", "hashtags_delete"])
def test_a_stranger_cannot_open_a_groups_pages(stranger, viewer, group, name):
    assert stranger.get(reverse(name, args=[group.pk])).status_code == 404
    assert viewer.get(reverse(name, args=[group.pk])).status_code == 403


@pytest.mark.parametrize("name", ["hashtags", "hashtags_add", "hashtags_menu"])
def test_anonymous_people_sign_in_first(client, name):
    method = client.post if name == "hashtags_add" else client.get

    assert method(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["hashtags_edit", "hashtags_delete"])
def test_anonymous_people_reach_no_group(client, group, name):
    response = client.post(reverse(name, args=[group.pk]))

    assert response.url.startswith(reverse("account_login"))
    assert HashtagGroup.objects.exists()


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("hashtags", "post"),
        ("hashtags_menu", "post"),
        ("hashtags_add", "get"),
        ("hashtags_edit", "put"),
        ("hashtags_delete", "delete"),
    ],
)
def test_each_address_takes_only_its_methods(owner, group, name, method):
    arguments = [group.pk] if name in ("hashtags_edit", "hashtags_delete") else []

    assert getattr(owner, method)(reverse(name, args=arguments)).status_code == 405


def test_the_menu_offers_the_teams_groups(editor, group, team):
    theirs = add_group(make_team(), group.created_by, "Theirs", ["#other"], current_moment())

    menu = words(editor.get(reverse("hashtags_menu")))

    assert 'data-inserts="#bread #rolls"' in menu
    assert theirs.name not in menu


def test_the_menu_of_a_draft_offers_its_own_teams_groups(signed_in, group, team):
    here = make_member(role=Role.EDITOR)
    make_member(team, Role.EDITOR, user=here.user)
    draft = make_post(make_account(team), state=State.DRAFT, is_consented=False)
    client = signed_in(here)

    menu = words(client.get(f"{reverse('hashtags_menu')}?draft={draft.pk}"))

    assert "Morning" in menu
    assert "Morning" not in words(client.get(reverse("hashtags_menu")))


def test_a_strangers_draft_opens_no_menu(stranger, team, group):
    draft = make_post(make_account(team), state=State.DRAFT, is_consented=False)

    assert stranger.get(f"{reverse('hashtags_menu')}?draft={draft.pk}").status_code == 404
