"""Moments and states where the tags of `duecast` say too much for the place."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.zones import moment_words, zone_words
from calendar_app.templatetags.duecast import STATE_ICONS
from publishing.states import State

register = template.Library()


@register.simple_tag(takes_context=True)
def exact_moment(context: dict[str, Any], at: datetime) -> SafeString:
    """ "Thu 26 Nov 2026, 18:30:04 CET" in a `<time>`."""
    local = at.astimezone(context["shown_zone"])
    words = f"{local:%a %-d %b %Y, %H:%M:%S} {zone_words(local)}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words)


@register.simple_tag(takes_context=True)
def moment_label(context: dict[str, Any], at: datetime) -> str:
    """ "Thu 26 Nov, 18:30 CET", for a button."""
    now = context.get("now") or timezone.now()
    return moment_words(at.astimezone(context["shown_zone"]), now)


@register.filter
def date_in(at: datetime, zone: ZoneInfo) -> str:
    """ "2026-11-26", as a date field or a link wants it."""
    return f"{at.astimezone(zone):%Y-%m-%d}"


@register.filter
def time_in(at: datetime, zone: ZoneInfo) -> str:
    """ "18:30", as a time field wants it."""
    return f"{at.astimezone(zone):%H:%M}"


@register.filter
def state_icon_name(state: str) -> str:
    """The name of the state's icon in the sprite, for tiles that must stay small."""
    return STATE_ICONS[State(state)]
