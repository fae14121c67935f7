import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AccountStatus, Membership, Role, Team, TikTokAccount, User
from publishing.models import Consent, Post
from publishing.states import State
from tests.factories import PASSWORD, make_account, make_member, make_team, make_user
from tests.publishing.factories import make_post
from tests.publishing.photo_posts import make_begun_draft, make_photo_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(team, signed_in):
    return signed_in(make_member(team))


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery", status=AccountStatus.DISCONNECTED)


def account_url(account):
    return reverse("account_delete", args=[account.pk])


def enter(user):
    """A browser in which this person has just entered the password."""
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_an_owner_deletes_an_account(owner, account):
    response = owner.post(account_url(account))

    assert response.url == reverse("accounts")
    assert not TikTokAccount.objects.exists()


def test_looking_at_the_question_deletes_nothing(owner, account):
    page = owner.get(account_url(account)).content.decode()

    assert "This cannot be undone" in page
    assert TikTokAccount.objects.exists()


def test_the_question_counts_what_goes_and_what_stays(owner, account):
    make_post(account, state=State.PUBLISHED)
    make_post(account, state=State.DRAFT)

    page = owner.get(account_url(account)).content.decode()

    assert "1 post that never reached TikTok" in page
    assert "1 post that reached TikTok, or may have," in page


def test_drafts_without_an_account_are_none_of_its_posts(owner, team, account):
    draft = make_begun_draft(team)

    assert "never reached TikTok" not in owner.get(account_url(account)).content.decode()
    owner.post(account_url(account))
    assert Post.objects.get() == draft


def test_a_team_goes_with_its_begun_drafts_and_its_photos(owner, team):
    make_begun_draft(team)
    make_photo_post(make_account(team, status=AccountStatus.DISCONNECTED), state=State.CANCELED)

    owner.post(reverse("team_delete"), {"name": team.name})

    assert not Post.objects.exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_owners_delete_an_account(role, team, signed_in, account):
    client = signed_in(make_member(team, role))

    assert client.post(account_url(account)).status_code == 403
    assert TikTokAccount.objects.exists()


def test_strangers_learn_nothing_of_an_account(stranger, account):
    assert stranger.post(account_url(account)).status_code == 404
    assert TikTokAccount.objects.exists()


def test_anonymous_people_sign_in_first(client, account):
    assert client.post(account_url(account)).url.startswith(reverse("account_login"))
    assert TikTokAccount.objects.exists()


def test_a_connected_account_is_explained(owner, team):
    connected = make_account(team)

    response = owner.post(account_url(connected))

    assert response.status_code == 409
    assert "is still connected" in response.content.decode()


def test_a_deleted_account_is_no_longer_among_the_accounts(owner, account):
    make_post(account, state=State.PUBLISHED)
    owner.post(account_url(account))

    assert "Deleted account" not in owner.get(reverse("accounts")).content.decode()
    assert owner.get(account_url(account)).status_code == 404


def test_the_page_of_a_kept_post_still_opens(owner, account):
    post = make_post(account, state=State.PUBLISHED)
    owner.post(account_url(account))

    page = owner.get(reverse("post", args=[post.pk]))

    assert page.status_code == 200
    assert "Deleted account" in page.content.decode()


def test_only_owners_are_offered_to_delete(owner, editor, account):
    assert account_url(account) in owner.get(reverse("accounts")).content.decode()
    assert account_url(account) not in editor.get(reverse("accounts")).content.decode()


def test_an_owner_deletes_the_team_by_its_name(owner, team):
    owner.post(reverse("team_delete"), {"name": team.name})

    assert not Team.objects.exists()


def test_a_wrong_name_deletes_no_team(owner):
    response = owner.post(reverse("team_delete"), {"name": "Another"})

    assert response.status_code == 422
    assert Team.objects.exists()


def test_a_refused_team_says_why(owner, team):
    make_account(team, nickname="Maple Bakery")

    response = owner.post(reverse("team_delete"), {"name": team.name})

    assert response.status_code == 409
    assert "Disconnect Maple Bakery first" in response.content.decode()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_owners_delete_the_team(role, team, signed_in):
    client = signed_in(make_member(team, role))

    assert client.post(reverse("team_delete"), {"name": team.name}).status_code == 403
    assert Team.objects.exists()


def test_a_stranger_deletes_only_their_own_team(stranger, team):
    stranger.post(reverse("team_delete"), {"name": team.name})

    assert Team.objects.filter(pk=team.pk).exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_members_delete_themselves(role, team):
    make_member(team)
    member = make_member(team, role)

    response = enter(member.user).post(reverse("person_delete"))

    assert response.url == reverse("home")
    assert not User.objects.filter(pk=member.user_id).exists()


def test_somebody_without_a_team_deletes_themselves(db):
    user = make_user()

    enter(user).post(reverse("person_delete"))

    assert not User.objects.exists()


def test_whoever_is_deleted_is_signed_out(team):
    make_member(team)
    client = enter(make_member(team, Role.EDITOR).user)

    client.post(reverse("person_delete"))

    assert client.get(reverse("settings")).url.startswith(reverse("account_login"))


def test_the_last_owner_is_told_what_to_do_first(team):
    member = make_member(team)

    response = enter(member.user).post(reverse("person_delete"))

    assert response.status_code == 409
    assert "Invite another owner" in response.content.decode()
    assert Membership.objects.exists()


def test_the_password_is_asked_for_before_deleting(editor):
    people = User.objects.count()

    response = editor.post(reverse("person_delete"))

    assert response.url.startswith(reverse("account_reauthenticate"))
    assert User.objects.count() == people


def test_nobody_anonymous_is_deleted(client):
    assert client.post(reverse("person_delete")).url.startswith(reverse("account_login"))


def test_posts_and_consents_of_a_deleted_person_stay(team):
    make_member(team)
    member = make_member(team, Role.EDITOR)
    make_post(make_account(team), author=member.user)

    enter(member.user).post(reverse("person_delete"))

    assert Post.objects.get().author is None
    assert Consent.objects.get().person_email == member.user.email


@pytest.mark.parametrize("name", ["person_delete", "team_delete"])
def test_the_questions_are_asked_in_the_settings(owner, name):
    assert reverse(name) in owner.get(reverse("settings")).content.decode()


def test_an_editor_is_not_offered_to_delete_the_team(editor):
    make_team()

    assert reverse("team_delete") not in editor.get(reverse("settings")).content.decode()
