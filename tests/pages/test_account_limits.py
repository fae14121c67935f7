import pytest
from django.urls import reverse

from accounts.models import Activity, Role
from tests.factories import make_account, make_member, make_user
from tests.pages.posting import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(team, signed_in):
    return signed_in(make_member(team, Role.MANAGER, user=make_user(name="Mara")))


@pytest.fixture
def account(team):
    return make_account(team, nickname="Maple Bakery")


@pytest.fixture
def jonas(team):
    return make_member(team, Role.EDITOR, user=make_user(name="Jonas", email="j@example.com"))


def choose(client, account, **sent):
    return client.post(reverse("account_limits", args=[account.pk]), sent)


def limits_of(account):
    account.refresh_from_db()
    return account.is_limited, list(account.allowed_members.all())


def test_an_account_is_limited_to_those_ticked(manager, account, jonas):
    assert choose(manager, account, who="named", members=[jonas.pk]).url == reverse("accounts")

    assert limits_of(account) == (True, [jonas])
    row = Activity.objects.get()
    assert (row.actor_name, row.verb, row.account_id, row.new) == (
        "Mara", "account_limited", account.pk, "j@example.com",
    )  # fmt: skip


def test_nobody_ticked_leaves_it_to_owners_and_managers(manager, account, jonas):
    choose(manager, account, who="named")

    assert limits_of(account) == (True, [])


def test_it_is_opened_again(manager, account, jonas):
    choose(manager, account, who="named", members=[jonas.pk])

    choose(manager, account, who="everybody", members=[jonas.pk])

    assert limits_of(account) == (False, [])
    assert Activity.objects.filter(verb="account_opened").exists()


def test_the_card_says_who(manager, account, jonas):
    choose(manager, account, who="named", members=[jonas.pk])

    page = words_of(manager.get(reverse("accounts")))

    assert "For owners, managers and Jonas only." in page


@pytest.mark.parametrize("sent", [{}, {"who": "nobody"}, {"who": "named", "members": ["0"]}])
def test_a_bad_choice_is_explained(manager, account, sent):
    response = choose(manager, account, **sent)

    assert response.status_code == 422
    assert "form-errors" in words_of(response)
    assert limits_of(account) == (False, [])


def test_somebody_of_another_team_cannot_be_named(manager, account):
    response = choose(manager, account, who="named", members=[make_member().pk])

    assert response.status_code == 422


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, Role.VIEWER])
def test_the_others_choose_nothing(team, account, signed_in, role):
    browser = signed_in(make_member(team, role))

    assert choose(browser, account, who="named").status_code == 403
    assert "Choose who" not in words_of(browser.get(reverse("accounts")))


def test_strangers_do_not_learn_of_the_account(stranger, account):
    assert choose(stranger, account, who="named").status_code == 404


def test_anonymous_people_sign_in_first(client, account):
    assert choose(client, account).url.startswith(reverse("account_login"))


def test_other_methods_are_refused(manager, account):
    assert manager.put(reverse("account_limits", args=[account.pk])).status_code == 405


def test_more_accounts_cost_no_more_queries(
    manager, account, jonas, team, django_assert_max_num_queries
):
    choose(manager, account, who="named", members=[jonas.pk])
    with django_assert_max_num_queries(100) as few:
        manager.get(reverse("accounts"))
    for _ in range(3):
        make_account(team, is_limited=True).allowed_members.add(jonas)

    with django_assert_max_num_queries(len(few)):
        manager.get(reverse("accounts"))
