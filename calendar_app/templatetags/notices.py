"""How each kind of notice looks."""

from django import template

from publishing.models import NoticeKind

register = template.Library()

# The icon of the sprite and the tone.
LOOKS = {
    NoticeKind.PUBLISHED: ("circle-check", "is-good"),
    NoticeKind.FAILED: ("circle-x", "is-bad"),
    NoticeKind.NEEDS_ATTENTION: ("triangle-alert", "is-warning"),
    NoticeKind.UNCONFIRMED: ("circle-question-mark", "is-warning"),
    NoticeKind.PREFLIGHT: ("circle-alert", "is-warning"),
    NoticeKind.MOVED: ("calendar-clock", ""),
    NoticeKind.TAKEN_DOWN: ("ban", "is-bad"),
    NoticeKind.RECONNECT_NEEDED: ("unlink", "is-bad"),
    NoticeKind.MENTIONED: ("at-sign", ""),
    NoticeKind.COMMENTED: ("message-square", ""),
    NoticeKind.HELD: ("hourglass", "is-warning"),
    NoticeKind.APPROVAL_ASKED: ("hourglass", "is-warning"),
    NoticeKind.APPROVED: ("circle-check", "is-good"),
    NoticeKind.CHANGES_REQUESTED: ("pencil", "is-warning"),
    NoticeKind.CLIENT_ANSWERED: ("circle-user", ""),
    NoticeKind.APPROVAL_LATE: ("clock", "is-warning"),
    NoticeKind.SCHEDULER_SILENT: ("clock", "is-bad"),
}


@register.inclusion_tag("notices/_kind.html")
def notice_kind(kind: str) -> dict[str, str]:
    """The kind as colour, icon and word."""
    known = NoticeKind(kind)
    icon_name, tone = LOOKS[known]
    return {"icon_name": icon_name, "tone": tone, "word": str(known.label)}
