"""The page of those who run the site, and the banner that everybody sees."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from publishing.models import Attempt, Breaker, Post, PulseName
from publishing.pulse import beat
from publishing.states import State
from tests.factories import make_account, make_member, make_team, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db
BANNER = "Nothing has been published since"


@pytest.fixture(autouse=True)
def own_broker(settings, tmp_path):
    settings.MIN_FREE_BYTES = 0
    if not settings.BROKER_IS_REDIS:
        settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/broker.sqlite3"


@pytest.fixture
def owner(team, signed_in):
    return signed_in(make_member(team))


@pytest.fixture
def ticking(db):
    beat(PulseName.TICK, current_moment(), 0.012)
    beat(PulseName.DELIVERIES, current_moment())


@pytest.fixture
def silent(db):
    beat(PulseName.TICK, current_moment() - timedelta(minutes=10))


def page_of(client):
    response = client.get(reverse("operations"))
    assert response.status_code == 200
    return unescape(response.content.decode())


def overdue_post(team, **overrides):
    due_at = current_moment() - timedelta(minutes=10)
    return make_post(make_account(team), due_at=due_at, **overrides)


def test_all_parts_of_a_site_that_runs_are_fine(owner, ticking):
    page = page_of(owner)

    assert page.count("badge is-good") == 9
    assert "It took 12 ms." in page


@pytest.mark.parametrize("browser", ["editor", "viewer"])
def test_other_members_may_not_look(browser, request):
    client = request.getfixturevalue(browser)

    assert client.get(reverse("operations")).status_code == 403


def test_the_owner_of_another_team_may_not_look(team, stranger):
    assert stranger.get(reverse("operations")).status_code == 403


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("operations")).url.startswith(reverse("account_login"))


def test_somebody_without_a_team_may_not_look(client):
    client.force_login(make_user())

    assert client.get(reverse("operations")).status_code == 403


def test_it_is_only_read(owner):
    assert owner.post(reverse("operations")).status_code == 405


def test_the_menu_leads_there(owner):
    assert f'href="{reverse("operations")}"' in owner.get(reverse("calendar")).content.decode()


def test_the_menu_of_others_does_not(editor):
    assert reverse("operations") not in editor.get(reverse("calendar")).content.decode()


def test_before_the_first_tick_the_page_says_what_will_come(owner):
    beat(PulseName.PREPARED, current_moment())

    page = page_of(owner)

    assert "The scheduler has not ticked yet" in page
    assert "badge is-bad" not in page


def test_a_silent_scheduler_asks_to_act(owner, silent):
    page = page_of(owner)

    assert "badge is-bad" in page
    assert "See whether beat and the clock worker run" in page


def test_a_worker_that_takes_nothing_is_named(owner, ticking):
    beat(PulseName.DELIVERIES, current_moment() - timedelta(minutes=5))

    assert "See whether the deliveries worker runs" in page_of(owner)


def test_a_worker_that_never_took_anything_is_named(owner):
    beat(PulseName.TICK, current_moment())
    beat(PulseName.PREPARED, current_moment() - timedelta(minutes=5))

    assert "See whether the deliveries worker runs" in page_of(owner)


def test_a_silent_scheduler_leaves_deliveries_in_doubt(owner, silent):
    beat(PulseName.DELIVERIES, current_moment() - timedelta(minutes=10))

    page = page_of(owner)

    assert "Unknown while the scheduler is silent" in page
    assert "See whether the deliveries worker runs" not in page


def test_a_worker_that_is_full_is_not_called_dead(owner, ticking, team):
    beat(PulseName.DELIVERIES, current_moment() - timedelta(minutes=5))
    make_post(make_account(team), state=State.UPLOADING)

    page = page_of(owner)

    assert "1 post is being sent: all its threads may be busy" in page
    assert "badge is-bad" not in page


def test_the_oldest_overdue_post_of_the_team_is_linked(owner, ticking, team):
    post = overdue_post(team, caption="Winter roast", note="Waits for TikTok’s minute.")

    page = page_of(owner)

    assert f'<a href="{reverse("post", args=[post.pk])}">Winter roast</a>' in page
    assert "Waits for TikTok’s minute." in page


def test_the_overdue_post_of_another_team_is_counted_and_not_shown(owner, ticking):
    post = overdue_post(make_team(), caption="Secret launch", note="Secret reason")

    page = page_of(owner)

    assert "1 post is due and not begun" in page
    assert "Secret" not in page
    assert reverse("post", args=[post.pk]) not in page


def test_lateness_is_told_with_its_count(owner, ticking, team):
    init_at = current_moment()
    for late_s in (0.25, 2):
        due_at = init_at - timedelta(seconds=late_s)
        post = make_post(make_account(team), due_at=due_at, state=State.PUBLISHED)
        Attempt.objects.create(post=post, number=1, claimed_at=due_at, init_intended_at=init_at)

    page = page_of(owner)

    assert "Half within 0.25 s, 95 % within 2.00 s, 99 % within 2.00 s" in page
    assert "TikTok’s call, 2 posts;" in page


def test_posts_that_need_someone_are_counted(owner, ticking, team):
    account = make_account(team)
    make_post(account, state=State.NEEDS_ATTENTION)
    make_post(account, state=State.FAILED)

    assert "Needs attention: 1, Failed: 1" in page_of(owner)


def test_a_lost_account_is_counted(owner, ticking, team):
    make_account(team, status="reconnect_needed")

    assert "0 connected, 1 to be connected again" in page_of(owner)


def test_a_broker_that_is_gone_asks_to_act(owner, ticking, settings, tmp_path):
    settings.BROKER_IS_REDIS = False
    (tmp_path / "file").touch()
    settings.CELERY_BROKER_URL = f"sqlite-lease:///{tmp_path}/file/broker.sqlite3"

    assert "No worker gets anything to do" in page_of(owner)


def test_a_disk_with_little_room_asks_to_act(owner, ticking, settings):
    settings.MIN_FREE_BYTES = 10**18

    assert "badge is-bad" in page_of(owner)


def test_what_runs_is_named(owner, ticking, settings):
    page = page_of(owner)

    assert ("SQLite 3." if settings.DATABASE_IS_SQLITE else "PostgreSQL ") in page
    assert "<dt>Django</dt><dd>5." in page
    assert "<dt>Duecast</dt><dd>0." in page


def test_more_posts_cost_no_more_queries(owner, ticking, team, django_assert_max_num_queries):
    account = make_account(team)
    make_post(account, due_at=current_moment() - timedelta(minutes=1))
    with django_assert_max_num_queries(100) as few:
        page_of(owner)

    for _ in range(10):
        make_post(account, due_at=current_moment() - timedelta(minutes=1))

    with django_assert_max_num_queries(len(few)):
        page_of(owner)


@pytest.mark.parametrize("browser", ["owner", "editor", "viewer"])
def test_every_member_sees_that_the_scheduler_is_silent(browser, silent, request):
    page = request.getfixturevalue(browser).get(reverse("calendar")).content.decode()

    assert BANNER in page


def test_only_who_runs_the_site_is_sent_to_its_processes(owner, editor, silent):
    assert "Start beat and clock again" in owner.get(reverse("team")).content.decode()
    assert "tell the person who runs" in editor.get(reverse("team")).content.decode()


def test_a_scheduler_that_ticks_has_no_banner(viewer, ticking):
    assert BANNER not in viewer.get(reverse("calendar")).content.decode()


def test_strangers_do_not_learn_of_it(client, silent):
    make_user()

    assert BANNER not in client.get("/").content.decode()


def test_the_banner_costs_one_query(viewer, ticking, django_assert_max_num_queries):
    viewer.get(reverse("team"))

    with django_assert_max_num_queries(100) as asked:
        viewer.get(reverse("team"))

    assert sum("publishing_pulse" in query["sql"] for query in asked.captured_queries) == 1


def test_what_is_held_for_several_accounts_is_named(owner, ticking, team):
    now = current_moment()
    held = Breaker.objects.create(
        code="url_ownership_unverified", lane="direct", opened_at=now, probe_at=now
    )
    post = make_post(make_account(team))
    Post.objects.filter(pk=post.pk).update(held_by=held)

    page = page_of(owner)

    assert "TikTok answers url_ownership_unverified; 1 post is waiting" in page
