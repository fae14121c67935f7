"""What templates say the same way everywhere: moments, states, accounts, icons, fields."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from accounts.label_case import within_sentence
from accounts.models import TikTokAccount
from accounts.zones import moment_words
from publishing.states import State

register = template.Library()
register.filter(within_sentence)

STATE_ICONS = {
    State.DRAFT: "pencil",
    State.IN_REVIEW: "hourglass",
    State.SCHEDULED: "calendar-clock",
    State.UPLOADING: "loader-circle",
    State.PROCESSING: "cog",
    State.PUBLISHED: "circle-check",
    State.IN_INBOX: "inbox",
    State.FAILED: "circle-x",
    State.UNCONFIRMED: "circle-question-mark",
    State.NEEDS_ATTENTION: "triangle-alert",
    State.CANCELED: "ban",
}
HUES = 12
NO_MOMENT = format_html('<span class="soft">{}</span>', "—")


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite, silent for screen readers; `size` is "" (16 px) or "large"."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" is-{size}" if size else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], at: datetime | None, zone: str = "") -> SafeString:
    """`at` as "Thu 26 Nov, 18:30 CET (in 3 h)" in a `<time>`; "—" for None.

    The zone is `zone` when given, else the page's `shown_zone`; `now` is the page's.
    """
    if at is None:
        return NO_MOMENT
    tz = ZoneInfo(zone) if zone else context.get("shown_zone") or ZoneInfo("UTC")
    now = context.get("now") or timezone.now()
    local = at.astimezone(tz)
    return format_html(
        '<time datetime="{}" data-moment>{} <span class="soft" data-relative>({})</span></time>',
        at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ"),
        moment_words(local, now),
        relative_words(at - now),
    )


def relative_words(difference: timedelta) -> str:
    """ "in 3 h" or "5 min ago"; static/js/moments.js says the same as time goes on."""
    seconds = difference.total_seconds()
    minutes = round(abs(seconds) / 60)
    if minutes < 1:
        return gettext("in under a minute") if seconds > 0 else gettext("just now")
    if minutes < 60:
        words = gettext("in {count} min") if seconds > 0 else gettext("{count} min ago")
        return words.format(count=minutes)
    if minutes < 36 * 60:
        words = gettext("in {count} h") if seconds > 0 else gettext("{count} h ago")
        return words.format(count=round(minutes / 60))
    days = round(minutes / 1440)
    words = (
        ngettext("in {count} day", "in {count} days", days)
        if seconds > 0
        else ngettext("{count} day ago", "{count} days ago", days)
    )
    return words.format(count=days)


@register.simple_tag
def state_badge(state: str) -> SafeString:
    return _badge(State(state), get_language())


@lru_cache(maxsize=64)
def _badge(state: State, language: str | None) -> SafeString:
    context = {"state": state.value, "word": str(state.label), "icon_name": STATE_ICONS[state]}
    return render_to_string("partials/state_badge.html", context)


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """The state's icon alone; the word must stand beside it or in its parent's label."""
    return icon(STATE_ICONS[State(state)])


@register.filter
def hue_class(account: TikTokAccount | None) -> str:
    """ "" for the draft that has no account yet."""
    return f"hue-{account.hue % HUES}" if account else ""


@register.simple_tag
def account_mark(account: TikTokAccount | None, size: str = "") -> SafeString:
    """The account's picture ringed by its hue; `size` is "", "small" or "large"."""
    initial = str(account)[:1].upper() if account else ""
    with_picture = account.pk if account and account.avatar else None
    return _mark(hue_class(account), with_picture, initial, size)


@lru_cache(maxsize=1024)
def _mark(hue: str, with_picture: int | None, initial: str, size: str) -> SafeString:
    context = {"hue": hue, "account_id": with_picture, "initial": initial, "size": size}
    return render_to_string("partials/account_mark.html", context)


@register.inclusion_tag("partials/field.html")
def field(bound: BoundField, autocomplete: str = "", label: str = "") -> dict[str, object]:
    """Label, control, help and errors of one form field.

    `label` replaces the form's own, and the placeholder that would repeat it.
    """
    if label:
        bound.label = label
        bound.field.widget.attrs.pop("placeholder", None)
    if autocomplete:
        bound.field.widget.attrs["autocomplete"] = autocomplete
    widget = bound.field.widget
    return {
        "field": bound,
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
    }


@register.inclusion_tag("partials/form_errors.html")
def form_errors(form: Any, title: str = "") -> dict[str, object]:
    """The sum of a form's errors with links to the fields; focus moves there."""
    title = title or gettext("Nothing was saved yet. Please look at this:")
    return {"form": form, "title": title}
