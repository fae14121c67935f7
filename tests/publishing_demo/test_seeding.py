"""One real seeding against a real simulator, looked at from all sides."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils.timezone import now as current_moment
from PIL import Image

from accounts.models import TikTokAccount, User
from accounts.tiktok_app import tiktok_app
from calendar_app.bench.ports import free_ports
from publishing.app_mode import AppMode
from publishing.consent import has_valid_consent
from publishing.demo import brand, tiktok_side
from publishing.demo.seeding import Seeded, seed
from publishing.models import Comment, DayNote, Label, MediaAsset, MediaKind, Notice, Post
from publishing.rules import check_at_fire
from publishing.states import State
from simulator.control import Control
from simulator.process import start
from tests.publishing_demo import checks
from tiktok.client import fetch_creator_info

# The rows are committed by the fixture below; each test takes back only what it changes itself.
pytestmark = pytest.mark.django_db


@dataclass
class Demo:
    seeded: Seeded
    now: datetime
    control: Control
    settings_before: dict[str, Any]
    settings: dict[str, Any]


@pytest.fixture(scope="module")
def demo(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Demo]:
    """The seeded database, committed, as the engine would find it; emptied at the end."""
    folder = tmp_path_factory.mktemp("demo")
    with start(data=folder / "simulator") as running, django_db_blocker.unblock():
        own = {
            "MEDIA_ROOT": folder / "media",
            "TIKTOK_API_URL": running.base_url,
            "TIKTOK_CLIENT_KEY": running.client_key,
            "TIKTOK_CLIENT_SECRET": running.client_secret,
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        }
        try:
            with override_settings(**own):
                before, now = running.control.settings(), current_moment()
                seeded = seed(now, lambda text: None)
                assert seeded is not None
                yield Demo(seeded, now, running.control, before, own)
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def demo_surroundings(demo: Demo, own_surroundings: None, settings: Any) -> None:
    for name, value in demo.settings.items():
        setattr(settings, name, value)


def test_every_state_is_there(demo: Demo) -> None:
    assert checks.states_present() == set(State.values)


def test_history_is_true_to_the_table(demo: Demo) -> None:
    assert checks.broken_chains() == []
    assert checks.rows_before_their_post() == []


def test_about_45_posts_over_three_weeks(demo: Demo) -> None:
    moments = list(Post.objects.order_by("due_at").values_list("due_at", flat=True))

    assert 40 <= len(moments) <= 55
    assert timedelta(days=17) < moments[-1] - moments[0] < timedelta(days=21)
    assert moments[0] < demo.now < moments[-1]


def test_creators_are_connected_with_live_tokens(demo: Demo) -> None:
    accounts = TikTokAccount.objects.filter(team__name=brand.TEAM)

    assert {a.username for a in accounts} == {c.username for c in brand.CREATORS.values()}
    assert all(a.is_connected and a.avatar and a.nickname for a in accounts)
    assert {a.hue for a in accounts} == {0, 1, 2}
    for account in accounts:
        assert fetch_creator_info(tiktok_app(), account.access_token).username == account.username


def test_people_can_sign_in_with_the_printed_password(demo: Demo) -> None:
    people = [User.objects.get(email=email) for email, _ in demo.seeded.people]

    assert all(person.check_password(demo.seeded.password) for person in people)
    assert [p.memberships.get().role for p in people] == ["owner", "editor", "viewer"]


def test_published_posts_are_on_the_creators_profiles(demo: Demo) -> None:
    there = {
        str(post_id): each["sha256"]
        for each in demo.control.call("GET", "posts")
        for post_id in each["post_ids"]
    }

    published = Post.objects.filter(state=State.PUBLISHED)

    assert published.count() > 10
    assert all(there[post.public_post_id] == post.media.sha256 for post in published)


def test_simulator_saw_no_violation(demo: Demo) -> None:
    assert demo.control.call("GET", "violations") == []


def test_simulator_is_as_strict_as_before(demo: Demo) -> None:
    assert demo.control.settings() == demo.settings_before


def test_files_are_whole(demo: Demo) -> None:
    for asset in MediaAsset.objects.all():
        content = Path(asset.file.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == asset.sha256
        with Image.open(asset.poster.path) as poster:
            assert poster.size == (360, 640)


def test_films_are_small_and_upright(demo: Demo) -> None:
    films = MediaAsset.objects.filter(kind=MediaKind.VIDEO, size_bytes__lt=5_000_000)

    assert films.count() == 8
    assert {(film.width_px, film.height_px) for film in films} == {(720, 1280)}
    assert all(2000 <= film.duration_ms <= 6000 for film in films)


def test_scheduled_posts_may_go_out(demo: Demo) -> None:
    app = tiktok_app()

    for account in TikTokAccount.objects.all():
        creator = fetch_creator_info(app, account.access_token)
        for post in account.posts.filter(state=State.SCHEDULED).select_related("media"):
            assert check_at_fire(post, creator, AppMode.SIMULATOR) == []
            assert has_valid_consent(post)
            assert Path(post.media.file.path).exists()


def test_campaigns_are_labels_of_several_posts(demo: Demo) -> None:
    labels = Label.objects.all()

    assert {label.name for label in labels} == {name for name, _ in brand.CAMPAIGNS.values()}
    assert len({label.hue for label in labels}) == len(labels)
    assert all(label.posts.count() > 1 for label in labels)
    assert set(Label.objects.get(name="Winter roast").posts.all()) == set(
        Post.objects.filter(media__original_name=brand.FILMS["winter-roast"][1])
    )


def test_a_day_of_next_week_has_a_note(demo: Demo) -> None:
    [note] = DayNote.objects.all()

    assert note.date.weekday() == 3
    assert 1 <= (note.date - demo.now.date()).days <= 11
    assert note.text == brand.TASTING


def test_a_comment_calls_the_author_of_its_post_who_is_told(demo: Demo) -> None:
    [comment] = Comment.objects.all()

    assert comment.author != comment.post.author
    assert list(comment.mentions.all()) == [comment.post.author]
    assert comment.post.created_at < comment.at < demo.now
    assert comment.post.notices.filter(person=comment.post.author, kind="mentioned").exists()


def test_second_seeding_leaves_the_team_alone(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(Post.objects.order_by("pk").values())

    call_command("seed_demo")

    assert "is there already; left as it is." in capsys.readouterr().out
    assert list(Post.objects.order_by("pk").values()) == before


def test_real_tiktok_is_never_seeded(demo: Demo, settings: Any) -> None:
    settings.SIMULATOR_IN_USE = False

    with pytest.raises(CommandError, match="posts to TikTok itself"):
        call_command("seed_demo")


def test_simulator_is_started_when_none_runs(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    [port] = free_ports(1)
    monkeypatch.setenv("SIMULATOR_PORT", str(port))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.TIKTOK_API_URL = f"http://127.0.0.1:{port}"

    with tiktok_side.simulator_at_hand():
        while_inside = requests.get(f"{settings.TIKTOK_API_URL}/healthz", timeout=5).ok

    assert while_inside
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{settings.TIKTOK_API_URL}/healthz", timeout=5)


def test_broken_off_seeding_is_finished_by_the_next(demo: Demo) -> None:
    Post.objects.all().delete()
    media, accounts = MediaAsset.objects.count(), TikTokAccount.objects.count()

    seeded = seed(current_moment(), lambda text: None)

    assert seeded is not None
    assert Post.objects.count() == seeded.posts
    assert (MediaAsset.objects.count(), TikTokAccount.objects.count()) == (media, accounts)
    assert (Label.objects.count(), DayNote.objects.count()) == (len(brand.CAMPAIGNS), 1)


def test_only_the_news_of_a_day_is_unread_and_none_is_mailed(demo):
    unread = Notice.objects.filter(read_at=None)

    assert Notice.objects.exists()
    assert not unread.filter(at__lt=demo.now - timedelta(days=1)).exists()
    assert not Notice.objects.filter(mailed_at=None).exists()
