from datetime import time

import pytest
from django.urls import reverse

from accounts.models import Role
from publishing.models import PostingSlot
from tests.factories import make_account, make_member
from tests.pages.posting import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team):
    return make_account(team, min_gap_min=10)


@pytest.fixture
def manager(team, signed_in):
    return signed_in(make_member(team, Role.MANAGER))


@pytest.fixture
def slot(account):
    return PostingSlot.objects.create(account=account, weekday=3, clock=time(18, 30))


def plan_of(account):
    return reverse("account_plan", args=[account.pk])


def remove_url(slot):
    return reverse("slot_remove", args=[slot.account_id, slot.pk])


def test_everybody_sees_the_plan_and_only_managers_its_forms(viewer, manager, account, slot):
    seen = words_of(viewer.get(plan_of(account)))

    assert "18:30" in seen
    assert "Thursday" in seen
    assert "At least 10 minutes" in seen
    assert "Add a time" not in seen
    assert "Add a time" in words_of(manager.get(plan_of(account)))


def test_a_time_is_added_on_several_days(manager, account):
    data = {"weekdays": [0, 3], "clock": "18:30"}

    response = manager.post(reverse("slots_add", args=[account.pk]), data)

    assert response.url == plan_of(account)
    assert list(account.slots.values_list("weekday", "clock")) == [
        (0, time(18, 30)),
        (3, time(18, 30)),
    ]


@pytest.mark.parametrize(
    "data", [{}, {"weekdays": [9], "clock": "18:30"}, {"weekdays": [1], "clock": "noon"}]
)
def test_a_bad_time_is_said_beside_its_field(manager, account, data):
    response = manager.post(reverse("slots_add", args=[account.pk]), data)

    assert response.status_code == 422
    assert 'class="errorlist' in words_of(response)
    assert not account.slots.exists()


def test_a_slot_is_removed_and_a_second_press_finds_it_gone(manager, slot):
    assert manager.post(remove_url(slot)).status_code == 302
    assert manager.post(remove_url(slot)).status_code == 302
    assert not PostingSlot.objects.exists()


def test_the_gap_is_set(manager, account):
    response = manager.post(reverse("account_gap", args=[account.pk]), {"min_gap_min": 0})

    account.refresh_from_db()
    assert response.url == plan_of(account)
    assert account.min_gap_min == 0


@pytest.mark.parametrize("value", ["", "-1", "1441", "soon"])
def test_a_bad_gap_is_refused(manager, account, value):
    response = manager.post(reverse("account_gap", args=[account.pk]), {"min_gap_min": value})

    account.refresh_from_db()
    assert response.status_code == 422
    assert account.min_gap_min == 10


@pytest.mark.parametrize("name", ["account_gap", "slots_add"])
def test_only_managers_and_owners_change_it(editor, stranger, client, account, name):
    url = reverse(name, args=[account.pk])

    assert editor.post(url).status_code == 403
    assert stranger.post(url).status_code == 404
    assert client.post(url).status_code == 302
    assert editor.get(url).status_code == 405


def test_a_stranger_and_a_member_without_the_account_find_nothing(stranger, editor, manager, slot):
    account = slot.account
    assert stranger.get(plan_of(account)).status_code == 404
    assert stranger.post(remove_url(slot)).status_code == 404
    assert editor.post(remove_url(slot)).status_code == 403
    type(account).objects.update(is_limited=True)

    assert editor.get(plan_of(account)).status_code == 404
    assert manager.get(plan_of(account)).status_code == 200


def test_a_slot_of_another_account_is_left_alone(manager, team, slot):
    other = make_account(team)

    manager.post(reverse("slot_remove", args=[other.pk, slot.pk]))

    assert PostingSlot.objects.exists()
