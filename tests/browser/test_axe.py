"""axe-core finds nothing serious on any page, in both themes, on a desk and on a phone."""

from collections.abc import Callable, Iterable
from datetime import time
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from django.urls import reverse
from django.utils.timezone import now as current_moment
from playwright.sync_api import Page

from accounts.activity import note_activity
from accounts.invitations import invite
from accounts.models import AccountStatus, Role, Team, TikTokAccount
from calendar_app.sheets import COLUMNS
from publishing.client_links import make_client_link
from publishing.comments import add_comment
from publishing.importing import keep_import
from publishing.journal import add_line
from publishing.media.library import delete_media
from publishing.models import (
    DayNote,
    DayNoteKind,
    Label,
    MediaKind,
    Mode,
    NoticeKind,
    Post,
    PostingSlot,
    PulseName,
)
from publishing.pulse import beat
from publishing.slots import next_free_slots
from publishing.states import State
from publishing.taking_back import reopen_post
from publishing.telling import tell
from publishing.wording import NOT_AUDITED
from tests.browser.people import sign_in
from tests.factories import PASSWORD, make_account, make_member, make_team
from tests.pages.test_second_factor import code_of, switch_on
from tests.publishing.conftest import connect, run_until, simulator, simulator_process
from tests.publishing.factories import days, make_media, make_photo, make_post, make_try
from tests.publishing.photo_posts import make_begun_draft, make_photo_post
from tiktok.errors import Refused

