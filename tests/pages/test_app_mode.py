from html import unescape

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment

from accounts.models import Role
from publishing.app_mode import AppMode, creators_in_last_day
from publishing.models import JournalLine, Mode, Post
from publishing.states import State
from tests.factories import make_account, make_member
from tests.publishing.factories import days, make_post

pytestmark = pytest.mark.django_db
PRIVATE_ONLY = [AppMode.SANDBOX, AppMode.UNAUDITED]
REFUSAL = "unaudited_client_can_only_post_to_private_accounts"


@pytest.fixture
def owner(team, signed_in):
    """The first team runs the site."""
    return signed_in(make_member(team))


@pytest.fixture
def mode(settings):
    def choose(mode):
        settings.TIKTOK_APP_MODE = mode.value
        settings.SIMULATOR_IN_USE = mode == AppMode.SIMULATOR

    return choose


def page_of(client, name, *args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def banners(client):
    return page_of(client, "team").split('aria-label="Notices"')[1].split("</aside>")[0]


def section(client):
    page = page_of(client, "settings")
    return page.split('aria-labelledby="app-mode"')[1].split("</section>")[0]


def sent_at(account, at, **overrides):
    fields = {"state": State.PUBLISHED, "is_consented": False, "init_at": at} | overrides
    return make_post(account, **fields)


@pytest.mark.parametrize("chosen", PRIVATE_ONLY)
def test_before_the_audit_every_page_says_what_tiktok_takes(viewer, team, mode, chosen):
    mode(chosen)
    for _ in range(3):
        sent_at(make_account(team), current_moment() - days(0.5))

    shown = banners(viewer)

    assert "“Only me” on private accounts" in shown
    assert 'id="creators-used">3 of 5</span> creators used' in shown
    assert f'href="{reverse("settings")}#app-mode"' in shown


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (AppMode.SIMULATOR, "Simulator in use"),
        (AppMode.SANDBOX, "TikTok’s sandbox"),
        (AppMode.UNAUDITED, "TikTok has not audited this app"),
    ],
)
def test_each_mode_has_one_banner(viewer, mode, chosen, words):
    mode(chosen)

    shown = banners(viewer)

    assert words in shown
    assert shown.count('<div class="banner') == 1


def test_an_audited_app_has_none(viewer, mode):
    mode(AppMode.AUDITED)

    assert "banner" not in banners(viewer)


def test_people_who_are_not_signed_in_see_nothing_of_it(client, team, mode):
    mode(AppMode.UNAUDITED)
    make_member(team)

    assert "creators used" not in page_of(client, "account_login")


def test_creators_are_counted_once_and_for_a_day(team):
    now = current_moment()
    busy, other = make_account(team), make_account(team)
    sent_at(busy, now - days(0.1))
    sent_at(busy, now - days(0.2))
    sent_at(other, now - days(0.3), state=State.UNCONFIRMED)
    sent_at(make_account(), now - days(0.9), state=State.PROCESSING)
    sent_at(make_account(team), now - days(1.1))
    sent_at(make_account(team), now - days(0.1), mode=Mode.INBOX)
    sent_at(make_account(team), now - days(0.1), state=State.FAILED)
    make_post(make_account(team), due_at=now + days(0.1))

    assert creators_in_last_day(now) == 3


def test_the_banner_costs_one_query_whatever_there_is(
    viewer, team, mode, django_assert_num_queries, django_assert_max_num_queries
):
    mode(AppMode.AUDITED)
    with django_assert_max_num_queries(100) as without:
        page_of(viewer, "team")
    for _ in range(3):
        sent_at(make_account(team), current_moment())

    mode(AppMode.UNAUDITED)

    with django_assert_num_queries(len(without) + 1):
        page_of(viewer, "team")


@pytest.mark.parametrize("chosen", list(AppMode))
def test_who_runs_the_site_sees_the_mode_as_it_is_set(owner, mode, chosen):
    mode(chosen)

    assert f"TIKTOK_APP_MODE={chosen.value}" in section(owner)


@pytest.mark.parametrize("chosen", PRIVATE_ONLY)
def test_members_see_what_is_allowed_and_their_way_out(team, signed_in, mode, chosen):
    make_member(team)
    mode(chosen)

    shown = section(signed_in(make_member(team, Role.VIEWER)))

    assert "Private at the moment of posting" in shown
    assert "switch on Settings and privacy → Privacy → Private account" in shown
    assert "TIKTOK_APP_MODE" not in shown


def test_members_need_not_know_of_an_audited_app(team, signed_in, mode):
    make_member(team)
    mode(AppMode.AUDITED)

    page = page_of(signed_in(make_member(team, Role.EDITOR)), "settings")

    assert 'aria-labelledby="app-mode"' not in page


def test_without_the_inbox_it_is_no_way_out(viewer, mode, settings):
    mode(AppMode.UNAUDITED)
    settings.TIKTOK_OFFERS_INBOX = False

    assert "inbox" not in section(viewer)


def refused(account, **overrides):
    post = make_post(account, state=State.PROCESSING, **overrides)
    JournalLine.objects.create(post=post, kind="init_failed", at=current_moment(), code=REFUSAL)
    post.move_to(State.NEEDS_ATTENTION, now=current_moment(), reason="No.", note="No.")
    return post


@pytest.mark.parametrize(
    ("level", "step"),
    [
        ("PUBLIC_TO_EVERYONE", "Press Edit as draft here, choose “Only me”"),
        ("SELF_ONLY", "Press Retry here."),
    ],
)
def test_a_refusal_before_the_audit_leads_on_step_by_step(viewer, team, mode, level, step):
    mode(AppMode.UNAUDITED)

    page = page_of(viewer, "post", refused(make_account(team), privacy_level=level).pk)

    steps = page.split('<ol class="standing-steps">')[1].split("</ol>")[0]
    assert "switch on Private account" in steps
    assert step in steps
    assert f'href="{reverse("settings")}#app-mode">What TikTok allows' in page


def test_a_mode_that_tiktok_contradicts_is_told(viewer, team, mode):
    mode(AppMode.AUDITED)

    page = page_of(viewer, "post", refused(make_account(team)).pk)

    assert "TikTok says that it has not" in page


def test_a_post_that_is_sent_again_needs_no_steps(viewer, team, mode):
    mode(AppMode.UNAUDITED)
    post = refused(make_account(team))
    Post.objects.filter(pk=post.pk).update(state=State.PROCESSING)

    assert "standing-steps" not in page_of(viewer, "post", post.pk)
