from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from accounts.models import Role
from publishing.app_mode import AppMode
from publishing.consent import has_valid_consent
from publishing.demo import brand, script
from publishing.demo.episodes import Cast, plan_episodes, write_episode
from publishing.demo.history import PART_BYTES
from publishing.demo.scenes import SCENES
from publishing.demo.script import Fate
from publishing.demo.tiktok_side import Delivery
from publishing.models import Attempt, Post
from publishing.rules import check_post
from publishing.states import ARRIVED, State
from publishing.story import standing_of, story_of
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_media
from tests.publishing_demo import checks
from tiktok.client import CreatorInfo, PublishStatus

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = [
    datetime(2026, 11, 16, 0, 2, tzinfo=BERLIN),  # a Monday that has just begun
    datetime(2026, 11, 22, 23, 58, tzinfo=BERLIN),  # a Sunday that is nearly over
    datetime(2026, 3, 29, 9, 30, tzinfo=BERLIN),  # the clock went forward in the night
    datetime(2027, 1, 1, 7, 31, tzinfo=BERLIN),  # a post was due a minute ago
]
DONE = {Fate.INBOX: "SEND_TO_USER_INBOX"}


def make_cast() -> Cast:
    team = make_team(timezone=brand.TIMEZONE)
    people = [make_member(team, role).user for role in (Role.OWNER, Role.EDITOR, Role.VIEWER)]
    accounts = {key: make_account(team, username=c.username) for key, c in brand.CREATORS.items()}
    levels = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")
    offers = {
        key: CreatorInfo(
            nickname=creator.nickname,
            username=creator.username,
            avatar_url="",
            privacy_level_options=levels,
            comment_disabled=False,
            duet_disabled=creator.duet_disabled,
            stitch_disabled=creator.stitch_disabled,
            max_video_post_duration_s=600,
        )
        for key, creator in brand.CREATORS.items()
    }
    films = {key: make_media(team) for key in brand.FILMS}
    films["long-cut"] = make_media(team, size_bytes=PART_BYTES + 1000)
    return Cast(team, people, accounts, offers, films)


def delivered(number: int, fate: Fate) -> Delivery:
    if fate == Fate.SENDING:
        return Delivery("v_pub_file~sending", "log", None, "http://127.0.0.1/upload", PART_BYTES)
    word = DONE.get(fate, "PUBLISH_COMPLETE")
    status = PublishStatus(word, "", (str(7_600 + number),), None, None, "log")
    return Delivery(f"v_pub_file~{number}", "log", status)


def write_calendar(now: datetime) -> Cast:
    cast = make_cast()
    for number, episode in enumerate(plan_episodes(cast, now)):
        delivery = delivered(number, episode.entry.fate) if episode.send else None
        write_episode(cast, replace(episode, delivery=delivery), now)
    return cast


@dataclass
class Calendar:
    now: datetime
    cast: Cast


@pytest.fixture(scope="module", params=MOMENTS, ids=lambda moment: f"{moment:%Y-%m-%d %H:%M}")
def calendar(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Calendar]:
    """One calendar for all that look at it; taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Calendar(request.param, write_calendar(request.param))
        transaction.set_rollback(True)


def test_every_state_is_there(calendar: Calendar) -> None:
    assert checks.states_present() == set(State.values)


def test_every_history_is_a_walk_through_the_table(calendar: Calendar) -> None:
    assert checks.broken_chains() == []


def test_nothing_is_written_in_the_future(calendar: Calendar) -> None:
    assert checks.rows_after(calendar.now) == []


def test_nothing_happened_to_a_post_before_it_was_made(calendar: Calendar) -> None:
    assert checks.rows_before_their_post() == []


def test_what_was_due_is_settled(calendar: Calendar) -> None:
    late = Post.objects.filter(state=State.SCHEDULED, due_at__lt=calendar.now)

    assert all((calendar.now - post.due_at).total_seconds() <= 180 for post in late)


def test_scheduled_posts_have_a_consent_and_pass_the_rules(calendar: Calendar) -> None:
    cast = calendar.cast
    offers = {cast.accounts[key].pk: offer for key, offer in cast.offers.items()}

    scheduled = list(Post.objects.filter(state=State.SCHEDULED))

    assert scheduled
    assert all(has_valid_consent(post) for post in scheduled)
    assert all(
        check_post(post, offers[post.account_id], AppMode.SIMULATOR) == [] for post in scheduled
    )


def test_only_posts_under_way_have_an_open_attempt(calendar: Calendar) -> None:
    is_open = Post.objects.filter(attempts__ended_at=None, attempts__isnull=False)

    assert {post.state for post in is_open} == {State.UPLOADING, State.PROCESSING}


def test_only_posts_that_the_engine_still_asks_about_have_a_next_action(calendar: Calendar) -> None:
    waiting = Post.objects.filter(next_action_at__isnull=False)

    assert {post.state for post in waiting} <= {
        State.SCHEDULED,
        State.UPLOADING,
        State.PROCESSING,
        *ARRIVED,
    }


def test_every_post_page_tells_a_story(calendar: Calendar) -> None:
    for post in Post.objects.all():
        assert standing_of(post)
        assert story_of(post)[0].kind == "created"


def test_held_post_says_why_and_what_to_do(calendar: Calendar) -> None:
    notes = Post.objects.filter(state=State.NEEDS_ATTENTION).values_list("note", flat=True)

    assert any("TikTok does not offer “Friends”" in note for note in notes)
    assert all(note.endswith((".", "again.")) for note in notes)


def test_retried_post_has_two_attempts(calendar: Calendar) -> None:
    second = Attempt.objects.get(number=2)

    assert (second.post.state, second.outcome) == (State.PUBLISHED, "published")
    assert second.post.attempts.first().fail_reason == "internal"


def test_upload_under_way_shows_its_share(calendar: Calendar) -> None:
    assert standing_of(Post.objects.get(state=State.UPLOADING)).startswith(
        "Sending to TikTok, 99 %"
    )


def test_partner_post_carries_the_branded_declaration(calendar: Calendar) -> None:
    consent = Post.objects.get(is_branded_content=True).consents.get()

    assert "Branded Content Policy" in consent.declaration


def test_drafts_have_no_audience_chosen(calendar: Calendar) -> None:
    assert set(Post.objects.filter(state=State.DRAFT).values_list("privacy_level", flat=True)) == {
        ""
    }


def test_script_names_known_films_and_creators() -> None:
    entries: list[Any] = [*script.LAST_WEEK, *script.THIS_WEEK, *script.NEXT_WEEK]

    assert {entry.film for entry in entries} <= brand.FILMS.keys() <= SCENES.keys()
    assert {entry.creator for entry in entries} == brand.CREATORS.keys()
