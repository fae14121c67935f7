"""Fills an installation with the demo: people, creators, films and three weeks of posts."""

import logging
import secrets
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.db.models import F

from accounts.models import Membership, Team, TikTokAccount, User
from accounts.tiktok_app import tiktok_app
from publishing.demo import brand, films, tiktok_side
from publishing.demo.episodes import Cast, Episode, plan_episodes, write_episode
from publishing.demo.teamwork import ask_about_a_post, campaign_labels, note_the_tasting
from publishing.media.intake import keep_upload
from publishing.models import MediaAsset, MediaKind, Notice, Post
from publishing.slots import add_slots
from publishing.telling import tell_of_changes
from tiktok.client import fetch_creator_info

Say = Callable[[str], None]
BEFORE_ALL = timedelta(days=90)
FILMED = timedelta(days=30)
READ_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Seeded:
    """`password` is the same for all `people`, who are e-mail and role, owner first."""

    people: list[tuple[str, str]]
    password: str
    posts: int


def seed(now: datetime, say: Say) -> Seeded | None:
    """Make the demo's team around `now`; None when it is there already.

    A run that was broken off is finished by the next one. Raises SimulatorMissing.
    """
    if is_seeded():
        return None
    with _quiet():
        team, people, password = _make_team(now)
        say("drawing the videos and photos")
        media = _keep_media(team, people[1], now)
        with tiktok_side.simulator_at_hand():
            say("connecting the creators at the simulator")
            cast = _make_cast(team, people, media, now)
            say("posting what the calendar says was posted")
            episodes = _deliver(plan_episodes(cast, now))
            tiktok_side.free_rate_windows(cast.accounts.values(), now)
        with transaction.atomic():
            posts = [write_episode(cast, episode, now) for episode in episodes]
            note_the_tasting(team, people[0], now)
            ask_about_a_post(posts, people[:2], now)
            _tell_the_past(team, now)
    roles = [(email, str(role.label)) for email, _, role in brand.PEOPLE]
    return Seeded(roles, password, len(episodes))


def _tell_the_past(team: Team, now: datetime) -> None:
    """The team has read what happened before today, and nothing of it is mailed."""
    tell_of_changes()
    told = Notice.objects.filter(team=team)
    told.update(mailed_at=now)
    told.filter(at__lt=now - READ_AFTER).update(read_at=F("at"))


def is_seeded() -> bool:
    return Post.objects.filter(team__name=brand.TEAM).exists()


@contextmanager
def _quiet() -> Iterator[None]:
    """Hundreds of log lines about what happened weeks ago would bury those of the start."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _make_team(now: datetime) -> tuple[Team, list[User], str]:
    password = secrets.token_urlsafe(9)
    # Hashing takes a good part of a second, on purpose; once is enough for one password.
    hashed = make_password(password)
    joined_at = now - BEFORE_ALL
    with transaction.atomic():
        team, _ = Team.objects.get_or_create(
            name=brand.TEAM, defaults={"timezone": brand.TIMEZONE, "created_at": joined_at}
        )
        people = []
        for email, name, role in brand.PEOPLE:
            person, _ = User.objects.get_or_create(
                email=email, defaults={"name": name, "joined_at": joined_at}
            )
            person.password = hashed
            person.save(update_fields=["password"])
            EmailAddress.objects.get_or_create(
                user=person, email=email, defaults={"primary": True, "verified": True}
            )
            Membership.objects.get_or_create(
                team=team, user=person, defaults={"role": role, "joined_at": joined_at}
            )
            people.append(person)
    return team, people, password


def _make_cast(team: Team, people: list[User], media: dict[str, MediaAsset], now: datetime) -> Cast:
    tiktok_side.add_creators()
    app = tiktok_app()
    accounts, offers = {}, {}
    for key, creator in brand.CREATORS.items():
        account = tiktok_side.connect_creator(team, people[0], creator, now)
        TikTokAccount.objects.filter(pk=account.pk).update(connected_at=now - BEFORE_ALL)
        accounts[key] = account
        offers[key] = fetch_creator_info(app, account.access_token)
        for weekdays, clock in brand.PLANS.get(key, ()):
            add_slots(account, weekdays, clock, people[0], now - BEFORE_ALL)
    labels = campaign_labels(team, people[0], now - BEFORE_ALL)
    return Cast(team, people, accounts, offers, media, labels)


def _deliver(episodes: list[Episode]) -> list[Episode]:
    """The same episodes, those that went out with what TikTok said, in the order of their time."""
    with tiktok_side.in_a_hurry():
        return [
            replace(episode, delivery=episode.send() if episode.send else None)
            for episode in sorted(episodes, key=lambda episode: episode.due_at)
        ]


def _keep_media(team: Team, person: User, now: datetime) -> dict[str, MediaAsset]:
    """Film → its asset. What an earlier run has kept is not drawn again."""
    names = {key: name for key, (_, name) in brand.FILMS.items()}
    names["long-cut"] = brand.LONG_FILM[1]
    kept = {asset.original_name: asset for asset in team.media.all()}
    with tempfile.TemporaryDirectory(prefix="duecast-demo-") as folder:
        is_whole = set(names.values()) <= kept.keys()
        shot = {} if is_whole else _shoot(Path(folder))
        for number, (key, name) in enumerate(names.items()):
            filmed_at = now - FILMED + timedelta(hours=5 * number)
            if name not in kept:
                kept[name] = keep_upload(team, person, _as_upload(shot[key], name), filmed_at)
        for scene, name in brand.PHOTOS.items():
            photo = Path(folder) / name
            if name not in kept:
                films.snapshot(scene, photo, 0.25)
                upload = _as_upload(photo, name)
                keep_upload(team, person, upload, now - FILMED, MediaKind.PHOTO)
    return {key: kept[name] for key, name in names.items()}


def _shoot(folder: Path) -> dict[str, Path]:
    """Every film as a file. Two at a time: encoding leaves Python's lock."""
    paths = {key: folder / f"{key}.mp4" for key in brand.FILMS}
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda key: films.film(key, paths[key], brand.FILMS[key][0]), paths))
    original, _, size_bytes = brand.LONG_FILM
    paths["long-cut"] = folder / "long-cut.mp4"
    paths["long-cut"].write_bytes(paths[original].read_bytes())
    films.widen(paths["long-cut"], size_bytes)
    return paths


def _as_upload(path: Path, name: str) -> "UploadedFile[bytes]":
    return SimpleUploadedFile(name, path.read_bytes())
