"""Hashtags: a team's saved groups of them, and those it has used before.

TikTok delimits them by spaces or newlines and does not tell "#Bread" from "#bread".
Source: content-posting-api-reference-direct-post, `post_info.title`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.activity import note_activity, write_changes
from accounts.models import Membership, Team, User
from publishing.models import HashtagGroup
from publishing.reach import posts_within_reach
from publishing.states import State
from tiktok.captions import MAX_VIDEO_CAPTION_UTF16, TAG, count_utf16

MAX_HASHTAG_UTF16 = 100
# All of them are printed into the posting screen.
MAX_GROUPS = 100
USED_WITHIN = timedelta(days=180)
# What suggestions may cost, however much a team posts.
NEWEST_POSTS = 500
PUNCTUATION = ".,;:!?…)]}\"'“”‘’"


class GroupRefused(Exception):
    """Nothing was saved. `field` is the form's, empty for the whole; `text` is for people."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


def split_hashtags(text: str) -> list[str]:
    """The words a person typed as hashtags, between spaces, newlines or commas, each once."""
    return _each_once(word for word in re.split(r"[\s,]+", text) if word)


def check_hashtags(words: list[str]) -> list[str]:
    """What is wrong with these as a group's hashtags, in plain words; empty when nothing is."""
    problems = [problem for word in words if (problem := _check_word(word))]
    length = count_utf16(" ".join(words))
    if length > MAX_VIDEO_CAPTION_UTF16:
        text = gettext("Together they have {length} characters; a caption holds {most} at most.")
        problems.append(text.format(length=length, most=MAX_VIDEO_CAPTION_UTF16))
    return problems


def _check_word(word: str) -> str:
    if not word.startswith("#"):
        return gettext("“{word}” does not begin with #.").format(word=word)
    if word == "#":
        return gettext("After a # its word must follow, without a space.")
    if "#" in word[1:]:
        text = gettext("“{word}” has more than one #. Put a space between two hashtags.")
        return text.format(word=word)
    length = count_utf16(word)
    if length > MAX_HASHTAG_UTF16:
        text = gettext("“{word}” has {length} characters; {most} are allowed.")
        return text.format(word=f"{word[:20]}…", length=length, most=MAX_HASHTAG_UTF16)
    return ""


def add_group(team: Team, person: User, name: str, words: list[str], now: datetime) -> HashtagGroup:
    """Raises GroupRefused when the name is taken or the team has too many groups."""
    if HashtagGroup.objects.filter(team=team).count() >= MAX_GROUPS:
        text = gettext("There are {n} groups already. Delete one first.")
        raise GroupRefused("", text.format(n=MAX_GROUPS))
    hashtags = " ".join(words)
    try:
        with transaction.atomic():
            group = HashtagGroup.objects.create(
                team=team, created_by=person, name=name, hashtags=hashtags, created_at=now
            )
            note_activity(team.pk, person, "hashtags_added", now, subject=name, new=hashtags)
    except IntegrityError as error:
        raise _name_taken(name) from error
    return group


def change_group(
    group: HashtagGroup, person: User, name: str, words: list[str], now: datetime
) -> None:
    """Raises GroupRefused when the name is taken or somebody deleted the group meanwhile."""
    try:
        with transaction.atomic():
            row = HashtagGroup.objects.select_for_update().filter(pk=group.pk).first()
            if row is None:
                raise GroupRefused("", gettext("Somebody deleted this group a moment ago."))
            old = {"Name": row.name, "Hashtags": row.hashtags}
            row.name, row.hashtags = name, " ".join(words)
            row.save(update_fields=["name", "hashtags"])
            _note_change(row, person, old, now)
    except IntegrityError as error:
        raise _name_taken(name) from error


def delete_group(group: HashtagGroup, person: User, now: datetime) -> None:
    with transaction.atomic():
        deleted, _ = HashtagGroup.objects.filter(pk=group.pk).delete()
        if deleted:
            name, words = group.name, group.hashtags
            note_activity(group.team_id, person, "hashtags_deleted", now, subject=name, old=words)


def _note_change(row: HashtagGroup, person: User, old: dict[str, str], now: datetime) -> None:
    present = {"Name": row.name, "Hashtags": row.hashtags}
    words = {"Name": gettext("Name"), "Hashtags": gettext("Hashtags")}
    changed = [(words[name], old[name], new) for name, new in present.items() if old[name] != new]
    if changed:
        was, became = write_changes(changed)
        subject = old["Name"]
        note_activity(
            row.team_id, person, "hashtags_changed", now, subject=subject, old=was, new=became
        )


def _name_taken(name: str) -> GroupRefused:
    text = gettext("There is a group “{name}” already. Choose another name.")
    return GroupRefused("name", text.format(name=name))


def used_hashtags(member: Membership, now: datetime, limit: int) -> list[tuple[str, int]]:
    """The hashtags of the latest posts that a member may see and in how many each stands.

    The most used come first. Looks at most at the newest 500 posts of the last 180 days, without
    canceled ones. A hashtag is spelled as in its newest post.
    """
    posts = posts_within_reach(member).filter(
        created_at__gte=now - USED_WITHIN, created_at__lte=now
    )
    newest_first = posts.exclude(state=State.CANCELED).order_by("-created_at", "-id")
    captions = newest_first.values_list("caption", flat=True)[:NEWEST_POSTS]
    spelling: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for caption in captions:
        for word in caption_hashtags(caption):
            spelling.setdefault(word.casefold(), word)
            counts[word.casefold()] += 1
    return [(spelling[key], count) for key, count in counts.most_common(limit)]


def caption_hashtags(caption: str) -> list[str]:
    """The hashtags of a caption, each once, without the punctuation that follows them."""
    tags = (tag.rstrip(PUNCTUATION) for tag in TAG.findall(caption))
    return _each_once(tag for tag in tags if not _check_word(tag))


def _each_once(words: Iterable[str]) -> list[str]:
    """Without repetitions; the first spelling stays."""
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(word.casefold(), word)
    return list(first.values())
