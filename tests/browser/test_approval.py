"""From "Submit for approval" to the schedule by clicking, and a client who answers by a link."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Membership, Role, Team, TikTokAccount
from publishing.client_links import make_client_link
from publishing.models import Post
from publishing.states import State
from tests.browser.people import sign_in
from tests.browser.test_compose import choose_audience
from tests.factories import make_account, make_member
from tests.media_samples import make_mp4
from tests.publishing.approval_posts import hand_in_post, make_team_with_rule
from tests.publishing.conftest import connect, simulator, simulator_process
from tests.publishing.factories import days, make_media, make_post

__all__ = ["connect", "simulator", "simulator_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team_with_rule(client_counts=True, timezone="Europe/Berlin")


@pytest.fixture
def page_of(
    new_context: Callable[..., BrowserContext], live_server: Any
) -> Callable[[Membership], Page]:
    """A browser of this member's own."""

    def open_page(member: Membership) -> Page:
        page = new_context().new_page()
        sign_in(page, member.user, live_server.url)
        return page

    return open_page


def confirm(page: Page) -> None:
    choose_audience(page, "Everyone")
    page.get_by_role("button", name="Submit for approval").click()


def test_submitted_sent_back_changed_and_approved(team, connect, page_of, live_server):
    account: TikTokAccount = connect(team, nickname="Maple Bakery")
    author = make_member(team, Role.EDITOR)
    draft = make_post(
        account,
        state=State.DRAFT,
        is_consented=False,
        author=author.user,
        media=make_media(team),
        due_at=current_moment() + days(2),
        privacy_level="",
    )
    editor, approver = page_of(author), page_of(make_member(team, Role.APPROVER))
    post_url = live_server.url + reverse("post", args=[draft.pk])

    editor.goto(f"{live_server.url}{reverse('compose')}?draft={draft.pk}")
    expect(editor.get_by_text("Needs one approval, 1 h before a post is due")).to_be_visible()
    expect(editor.get_by_role("button", name="Post now")).to_be_hidden()
    confirm(editor)
    expect(editor.get_by_text("Handed in for approval.", exact=True)).to_be_visible()

    approver.goto(live_server.url + reverse("approvals"))
    expect(approver.get_by_role("link", name="Approvals 1 waiting for you")).to_be_visible()
    approver.get_by_role("link", name=draft.caption).click()
    approver.get_by_role("link", name="Request changes").click()
    approver.get_by_label("What should be changed").fill("Please name the bakery.")
    approver.get_by_role("button", name="Request changes").click()
    expect(approver.get_by_text("It went back to its author")).to_be_visible()

    # The author's page says it by itself.
    expect(editor.get_by_text("“Please name the bakery.”").first).to_be_visible()
    editor.get_by_role("link", name="Continue").click()
    editor.locator("#id_caption").fill("Maple Bakery opens at six.")
    confirm(editor)

    approver.goto(post_url)
    approver.get_by_role("button", name="Approve").click()
    expect(approver.locator(".standing-words")).to_contain_text("Scheduled.")
    expect(editor.locator(".standing-words")).to_contain_text("Scheduled.")
    draft.refresh_from_db()
    assert draft.state == State.SCHEDULED
    assert draft.consents.get(voided_at=None).person == author.user


@pytest.fixture
def film(team: Team, tmp_path: Any) -> Any:
    path = make_mp4(tmp_path / "menu.mp4", seconds=1)
    media = make_media(team)
    media.file.storage.delete(media.file.name)
    media.file.storage.save(media.file.name, path.open("rb"))
    return media


@pytest.mark.parametrize("width_px", [390, 1280])
def test_a_client_answers_by_the_link(team, film, new_context, live_server, width_px):
    make_account(team, nickname="Maple Bakery")
    post: Post = hand_in_post(team, media=film)
    maker = make_member(team, Role.MANAGER)
    _, token = make_client_link([post], maker, "Café Nord", 7, current_moment())
    context = new_context(viewport={"width": width_px, "height": 844})
    page = context.new_page()

    page.goto(f"{live_server.url}{reverse('client_review', args=[token])}")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
    page.get_by_label("Your name").fill("Kim")
    page.get_by_label("Comment").fill("Lovely.")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#answered")).to_be_focused()
    expect(page.get_by_text("Thank you. The team has been told.")).to_be_visible()
    expect(page.get_by_text("“Lovely.”")).to_be_visible()
    post.refresh_from_db()
    assert post.state == State.SCHEDULED
    assert context.cookies() == []


def test_on_a_phone_an_approver_sees_first_what_is_to_be_approved(team, film, page_of, live_server):
    make_account(team, nickname="Maple Bakery")
    post = hand_in_post(team, media=film)
    tops = {}
    for role in (Role.APPROVER, Role.VIEWER):
        page = page_of(make_member(team, role))
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(live_server.url + reverse("post", args=[post.pk]))
        parts = [page.locator(part).bounding_box()["y"] for part in (".phone", "#post-status")]
        tops[role] = parts[0] < parts[1]

    assert tops == {Role.APPROVER: True, Role.VIEWER: False}
