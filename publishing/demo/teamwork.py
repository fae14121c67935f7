"""What the demo's team tells itself: campaigns, a note on a day, a word on a post."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Team, User
from publishing.comments import add_comment
from publishing.day_notes import add_note
from publishing.demo import brand
from publishing.labels import add_label
from publishing.models import DayNoteKind, Label, Post
from publishing.states import State

# Later than the post, which was handed in the day before at the latest.
SAID_BEFORE = timedelta(minutes=40)


def campaign_labels(team: Team, person: User, now: datetime) -> dict[str, Label]:
    """Film → the label of its campaign. What an earlier run has made is not made again."""
    kept = {label.name: label for label in team.labels.all()}
    return {
        film: kept.get(name) or add_label(team, person, name, hue, now)
        for film, (name, hue) in brand.CAMPAIGNS.items()
    }


def note_the_tasting(team: Team, person: User, now: datetime) -> None:
    """On Thursday of the next week; nothing when the team has notes already."""
    if team.day_notes.exists():
        return
    today = now.astimezone(ZoneInfo(brand.TIMEZONE)).date()
    thursday = today + timedelta(days=7 - today.weekday() + 3)
    add_note(team, person, thursday, DayNoteKind.LAUNCH, brand.TASTING, now - SAID_BEFORE)


def ask_about_a_post(posts: Iterable[Post], people: Iterable[User], now: datetime) -> None:
    """Of the posts in review the last: somebody else asks its author by name."""
    post = [post for post in posts if post.state == State.IN_REVIEW][-1]
    asks = next(person for person in people if person != post.author)
    add_comment(post, asks, f"@{post.author} {brand.QUESTION}", now - SAID_BEFORE)
