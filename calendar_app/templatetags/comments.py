"""Comments as people read them."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.zones import moment_words
from publishing.mentions import handles_of, pattern_of
from publishing.models import Comment

register = template.Library()


@register.filter
def comment_words(comment: Comment) -> SafeString:
    """The comment's plain text with the people it mentions marked; its line breaks are CSS's."""
    handles = handles_of(comment.mentions.all())
    # Split at a group: every second part is a handle, and the @ before it went with the split.
    parts = enumerate(pattern_of(handles).split(comment.text))
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<strong class="mention">@{}</strong>', part) if n % 2 else part,)
            for n, part in parts
        ),
    )


@register.simple_tag(takes_context=True)
def comment_moment(context: dict[str, Any], at: datetime) -> str:
    """ "Thu 26 Nov, 18:30 CET", for a label."""
    now = context.get("now") or timezone.now()
    return moment_words(at.astimezone(context["shown_zone"]), now)
