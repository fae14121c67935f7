"""A team's media: found again, where each file is used, and deleted when no post needs it.

A file that posts of the past show leaves its row and its poster behind: they keep their story,
and the hash in their consent records keeps its meaning.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext

from accounts.activity import note_activity
from accounts.models import Membership, Team, User
from publishing.media.storage import delete_file_later
from publishing.models import MediaAsset, MediaKind, Post, PostPhoto, Upload
from publishing.reach import posts_within_reach, within_reach
from publishing.states import State
from publishing.text_search import has_word

logger = logging.getLogger("duecast.publishing")

# Posts in these states send nothing as they are.
DONE_WITH_MEDIA = frozenset({State.PUBLISHED, State.IN_INBOX, State.FAILED, State.CANCELED})
USED, UNUSED = "used", "unused"
ANY = Q()
# None has ties, so that pages neither repeat nor lose a file.
ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": ("-created_at", "-id"),
    "largest": ("-size_bytes", "-id"),
    "name": (Lower("original_name"), "id"),
}


@dataclass(frozen=True)
class Search:
    """What to find; "" means any. `use` is USED or UNUSED, `sort` a key of ORDERS."""

    words: str = ""
    kind: str = ""
    use: str = ""
    sort: str = "newest"


@dataclass(frozen=True)
class Use:
    """How many posts in one state show a file."""

    state: State
    posts: int


@dataclass(frozen=True)
class Needed:
    """A file that stays, and the posts it stays for."""

    media: MediaAsset
    posts: list[Post]


@dataclass(frozen=True)
class Deletion:
    """What becomes of each file: `unused` ones go without a trace, of `remembered` ones row and
    poster stay, `needed` ones are left alone."""

    unused: list[MediaAsset]
    remembered: list[MediaAsset]
    needed: list[Needed]

    @property
    def deleted(self) -> list[MediaAsset]:
        return [*self.unused, *self.remembered]


def find_media(member: Membership, search: Search) -> QuerySet[MediaAsset]:
    """The team's media with every word in their names, in the order asked for."""
    found = MediaAsset.objects.filter(team=member.team_id, deleted_at=None)
    found = found.select_related("uploaded_by")
    for word in search.words.split():
        found = found.filter(has_word(word, "original_name"))
    if search.kind:
        found = found.filter(kind=search.kind)
    if search.use:
        used = _is_used(within_reach(member), within_reach(member, "post__"))
        found = found.filter(used if search.use == USED else ~used)
    return found.order_by(*ORDERS[search.sort])


def uses_of(member: Membership, media: Iterable[MediaAsset]) -> dict[int, list[Use]]:
    """For each used file's id its posts by state, in the order of a post's way; one query.

    Only posts within the member's reach are counted.
    """
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    reach = (within_reach(member), within_reach(member, "post__"))
    for media_id, _, state in _shown_in((asset.pk for asset in media), *reach):
        counts[media_id][state] += 1
    return {
        media_id: [Use(state, by_state[state]) for state in State if by_state[state]]
        for media_id, by_state in counts.items()
    }


def posts_showing(member: Membership, media: MediaAsset) -> QuerySet[Post]:
    photos = PostPhoto.objects.filter(media=media).values("post_id")
    posts = posts_within_reach(member).filter(Q(media=media) | Q(pk__in=photos))
    return posts.select_related("account", "media")


def warnings_about(media: MediaAsset) -> list[str]:
    """What may surprise whoever posts it; TikTok takes it all the same."""
    warnings = []
    if media.kind == MediaKind.VIDEO and not media.has_audio:
        warnings.append(gettext("No sound"))
    if media.width_px > media.height_px:
        warnings.append(gettext("Wider than tall"))
    return warnings


def needs_media(state: str) -> bool:
    """Whether a post in this state needs its files. A new state does until it is listed above."""
    return state not in DONE_WITH_MEDIA


