"""Labels and campaigns: a team's coloured words for its posts. TikTok sees none of them.

A label is no content: choosing others ends no consent.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.activity import note_activity
from accounts.label_case import within_sentence
from accounts.models import Team, User
from publishing.history import note_about
from publishing.models import Label, Post
from publishing.models.label import HUES

# All of them are printed into the posting screen.
MAX_LABELS = 100
HUE_WORDS = (
    gettext_lazy("Red"),
    gettext_lazy("Blue"),
    gettext_lazy("Green"),
    gettext_lazy("Purple"),
    gettext_lazy("Amber"),
    gettext_lazy("Teal"),
    gettext_lazy("Pink"),
    gettext_lazy("Lime"),
    gettext_lazy("Violet"),
    gettext_lazy("Orange"),
    gettext_lazy("Mint"),
    gettext_lazy("Sky"),
)


class LabelRefused(Exception):
    """Nothing was saved. `field` is the form's, empty for the whole; `text` is for people."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


def free_hue(team: Team) -> int:
    """The hue that the team's labels have least, the first of several."""
    used = list(Label.objects.filter(team=team).values_list("hue", flat=True))
    return min(range(HUES), key=lambda hue: (used.count(hue), hue))


def add_label(team: Team, actor: User, name: str, hue: int, now: datetime) -> Label:
    """Raises LabelRefused when the name is taken or the team has too many labels."""
    if Label.objects.filter(team=team).count() >= MAX_LABELS:
        text = gettext("There are {count} labels already. Delete one first.")
        raise LabelRefused("", text.format(count=MAX_LABELS))
    _refuse_taken(team.pk, name)
    try:
        with transaction.atomic():
            label = Label.objects.create(team=team, name=name, hue=hue)
            note_activity(team.pk, actor, "labels_added", now, subject=name)
    except IntegrityError as error:
        raise _name_taken(name) from error
    return label


def change_label(label: Label, actor: User, name: str, hue: int, now: datetime) -> None:
    """Another name or colour, on every post that carries the label.

    Raises LabelRefused when the name is taken or somebody deleted the label meanwhile.
    """
    _refuse_taken(label.team_id, name, leave_out=label.pk)
    old, new = _described(label.name, label.hue), _described(name, hue)
    if old == new:
        return
    try:
        with transaction.atomic():
            if not Label.objects.filter(pk=label.pk).update(name=name, hue=hue):
                raise LabelRefused("", gettext("Somebody deleted this label a moment ago."))
            note_activity(
                label.team_id, actor, "labels_edited", now, subject=label.name, old=old, new=new
            )
    except IntegrityError as error:
        raise _name_taken(name) from error


def delete_label(label: Label, actor: User, now: datetime) -> None:
    """Takes it off every post; the posts stay as they are otherwise."""
    with transaction.atomic():
        deleted, _ = Label.objects.filter(pk=label.pk).delete()
        if deleted:
            note_activity(label.team_id, actor, "labels_deleted", now, subject=label.name)


def label_post(post: Post, labels: Iterable[Label], actor: User, now: datetime) -> bool:
    """Lets the post carry exactly these labels of its team, in whichever state it is.

    Whether that changed anything. A form that has the post open is told, as of any other change.
    """
    with transaction.atomic():
        Post.objects.select_for_update().only("pk").get(pk=post.pk)
        old = labels_of(post)
        post.labels.set(Label.objects.filter(team=post.team_id, pk__in=[one.pk for one in labels]))
        new = labels_of(post)
        if old == new:
            return False
        Post.objects.filter(pk=post.pk).update(updated_at=now, edited_by=actor)
        note_about(post, actor, "labels_changed", now, old=names_of(old), new=names_of(new))
    return True


def labels_of(post: Post) -> list[Label]:
    """Those it carries now, whatever was fetched before."""
    return list(Label.objects.filter(posts=post))


def names_of(labels: Iterable[Label]) -> str:
    """ "Spring, Winter"; "" without labels."""
    return ", ".join(label.name for label in labels)


def _refuse_taken(team_id: int, name: str, leave_out: int | None = None) -> None:
    """Nobody tells “Spring” from “spring” on a chip."""
    taken = dict(Label.objects.filter(team=team_id).values_list("pk", "name"))
    if any(pk != leave_out and other.casefold() == name.casefold() for pk, other in taken.items()):
        raise _name_taken(name)


def _name_taken(name: str) -> LabelRefused:
    text = gettext("There is a label “{name}” already. Choose another name.")
    return LabelRefused("name", text.format(name=name))


def _described(name: str, hue: int) -> str:
    return f"{name} ({within_sentence(str(HUE_WORDS[hue]))})"
