"""Posts of photos, and drafts that somebody has only begun."""

from typing import Any

from accounts.models import Team, TikTokAccount
from publishing.consent import give_consent
from publishing.models import MediaAsset, MediaKind, Post, PostPhoto
from publishing.states import State
from tests.factories import make_account
from tests.publishing.factories import make_photo, make_post


def make_photo_post(
    account: TikTokAccount | None = None,
    *,
    photos: list[MediaAsset] | None = None,
    cover: int = 0,
    is_consented: bool = True,
    **overrides: Any,
) -> Post:
    """A scheduled post of three photos, due now, with its author's consent."""
    account = account or make_account()
    photos = photos or [make_photo(account.team) for _ in range(3)]
    fields = {"title": "Three loaves"} | overrides
    post = make_post(
        account, kind=MediaKind.PHOTO, media=photos[cover], is_consented=False, **fields
    )
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media=photo, position=place) for place, photo in enumerate(photos)
    )
    if is_consented and post.author:
        give_consent(post, post.author, None, post.created_at)
    return post


def make_begun_draft(team: Team, **fields: Any) -> Post:
    """A draft without account and media."""
    return Post.objects.create(team=team, state=State.DRAFT, **fields)
