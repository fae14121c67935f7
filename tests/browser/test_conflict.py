"""Two people, each in a browser, on one draft: they see each other, and nothing is overwritten."""

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import expect

from accounts.models import Role
from publishing.models import Label, Post
from publishing.states import State
from tests.browser.people import sign_in
from tests.browser.test_axe import AXE, LOOK
from tests.browser.test_drafts import saved
from tests.factories import make_member, make_team, make_user
from tests.publishing.conftest import connect, simulator, simulator_process
from tests.publishing.factories import days, make_post

__all__ = ["connect", "simulator", "simulator_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES_PX = [(1280, 800), (390, 844)]


@pytest.fixture
def team(transactional_db):
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def draft(team, connect):
    Label.objects.create(team=team, name="Spring", hue=2)
    account = connect(team, nickname="Maple Bakery")
    return make_post(
        account,
        caption="Fresh rolls",
        state=State.DRAFT,
        is_consented=False,
        privacy_level="SELF_ONLY",
        due_at=current_moment() + days(1),
    )


@pytest.fixture
def open_as(team, new_context, live_server):
    """The page of one more person of the team."""

    def open_page(name, address):
        page = new_context().new_page()
        person = make_member(team, Role.EDITOR, user=make_user(name=name)).user
        sign_in(page, person, live_server.url)
        page.goto(live_server.url + address)
        return page

    return open_page


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_people_on_one_draft(open_as, draft, live_server):
    address = f"{reverse('compose')}?draft={draft.form_token}"
    mia, jonas = open_as("Mia", address), open_as("Jonas", address)
    expect(jonas.locator(".beside")).to_have_text("Mia is editing this too.")
    expect(mia.locator(".beside")).to_have_text("Jonas is editing this too.")

    jonas.locator("#id_caption").fill("From Jonas")
    expect(saved(jonas)).to_be_visible()
    mia.locator("#id_caption").fill("From Mia")

    panel = mia.locator("#conflict-panel")
    expect(panel).to_contain_text("Jonas changed this while it was open here")
    expect(panel).to_contain_text("From Jonas")
    expect(panel).to_contain_text("From Mia")
    expect(mia.locator("[data-unsaved] a")).to_have_attribute("href", "#conflict")
    # Where the hand is: the panel stands above all that was scrolled past.
    missing = mia.locator("[data-missing-list] a", has_text="a choice between two versions")
    expect(missing).to_have_attribute("href", "#conflict")
    expect(mia.locator("[data-needs=schedule]")).to_be_disabled()
    mia.evaluate(AXE)
    for width_px, height_px in SIZES_PX:
        mia.set_viewport_size({"width": width_px, "height": height_px})
        panel.scroll_into_view_if_needed()
        assert fits(mia)
        assert mia.evaluate(LOOK) == []
    # Typing on writes over nothing.
    mia.locator("#id_caption").press_sequentially(" again")
    mia.wait_for_timeout(1500)
    assert Post.objects.get().caption == "From Jonas"

    panel.get_by_role("button", name="Keep mine").click()

    expect(mia.locator(".message")).to_contain_text("Your version is saved")
    expect(mia.locator("#id_caption")).to_have_value("From Mia again")
    assert Post.objects.get().caption == "From Mia again"

    # Jonas' form is the outdated one now: his button schedules nothing of hers.
    jonas.locator("[data-needs=schedule]").click()
    jonas.locator("#conflict-panel").get_by_role("link", name="Take the other").click()
    expect(jonas.locator("#id_caption")).to_have_value("From Mia again")
    assert Post.objects.get().state == State.DRAFT

    jonas.get_by_label("Spring").check()
    expect(saved(jonas)).to_be_visible()
    jonas.goto(f"{live_server.url}{reverse('post', args=[draft.pk])}")
    expect(jonas.locator(".beside")).to_have_text("Mia is editing this.")
    expect(jonas.locator(".label-chip")).to_have_text("Spring")


def test_a_posts_page_shows_labels_given_elsewhere(open_as, draft):
    address = reverse("post", args=[draft.pk])
    page = open_as("Mia", address)
    assert page.locator(".label-chip").count() == 0

    other = open_as("Jonas", reverse("post_labels", args=[draft.pk]))
    other.get_by_label("Spring").check()
    other.get_by_role("button", name="Save").click()
    other.wait_for_url(f"**{address}")

    expect(page.locator(".label-chip")).to_have_text("Spring")
