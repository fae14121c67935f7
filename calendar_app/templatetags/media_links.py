"""Where a page finds media: the team's own people by id, a client through their link."""

from typing import Any

from django import template
from django.urls import reverse

from publishing.models import MediaAsset

register = template.Library()


@register.simple_tag(takes_context=True)
def file_url(context: dict[str, Any], media: MediaAsset) -> str:
    return _url(context, media, "media_file", "client_media")


@register.simple_tag(takes_context=True)
def poster_url(context: dict[str, Any], media: MediaAsset) -> str:
    return _url(context, media, "media_poster", "client_poster")


def _url(context: dict[str, Any], media: MediaAsset, own: str, of_client: str) -> str:
    token = context.get("review_token")
    return reverse(of_client, args=[token, media.pk]) if token else reverse(own, args=[media.pk])
