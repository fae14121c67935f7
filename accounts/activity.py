"""Keeping who did what: the one place that writes a team's history."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Activity, User

# Verb → the words a reader sees after the actor's name and before the subject's. What stands
# before the "_" is the group in which the page's filter lists it.
VERBS: dict[str, Any] = {
    "post_scheduled": pgettext_lazy("after a name", "scheduled"),
    "approval_rules_changed": gettext_lazy("changed the approval rules for"),
    "approval_withdrawn": gettext_lazy("withdrew from approval"),
    "changes_requested": gettext_lazy("requested changes to"),
    "client_commented": gettext_lazy("commented on"),
    "client_link_made": gettext_lazy("made a client link to"),
    "client_link_revoked": gettext_lazy("revoked a client link to"),
    "post_approved": pgettext_lazy("after a name", "approved"),
    "post_handed_in": gettext_lazy("handed in for approval"),
    "post_rescheduled": pgettext_lazy("after a name", "moved"),
    "post_canceled": pgettext_lazy("after a name", "canceled"),
    "post_retried": gettext_lazy("sent again"),
    "post_reopened": gettext_lazy("took back to draft"),
    "post_marked": gettext_lazy("marked as arrived at TikTok"),
    "draft_created": gettext_lazy("started the draft"),
    "draft_changed": gettext_lazy("changed the draft"),
    "draft_placed": gettext_lazy("chose an account for"),
    "draft_removed": gettext_lazy("took off the posting form"),
    "draft_discarded": gettext_lazy("discarded the draft"),
    "comment_added": gettext_lazy("commented on"),
    "comment_edited": gettext_lazy("changed a comment on"),
    "comment_deleted": gettext_lazy("deleted a comment on"),
    "media_uploaded": pgettext_lazy("after a name", "uploaded"),
    "media_deleted": gettext_lazy("deleted the file"),
    "hashtags_added": gettext_lazy("added the hashtag group"),
    "hashtags_changed": gettext_lazy("changed the hashtag group"),
    "hashtags_deleted": gettext_lazy("deleted the hashtag group"),
    "account_connected": pgettext_lazy("after a name", "connected"),
    "account_reconnected": pgettext_lazy("after a name", "connected again"),
    "account_disconnected": pgettext_lazy("after a name", "disconnected"),
    "account_deleted": gettext_lazy("deleted the data of"),
    "invitation_made": pgettext_lazy("after a name", "invited"),
    "invitation_revoked": gettext_lazy("took back the invitation of"),
    "invitation_accepted": gettext_lazy("joined the team"),
    "person_deleted": gettext_lazy("deleted their own account"),
    "verification_added": gettext_lazy("added a verification file of TikTok"),
    "verification_removed": gettext_lazy("removed a verification file of TikTok"),
    "feed_made": gettext_lazy("made a calendar link of their own"),
    "feed_revoked": gettext_lazy("ended their calendar link"),
    "gap_changed": gettext_lazy("changed the gap between posts of"),
    "plan_changed": gettext_lazy("changed the posting plan of"),
    "posts_imported": pgettext_lazy("after a name", "imported"),
    "queue_added": gettext_lazy("put into the queue"),
    "queue_moved": gettext_lazy("moved in the queue"),
    "queue_removed": gettext_lazy("took out of the queue"),
    "team_created": gettext_lazy("created the team"),
    "team_handed_over": gettext_lazy("handed the team over to"),
    "role_changed": gettext_lazy("changed the role of"),
    "member_left": gettext_lazy("left the team"),
    "member_removed": pgettext_lazy("after a name", "removed"),
    "account_limited": gettext_lazy("limited who may use"),
    "account_opened": gettext_lazy("let everybody use"),
    "labels_changed": gettext_lazy("changed the labels of"),
    "labels_added": gettext_lazy("added the label"),
    "labels_edited": gettext_lazy("changed the label"),
    "labels_deleted": gettext_lazy("deleted the label"),
    "note_added": gettext_lazy("added the note"),
    "note_changed": gettext_lazy("changed the note"),
    "note_deleted": gettext_lazy("deleted the note"),
}
# These name people by their e-mail address, which goes when they delete their account.
ABOUT_PEOPLE = (
    "account_limited",
    "invitation_made",
    "invitation_revoked",
    "member_removed",
    "role_changed",
    "team_handed_over",
)
NOTHING = "–"
# A long text is cut to this many characters around its change.
MAX_WORDS = 200
BEFORE_CHANGE = 40


def note_activity(
    team_id: int,
    actor: User | None,
    verb: str,
    now: datetime,
    *,
    subject: str = "",
    post_id: int | None = None,
    account_id: int | None = None,
    old: str = "",
    new: str = "",
    actor_name: str = "",
) -> Activity:
    """Adds a row to the team's history, inside the caller's transaction.

    `actor_name` is for people without an account here, and otherwise the actor's own. What a
    TikTok account is called is never a `subject`: `account_id` says it for as long as we may.
    """
    if verb not in VERBS:
        raise ValueError(f"{verb} is no verb of the history.")
    return Activity.objects.create(
        team_id=team_id,
        actor=actor,
        actor_name=(actor_name or str(actor or ""))[:120],
        verb=verb,
        subject=" ".join(subject.split())[:200],
        post_id=post_id,
        account_id=account_id,
        old=old,
        new=new,
        at=now,
    )


def forget_person(person: User, addresses: set[str]) -> None:
    """Empties the person's names in every history; what was done stays."""
    Activity.objects.filter(actor=person).update(actor_name="")
    about_people = Activity.objects.filter(verb__in=ABOUT_PEOPLE)
    for address in addresses:
        about_people.filter(subject__iexact=address).update(subject="")
        about_people.filter(new__icontains=address).update(new="")


class Change(NamedTuple):
    """What something was and became; `label` is empty where the verb says it."""

    label: str
    old: str
    new: str


def write_changes(changes: Iterable[tuple[str, str, str]]) -> tuple[str, str]:
    """`old` and `new` of a row for several labelled changes: a line each, as `read_changes` reads
    them."""
    pairs = [(label, *_shortened(old, new)) for label, old, new in changes]
    olds = [f"{label}: {old or NOTHING}" for label, old, _ in pairs]
    news = [f"{label}: {new or NOTHING}" for label, _, new in pairs]
    return "\n".join(olds), "\n".join(news)


def read_changes(row: Activity) -> list[Change]:
    """A row's changes, one by one; empty when it has none."""
    olds, news = row.old.splitlines(), row.new.splitlines()
    parts = [(*_parted(old), *_parted(new)) for old, new in zip(olds, news, strict=False)]
    if parts and len(olds) == len(news) and all(one[0] and one[0] == one[2] for one in parts):
        return [Change(label, old, new) for label, old, _, new in parts]
    return [Change("", row.old, row.new)] if row.old or row.new else []


def _parted(line: str) -> tuple[str, str]:
    label, mark, words = line.partition(": ")
    return (label, words) if mark else ("", line)


def _shortened(*texts: str) -> list[str]:
    """Two texts, each on one line, without what they have in common long before they differ."""
    lines = [" ".join(text.split()) for text in texts]
    if all(len(line) <= MAX_WORDS for line in lines):
        return lines
    alike = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(*lines, strict=False))))
    start = max(alike - BEFORE_CHANGE, 0)
    cut = [f"…{line[start:]}" if start else line for line in lines]
    return [line if len(line) <= MAX_WORDS else f"{line[: MAX_WORDS - 1]}…" for line in cut]