__all__ = ["connect", "run_until", "simulator", "simulator_process"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AXE = (Path(__file__).parents[1] / "vendor/axe.min.js").read_text(encoding="utf-8")
SIZES_PX = [(1280, 800), (390, 844)]
THEMES: list[Literal["light", "dark"]] = ["light", "dark"]
LOOK = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`));
}"""


@pytest.fixture
def team(transactional_db: None) -> Team:
    return make_team(timezone="Europe/Berlin")


@pytest.fixture
def account(team: Team, connect: Callable[..., TikTokAccount]) -> TikTokAccount:
    return connect(team, nickname="Maple Bakery", comment_disabled=True)


@pytest.fixture
def owner(page: Page, team: Team, live_server: Any) -> Page:
    sign_in(page, make_member(team, Role.OWNER).user, live_server.url)
    return page


def violations(page: Page, addresses: Iterable[str]) -> list[str]:
    """What axe finds serious or critical at these addresses, each seen in four ways."""
    found = []
    for address in addresses:
        response = page.goto(address)
        assert response
        assert response.ok, address
        page.evaluate(AXE)
        for (width_px, height_px), theme in product(SIZES_PX, THEMES):
            page.set_viewport_size({"width": width_px, "height": height_px})
            # Colours on their way from one theme to the other are nobody's.
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{address} {width_px} {theme} {one}" for one in page.evaluate(LOOK)]
    return found


def make_posts(account: TikTokAccount) -> dict[str, Post]:
    """One post in every state; the first of them with a line that quotes TikTok."""
    now = current_moment()
    posts = {
        state: make_post(account, state=state, due_at=now + days(index - 5), note="Why.")
        for index, state in enumerate(State.values)
    }
    error = Refused("spam_risk", "Content risk", log_id="20261121LOG", http_status=403)
    add_line(posts[State.FAILED], "verdict", now, "TikTok finds the content risky.", error=error)
    return posts


def test_the_teams_pages(owner, live_server, team, account):
    posts = make_posts(account)
    failed, scheduled = posts[State.FAILED], posts[State.SCHEDULED]
    make_begun_draft(team).labels.add(Label.objects.create(team=team, name="Winter", hue=3))
    DayNote.objects.create(team=team, date=current_moment().date(), text="Shop closed")
    for kind in NoticeKind:
        tell(team, kind, "Fresh bread", current_moment(), post=failed, code="spam_risk")
    beat(PulseName.TICK, current_moment() - days(1))
    lost = make_account(team, status=AccountStatus.RECONNECT_NEEDED, status_reason="It ended.")
    invite(team, "new@example.com", Role.VIEWER, make_member(team).user, current_moment())
    names = ["calendar", "accounts", "team", "outbox", "settings", "account_email", "compose"]
    names += ["person_delete", "team_delete", "notices", "notice_choices", "operations"]
    names += ["activity"]
    bob = make_member(team).user
    comment = add_comment(failed, bob, f"Why, @{bob.name}?", current_moment())
    values = {"post_id": failed.pk, "account_id": account.pk, "old": "Time: –", "new": "Time: 9"}
    note_activity(team.pk, bob, "draft_changed", current_moment(), subject="Bread", **values)
    names += ["agenda", "calendar_print", "shortcuts"]
    names += ["team_new", "sessions", "mfa_index", "socialaccount_connections"]
    member = make_member(team, Role.EDITOR)
    limits = reverse("account_limits", args=[lost.pk])
    asking = [reverse(name, args=[member.pk]) for name in ("member_remove", "member_hand_over")]
    names += ["approvals", "approval_rules"]
    waiting = Post.objects.get(state=State.IN_REVIEW)
    maker = make_member(team, Role.MANAGER)
    _, token = make_client_link([waiting, failed], maker, "Café Nord", 7, current_moment())

    found = violations(
        owner,
        [live_server.url + reverse(name) for name in names]
        + [f"{live_server.url}{reverse('account_disconnect', args=[lost.pk])}"]
        + [f"{live_server.url}{reverse('comment_delete', args=[comment.pk])}"]
        + [f"{live_server.url}{reverse('post', args=[failed.pk])}"]
        + [live_server.url + address for address in (limits, *asking)]
        + [f"{live_server.url}{reverse('client_link_make', args=[waiting.pk])}"]
        + [f"{live_server.url}{reverse('client_review', args=[token])}"]
        + [f"{live_server.url}{reverse('calendar')}?day={current_moment():%Y-%m-%d}"]
        + [f"{live_server.url}{reverse('calendar')}?view=week&zone=Asia/Tokyo"]
        + [live_server.url + reverse("calendar_choices")]
        + [f"{live_server.url}{reverse('post_move', args=[scheduled.pk])}"],
    )

    assert found == []


def test_the_queue_its_plan_imports_and_the_feed(owner, live_server, team, account):
    now = current_moment()
    for weekday in range(7):
        PostingSlot.objects.create(account=account, weekday=weekday, clock=time(18, 30))
    due_at = next_free_slots([account], now)[account.pk]
    queued = make_post(account, due_at=due_at, is_queued=True)
    run = keep_import(
        team,
        team.memberships.order_by("pk")[0].user,
        "plan.csv",
        [
            {"line": line, "cells": dict.fromkeys(COLUMNS, "") | {"account": name}}
            for line, name in enumerate((account.username, "nobody"), start=2)
        ],
        now,
    )
    Post.objects.filter(pk=make_post(account, state=State.DRAFT).pk).update(due_at=None)
    pages = [reverse(name) for name in ("queue", "posts_import", "calendar_feed")]
    pages += [reverse("account_plan", args=[account.pk]), reverse("import_run", args=[run.pk])]
    pages += [reverse("queue_remove", args=[queued.pk])]


def test_labels_and_notes_on_days(owner, live_server, team, account):
    labels = [Label.objects.create(team=team, name=f"Hue {hue}", hue=hue) for hue in range(12)]
    kinds = zip(DayNoteKind, ("Note", "Launch", "Holiday"), strict=True)
    day = current_moment().date()
    notes = [DayNote.objects.create(team=team, date=day, kind=kind, text=at) for kind, at in kinds]
    post = make_post(account)
    post.labels.set(labels)
    pages = [reverse(name, args=[labels[0].pk]) for name in ("label_edit", "label_delete")]
    pages += [reverse(name, args=[notes[0].pk]) for name in ("note_edit", "note_delete")]
    pages += [reverse(name, args=[post.pk]) for name in ("post", "post_labels")]
    pages += [reverse("labels"), f"{reverse('notes')}?date={day}"]
    pages += [f"{reverse('calendar')}?view={view}" for view in ("month", "week", "day")]

    assert violations(owner, [live_server.url + page for page in pages]) == []


def test_a_second_factor_and_its_codes(page, live_server, team):
    person = make_member(team).user
    secret = switch_on(person)
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    asked = violations(page, [live_server.url + reverse("mfa_authenticate")])
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/calendar/**")
    names = ["mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"]
    names += ["mfa_deactivate_totp", "mfa_reauthenticate"]

    assert asked + violations(page, [live_server.url + reverse(name) for name in names]) == []


def test_the_posting_screen_of_a_draft(owner, live_server, account):
    draft = make_post(account, state=State.DRAFT, due_at=current_moment() + days(1))

    found = violations(owner, [f"{live_server.url}{reverse('compose')}?draft={draft.pk}"])

    assert found == []


def test_the_posting_screen_of_photos_for_several_accounts(
    owner, live_server, team, account, connect, settings
):
    other = connect(team, nickname="Quiet Studio", is_private=True)
    photos = [make_photo(team) for _ in range(3)]
    shared = make_photo_post(
        account,
        photos=photos,
        is_consented=False,
        state=State.DRAFT,
        discloses_content=True,
        is_branded_content=True,
        privacy_level="",
    )
    make_post(other, form_token=shared.form_token, state=State.DRAFT, is_consented=False)
    address = f"{live_server.url}{reverse('compose')}?draft={shared.pk}"

    found = violations(owner, [address])
    settings.TIKTOK_APP_MODE = "unaudited"

    assert found + violations(owner, [address]) == []


def test_the_posting_screen_for_a_creator_who_cannot_post(owner, live_server, account, simulator):
    simulator.add_creator(account.username, is_banned=True)

    found = violations(owner, [f"{live_server.url}{reverse('compose')}?account={account.pk}"])

    assert found == []


def test_a_posts_page_in_every_state(owner, live_server, account):
    pages = [reverse("post", args=[post.pk]) for post in make_posts(account).values()]

    assert violations(owner, [live_server.url + page for page in pages]) == []


def test_the_look_before_a_post_is_sent_again(owner, live_server, account, run_until):
    run_until(make_post(account, caption="Fresh rolls at seven"), State.PUBLISHED)
    Post.objects.update(public_post_id="")
    unlisted = make_account(account.team, nickname="Quiet Studio", scopes=["video.publish"])
    lost = [
        make_post(account, caption="Fresh rolls at seven", state=State.UNCONFIRMED, note="Why."),
        make_post(unlisted, privacy_level="SELF_ONLY", state=State.UNCONFIRMED),
    ]
    lost += [make_post(account, state=state) for state in (State.CANCELED, State.DRAFT)]
    for post in lost:
        make_try(post)
    pages = [reverse("post_again", args=[post.pk]) for post in lost]
    pages += [f"{reverse('compose')}?{name}={lost[-1].pk}" for name in ("draft", "from")]

    assert violations(owner, [live_server.url + page for page in pages]) == []


def test_the_media_library(owner, live_server, team, account):
    posts = make_posts(account)
    photo = make_media(team, kind=MediaKind.PHOTO, content_type="image/jpeg", duration_ms=None)
    past = posts[State.PUBLISHED].media
    published = make_post(account, state=State.PUBLISHED, media=make_media(team))
    delete_media([published.media], published.author, current_moment())
    everything = "&".join(f"media={one.pk}" for one in team.media.all())

    found = violations(
        owner,
        [
            live_server.url + address
            for address in (
                reverse("library"),
                f"{reverse('library')}?q=nothing+like+it",
                *(reverse("media_item", args=[one.pk]) for one in (past, photo, published.media)),
                f"{reverse('media_delete')}?{everything}",
                reverse("post", args=[published.pk]),
            )
        ],
    )

    assert found == []


def test_photos_the_inbox_and_an_app_before_its_audit(owner, live_server, account, settings):
    settings.TIKTOK_APP_MODE = "unaudited"
    photos = make_photo_post(account, discloses_content=True, is_your_brand=True)
    posts = [
        photos,
        make_photo_post(account, photos=photos.files(), due_at=current_moment() + days(1)),
        make_post(account, mode=Mode.INBOX, privacy_level="", state=State.IN_INBOX),
        make_post(account, cover_timestamp_ms=1500, is_ai_generated=True),
        make_begun_draft(account.team),
    ]
    reopened, refused = make_post(account), make_post(account, state=State.NEEDS_ATTENTION)
    reopen_post(reopened, reopened.author, current_moment())
    error = Refused(NOT_AUDITED, "Not audited", log_id="20261121LOG", http_status=403)
    add_line(refused, "init_failed", current_moment(), "No.", error=error)
    pages = [reverse("post", args=[post.pk]) for post in [*posts, reopened, refused]]

    found = violations(owner, [live_server.url + page for page in [*pages, reverse("settings")]])

    assert found == []


def test_an_empty_library(owner, live_server):
    assert violations(owner, [live_server.url + reverse("library")]) == []


def test_an_empty_calendar(owner, live_server):
    assert violations(owner, [live_server.url + reverse("calendar")]) == []


def test_pages_for_people_who_are_not_signed_in(page, live_server, team):
    make_member(team)
    names = ["home", "account_login", "account_reset_password", "privacy", "terms"]

    assert violations(page, [live_server.url + reverse(name) for name in names]) == []
