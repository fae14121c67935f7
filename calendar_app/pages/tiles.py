"""What a tile of the calendar shows of a post, for all tiles of a page in a few queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext, gettext_lazy, ngettext

from calendar_app.pages.cap_line import CapLedger
from publishing.duplicates import repeated_among
from publishing.models import Label, MediaKind, Post, PostPhoto
from publishing.moving import MOVABLE
from publishing.rules import lacks_choices
from publishing.states import State

NEEDS_A_HAND = frozenset({State.FAILED, State.UNCONFIRMED, State.NEEDS_ATTENTION})
MAX_DOTS = 3


@dataclass(frozen=True, eq=False)
class Warning:
    icon: str
    words: Any


WILL_NOT_GO = Warning("triangle-alert", gettext_lazy("will not go out as it is"))
OVER_CAP = Warning("triangle-alert", gettext_lazy("over the cap of 24 hours"))
LACKS_CHOICES = Warning("circle-alert", gettext_lazy("choices are missing"))
REPEATED = Warning("copy", gettext_lazy("like another post of this account"))


@dataclass
class Tile:
    post: Post
    photo_count: int = 0
    labels: list[Label] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)
    has_picture: bool = True

    @property
    def at(self) -> datetime | None:
        """SHOWN_AT of the post."""
        return self.post.published_at or self.post.due_at

    @property
    def can_move(self) -> bool:
        return self.post.state in MOVABLE

    @property
    def needs_a_hand(self) -> bool:
        return self.post.state in NEEDS_A_HAND

    @property
    def dots(self) -> list[Label]:
        return self.labels[:MAX_DOTS]

    @property
    def warning_words(self) -> str:
        return ", ".join(str(warning.words) for warning in self.warnings)

    @property
    def words(self) -> str:
        """What the tile's pictures and colours say."""
        account = str(self.post.account or gettext("No account yet"))
        parts = [account, self.post.get_state_display()]
        # What most posts are need not be said of each.
        parts += [self.format] if self.photo_count else []
        parts += [str(label) for label in self.labels]
        return ", ".join([*parts, *(str(warning.words) for warning in self.warnings)])

    @property
    def format(self) -> str:
        if self.post.kind != MediaKind.PHOTO:
            return gettext("video")
        words = ngettext("{count} photo", "{count} photos", self.photo_count)
        return words.format(count=self.photo_count)


def with_rows(posts: QuerySet[Post]) -> QuerySet[Post]:
    """The posts with what a tile or a line shows, without its tokens and long texts."""
    return posts.select_related("account", "media").only(
        "team",
        "state",
        "kind",
        "title",
        "caption",
        "due_at",
        "published_at",
        "next_action_at",
        "mode",
        "note",
        "privacy_level",
        "discloses_content",
        "is_your_brand",
        "is_branded_content",
        "preflight_problems",
        "account__nickname",
        "account__username",
        "account__open_id",
        "account__avatar",
        "account__hue",
        "media__poster",
        "media__original_name",
        "media__sha256",
    )


def tiles_of(
    post_ids: Iterable[int], ledger: CapLedger | None, *, has_pictures: bool = True
) -> dict[int, Tile]:
    """A tile for each of the posts; the ledger knows their accounts' caps."""
    posts = list(with_rows(Post.objects.filter(pk__in=post_ids)))
    waiting = [post for post in posts if post.state in MOVABLE]
    repeated = repeated_among(waiting)
    counts, labels = _photo_counts(posts), _labels(posts)
    tiles = {
        post.pk: Tile(post, counts.get(post.pk, 0), labels[post.pk], has_picture=has_pictures)
        for post in posts
    }
    for post in waiting:
        tiles[post.pk].warnings = _warnings(post, ledger, post.pk in repeated)
    return tiles


def _labels(posts: list[Post]) -> dict[int, list[Label]]:
    """Those of each post by name; one object for each label, however many posts have it."""
    through = Post.labels.through.objects.filter(post__in=[post.pk for post in posts])
    rows = through.values_list("post", "label", "label__name", "label__hue")
    known: dict[int, Label] = {}
    found: dict[int, list[Label]] = defaultdict(list)
    for post_id, label_id, name, hue in rows.order_by("label__name", "label"):
        if label_id not in known:
            known[label_id] = Label(pk=label_id, name=name, hue=hue)
        found[post_id].append(known[label_id])
    return found


def _photo_counts(posts: list[Post]) -> dict[int, int]:
    ids = [post.pk for post in posts if post.kind == MediaKind.PHOTO]
    photos = PostPhoto.objects.filter(post__in=ids).order_by()
    return dict(photos.values_list("post").annotate(number=Count("pk")))


def _warnings(post: Post, ledger: CapLedger | None, is_repeated: bool) -> list[Warning]:
    found = {
        WILL_NOT_GO: post.is_warned,
        OVER_CAP: ledger is not None and ledger.is_over(post),
        LACKS_CHOICES: post.state == State.DRAFT and lacks_choices(post),
        REPEATED: is_repeated,
    }
    return [warning for warning, holds in found.items() if holds]
