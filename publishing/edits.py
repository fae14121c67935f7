"""What a person changed about a draft, told in the history once per sitting.

The posting screen saves a draft every few seconds, and history rows are never changed. So a
`DraftEdit` remembers what the draft was like, and the history gets one row when the sitting is
over: nothing was saved for ten minutes, somebody else goes on, or the draft is one no more.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop, pgettext

from accounts.activity import write_changes
from accounts.models import Team, User
from accounts.zones import zone_words
from publishing.history import note_about
from publishing.models import DraftEdit, MediaKind, Post
from publishing.rules import PRIVACY_WORDS

QUIET = timedelta(minutes=10)
BATCH = 200
# The labels of Facts stay as they are here until the history tells of them.
ACCOUNT = "Account"
# The last of the facts: a row that begins with it tells of nothing else.
TIME = gettext_noop("Time")
SWITCHES = {
    "allow_comment": gettext_noop("Comments"),
    "allow_duet": "Duet",
    "allow_stitch": "Stitch",
    "discloses_content": gettext_noop("Disclosure"),
    "is_your_brand": "Your brand",
    "is_branded_content": "Branded content",
    "is_ai_generated": gettext_noop("AI label"),
    "auto_add_music": gettext_noop("Recommended music"),
}

Facts = dict[str, str]


def facts_of(post: Post) -> Facts:
    """What a person decides about a draft, each with its label; the account is a number, because
    its name is TikTok's."""
    on, off = pgettext("a switch", "on"), pgettext("a switch", "off")
    choices = {label: on if getattr(post, name) else off for name, label in SWITCHES.items()}
    return {
        ACCOUNT: str(post.account_id or ""),
        gettext_noop("Media"): ", ".join(file.original_name for file in post.files()),
        gettext_noop("Cover"): _cover_words(post),
        gettext_noop("Title"): post.title,
        gettext_noop("Caption"): post.caption,
        gettext_noop("Goes to"): post.get_mode_display(),
        gettext_noop("Who can view"): str(
            PRIVACY_WORDS.get(post.privacy_level, post.privacy_level)
        ),
        **choices,
        TIME: moment_in_history(post.due_at, post.team) if post.due_at else "",
    }


def moment_in_history(moment: datetime, team: Team) -> str:
    """In the team's zone, and with its name: a row is read in many."""
    local = moment.astimezone(ZoneInfo(team.timezone))
    return f"{format_date(local, 'D d M Y, H:i')} {zone_words(local)}"


def note_edit(post: Post, person: User, before: Facts | None, now: datetime) -> None:
    """Remembers that `person` saved the draft; `before` is what it was like, None when it is new.

    Runs in the transaction that saved it, under the team's lock.
    """
    edit = DraftEdit.objects.filter(post=post).first()
    if edit and edit.person_id == person.pk:
        DraftEdit.objects.filter(pk=edit.pk).update(saved_at=now)
        return
    if edit and before is not None:
        _end(edit, post, before)
    if before is None or before != facts_of(post):
        DraftEdit.objects.create(
            post=post, person=person, is_new=before is None, before=before or {}, saved_at=now
        )


def settle_edit(post: Post) -> None:
    """Tells of the sitting under way, in the transaction that makes more of the draft."""
    if edit := DraftEdit.objects.filter(post=post).first():
        _end(edit, post, facts_of(post))


def is_untold(post: Post) -> bool:
    """Whether the history has not heard of this draft yet."""
    return DraftEdit.objects.filter(post=post, is_new=True).exists()


def settle_quiet_edits(now: datetime) -> int:
    """Tells of the sittings that are over; returns how many."""
    quiet = DraftEdit.objects.filter(saved_at__lte=now - QUIET).order_by("saved_at", "id")
    batch = list(quiet.select_related("person", "post__media")[:BATCH])
    for edit in batch:
        with transaction.atomic():
            _end(edit, edit.post, facts_of(edit.post))
    return len(batch)


def _end(edit: DraftEdit, post: Post, after: Facts) -> None:
    # Two at once: the one that takes the row away tells.
    ended, _ = DraftEdit.objects.filter(pk=edit.pk, saved_at=edit.saved_at).delete()
    if not ended:
        return
    if edit.is_new:
        note_about(post, edit.person, "draft_created", edit.saved_at)
        return
    if edit.before.get(ACCOUNT) != after[ACCOUNT]:
        note_about(post, edit.person, "draft_placed", edit.saved_at)
    if changed := _changed(edit.before, after):
        old, new = write_changes(changed)
        note_about(post, edit.person, "draft_changed", edit.saved_at, old=old, new=new)


def _changed(before: Mapping[str, str], after: Facts) -> list[tuple[str, str, str]]:
    return [
        (gettext(label), before.get(label, ""), words)
        for label, words in after.items()
        if label != ACCOUNT and before.get(label, "") != words
    ]


def _cover_words(post: Post) -> str:
    if post.kind == MediaKind.PHOTO:
        return post.media.original_name if post.media else ""
    at_ms = post.cover_timestamp_ms
    if at_ms is None:
        return ""
    return gettext("at {seconds} s").format(seconds=number_format(round(at_ms / 1000, 1), 1))
