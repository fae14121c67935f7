"""Changes that no page offers, made behind the back of whoever agreed to a post."""

from collections.abc import Sequence
from typing import Any

from publishing.models import MediaAsset, Post, PostPhoto


def change_post(post: Post, **fields: Any) -> Post:
    Post.objects.filter(pk=post.pk).update(**fields)
    return Post.objects.get(pk=post.pk)


def order_photos(post: Post, photos: Sequence[MediaAsset]) -> None:
    post.post_photos.all().delete()
    PostPhoto.objects.bulk_create(
        PostPhoto(post=post, media=photo, position=place) for place, photo in enumerate(photos)
    )
