from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now as current_moment

from publishing.limits import LIMITS, Endpoint, NoPlace, place_for, take_place
from publishing.models import RateUse
from tests.factories import make_account

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_seventh_init_in_a_minute_waits_for_a_place():
    account = make_account()
    for _ in range(6):
        with place_for(account, Endpoint.INIT):
            pass

    with pytest.raises(NoPlace) as full:
        take_place(account, Endpoint.INIT, current_moment())

    wait = full.value.frees_at - current_moment()
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)


def test_a_place_frees_sixty_seconds_after_its_answer():
    account, now = make_account(), current_moment()
    for _ in range(6):
        with place_for(account, Endpoint.INIT):
            pass

    take_place(account, Endpoint.INIT, now + timedelta(seconds=61))


def test_accounts_do_not_share_places():
    now = current_moment()
    crowded, free = make_account(), make_account()
    for _ in range(6):
        take_place(crowded, Endpoint.INIT, now)

    take_place(free, Endpoint.INIT, now)


def test_looking_at_a_page_leaves_places_for_firing():
    account, now = make_account(), current_moment()
    for _ in range(12):
        take_place(account, Endpoint.CREATOR_INFO, now, is_firing=False)

    with pytest.raises(NoPlace):
        take_place(account, Endpoint.CREATOR_INFO, now, is_firing=False)

    take_place(account, Endpoint.CREATOR_INFO, now, is_firing=True)


def test_fifty_at_once_take_six_places():
    account, now = make_account(), current_moment()

    def take(_):
        try:
            take_place(account, Endpoint.INIT, now)
        except NoPlace:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(12) as pool:
        taken = sum(pool.map(take, range(50)))

    assert taken == LIMITS[Endpoint.INIT] == RateUse.objects.count()


def test_many_posts_of_one_account_break_no_window(simulator, connect):
    from tests.publishing.conftest import step
    from tests.publishing.factories import make_post

    account = connect()
    posts = [make_post(account) for _ in range(9)]

    step()

    for post in posts:
        post.refresh_from_db()
    assert len(simulator.posts()) == 6
    assert sum("6 new posts a minute" in post.note for post in posts) == 3
    assert simulator.violations() == []


def test_a_place_is_used_again_once_it_is_free():
    account, now = make_account(), current_moment()

    for minutes in range(10):
        for _ in range(6):
            take_place(account, Endpoint.INIT, now + timedelta(minutes=4 * minutes))

    assert RateUse.objects.count() == 6


def test_an_answer_after_its_place_was_given_away_frees_nobody_s_place():
    account = make_account()
    with place_for(account, Endpoint.INIT):
        RateUse.objects.update(frees_at=current_moment())
        for _ in range(6):
            use = take_place(account, Endpoint.INIT, current_moment() + timedelta(seconds=30))

    assert set(RateUse.objects.values_list("frees_at", flat=True)) >= {use.frees_at}
    assert RateUse.objects.filter(frees_at__lt=use.frees_at - timedelta(seconds=1)).count() == 0
