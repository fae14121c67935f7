"""What people did with posts, as the team's history keeps it, and how it is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from accounts.activity import note_activity
from accounts.models import Activity, Membership, User
from publishing.models import Post
from publishing.reach import activities_within_reach, posts_within_reach

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHUNK = 1000


@dataclass(frozen=True)
class Search:
    """Which rows to find; what is None or "" means any. From `since` to before `until`."""

    person: User | None = None
    verb: str = ""
    post_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Place:
    """A row's place in the history: what is older comes after it."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.pk}"


def note_about(
    post: Post,
    actor: User | None,
    verb: str,
    now: datetime,
    *,
    old: str = "",
    new: str = "",
    actor_name: str = "",
) -> None:
    """`note_activity` about a post, inside the caller's transaction."""
    note_activity(
        post.team_id,
        actor,
        verb,
        now,
        subject=post.headline,
        post_id=post.pk,
        account_id=post.account_id,
        old=old,
        new=new,
        actor_name=actor_name,
    )


def find_activities(member: Membership, search: Search) -> QuerySet[Activity]:
    """What the member may see of the team's history, the latest first."""
    wanted = {
        "actor": search.person,
        "verb": search.verb,
        "post_id": search.post_id,
        "at__gte": search.since,
        "at__lt": search.until,
    }
    rows = activities_within_reach(member).filter(
        **{name: value for name, value in wanted.items() if value not in (None, "")}
    )
    return rows.select_related("account").order_by("-at", "-pk")


def older_than(rows: QuerySet[Activity], place: Place | None) -> QuerySet[Activity]:
    """The rows after this place; all of them without one."""
    if place is None:
        return rows
    # The first condition alone bounds what the index is read for.
    return rows.filter(Q(at__lt=place.at) | Q(pk__lt=place.pk), at__lte=place.at)


def newer_than(rows: QuerySet[Activity], place: Place | None) -> QuerySet[Activity]:
    """The rows before this place; all of them without one."""
    if place is None:
        return rows
    return rows.filter(Q(at__gt=place.at) | Q(pk__gt=place.pk), at__gte=place.at)


def place_of(row: Activity) -> Place:
    return Place(row.at, row.pk)


def read_place(text: str) -> Place:
    """The place that `str` wrote. Raises ValueError."""
    at_us, _, pk = text.partition("-")
    if not (at_us.isascii() and at_us.isdigit() and pk.isascii() and pk.isdigit()):
        raise ValueError(gettext("This is no place in the history."))
    if len(at_us) > 17 or len(pk) > 18:
        raise ValueError(gettext("This place is beyond the history."))
    return Place(EPOCH + timedelta(microseconds=int(at_us)), int(pk))


def every_row(rows: QuerySet[Activity]) -> Iterator[Activity]:
    """All of them, in chunks that are quick to find: nothing is held open meanwhile."""
    place = None
    while chunk := list(older_than(rows, place)[:CHUNK]):
        yield from chunk
        place = place_of(chunk[-1])


def linked_posts(member: Membership, rows: list[Activity]) -> set[int]:
    """The ids of the posts of these rows that are there and within the member's reach."""
    ids = {row.post_id for row in rows if row.post_id}
    return set(posts_within_reach(member).filter(pk__in=ids).values_list("pk", flat=True))