def foresee_deletion(media: Collection[MediaAsset]) -> Deletion:
    """What deleting them would do now; a fixed number of queries."""
    shown_in = _shown_in(asset.pk for asset in media)
    needing = _posts_needing(shown_in)
    shown = {media_id for media_id, _, _ in shown_in}
    free = [asset for asset in media if asset.pk not in needing]
    return Deletion(
        unused=[asset for asset in free if asset.pk not in shown],
        remembered=[asset for asset in free if asset.pk in shown],
        needed=[Needed(asset, needing[asset.pk]) for asset in media if asset.pk in needing],
    )


def delete_media(media: Collection[MediaAsset], actor: User, now: datetime) -> Deletion:
    """Delete those that no post needs; what was done. Ones that are deleted already are left out.

    Under the team's lock, which planning takes as well: no post can be scheduled with a file that
    was deleted a moment before, and none loses its file a moment after.
    """
    with transaction.atomic():
        _lock_teams({asset.team_id for asset in media})
        asked = MediaAsset.objects.filter(pk__in=[asset.pk for asset in media], deleted_at=None)
        deletion = foresee_deletion(list(asked))
        _remove(deletion.unused)
        _empty(deletion.remembered, now)
        for asset in deletion.deleted:
            name = asset.original_name
            note_activity(asset.team_id, actor, "media_deleted", now, subject=name)
    for asset in deletion.deleted:
        logger.info(
            "Media deleted", extra={"media": asset.pk, "team": asset.team_id, "person": actor.pk}
        )
    return deletion


def remove_forgotten() -> int:
    """Remove what is left of deleted files once the last post that showed them is gone."""
    forgotten = list(MediaAsset.objects.filter(~_is_used(), deleted_at__isnull=False))
    with transaction.atomic():
        _remove(forgotten)
    return len(forgotten)


def _is_used(of_posts: Q = ANY, of_photos: Q = ANY) -> Q:
    shown = Exists(Post.objects.filter(of_posts, media=OuterRef("pk")))
    return Q(shown) | Q(Exists(PostPhoto.objects.filter(of_photos, media=OuterRef("pk"))))


def _shown_in(
    media_ids: Iterable[int], of_posts: Q = ANY, of_photos: Q = ANY
) -> list[tuple[int, int, str]]:
    """File, post, the post's state: each pair once, though a cover is media and photo."""
    ids = list(media_ids)
    posts = Post.objects.filter(of_posts, media__in=ids).order_by()
    photos = PostPhoto.objects.filter(of_photos, media__in=ids).order_by()
    pairs = posts.values_list("media_id", "pk", "state")
    return sorted(pairs.union(photos.values_list("media_id", "post_id", "post__state")))


def _posts_needing(shown_in: list[tuple[int, int, str]]) -> dict[int, list[Post]]:
    pairs = [(media, post) for media, post, state in shown_in if needs_media(state)]
    posts = Post.objects.select_related("account", "media").in_bulk({post for _, post in pairs})
    needing: dict[int, list[Post]] = defaultdict(list)
    for media_id, post_id in pairs:
        needing[media_id].append(posts[post_id])
    return dict(needing)


def _lock_teams(team_ids: Collection[int]) -> None:
    list(
        Team.objects.select_for_update(no_key=True)
        .only("pk")
        .filter(pk__in=team_ids)
        .order_by("pk")
    )


def _remove(media: list[MediaAsset]) -> None:
    for asset in media:
        delete_file_later(asset.file)
        delete_file_later(asset.poster)
    MediaAsset.objects.filter(pk__in=[asset.pk for asset in media]).delete()


def _empty(media: list[MediaAsset], now: datetime) -> None:
    ids = [asset.pk for asset in media]
    for asset in media:
        delete_file_later(asset.file)
    # An upload gives its media once more when its answer was lost.
    Upload.objects.filter(media__in=ids).delete()
    MediaAsset.objects.filter(pk__in=ids).update(deleted_at=now)
