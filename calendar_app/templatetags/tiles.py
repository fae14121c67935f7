"""A post's tile on the calendar: a page has a hundred and more of them, so each is short and is
written here instead of in a template."""

from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from accounts.models import TikTokAccount
from calendar_app.pages.tiles import Tile
from calendar_app.templatetags.duecast import hue_class

register = template.Library()
CAPTION_LETTERS = 42
LETTERS_IN_A_FULL_WEEK = 12


@register.simple_tag(takes_context=True)
def tile(context: dict[str, Any], tile: Tile) -> SafeString:
    """A link to the post; `look`, `shown_zone` and `may_plan` are the page's.

    Its first <div> says when and whose it is, its <em> in words what colours and icons say.
    """
    post, second_zone = tile.post, context["look"].second_zone
    moves = context["may_plan"] and tile.can_move
    account = f' data-account="{post.account_id}"' if moves and post.account_id else ""
    letters = CAPTION_LETTERS if tile.has_picture else LETTERS_IN_A_FULL_WEEK
    caption = escape(Truncator(post.headline).chars(letters))
    return mark_safe(  # noqa: S308 - every text in it is escaped
        f'<a class="{_classes(tile, moves)}"{account} id="tile-{post.pk}"'
        f' href="{_address("post", post.pk)}">{_picture(tile)}{_count(tile)}'
        f"<div>{_clock(tile, context['shown_zone'], 'time')}{_clock(tile, second_zone, 'small')}"
        f"{_mark(post.account)}<em>{escape(tile.words)}</em></div>"
        f"<p>{_dots(tile)}{caption}</p></a>"
    )


@lru_cache(maxsize=4096)
def _address(name: str, pk: int) -> str:
    return reverse(name, args=[pk])


def _classes(tile: Tile, moves: bool) -> str:
    names = {
        "needs-a-hand": tile.needs_a_hand,
        "moves": moves,
        **{f"warns-{warning.icon}": True for warning in tile.warnings[:1]},
    }
    return " ".join(
        ["tile", f"state-{tile.post.state}", *(n for n, holds in names.items() if holds)]
    )


def _picture(tile: Tile) -> str:
    media = tile.post.media
    if media is None or not media.poster or not tile.has_picture:
        return "<i></i>"
    return f'<img src="{_address("media_poster", media.pk)}" alt="" loading="lazy">'


def _count(tile: Tile) -> str:
    return f"<b>{tile.photo_count}</b>" if tile.photo_count else ""


def _clock(tile: Tile, zone: ZoneInfo | None, tag: str) -> str:
    return f"<{tag}>{tile.at.astimezone(zone):%H:%M}</{tag}>" if zone and tile.at else ""


def _mark(account: TikTokAccount | None) -> str:
    if account is None:
        return ""
    if not account.avatar:
        return f'<i class="{hue_class(account)}" aria-hidden="true">{escape(str(account)[:1])}</i>'
    address = _address("account_avatar", account.pk)
    return f'<img class="{hue_class(account)}" src="{address}" alt="">'


def _dots(tile: Tile) -> str:
    return "".join(f'<i class="hue-dot hue-{label.hue}"></i>' for label in tile.dots)
