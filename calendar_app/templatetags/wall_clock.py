"""Moments and states where the tags of `duecast` say too much for the place."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.zones import moment_words, zone_words
from publishing.models import Post

register = template.Library()


@register.simple_tag(takes_context=True)
def exact_moment(context: dict[str, Any], at: datetime) -> SafeString:
    """ "Thu 26 Nov 2026, 18:30:04 CET" in a `<time>`."""
    local = at.astimezone(context["shown_zone"])
    words = f"{format_date(local, 'D j M Y, H:i:s')} {zone_words(local)}"
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
def day_in(at: datetime, zone: ZoneInfo) -> str:
    """ "Thu 26 Nov"."""
    return format_date(at.astimezone(zone), "D j M")


@register.filter
def went_late(post: Post) -> bool:
    """Whether it went out another minute than it was due."""
    if not post.published_at or not post.due_at:
        return False
    return abs(post.published_at - post.due_at) >= timedelta(minutes=1)


@register.filter
def seen_mark(post: Post) -> str:
    """The post and when it is due, as a form sends back what a person saw."""
    return f"{post.pk}@{post.due_at.isoformat() if post.due_at else ''}"
