"""Content that an account has had lately or gets soon: a warning, never a refusal.

TikTok counts repeated content as spam (fail reasons `spam_risk` and `spam_risk_text` of
get-video-status) without saying when; a person decides.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import MD5, Replace
from django.utils.translation import gettext, gettext_lazy

from accounts.models import TikTokAccount
from publishing.models import TAKEN, Attempt, MediaAsset, MediaKind, Post, PostPhoto
from publishing.states import IN_FLIGHT, State

REACH = timedelta(days=30)
MAX_FOUND = 5
# On each side; letters alike and words not are rare enough to be read along.
MOST_READ = 20
# Of these something went out, will, or may have; of others only when TikTok may have a try.
GOING_OUT = frozenset(
    {State.SCHEDULED, *IN_FLIGHT, State.PUBLISHED, State.IN_INBOX, State.UNCONFIRMED}
)
# No-break spaces come along when a caption is pasted.
SPACES = " \t\n\r\u00a0"
VERBS = {
    State.SCHEDULED: gettext_lazy("goes out"),
    State.PUBLISHED: gettext_lazy("went out"),
    State.IN_INBOX: gettext_lazy("went to the TikTok inbox"),
    State.UNCONFIRMED: gettext_lazy("may have gone out"),
}


@dataclass(frozen=True)
class Duplicate:
    """Another post of the account with the same content; `at` is when it goes out or went."""

    post: Post
    at: datetime
    has_same_file: bool
    has_same_caption: bool

    @property
    def what(self) -> str:
        """ "The same video with the same caption" """
        if not self.has_same_file:
            return gettext("The same caption")
        if self.post.kind == MediaKind.PHOTO:
            if self.has_same_caption:
                return gettext("One of these photos with the same caption")
            return gettext("One of these photos")
        if self.has_same_caption:
            return gettext("The same video with the same caption")
        return gettext("The same video")

    @property
    def verb(self) -> str:
        if self.may_be_there:
            return str(VERBS[State.UNCONFIRMED])
        return str(VERBS.get(State(self.post.state), gettext("is on its way")))

    @property
    def may_be_there(self) -> bool:
        """Whether nobody knows if it went out: somebody has to look."""
        return self.post.state == State.UNCONFIRMED or self.post.state not in GOING_OUT


def find_duplicates(
    account: TikTokAccount,
    files_sha256: Sequence[str],
    caption: str,
    now: datetime,
    leave_out: int | None = None,
) -> list[Duplicate]:
    """Posts of the account with one of the files, or the caption, nearest in time first.

    Looks 30 days back and ahead of `now`, which is the post's due moment once it has one.
    Captions are compared without regard to white space; empty ones are alike to none.
    `leave_out` is the id of the post in question.
    """
    tries = Attempt.objects.filter(post=OuterRef("pk"), outcome__in=TAKEN).order_by("-number")
    posts = Post.objects.filter(
        Q(state__in=GOING_OUT) | Q(Exists(tries)),
        # The team's index leads to these 60 days; the account has none over its due moments.
        team=account.team_id,
        account=account,
    ).exclude(pk=leave_out or 0)
    posts = posts.annotate(tried_at=Subquery(tries.values("init_intended_at")[:1]))
    words = one_spaced(caption)
    alike = _alike(posts, files_sha256, words)
    found = [
        *alike.filter(due_at__gt=now - REACH, due_at__lte=now).order_by("-due_at")[:MOST_READ],
        *alike.filter(due_at__gt=now, due_at__lt=now + REACH).order_by("due_at")[:MOST_READ],
    ]
    for post in found:
        post.account = account
    duplicates = [_duplicate(post, words) for post in found]
    real = [one for one in duplicates if one.has_same_file or one.has_same_caption]
    return sorted(real, key=lambda one: abs(one.at - now))[:MAX_FOUND]


def repeated_among(posts: Sequence[Post]) -> set[int]:
    """The ids of those of a team's `posts` whose file, or caption letter by letter, their account
    has had lately or gets soon. One query however many there are; `find_duplicates` knows more.
    """
    asked = [post for post in posts if post.account_id and post.media and post.due_at]
    moments = [post.due_at for post in asked if post.due_at]
    if not asked:
        return set()
    prints = {post.pk: md5(post.caption.encode()).hexdigest() for post in asked}  # noqa: S324
    # Looked up once, instead of the file of each post in these weeks.
    same_files = MediaAsset.objects.filter(
        team=asked[0].team_id, sha256__in={post.media.sha256 for post in asked if post.media}
    )
    others = (
        Post.objects.filter(
            team=asked[0].team_id,
            account__in={post.account_id for post in asked},
            state__in=GOING_OUT,
            due_at__gt=min(moments) - REACH,
            due_at__lt=max(moments) + REACH,
        )
        .annotate(print=MD5("caption"))
        .filter(
            Q(media__in=same_files.values("pk"))
            | ~Q(caption="") & Q(print__in=set(prints.values()))
        )
        .order_by()
        .values_list("pk", "account", "due_at", "media__sha256", "print")
    )
    near: dict[tuple[int, str], list[tuple[int, datetime]]] = defaultdict(list)
    for pk, account_id, at, *marks in others:
        for mark in marks:
            near[account_id or 0, mark or ""].append((pk, at or min(moments)))
    return {post.pk for post in asked if _is_repeated(post, prints[post.pk], near)}


def _is_repeated(
    post: Post, print_: str, near: Mapping[tuple[int, str], list[tuple[int, datetime]]]
) -> bool:
    marks = [post.media.sha256 if post.media else "", print_ if post.caption else ""]
    return any(
        pk != post.pk and post.due_at and abs(at - post.due_at) < REACH
        for mark in marks
        for pk, at in near.get((post.account_id or 0, mark), ())
    )


def one_spaced(caption: str) -> str:
    """The caption with one space for every run of white space, and none around it."""
    return re.sub(f"[{SPACES}]+", " ", caption).strip()


def _alike(posts: QuerySet[Post], files_sha256: Sequence[str], words: str) -> QuerySet[Any]:
    """Posts with one of the files (`same_file`), and those whose caption has the same letters."""
    photos = PostPhoto.objects.filter(post=OuterRef("pk"), media__sha256__in=files_sha256)
    has_file = Q(media__sha256__in=files_sha256) | Q(Exists(photos))
    same_file = Case(When(has_file, then=True), default=False, output_field=BooleanField())
    letters: Combinable = F("caption")
    for space in SPACES:
        letters = Replace(letters, Value(space), Value(""), output_field=TextField())
    wanted = Q(same_file=True)
    if words:
        wanted |= Q(letters=words.replace(" ", ""))
    return posts.annotate(same_file=same_file, letters=letters).filter(wanted)


def _duplicate(post: Any, words: str) -> Duplicate:
    moved_at = post.next_action_at if post.state == State.SCHEDULED else post.init_at
    if post.state not in GOING_OUT:
        moved_at = post.tried_at
    return Duplicate(
        post=post,
        at=moved_at or post.due_at,
        has_same_file=post.same_file,
        has_same_caption=bool(words) and one_spaced(post.caption) == words,
    )
