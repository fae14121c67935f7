"""Hashtags: a team's saved groups of them, and those it has used before.

TikTok delimits them by spaces or newlines and does not tell "#Bread" from "#bread".
Source: content-posting-api-reference-direct-post, `post_info.title`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.models import Team, User
from publishing.models import HashtagGroup, Post
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
        problems.append(
            f"Together they have {length} characters; "
            f"a caption holds {MAX_VIDEO_CAPTION_UTF16} at most."
        )
    return problems


def _check_word(word: str) -> str:
    if not word.startswith("#"):
        return f"“{word}” does not begin with #."
    if word == "#":
        return "After a # its word must follow, without a space."
    if "#" in word[1:]:
        return f"“{word}” has more than one #. Put a space between two hashtags."
    length = count_utf16(word)
    if length > MAX_HASHTAG_UTF16:
        return f"“{word[:20]}…” has {length} characters; {MAX_HASHTAG_UTF16} are allowed."
    return ""


def add_group(team: Team, person: User, name: str, words: list[str], now: datetime) -> HashtagGroup:
    """Raises GroupRefused when the name is taken or the team has too many groups."""
    if HashtagGroup.objects.filter(team=team).count() >= MAX_GROUPS:
        raise GroupRefused("", f"There are {MAX_GROUPS} groups already. Delete one first.")
    try:
        with transaction.atomic():
            return HashtagGroup.objects.create(
                team=team, created_by=person, name=name, hashtags=" ".join(words), created_at=now
            )
    except IntegrityError as error:
        raise _name_taken(name) from error


def change_group(group: HashtagGroup, name: str, words: list[str]) -> None:
    """Raises GroupRefused when the name is taken or somebody deleted the group meanwhile."""
    rows = HashtagGroup.objects.filter(pk=group.pk)
    try:
        with transaction.atomic():
            changed = rows.update(name=name, hashtags=" ".join(words))
    except IntegrityError as error:
        raise _name_taken(name) from error
    if not changed:
        raise GroupRefused("", "Somebody deleted this group a moment ago.")


def _name_taken(name: str) -> GroupRefused:
    return GroupRefused("name", f"There is a group “{name}” already. Choose another name.")


def used_hashtags(team: Team, now: datetime, limit: int) -> list[tuple[str, int]]:
    """The hashtags of the team's latest posts and in how many each stands, most used first.

    Looks at most at the newest 500 posts of the last 180 days, without canceled ones. A hashtag
    is spelled as in its newest post.
    """
    posts = Post.objects.filter(team=team, created_at__gte=now - USED_WITHIN, created_at__lte=now)
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
